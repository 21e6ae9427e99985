/** What a framework says of itself, with the defaults that save it from known traps. */
import { FairleadError } from "../base/mod.ts";
import type { FrameworkInfo } from "../model/mod.ts";

/** A `FrameworkInfo` of which only the name has to be given. */
export type FrameworkOptions = Partial<FrameworkInfo> & { readonly name: string };

/** A week: a scheduler that is away for less finds its tasks running. Mesos' own default is 0. */
const FAILOVER_SECONDS = 604_800;

/**
 * - MULTI_ROLE: without it a real master refuses `roles`.
 * - PARTITION_AWARE: tasks on an unreachable agent are TASK_UNREACHABLE and may come back, and what
 *   was never started is TASK_DROPPED instead of a TASK_LOST that says nothing.
 * - RESERVATION_REFINEMENT: resources carry `reservations`, the only form this SDK writes.
 * - TASK_KILLING_STATE: a kill in progress is told.
 */
const CAPABILITIES = [
  "MULTI_ROLE",
  "PARTITION_AWARE",
  "RESERVATION_REFINEMENT",
  "TASK_KILLING_STATE",
] as const;

/**
 * Fill in what was not given: `user` "root", role "*", `failover_timeout` one week, `checkpoint`
 * true, and the capabilities MULTI_ROLE, PARTITION_AWARE, RESERVATION_REFINEMENT and
 * TASK_KILLING_STATE. A list of capabilities replaces these.
 *
 * Without MULTI_ROLE the one role is written as `role`, as a master wants it then.
 *
 * @throws {FairleadError} `invalid_option` when the name is empty, or there are several roles
 * without MULTI_ROLE.
 */
export function readFramework(
  options: FrameworkOptions,
  principal: string | undefined,
): FrameworkInfo {
  if (typeof options.name !== "string" || options.name === "") {
    throw invalid("name", options.name, "a text that is not empty");
  }
  const { role, roles = [role ?? "*"], ...given } = options;
  const capabilities = given.capabilities ?? CAPABILITIES.map((type) => ({ type }));
  const isMultiRole = capabilities.some(({ type }) => type === "MULTI_ROLE");
  const [only = "*", ...others] = roles;
  if (!isMultiRole && others.length > 0) {
    throw invalid("roles", roles, "one role, or with the capability MULTI_ROLE");
  }
  return {
    user: "root",
    failover_timeout: FAILOVER_SECONDS,
    checkpoint: true,
    ...(principal === undefined ? {} : { principal }),
    ...given,
    capabilities,
    ...(isMultiRole ? { roles } : { role: only }),
  };
}

function invalid(field: string, value: unknown, allowed: string): FairleadError {
  return new FairleadError(
    "invalid_option",
    `Cannot use framework.${field} = ${JSON.stringify(value)}: it must be ${allowed}`,
    { details: { field: `framework.${field}`, value, allowed } },
  );
}
