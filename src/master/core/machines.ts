/** Names of machines. */
import type { MachineID } from "../../model/mod.ts";

/** "hostname/ip", in lower case; either may be missing. */
export function machineKey({ hostname = "", ip = "" }: MachineID): string {
  return `${hostname.toLowerCase()}/${ip}`;
}
