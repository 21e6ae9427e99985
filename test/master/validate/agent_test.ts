import { describe, expect, test } from "vitest";
import { faultOfRegistration, faultOfReregistration } from "../../../src/master/validate/agent.ts";
import type { Task } from "../../../src/model/mod.ts";
import { amounts, executor, scalar } from "./launches.ts";

const registration = {
  link_version: 1,
  agent_info: { hostname: "h", id: { value: "a1" }, resources: amounts(1, 64) },
  version: "1",
  capabilities: [],
};

const running: Task = {
  name: "t",
  task_id: { value: "t1" },
  framework_id: { value: "f1" },
  agent_id: { value: "a1" },
  state: "TASK_RUNNING",
  resources: amounts(1, 64),
};

type Again = Parameters<typeof faultOfReregistration>[0];

const again: Again = {
  type: "reregister",
  ...registration,
  tasks: [running],
  executors: [{ framework_id: "f1", executor_info: executor() }],
  frameworks: [{ user: "u", name: "f", id: { value: "f1" } }],
  operations: [],
};

const [framework] = again.frameworks;
const [started] = again.executors;

describe("faultOfRegistration()", () => {
  test("takes an agent, and looks at id and resources", () => {
    expect(faultOfRegistration(registration)).toBeUndefined();
    const named = { ...registration, agent_info: { hostname: "h", id: { value: "a/1" } } };
    expect(faultOfRegistration(named)).toBe("'a/1' contains invalid characters");
    const poor = { ...registration, agent_info: { hostname: "h", resources: amounts(-1, 1) } };
    expect(faultOfRegistration(poor)).toMatch(/^Cannot read resources\[0\]/);
  });
});

describe("faultOfReregistration()", () => {
  test("takes what hangs together", () => {
    expect(faultOfReregistration(again)).toBeUndefined();
  });

  test.each<[string, Partial<Again>, string]>([
    ["no id", { agent_info: { hostname: "h" } }, "Agent re-registers without an id"],
    [
      "a framework twice",
      { frameworks: [framework!, framework!] },
      "Framework has a duplicate FrameworkID: 'f1'",
    ],
    [
      "an executor of no framework",
      { executors: [{ ...started!, framework_id: "f2" }] },
      "Executor has an invalid FrameworkID 'f2'",
    ],
    [
      "an executor twice",
      { executors: [started!, started!] },
      "Framework 'f1' has a duplicate ExecutorID 'e1'",
    ],
    [
      "a task of no framework",
      { tasks: [{ ...running, framework_id: { value: "f2" } }] },
      "Task has an invalid FrameworkID 'f2'",
    ],
    [
      "a task of another agent",
      { tasks: [{ ...running, agent_id: { value: "a2" } }] },
      "Task has an invalid AgentID 'a2'",
    ],
    [
      "a task of a bad id",
      { tasks: [{ ...running, task_id: { value: ".." } }] },
      "Task has an invalid TaskID: '..' is disallowed",
    ],
    [
      "a task of bad resources",
      { tasks: [{ ...running, resources: [scalar("cpus", -1)] }] },
      "Task uses invalid resources: Cannot read resources[0]",
    ],
  ])("refuses %s", (_what, more, message) => {
    expect(faultOfReregistration({ ...again, ...more })?.slice(0, message.length)).toBe(message);
  });
});
