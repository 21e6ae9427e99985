import { describe, expect, test } from "vitest";
import { Bench, command, framework, sent, states, statuses } from "./bench.ts";

describe("status updates", () => {
  test("are said again after 10 s, then 20, up to 10 minutes, until acknowledged", () => {
    const bench = Bench.registered();
    bench.launch(command("t1"));
    bench.run();
    const pauses: number[] = [];
    let lastMs = bench.nowMs;
    for (let second = 0; second < 3_100; second += 1) {
      if (states(bench.passHeard(1_000)).length === 0) continue;
      pauses.push((bench.nowMs - lastMs) / 1_000);
      lastMs = bench.nowMs;
    }
    expect(pauses).toEqual([10, 20, 40, 80, 160, 320, 600, 600, 600, 600]);
    bench.acknowledge();
    expect(states(bench.passHeard(3_600_000))).toEqual([]);
  });

  test("of one task go out one at a time, in order, and tell the latest state", () => {
    const bench = Bench.registered();
    bench.launch(command("t1"));
    bench.run();
    expect(states(bench.end(bench.container("t1")))).toEqual([]);
    const repeated = sent(bench.passHeard(10_000), "update");
    expect(repeated).toMatchObject([
      { status: { state: "TASK_RUNNING" }, latest_state: "TASK_FINISHED" },
    ]);
    expect(states(bench.acknowledge())).toEqual(["TASK_FINISHED"]);
  });

  test("of different tasks do not wait for each other", () => {
    const bench = Bench.registered();
    bench.launch(command("t1"), command("t2"));
    expect(states(bench.run())).toEqual(["TASK_RUNNING", "TASK_RUNNING"]);
  });

  test("an acknowledgement of another update changes nothing", () => {
    const bench = Bench.registered();
    bench.launch(command("t1"));
    bench.run();
    const ack = { type: "ack", framework_id: "f1", task_id: "t1", uuid: "AAAA" } as const;
    bench.hear(ack, { ...ack, task_id: "t2" }, { ...ack, framework_id: "f2" });
    expect(states(bench.passHeard(10_000))).toEqual(["TASK_RUNNING"]);
  });

  test("wait while there is no master, and go out when one has admitted the agent", () => {
    const bench = Bench.registered();
    bench.launch(command("t1"));
    bench.step({ type: "link_closed" });
    expect(states(bench.run())).toEqual([]);
    expect(states(bench.pass(3_600_000))).toEqual([]);
    expect(states(bench.step({ type: "link_opened" }))).toEqual([]);
    expect(states(bench.register())).toEqual(["TASK_RUNNING"]);
  });

  test("TASK_STARTING is said when there is something to fetch first", () => {
    const bench = Bench.registered();
    const uris = [{ value: "http://host/file" }];
    const effects = bench.launch(command("t1", { command: { value: "true", uris } }));
    expect(states(effects)).toEqual(["TASK_STARTING"]);
    bench.run();
    expect(states(bench.acknowledge())).toEqual(["TASK_RUNNING"]);
  });

  test("are forgotten with a framework that was shut down", () => {
    const bench = Bench.registered();
    bench.launch(command("t1"), command("t2"));
    bench.run();
    bench.end(bench.container("t2"));
    bench.hear({ type: "shutdown_framework", framework_id: "f1" });
    expect(states(bench.end(bench.container("t1")))).toEqual([]);
    expect(bench.core.state.frameworks.size).toBe(0);
    expect([...bench.disk.keys()]).toEqual(["agent"]);
    expect(states(bench.passHeard(60_000))).toEqual([]);
  });

  test("of refused tasks say why: lost, or dropped for those who know partitions", () => {
    const bench = Bench.registered();
    bench.hear({ type: "drain" });
    expect(statuses(bench.launch(command("t1")))).toMatchObject([
      { state: "TASK_LOST", reason: "REASON_AGENT_DRAINING", source: "SOURCE_AGENT" },
    ]);
    const aware = framework("f2", ["PARTITION_AWARE"]);
    expect(statuses(bench.launchFor(aware, command("t2")))).toMatchObject([
      { state: "TASK_DROPPED", reason: "REASON_AGENT_DRAINING" },
    ]);
    bench.acknowledge();
    expect(bench.core.state.frameworks.size).toBe(0);
  });

  test("reconciliation answers for tasks that are unknown, and is silent on others", () => {
    const bench = Bench.registered();
    bench.running(command("t1"));
    const effects = bench.hear({
      type: "reconcile",
      tasks: [
        { framework_id: "f1", task_id: "t1" },
        { framework_id: "f1", task_id: "t2" },
        { framework_id: "f7", task_id: "t3" },
      ],
    });
    expect(statuses(effects)).toMatchObject([
      { task_id: { value: "t2" }, state: "TASK_DROPPED", reason: "REASON_RECONCILIATION" },
      { task_id: { value: "t3" }, state: "TASK_DROPPED", reason: "REASON_RECONCILIATION" },
    ]);
  });
});
