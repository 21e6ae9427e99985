/** Maintenance as the operator API shows it. */
import type { MachineID, MaintenanceSchedule, MaintenanceStatus } from "../../model/mod.ts";
import type { MasterCore } from "../core/core.ts";
import type { MachineRecord, MasterState } from "../core/records.ts";
import { machineKey } from "../validate/machines.ts";

/** The schedule: machines of one unavailability stand in one window. */
export function maintenanceSchedule({ machines }: MasterState): MaintenanceSchedule {
  const windows = new Map<
    string,
    { unavailability: NonNullable<MachineRecord["unavailability"]>; machine_ids: MachineID[] }
  >();
  for (const { id, unavailability } of machines.values()) {
    if (unavailability === undefined) continue;
    const key = `${unavailability.start.nanoseconds} ${unavailability.duration?.nanoseconds}`;
    const window = windows.get(key);
    if (window === undefined) windows.set(key, { unavailability, machine_ids: [id] });
    else window.machine_ids.push(id);
  }
  return { windows: [...windows.values()] };
}

/** Which machines are draining, with what frameworks said to it, and which are down. */
export function maintenanceStatus(core: MasterCore): MaintenanceStatus {
  const all = [...core.state.machines.values()];
  const answers = core.inverseAnswers();
  return {
    draining_machines: all
      .filter(({ mode }) => mode === "DRAINING")
      .map(({ id }) => ({ id, statuses: answers.get(machineKey(id)) ?? [] })),
    down_machines: all.filter(({ mode }) => mode === "DOWN").map(({ id }) => id),
  };
}
