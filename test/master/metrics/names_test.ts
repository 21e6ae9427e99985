import { expect, test } from "vitest";
import {
  CALL_COUNTERS,
  COUNTERS,
  frameworkPrefix,
  operationGauges,
  reasonCounter,
  stateCounter,
} from "../../../src/master/metrics/names.ts";
import { isTerminal, TASK_STATES } from "../../../src/model/mod.ts";

test("every terminal state and every counted call has a counter at zero", () => {
  const states = TASK_STATES.filter(isTerminal).map(stateCounter);
  const calls = Object.values(CALL_COUNTERS).filter((name) => name !== undefined);
  expect([...states, ...calls].filter((name) => !COUNTERS.includes(name))).toEqual([]);
});

test("names are those of Mesos", () => {
  expect(stateCounter("TASK_GONE_BY_OPERATOR")).toBe("master/tasks_gone_by_operator");
  expect(reasonCounter("TASK_FAILED", "SOURCE_AGENT", "REASON_CONTAINER_LIMITATION")).toBe(
    "master/task_failed/source_agent/reason_container_limitation",
  );
  expect(operationGauges("GROW_VOLUME", "OPERATION_GONE_BY_OPERATOR")).toEqual([
    "master/operations/gone_by_operator",
    "master/operations/total",
    "master/operations/grow_volume/gone_by_operator",
    "master/operations/grow_volume/total",
  ]);
  expect(frameworkPrefix({ name: "my app/1", id: { value: "m-0001" } })).toBe(
    "master/frameworks/my%20app%2F1/m-0001/",
  );
});
