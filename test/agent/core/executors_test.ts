import { describe, expect, test } from "vitest";
import { exitedWith, killedBy } from "../../../src/agent/mod.ts";
import type { TaskInfo, TaskState } from "../../../src/model/mod.ts";
import {
  Bench,
  executor,
  framework,
  member,
  of,
  resources,
  sent,
  states,
  statuses,
} from "./bench.ts";

const EXECUTOR = executor("e1", { type: "CUSTOM" });
const IDS = { framework_id: { value: "f1" }, executor_id: { value: "e1" } };

function launch(bench: Bench, ...tasks: TaskInfo[]) {
  return bench.hear({
    type: "launch",
    framework: framework(),
    launches: tasks.map((task) => ({ task, executor: EXECUTOR })),
  });
}

function subscribe(bench: Bench, connection = "c1", known: string[] = []) {
  return bench.step({
    type: "executor_subscribed",
    connection,
    call: {
      type: "SUBSCRIBE",
      ...IDS,
      subscribe: {
        unacknowledged_tasks: known.map((id) => member(id)),
        unacknowledged_updates: [],
      },
    },
  });
}

function update(bench: Bench, taskId: string, state: TaskState, uuid = `${taskId}${state}====`) {
  return bench.step({
    type: "executor_call",
    call: {
      type: "UPDATE",
      ...IDS,
      update: { status: { task_id: { value: taskId }, state, uuid, data: "aGVsbG8=" } },
    },
  });
}

function events(effects: ReturnType<Bench["step"]>): string[] {
  return of(effects, "executor_event").map(({ event }) => event.type);
}

/** One task that runs under the executor. */
function running(bench: Bench): string {
  launch(bench, member("t1"));
  bench.run();
  subscribe(bench);
  update(bench, "t1", "TASK_RUNNING");
  bench.acknowledge();
  return of(bench.effects, "launch_container")[0]?.launch.container ?? "";
}

