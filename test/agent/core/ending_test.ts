import { describe, expect, test } from "vitest";
import { exitedWith, killedBy } from "../../../src/agent/mod.ts";
import { Bench, command, framework, of, resources, states, statuses } from "./bench.ts";

const KILLING = framework("f1", ["TASK_KILLING_STATE"]);

function kill(bench: Bench, graceMs?: number) {
  return bench.hear({
    type: "kill",
    framework_id: "f1",
    task_id: "t1",
    ...(graceMs === undefined
      ? {}
      : { kill_policy: { grace_period: { nanoseconds: graceMs * 1e6 } } }),
  });
}

describe("killing a task", () => {
  test("TASK_KILLING for who knows it, SIGTERM, grace, SIGKILL, TASK_KILLED", () => {
    const bench = Bench.registered();
    const container = bench.running(command("t1"), KILLING);
    const effects = kill(bench);
    expect(states(effects)).toEqual(["TASK_KILLING"]);
    expect(of(effects, "signal_container")).toEqual([
      { type: "signal_container", container, signal: "SIGTERM" },
    ]);
    bench.acknowledge();
    expect(of(bench.pass(2_999), "destroy_container")).toEqual([]);
    expect(of(bench.pass(1), "destroy_container")).toEqual([
      { type: "destroy_container", container },
    ]);
    expect(statuses(bench.end(container, killedBy("SIGKILL")))).toMatchObject([
      { state: "TASK_KILLED", message: "Command terminated with signal Killed" },
    ]);
  });

  test("no TASK_KILLING for a framework that did not ask for it", () => {
    const bench = Bench.registered();
    const container = bench.running(command("t1"));
    expect(states(kill(bench))).toEqual([]);
    expect(states(bench.end(container, killedBy("SIGTERM")))).toEqual(["TASK_KILLED"]);
    expect(of(bench.pass(10_000), "destroy_container")).toEqual([]);
  });

  test("a task that ends with 0 although it is being killed has finished", () => {
    const bench = Bench.registered();
    const container = bench.running(command("t1"));
    kill(bench);
    expect(states(bench.end(container, 0))).toEqual(["TASK_FINISHED"]);
  });

  test.each([
    ["the call's grace", 500, 20_000, 500],
    ["the task's grace", undefined, 20_000, 20_000],
    ["three seconds", undefined, undefined, 3_000],
  ])("takes %s", (_, call, task, expectedMs) => {
    const bench = Bench.registered();
    const policy =
      task === undefined ? {} : { kill_policy: { grace_period: { nanoseconds: task * 1e6 } } };
    const container = bench.running(command("t1", policy));
    kill(bench, call);
    expect(of(bench.pass(expectedMs - 1), "destroy_container")).toEqual([]);
    expect(of(bench.pass(1), "destroy_container")).toMatchObject([{ container }]);
  });

  test("a second kill with a shorter grace moves the end, counted from the first", () => {
    const bench = Bench.registered();
    const container = bench.running(command("t1"), KILLING);
    kill(bench, 60_000);
    bench.acknowledge();
    bench.pass(4_000);
    const again = kill(bench, 5_000);
    expect(states(again)).toEqual([]);
    expect(of(again, "signal_container")).toEqual([]);
    expect(of(bench.pass(999), "destroy_container")).toEqual([]);
    expect(of(bench.pass(1), "destroy_container")).toMatchObject([{ container }]);
    bench.pass(1_000);
    expect(of(kill(bench, 0), "destroy_container")).toHaveLength(1);
  });

  test("no grace: at once", () => {
    const bench = Bench.registered();
    bench.running(command("t1"));
    const effects = kill(bench, 0);
    expect(of(effects, "signal_container")).toEqual([]);
    expect(of(effects, "destroy_container")).toHaveLength(1);
  });

  test("while its container starts: the start is given up", () => {
    const bench = Bench.registered();
    bench.launchFor(KILLING, command("t1"));
    const container = bench.container("t1");
    const effects = kill(bench);
    expect(states(effects)).toEqual([]);
    expect(of(effects, "destroy_container")).toMatchObject([{ container }]);
    const failed = bench.step({ type: "container_failed", container, message: "aborted" });
    expect(statuses(failed)).toMatchObject([
      { state: "TASK_KILLED", reason: "REASON_TASK_KILLED_DURING_LAUNCH" },
    ]);
  });

  test("a start that could not be given up any more is ended at once", () => {
    const bench = Bench.registered();
    bench.launch(command("t1"));
    const container = bench.container("t1");
    kill(bench);
    const launched = bench.run();
    expect(states(launched)).toEqual([]);
    expect(of(launched, "destroy_container")).toMatchObject([{ container }]);
    expect(states(bench.end(container, killedBy("SIGKILL")))).toEqual(["TASK_KILLED"]);
  });

  test("one that is over is not killed again", () => {
    const bench = Bench.registered();
    const container = bench.running(command("t1"));
    bench.end(container);
    expect(of(kill(bench), "signal_container")).toEqual([]);
  });
});

