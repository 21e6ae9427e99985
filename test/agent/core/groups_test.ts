import { describe, expect, test } from "vitest";
import { exitedWith, killedBy } from "../../../src/agent/mod.ts";
import { Bench, executor, framework, member, of, sent, states, statuses } from "./bench.ts";

const POD = executor("pod", { type: "DEFAULT" });

function group(bench: Bench, ...ids: string[]) {
  return bench.hear({
    type: "launch_group",
    framework: framework(),
    executor: POD,
    tasks: ids.map((id) => member(id, { command: { value: "run" } })),
  });
}

function running(bench: Bench, ...ids: string[]): string[] {
  group(bench, ...ids);
  bench.run();
  bench.acknowledge();
  return ids.map((id) => bench.container(id));
}

describe("a task group", () => {
  test("starts all its tasks in containers of one executor", () => {
    const bench = Bench.registered();
    const launches = of(group(bench, "a", "b"), "launch_container").map(({ launch }) => launch);
    expect(launches).toHaveLength(2);
    const [a, b] = launches;
    expect(a?.parent).toBe(b?.parent);
    expect(a?.container).not.toBe(b?.container);
    expect(a?.container.startsWith(`${a.parent}.`)).toBe(true);
    const [update] = statuses(bench.run());
    expect(update).toMatchObject({
      executor_id: { value: "pod" },
      container_status: { container_id: { parent: { value: a?.parent } } },
    });
  });

  test("one that fails ends the others", () => {
    const bench = Bench.registered();
    const [a = "", b = "", c = ""] = running(bench, "a", "b", "c");
    const failed = bench.end(a, exitedWith(1));
    expect(states(failed)).toEqual(["TASK_FAILED"]);
    expect(of(failed, "signal_container").map(({ container }) => container)).toEqual([b, c]);
    expect(states(bench.end(b, killedBy("SIGTERM")))).toEqual(["TASK_KILLED"]);
    const last = bench.end(c, killedBy("SIGTERM"));
    expect(states(last)).toEqual(["TASK_KILLED"]);
    expect(sent(last, "executor_exited")).toEqual([
      { type: "executor_exited", framework_id: "f1", executor_id: "pod", status: 0 },
    ]);
    expect(of(last, "release_sandbox")).toHaveLength(1);
    bench.acknowledge();
    expect([...bench.disk.keys()]).toEqual(["agent"]);
  });

  test("one that finishes leaves the others alone", () => {
    const bench = Bench.registered();
    const [a = "", b = ""] = running(bench, "a", "b");
    const finished = bench.end(a);
    expect(of(finished, "signal_container")).toEqual([]);
    expect(sent(finished, "executor_exited")).toEqual([]);
    bench.acknowledge();
    expect(sent(bench.end(b), "executor_exited")).toHaveLength(1);
  });

  test("one that is killed takes the others along", () => {
    const bench = Bench.registered();
    const [a = "", b = ""] = running(bench, "a", "b");
    bench.hear({ type: "kill", framework_id: "f1", task_id: "a" });
    const ended = bench.end(a, killedBy("SIGTERM"));
    expect(of(ended, "signal_container")).toMatchObject([{ container: b }]);
  });

  test("one that cannot be started: none goes on", () => {
    const bench = Bench.registered();
    group(bench, "a", "b");
    const [a, b] = [bench.container("a"), bench.container("b")];
    const effects = bench.step({ type: "container_failed", container: a, message: "no" });
    expect(states(effects)).toEqual(["TASK_FAILED"]);
    expect(of(effects, "destroy_container")).toMatchObject([{ container: b }]);
    const other = bench.step({ type: "container_failed", container: b, message: "aborted" });
    expect(states(other)).toEqual(["TASK_KILLED"]);
  });

  test("a second group of the same executor lives and dies apart", () => {
    const bench = Bench.registered();
    const [a = ""] = running(bench, "a");
    const launches = of(group(bench, "b"), "launch_container");
    expect(launches[0]?.launch.parent).toBe(a.split(".")[0]);
    bench.run();
    const ended = bench.end(a, exitedWith(1));
    expect(of(ended, "signal_container")).toEqual([]);
    expect(sent(ended, "executor_exited")).toEqual([]);
  });

  test("refused as a whole", () => {
    const bench = Bench.registered();
    bench.hear({ type: "drain" });
    expect(states(group(bench, "a", "b"))).toEqual(["TASK_LOST", "TASK_LOST"]);
  });

  test("is among the executors that the agent tells of when it comes back", () => {
    const bench = Bench.registered();
    running(bench, "a");
    bench.step({ type: "link_closed" });
    const [again] = sent(bench.step({ type: "link_opened" }), "reregister");
    expect(again).toMatchObject({
      executors: [{ framework_id: "f1", executor_info: { executor_id: { value: "pod" } } }],
      tasks: [{ task_id: { value: "a" }, executor_id: { value: "pod" } }],
    });
  });

  test("shutting its executor down ends its tasks", () => {
    const bench = Bench.registered();
    running(bench, "a", "b");
    const effects = bench.hear({
      type: "shutdown_executor",
      framework_id: "f1",
      executor_id: "pod",
    });
    expect(of(effects, "signal_container")).toHaveLength(2);
  });
});
