import { FairleadError } from "../../base/mod.ts";

/** The error numbers that code here looks at: KeeperException.Code of ZooKeeper 3.8. */
export const ERRORS = {
  noNode: -101,
  badVersion: -103,
  nodeExists: -110,
  notEmpty: -111,
  noAuth: -102,
  noChildrenForEphemerals: -108,
  invalidAcl: -114,
  authFailed: -115,
  badArguments: -8,
  unimplemented: -6,
  marshallingError: -5,
  systemError: -1,
  noWatcher: -121,
  notReadOnly: -119,
  reconfigDisabled: -123,
  runtimeInconsistency: -2,
  sessionExpired: -112,
} as const;

/** Our code of a server's error number; a number that is not known is no reason to fall over. */
function codeOf(number: number): string {
  switch (number) {
    case -1:
      return "system_error";
    case -2:
      return "runtime_inconsistency";
    case -3:
      return "data_inconsistency";
    case -4:
      return "connection_loss";
    case -5:
      return "marshalling_error";
    case -6:
      return "unimplemented";
    case -7:
      return "operation_timeout";
    case -8:
      return "bad_arguments";
    case -12:
      return "new_config_no_quorum";
    case -13:
      return "reconfig_in_progress";
    case -14:
      return "unknown_session";
    case -101:
      return "no_node";
    case -102:
      return "no_auth";
    case -103:
      return "bad_version";
    case -108:
      return "no_children_for_ephemerals";
    case -110:
      return "node_exists";
    case -111:
      return "not_empty";
    case -112:
      return "session_expired";
    case -114:
      return "invalid_acl";
    case -115:
      return "auth_failed";
    case -118:
      return "session_moved";
    case -119:
      return "not_read_only";
    case -120:
      return "ephemeral_on_local_session";
    case -121:
      return "no_watcher";
    case -122:
      return "request_timeout";
    case -123:
      return "reconfig_disabled";
    case -124:
      return "session_closed_require_sasl";
    case -125:
      return "quota_exceeded";
    case -127:
      return "throttled";
    default:
      return "unknown_server_error";
  }
}

/** The sentence for people; `act` is the request: `set /a`. */
function sentenceOf(number: number): string {
  switch (number) {
    case -101:
      return "there is no such node";
    case -102:
      return "the ACL does not allow it to this client";
    case -103:
      return "it is at another version";
    case -108:
      return "the parent is ephemeral";
    case -110:
      return "it is there";
    case -111:
      return "it has children";
    case -112:
      return "the session has expired";
    case -114:
      return "the ACL is empty, or its scheme or id is not known to the server";
    case -8:
      return "the server does not accept the arguments";
    case -6:
      return "the server does not know this request, or is not configured for it";
    case -119:
      return "the server is read-only for now";
    case -123:
      return "the ensemble has reconfigEnabled=false";
    case -125:
      return "the quota of a node above is used up";
    default:
      return `the server answered with error ${number}`;
  }
}

/** A server's error number as an error of ours: `details.number` is the server's own. */
export function serverError(
  number: number,
  act: string,
  details: Readonly<Record<string, unknown>> = {},
): FairleadError {
  return new FairleadError(codeOf(number), `Cannot ${act}: ${sentenceOf(number)}`, {
    details: { ...details, number },
  });
}
