import { describe, expect, test } from "vitest";
import {
  faultOfSchedule,
  faultOfStart,
  faultOfStop,
  machineKey,
} from "../../../src/master/validate/machines.ts";
import type { MachineID } from "../../../src/model/mod.ts";

const A: MachineID = { hostname: "a.example" };
const B: MachineID = { hostname: "b.example", ip: "10.0.0.2" };
const C: MachineID = { ip: "10.0.0.3" };
const when = { start: { nanoseconds: 0 } };

const machines = new Map(
  [
    { id: A, mode: "DRAINING" },
    { id: B, mode: "DOWN" },
  ].map((machine) => [machineKey(machine.id), machine]),
);

const windowOf = (...machine_ids: MachineID[]) => ({ machine_ids, unavailability: when });

describe("faultOfSchedule()", () => {
  test("takes a schedule that keeps the machines that are down", () => {
    expect(faultOfSchedule({ windows: [windowOf(B), windowOf(C)] }, machines)).toBeUndefined();
    expect(faultOfSchedule({}, new Map())).toBeUndefined();
  });

  test.each<[string, Parameters<typeof faultOfSchedule>[0], string]>([
    [
      "an empty window",
      { windows: [windowOf()] },
      "List of machines in the maintenance window is empty",
    ],
    [
      "a negative duration",
      {
        windows: [{ machine_ids: [A], unavailability: { ...when, duration: { nanoseconds: -1 } } }],
      },
      "Unavailability 'duration' is negative",
    ],
    [
      "a machine of no name",
      { windows: [windowOf({})] },
      "Both 'hostname' and 'ip' for a machine are empty",
    ],
    [
      "a machine of no address",
      { windows: [windowOf({ ip: "10.0.0.256" })] },
      "Failed to parse IP address '10.0.0.256'",
    ],
    [
      "a machine twice, in another case",
      { windows: [windowOf(A), windowOf({ hostname: "A.example" })] },
      'Machine \'{"hostname":"A.example"}\' appears more than once in the schedule',
    ],
    [
      "that a machine leaves while it is down",
      { windows: [windowOf(A)] },
      'Machine \'{"hostname":"b.example","ip":"10.0.0.2"}\' is deactivated and cannot be ' +
        "removed from the schedule",
    ],
  ])("refuses %s", (_what, schedule, message) => {
    expect(faultOfSchedule(schedule, machines)).toBe(message);
  });
});

describe("faultOfStart() and faultOfStop()", () => {
  test("take machines in the right state", () => {
    expect(faultOfStart([A], machines)).toBeUndefined();
    expect(faultOfStop([B], machines)).toBeUndefined();
  });

  test.each<[string | undefined, string]>([
    [faultOfStart([], machines), "List of machines is empty"],
    [faultOfStart(undefined, machines), "List of machines is empty"],
    [
      faultOfStart([C], machines),
      'Machine \'{"ip":"10.0.0.3"}\' is not part of a maintenance schedule',
    ],
    [
      faultOfStart([B], machines),
      'Machine \'{"hostname":"b.example","ip":"10.0.0.2"}\' is not in DRAINING mode and ' +
        "cannot be brought down",
    ],
    [
      faultOfStop([A], machines),
      'Machine \'{"hostname":"a.example"}\' is not in DOWN mode and cannot be brought up',
    ],
    [
      faultOfStop([B, B], machines),
      'Machine \'{"hostname":"b.example","ip":"10.0.0.2"}\' appears more than once in the ' +
        "schedule",
    ],
  ])("%s", (fault, message) => {
    expect(fault).toBe(message);
  });
});
