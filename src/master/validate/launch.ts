/** What holds for LAUNCH and LAUNCH_GROUP as operations. */
import type { Operation } from "../../model/mod.ts";
import type { Fault } from "./types.ts";

/** Launches tell of themselves by status updates: they cannot ask for feedback as well. */
export function faultOfLaunch({ type, id }: Operation): Fault {
  if (id === undefined) return undefined;
  return `The \`id\` field cannot be set on ${type} operations`;
}