describe("a custom executor", () => {
  test("is started once, gets its tasks when it has subscribed, and tells of them", () => {
    const bench = Bench.registered();
    const launched = of(launch(bench, member("t1"), member("t2")), "launch_container");
    expect(launched).toHaveLength(1);
    expect(launched[0]?.launch.task).toBeUndefined();
    expect(bench.core.knowsExecutor("f1", "e1")).toBe(true);
    expect(bench.core.knowsExecutor("f1", "e2")).toBe(false);
    expect(states(bench.run())).toEqual([]);
    const subscribed = subscribe(bench);
    expect(events(subscribed)).toEqual(["SUBSCRIBED", "LAUNCH", "LAUNCH"]);
    expect(of(subscribed, "executor_event")[0]?.event).toMatchObject({
      subscribed: { executor_info: EXECUTOR, framework_info: { name: "f1" } },
    });
    const said = update(bench, "t1", "TASK_RUNNING");
    expect(statuses(said)).toMatchObject([
      {
        state: "TASK_RUNNING",
        source: "SOURCE_EXECUTOR",
        data: "aGVsbG8=",
        uuid: "t1TASK_RUNNING====",
        executor_id: { value: "e1" },
        agent_id: { value: "a1" },
        container_status: { executor_pid: 101 },
      },
    ]);
    expect(of(said, "executor_event")[0]?.event).toEqual({
      type: "ACKNOWLEDGED",
      acknowledged: { task_id: { value: "t1" }, uuid: "t1TASK_RUNNING====" },
    });
    expect(events(launch(bench, member("t3")))).toEqual(["LAUNCH"]);
  });

  test("an update that it repeats is taken once, and acknowledged again", () => {
    const bench = Bench.registered();
    launch(bench, member("t1"));
    bench.run();
    subscribe(bench);
    update(bench, "t1", "TASK_RUNNING");
    const again = update(bench, "t1", "TASK_RUNNING");
    expect(states(again)).toEqual([]);
    expect(events(again)).toEqual(["ACKNOWLEDGED"]);
    bench.acknowledge();
    expect(states(bench.passHeard(60_000))).toEqual([]);
  });

  test("gets a group as one event", () => {
    const bench = Bench.registered();
    bench.hear({
      type: "launch_group",
      framework: framework(),
      executor: EXECUTOR,
      tasks: [member("a"), member("b")],
    });
    bench.run();
    const subscribed = subscribe(bench);
    expect(events(subscribed)).toEqual(["SUBSCRIBED", "LAUNCH_GROUP"]);
    expect(of(subscribed, "executor_event")[1]?.event).toMatchObject({
      launch_group: { task_group: { tasks: [{ name: "a" }, { name: "b" }] } },
    });
  });

  test("that does not subscribe within a minute is ended, its tasks fail and say why", () => {
    const bench = Bench.registered();
    launch(bench, member("t1"));
    bench.run();
    expect(of(bench.passHeard(59_999), "destroy_container")).toEqual([]);
    const late = of(bench.passHeard(1), "destroy_container");
    expect(late).toHaveLength(1);
    const ended = bench.end(late[0]?.container ?? "", killedBy("SIGKILL"));
    expect(statuses(ended)).toMatchObject([
      { state: "TASK_FAILED", reason: "REASON_EXECUTOR_REGISTRATION_TIMEOUT" },
    ]);
  });

  test("that ends takes its tasks along, and the master hears of it", () => {
    const bench = Bench.registered();
    const container = running(bench);
    const ended = bench.end(container, exitedWith(2));
    expect(statuses(ended)).toMatchObject([
      {
        state: "TASK_FAILED",
        reason: "REASON_EXECUTOR_TERMINATED",
        source: "SOURCE_AGENT",
        message: "The executor exited with status 2",
      },
    ]);
    expect(sent(ended, "executor_exited")).toMatchObject([{ status: exitedWith(2) }]);
    expect(of(ended, "end_executor")).toEqual([{ type: "end_executor", connection: "c1" }]);
    bench.acknowledge();
    expect([...bench.disk.keys()]).toEqual(["agent"]);
  });

  test("that cannot be started fails its tasks", () => {
    const bench = Bench.registered();
    launch(bench, member("t1"), member("t2"));
    const [launched] = of(bench.effects, "launch_container");
    const container = launched?.launch.container ?? "";
    const failed = bench.step({ type: "container_failed", container, message: "no" });
    expect(statuses(failed)).toMatchObject([
      { state: "TASK_FAILED", reason: "REASON_CONTAINER_LAUNCH_FAILED" },
      { state: "TASK_FAILED", reason: "REASON_CONTAINER_LAUNCH_FAILED" },
    ]);
  });

  test("is held to what it and its tasks have, as they come and go", () => {
    const bench = Bench.registered();
    running(bench);
    const more = of(launch(bench, member("t2")), "update_container");
    expect(more[0]?.resources).toEqual([
      ...resources("cpus:0.1;mem:32"),
      ...resources("cpus:1;mem:64"),
      ...resources("cpus:1;mem:64"),
    ]);
    const less = of(update(bench, "t1", "TASK_FINISHED"), "update_container");
    expect(less[0]?.resources).toHaveLength(4);
  });

  test("kills by itself, with the grace it is told", () => {
    const bench = Bench.registered();
    running(bench);
    const kill = bench.hear({
      type: "kill",
      framework_id: "f1",
      task_id: "t1",
      kill_policy: { grace_period: { nanoseconds: 5e9 } },
    });
    expect(of(kill, "signal_container")).toEqual([]);
    expect(of(kill, "executor_event")[0]?.event).toEqual({
      type: "KILL",
      kill: {
        task_id: { value: "t1" },
        kill_policy: { grace_period: { nanoseconds: 5e9 } },
      },
    });
    expect(states(update(bench, "t1", "TASK_KILLED"))).toEqual(["TASK_KILLED"]);
  });

  test("a task killed before it was handed over never gets there; idle, it is ended", () => {
    const bench = Bench.registered();
    launch(bench, member("t1"));
    bench.run();
    const kill = bench.hear({ type: "kill", framework_id: "f1", task_id: "t1" });
    expect(statuses(kill)).toMatchObject([
      { state: "TASK_KILLED", reason: "REASON_TASK_KILLED_DURING_LAUNCH" },
    ]);
    expect(of(kill, "destroy_container")).toHaveLength(1);
  });

  test("shutting down: asked first, ended when it does not go", () => {
    const bench = Bench.registered();
    const container = running(bench);
    const asked = bench.hear({
      type: "shutdown_executor",
      framework_id: "f1",
      executor_id: "e1",
    });
    expect(events(asked)).toEqual(["SHUTDOWN"]);
    expect(of(bench.pass(4_999), "destroy_container")).toEqual([]);
    expect(of(bench.pass(1), "destroy_container")).toMatchObject([{ container }]);
    expect(states(bench.end(container, killedBy("SIGKILL")))).toEqual(["TASK_FAILED"]);
    expect(events(launch(bench, member("t9")))).toEqual([]);
  });

  test("a task for one that is being ended is refused", () => {
    const bench = Bench.registered();
    running(bench);
    bench.hear({ type: "shutdown_executor", framework_id: "f1", executor_id: "e1" });
    expect(statuses(launch(bench, member("t2")))).toMatchObject([
      { state: "TASK_LOST", reason: "REASON_EXECUTOR_TERMINATED" },
    ]);
  });

  test("messages go both ways", () => {
    const bench = Bench.registered();
    running(bench);
    const down = bench.hear({
      type: "message",
      framework_id: "f1",
      executor_id: "e1",
      data: "aGk=",
    });
    expect(of(down, "executor_event")[0]?.event).toEqual({
      type: "MESSAGE",
      message: { data: "aGk=" },
    });
    const up = bench.step({
      type: "executor_call",
      call: { type: "MESSAGE", ...IDS, message: { data: "aG8=" } },
    });
    expect(sent(up, "message")).toEqual([
      { type: "message", framework_id: "f1", executor_id: "e1", data: "aG8=" },
    ]);
  });

  test("a new connection takes the place of the old one", () => {
    const bench = Bench.registered();
    running(bench);
    const again = subscribe(bench, "c2", ["t1"]);
    expect(of(again, "end_executor")).toEqual([{ type: "end_executor", connection: "c1" }]);
    expect(events(again)).toEqual(["SUBSCRIBED"]);
    bench.step({ type: "executor_disconnected", connection: "c1" });
    expect(events(launch(bench, member("t2")))).toEqual(["LAUNCH"]);
    bench.step({ type: "executor_disconnected", connection: "c2" });
    expect(events(launch(bench, member("t3")))).toEqual([]);
    // It does not know t2, which was sent to it; t3 was not.
    const back = subscribe(bench, "c3");
    expect(events(back)).toEqual(["SUBSCRIBED", "LAUNCH"]);
    expect(statuses(back)).toMatchObject([
      { task_id: { value: "t2" }, state: "TASK_LOST", reason: "REASON_AGENT_RESTARTED" },
    ]);
  });

  test("with nothing to do is ended with its framework", () => {
    const bench = Bench.registered();
    const container = running(bench);
    update(bench, "t1", "TASK_FINISHED");
    bench.acknowledge();
    const down = bench.hear({ type: "shutdown_framework", framework_id: "f1" });
    expect(events(down)).toEqual(["SHUTDOWN"]);
    const ended = bench.end(container);
    expect(sent(ended, "executor_exited")).toEqual([]);
    expect([...bench.disk.keys()]).toEqual(["agent"]);
  });
});

