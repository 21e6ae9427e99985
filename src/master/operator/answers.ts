/** The calls of the operator API that only read. */
import type { MasterCall, MasterResponse } from "../../model/mod.ts";
import type { MasterContext } from "../shell/context.ts";
import type { Driver } from "../shell/driver.ts";
import { maintenanceSchedule, maintenanceStatus } from "./maintenance.ts";
import { quotaStatus, roleViews, weightViews } from "./roles.ts";
import { operationView } from "./views.ts";
import type { Visible } from "./visible.ts";

/** What a reading call is answered from. */
export interface Question {
  readonly context: MasterContext;
  readonly driver: Driver;
  readonly visible: Visible;
}

/** Answers that are small enough to be made at once; undefined for calls of other kinds. */
export function answer(call: MasterCall, question: Question): MasterResponse | undefined {
  const { context, driver, visible } = question;
  const { core } = driver;
  switch (call.type) {
    case "GET_HEALTH":
      return { type: call.type, get_health: { healthy: true } };
    case "GET_FLAGS": {
      const flags = Object.entries(context.flags).map(([name, value]) => ({ name, value }));
      return { type: call.type, get_flags: { flags } };
    }
    case "GET_VERSION":
      return { type: call.type, get_version: { version_info: { version: context.version } } };
    case "GET_METRICS": {
      const snapshot = Object.entries(context.metrics.snapshot());
      return {
        type: call.type,
        get_metrics: { metrics: snapshot.map(([name, value]) => ({ name, value })) },
      };
    }
    case "GET_OPERATIONS": {
      const operations = Array.from(core.state.operations.values(), operationView);
      return { type: call.type, get_operations: { operations } };
    }
    case "GET_ROLES":
      return {
        type: call.type,
        get_roles: { roles: roleViews(core.shares(), core.state, visible) },
      };
    case "GET_WEIGHTS":
      return { type: call.type, get_weights: { weight_infos: weightViews(core.state, visible) } };
    case "GET_QUOTA":
      return { type: call.type, get_quota: { status: quotaStatus(core.state, visible) } };
    case "GET_MASTER":
      return { type: call.type, get_master: masterFacts(question) };
    case "GET_MAINTENANCE_STATUS":
      return {
        type: call.type,
        get_maintenance_status: { status: maintenanceStatus(core) },
      };
    case "GET_MAINTENANCE_SCHEDULE":
      return {
        type: call.type,
        get_maintenance_schedule: { schedule: maintenanceSchedule(core.state) },
      };
    default:
      return undefined;
  }
}

function masterFacts({ context, driver }: Question) {
  const role = context.role();
  return {
    master_info: driver.core.options.masterInfo,
    start_time: context.startedMs / 1000,
    ...(role.status === "leading" ? { elected_time: role.electedMs / 1000 } : {}),
  };
}
