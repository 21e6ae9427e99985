import { isTerminal, TASK_STATES } from "fairlead/model";
import { expect, test } from "vitest";

test("isTerminal() holds for what can never run again", () => {
  expect(TASK_STATES.filter((state) => !isTerminal(state))).toEqual([
    "TASK_STAGING",
    "TASK_STARTING",
    "TASK_RUNNING",
    "TASK_KILLING",
    "TASK_UNREACHABLE",
    "TASK_UNKNOWN",
  ]);
});
