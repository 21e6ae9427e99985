/** The rules for calls of schedulers that need no state of the master. */
import type { Id, SchedulerCall } from "../../model/mod.ts";
import type { Fault } from "./types.ts";

/** Base64 of the 16 bytes of a uuid, without its padding. */
const UUID = /^[A-Za-z0-9+/_-]{22}(==)?$/;

/**
 * What is wrong with a call by itself: 400, before anything else is looked up.
 *
 * @param principal Who authenticated, if anybody did.
 */
export function faultOfSchedulerCall(call: SchedulerCall, principal: string | undefined): Fault {
  switch (call.type) {
    case "SUBSCRIBE": {
      const { framework_info } = call.subscribe;
      if (!isSame(framework_info.id, call.framework_id)) {
        return "'framework_id' differs from 'subscribe.framework_info.id'";
      }
      return faultOfPrincipal(framework_info.principal, principal);
    }
    case "UPDATE_FRAMEWORK":
      if (isSame(call.update_framework.framework_info.id, call.framework_id)) return undefined;
      return "'framework_id' differs from 'update_framework.framework_info.id'";
    case "ACKNOWLEDGE":
      return faultOfUuid(call.acknowledge.uuid);
    case "ACKNOWLEDGE_OPERATION_STATUS": {
      const { agent_id, uuid } = call.acknowledge_operation_status;
      return faultOfUuid(uuid) ?? (agent_id ? undefined : "Expecting 'agent_id' to be present");
    }
    default:
      return undefined;
  }
}

/** Mesos wants the id in both places; clients that name it in one of them are understood. */
function isSame(one: Id | undefined, other: Id | undefined): boolean {
  return !one?.value || !other?.value || one.value === other.value;
}

function faultOfPrincipal(named: string | undefined, principal: string | undefined): Fault {
  if (principal === undefined || named === undefined || named === principal) return undefined;
  return (
    `Authenticated principal '${principal}' does not match principal '${named}' set in ` +
    "`FrameworkInfo`"
  );
}

function faultOfUuid(uuid: string): Fault {
  return UUID.test(uuid) ? undefined : "Not a valid UUID";
}
