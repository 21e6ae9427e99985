/** The rules for maintenance: which machines, when, and in which order of states. */
import type { MachineID, Unavailability } from "../../model/mod.ts";
import type { Fault } from "./types.ts";

/** Windows of maintenance, as the operator API has them. */
export interface ScheduleFacts {
  readonly windows?:
    | readonly {
        readonly machine_ids?: readonly MachineID[] | undefined;
        readonly unavailability: Unavailability;
      }[]
    | undefined;
}

/** The machines that the master knows, by {@linkcode machineKey}. */
export type Machines = ReadonlyMap<string, { readonly id: MachineID; readonly mode: string }>;

/** Names a machine: host names are the same in any case. */
export function machineKey({ hostname = "", ip = "" }: MachineID): string {
  return `${hostname.toLowerCase()}/${ip}`;
}

/** What is wrong with a schedule; no machine that is down may leave it. */
export function faultOfSchedule({ windows = [] }: ScheduleFacts, machines: Machines): Fault {
  const seen = new Set<string>();
  for (const { machine_ids = [], unavailability } of windows) {
    if (machine_ids.length === 0) return "List of machines in the maintenance window is empty";
    if ((unavailability.duration?.nanoseconds ?? 0) < 0) {
      return "Unavailability 'duration' is negative";
    }
    const fault = faultOfIds(machine_ids, seen);
    if (fault !== undefined) return fault;
  }
  for (const [key, { id, mode }] of machines) {
    if (mode !== "DOWN" || seen.has(key)) continue;
    return `Machine '${named(id)}' is deactivated and cannot be removed from the schedule`;
  }
  return undefined;
}

/** What is wrong with bringing machines down: each must be scheduled and draining. */
export function faultOfStart(ids: readonly MachineID[] = [], machines: Machines): Fault {
  return faultOfTransition(ids, machines, { from: "DRAINING", verb: "down" });
}

/** What is wrong with bringing machines up again: each must be down. */
export function faultOfStop(ids: readonly MachineID[] = [], machines: Machines): Fault {
  return faultOfTransition(ids, machines, { from: "DOWN", verb: "up" });
}

function faultOfTransition(
  ids: readonly MachineID[],
  machines: Machines,
  { from, verb }: { readonly from: string; readonly verb: string },
): Fault {
  if (ids.length === 0) return "List of machines is empty";
  const fault = faultOfIds(ids, new Set());
  if (fault !== undefined) return fault;
  for (const id of ids) {
    const machine = machines.get(machineKey(id));
    if (machine === undefined) {
      return `Machine '${named(id)}' is not part of a maintenance schedule`;
    }
    if (machine.mode !== from) {
      return `Machine '${named(id)}' is not in ${from} mode and cannot be brought ${verb}`;
    }
  }
  return undefined;
}

function faultOfIds(ids: readonly MachineID[], seen: Set<string>): Fault {
  for (const id of ids) {
    const fault = faultOfMachine(id);
    if (fault !== undefined) return fault;
    const key = machineKey(id);
    if (seen.has(key)) {
      return `Machine '${named(id)}' appears more than once in the schedule`;
    }
    seen.add(key);
  }
  return undefined;
}

const OCTET = "(25[0-5]|2[0-4]\\d|1?\\d?\\d)";
const IPV4 = new RegExp(`^${OCTET}(\\.${OCTET}){3}$`);
const IPV6 = /^[0-9a-f:]*:[0-9a-f:]*(\d+\.\d+\.\d+\.\d+)?$/i;

function faultOfMachine({ hostname = "", ip = "" }: MachineID): Fault {
  if (hostname === "" && ip === "") return "Both 'hostname' and 'ip' for a machine are empty";
  if (ip === "" || IPV4.test(ip) || IPV6.test(ip)) return undefined;
  return `Failed to parse IP address '${ip}'`;
}

function named({ hostname, ip }: MachineID): string {
  return JSON.stringify({ hostname, ip });
}
