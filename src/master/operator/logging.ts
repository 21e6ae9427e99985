/** GET_LOGGING_LEVEL and SET_LOGGING_LEVEL. */
import type { MasterCall, MasterResponse, OfType } from "../../model/mod.ts";
import type { MasterContext } from "../shell/context.ts";
import type { Reply } from "../shell/driver.ts";

/** glog's verbosity is 0 for what is always told; above it, more is. */
const DEBUG_LEVEL = 1;
const LEVEL_MAX = 3;
const NANOS_PER_MS = 1_000_000;

export function getLoggingLevel({ log }: MasterContext): MasterResponse {
  const level = log.level === "debug" ? DEBUG_LEVEL : 0;
  return { type: "GET_LOGGING_LEVEL", get_logging_level: { level } };
}

/** Tell more for a while, then as much as before. */
export function setLoggingLevel(
  context: MasterContext,
  { set_logging_level: { level, duration } }: OfType<MasterCall, "SET_LOGGING_LEVEL">,
  principal: string | undefined,
): Reply {
  if (!context.authorize(principal, "set_log_level")) {
    return { status: 403, message: "Not authorized to set the logging level" };
  }
  if (level > LEVEL_MAX) {
    return { status: 400, message: `Cannot set level ${level}: it is from 0 to ${LEVEL_MAX}` };
  }
  const { log, clock, signal } = context;
  const restore = log.override(level >= DEBUG_LEVEL ? "debug" : "info");
  clock.sleep(duration.nanoseconds / NANOS_PER_MS, { signal }).then(restore, () => undefined);
  return { status: 202 };
}