describe("a custom executor after the agent has restarted", () => {
  test("comes back with what it knows; a launch that was lost is told as such", () => {
    const bench = Bench.registered();
    running(bench);
    launch(bench, member("t2"));
    const [asked] = bench.restart();
    bench.step({
      type: "container_recovered",
      container: asked?.container ?? "",
      running: true,
      pid: 101,
    });
    bench.register();
    const back = bench.step({
      type: "executor_subscribed",
      connection: "c2",
      call: {
        type: "SUBSCRIBE",
        ...IDS,
        subscribe: {
          unacknowledged_tasks: [],
          unacknowledged_updates: [
            {
              status: {
                task_id: { value: "t1" },
                state: "TASK_FINISHED",
                uuid: "AAAAAAAAAAAAAAAAAAAAAA==",
              },
            },
          ],
        },
      },
    });
    expect(events(back)).toEqual(["SUBSCRIBED", "ACKNOWLEDGED"]);
    expect(states(back)).toEqual(["TASK_FINISHED", "TASK_LOST"]);
  });

  test("that does not come back in time is ended", () => {
    const bench = Bench.registered();
    running(bench);
    const [asked] = bench.restart();
    const container = asked?.container ?? "";
    bench.step({ type: "container_recovered", container, running: true, pid: 101 });
    bench.register();
    expect(of(bench.passHeard(15_000), "destroy_container")).toMatchObject([{ container }]);
    expect(statuses(bench.end(container, killedBy("SIGKILL")))).toMatchObject([
      { state: "TASK_FAILED", reason: "REASON_EXECUTOR_REREGISTRATION_TIMEOUT" },
    ]);
  });
});
