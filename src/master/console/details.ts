/** One agent in full, and the maintenance schedule. */
import type {
  ConsoleAgent,
  ConsoleMachine,
  ConsoleMaintenance,
  MachineID,
} from "../../model/mod.ts";
import { type Resource, type Resources, reservationRole } from "../../resources/mod.ts";
import type { MasterState } from "../core/records.ts";
import { maintenanceSchedule } from "../operator/maintenance.ts";
import { amountsOf } from "./amounts.ts";
import type { Board } from "./board.ts";

const NANOS_PER_MS = 1_000_000;

/** One agent; undefined when nothing is known of it. */
export function agentDetails(
  state: MasterState,
  board: Board,
  id: string,
): ConsoleAgent | undefined {
  const row = board.agent(id);
  if (row === undefined) return undefined;
  const agent = state.agents.get(id);
  const executors = agent === undefined ? [] : [...agent.executors.values()];
  const frameworks = agent === undefined ? [] : [...agent.tasks.keys(), ...agent.executors.keys()];
  return {
    ...row,
    resources: agent === undefined ? "" : String(agent.record.resources),
    reservations: agent === undefined ? [] : reservationsOf(agent.record.resources),
    executors: executors.flatMap((byId) =>
      Array.from(byId.values(), (executor) => ({
        id: executor.id,
        frameworkId: executor.frameworkId,
        amounts: amountsOf(executor.resources.quantities()),
      })),
    ),
    frameworks: [...new Set(frameworks)],
    version: agent?.record.version ?? "",
    capabilities: agent?.record.capabilities ?? [],
  };
}

function reservationsOf(resources: Resources): ConsoleAgent["reservations"] {
  const roles = new Set(Array.from(resources, (each: Resource) => reservationRole(each)));
  roles.delete(undefined);
  return [...roles].map((role = "*") => ({
    role,
    amounts: amountsOf(resources.reservedTo(role).quantities()),
  }));
}

export function maintenance(state: MasterState): ConsoleMaintenance {
  const machines = [...state.machines.values()];
  const inMode = (wanted: string): ConsoleMachine[] =>
    machines.filter(({ mode }) => mode === wanted).map(({ id }) => machine(id));
  const { windows = [] } = maintenanceSchedule(state);
  return {
    windows: windows.map(({ machine_ids = [], unavailability: { start, duration } }) => ({
      machines: machine_ids.map(machine),
      startMs: start.nanoseconds / NANOS_PER_MS,
      ...(duration === undefined ? {} : { durationMs: duration.nanoseconds / NANOS_PER_MS }),
    })),
    down: inMode("DOWN"),
    draining: inMode("DRAINING"),
  };
}

function machine({ hostname = "", ip = "" }: MachineID): ConsoleMachine {
  return { hostname, ip };
}
