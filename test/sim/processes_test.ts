import { exitedWith } from "fairlead/agent";
import { usualProcess } from "fairlead/sim";
import { expect, test } from "vitest";

function planOf(value: string) {
  return usualProcess({
    container: "c",
    agentId: "a",
    framework: { name: "f", user: "u" },
    executor: { executor_id: { value: "e" } },
    task: {
      name: "t",
      task_id: { value: "t" },
      agent_id: { value: "a" },
      command: { value },
    },
    resources: [],
  });
}

test("usualProcess() goes by the words of the command", () => {
  expect(planOf("./serve")).toEqual({ startMs: 20, termMs: 50 });
  expect(planOf("sleep 2.5")).toMatchObject({ runMs: 2_500, termination: { waitStatus: 0 } });
  expect(planOf("sleep 2; exit 3")).toMatchObject({
    runMs: 2_000,
    termination: { waitStatus: exitedWith(3) },
  });
  expect(planOf("false")).toMatchObject({ termination: { waitStatus: exitedWith(1) } });
  expect(planOf("trap '' TERM; sleep 9")).not.toHaveProperty("termMs");
});