describe("the end of a container", () => {
  test("a limit that was passed is told with its resources", () => {
    const bench = Bench.registered();
    const container = bench.running(command("t1"));
    const ended = bench.step({
      type: "container_ended",
      container,
      termination: {
        waitStatus: killedBy("SIGKILL"),
        reason: "REASON_CONTAINER_LIMITATION_MEMORY",
        message: "Memory limit exceeded: 65 MB of 64 MB",
        limitation: resources("mem:65"),
      },
    });
    expect(statuses(ended)).toMatchObject([
      {
        state: "TASK_FAILED",
        source: "SOURCE_AGENT",
        reason: "REASON_CONTAINER_LIMITATION_MEMORY",
        message: "Memory limit exceeded: 65 MB of 64 MB",
        limitation: { resources: [{ name: "mem", scalar: { value: 65 } }] },
      },
    ]);
  });

  test("an end that nobody could see is a failure that says so", () => {
    const bench = Bench.registered();
    const container = bench.running(command("t1"));
    const ended = bench.step({ type: "container_ended", container, termination: {} });
    expect(statuses(ended)).toMatchObject([
      { state: "TASK_FAILED", message: "Failed to get exit status for Command" },
    ]);
  });

  test("a container that cannot be started fails its task", () => {
    const bench = Bench.registered();
    bench.launch(command("t1"));
    const failed = bench.step({
      type: "container_failed",
      container: bench.container("t1"),
      message: "no such image",
    });
    expect(statuses(failed)).toMatchObject([
      {
        state: "TASK_FAILED",
        source: "SOURCE_AGENT",
        reason: "REASON_CONTAINER_LAUNCH_FAILED",
        message: "no such image",
      },
    ]);
    bench.acknowledge();
    expect([...bench.disk.keys()]).toEqual(["agent"]);
  });

  test("the sandbox is let go of", () => {
    const bench = Bench.registered();
    const container = bench.running(command("t1"));
    expect(of(bench.end(container), "release_sandbox")).toEqual([
      { type: "release_sandbox", agentId: "a1", frameworkId: "f1", executorId: "t1", container },
    ]);
  });
});

describe("max_completion_time", () => {
  test("ends a task that runs longer, with its grace, and says why", () => {
    const bench = Bench.registered();
    const container = bench.running(
      command("t1", { max_completion_time: { nanoseconds: 60e9 } }),
      KILLING,
    );
    expect(of(bench.pass(59_999), "signal_container")).toEqual([]);
    const due = bench.passHeard(1);
    expect(states(due)).toEqual(["TASK_KILLING"]);
    expect(of(due, "signal_container")).toHaveLength(1);
    bench.acknowledge();
    expect(statuses(bench.end(container, killedBy("SIGTERM")))).toMatchObject([
      { state: "TASK_FAILED", reason: "REASON_MAX_COMPLETION_TIME_REACHED" },
    ]);
  });

  test("means nothing to one that ended in time", () => {
    const bench = Bench.registered();
    const max = { max_completion_time: { nanoseconds: 60e9 } };
    const container = bench.running(command("t1", max));
    bench.end(container, exitedWith(1));
    expect(of(bench.pass(70_000), "signal_container")).toEqual([]);
  });
});
