/** The maintenance schedule: machines that will be away, are away, and are back. */
import type { MachineID, Unavailability } from "../../model/mod.ts";
import { faultOfSchedule, faultOfStart, faultOfStop, machineKey } from "../validate/machines.ts";
import type { AgentBook } from "./books.ts";
import type { Context } from "./context.ts";
import type { OperatorCall } from "./events.ts";
import { rescindAll } from "./health.ts";
import { machineOf, removeInverseOffer } from "./offers.ts";
import type { Answer } from "./quota.ts";
import type { MachineRecord } from "./records.ts";
import { putList } from "./registry.ts";
import { remove } from "./removal.ts";

type Of<Type extends OperatorCall["type"]> = OperatorCall & { readonly type: Type };

/** UPDATE_MAINTENANCE_SCHEDULE: the whole of it, at once. */
export function updateSchedule(
  core: Context,
  call: Of<"UPDATE_MAINTENANCE_SCHEDULE">,
  answer: (answer: Answer) => void,
): void {
  const { schedule } = call.update_maintenance_schedule;
  const { machines } = core.books;
  const fault = faultOfSchedule(schedule, machines);
  if (fault !== undefined) {
    answer({ status: 400, message: fault });
    return;
  }
  const after = new Map<string, MachineRecord>();
  for (const [window, { machine_ids = [], unavailability }] of (schedule.windows ?? []).entries()) {
    for (const id of machine_ids) {
      const mode = machines.get(machineKey(id))?.mode === "DOWN" ? "DOWN" : "DRAINING";
      after.set(machineKey(id), { id, mode, unavailability, window });
    }
  }
  write(core, after, () => answer({ status: 200 }));
}

/** Write the machines, and let agents on those whose window changed hear of it. */
function write(core: Context, after: ReadonlyMap<string, MachineRecord>, then: () => void): void {
  core.persist([putList("machines", [...after.values()])], () => {
    const agents = [...core.books.agents.values()];
    const before = agents.map((agent) => windowOf(core, agent));
    core.books.machines.clear();
    for (const [key, machine] of after) core.books.machines.set(key, machine);
    for (const [i, agent] of agents.entries()) {
      if (!sameWindow(before[i], windowOf(core, agent))) announce(core, agent);
    }
    core.allocate();
    then();
  });
}

/** When the agent's machine will be away. */
export function windowOf(core: Context, { record }: AgentBook): Unavailability | undefined {
  return machineOf(core, record.info.hostname, record.address)?.unavailability;
}

export function sameWindow(a: Unavailability | undefined, b: Unavailability | undefined): boolean {
  return (
    a?.start.nanoseconds === b?.start.nanoseconds &&
    a?.duration?.nanoseconds === b?.duration?.nanoseconds
  );
}

/** Offers that say something else are taken back; who uses the agent is asked to leave. */
export function announce(core: Context, agent: AgentBook): void {
  const window = windowOf(core, agent);
  rescindAll(core, agent);
  for (const offer of [...agent.inverseOffers]) removeInverseOffer(core, offer, { rescind: true });
  core.allocator.setUnavailability(
    agent.id,
    window && {
      startMs: window.start.nanoseconds / 1_000_000,
      ...(window.duration && { durationMs: window.duration.nanoseconds / 1_000_000 }),
    },
  );
  core.agentChanged(agent.id);
}

/** START_MAINTENANCE: machines go down, agents on them are told to stop and are removed. */
export function startMaintenance(
  core: Context,
  call: Of<"START_MAINTENANCE">,
  answer: (answer: Answer) => void,
): void {
  const ids = call.start_maintenance.machines ?? [];
  const fault = faultOfStart(ids, core.books.machines);
  if (fault !== undefined) {
    answer({ status: 400, message: fault });
    return;
  }
  const after = new Map(core.books.machines);
  for (const key of ids.map(machineKey)) after.set(key, { ...after.get(key)!, mode: "DOWN" });
  write(core, after, () => {
    for (const agent of [...core.books.agents.values()]) {
      const { info, address } = agent.record;
      if (machineOf(core, info.hostname, address)?.mode !== "DOWN") continue;
      const cause = "Operator initiated 'Machine DOWN'";
      core.send(agent, { type: "shutdown", message: cause });
      remove(core, agent, cause);
    }
    answer({ status: 200 });
  });
}

/** STOP_MAINTENANCE: machines are up again and leave the schedule. */
export function stopMaintenance(
  core: Context,
  call: Of<"STOP_MAINTENANCE">,
  answer: (answer: Answer) => void,
): void {
  const ids: readonly MachineID[] = call.stop_maintenance.machines ?? [];
  const fault = faultOfStop(ids, core.books.machines);
  if (fault !== undefined) {
    answer({ status: 400, message: fault });
    return;
  }
  const after = new Map(core.books.machines);
  for (const id of ids) after.delete(machineKey(id));
  write(core, after, () => answer({ status: 200 }));
}
