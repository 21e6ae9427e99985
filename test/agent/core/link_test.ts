import { describe, expect, test } from "vitest";
import { killedBy } from "../../../src/agent/mod.ts";
import { Bench, command, framework, MASTER, of, sent, states } from "./bench.ts";

describe("the link", () => {
  test("gone: everything is ended and forgotten, the next registration is that of a new agent", () => {
    const bench = Bench.registered();
    const container = bench.running(command("t1"));
    bench.launch(command("t2"));
    const late = bench.container("t2");
    bench.step({ type: "link_closed" });
    bench.step({ type: "link_opened" });
    const effects = bench.hear({ type: "refused", reason: "gone", message: "marked gone" });
    expect(of(effects, "destroy_container").map((each) => each.container)).toEqual([
      container,
      late,
    ]);
    expect(of(effects, "close_link")).toHaveLength(1);
    expect(of(effects, "set_aside_volumes")).toEqual([
      { type: "set_aside_volumes", agentId: "a1" },
    ]);
    expect([...bench.disk.keys()]).toEqual(["agent"]);
    const stray = bench.step({ type: "container_launched", container: late, checkpoint: 1 });
    expect(of(stray, "destroy_container")).toHaveLength(1);
    expect(bench.end(container, killedBy("SIGKILL"))).toEqual([]);
    bench.effects.length = 0;
    expect(sent(bench.step({ type: "link_opened" }), "register")).toHaveLength(1);
    bench.hear({
      type: "registered",
      agent_id: "a2",
      master_info: MASTER,
      heartbeat_ms: 15_000,
    });
    expect(bench.core.state.agentId).toBe("a2");
  });

  test.each([
    ["not_leader", undefined],
    ["retry", 3_000],
  ] as const)("%s: the link is closed, to come again", (reason, retryAfterMs) => {
    const bench = new Bench();
    bench.step({ type: "recovered", checkpoints: [] });
    bench.step({ type: "link_opened" });
    const effects = bench.hear({
      type: "refused",
      reason,
      message: "no",
      ...(retryAfterMs === undefined ? {} : { retry_after_ms: retryAfterMs }),
    });
    expect(of(effects, "close_link")).toEqual([{ type: "close_link", reason, retryAfterMs }]);
    expect(bench.core.state.connection).toEqual({ status: "disconnected" });
  });

  test.each(["invalid", "unauthorized"] as const)("%s: an error, and a long pause", (reason) => {
    const bench = new Bench();
    bench.step({ type: "recovered", checkpoints: [] });
    bench.step({ type: "link_opened" });
    const effects = bench.hear({ type: "refused", reason, message: "bad" });
    expect(of(effects, "log")).toMatchObject([{ level: "error" }]);
    expect(of(effects, "close_link")).toMatchObject([{ retryAfterMs: 60_000 }]);
  });

  test("a master that never answers a registration is given up", () => {
    const bench = new Bench();
    bench.step({ type: "recovered", checkpoints: [] });
    bench.step({ type: "link_opened" });
    expect(of(bench.pass(59_999), "close_link")).toEqual([]);
    expect(of(bench.pass(1), "close_link")).toHaveLength(1);
    expect(bench.core.nextDueMs()).toBeUndefined();
  });

  test("frameworks that the master does not want are ended without a word", () => {
    const bench = Bench.registered();
    const container = bench.running(command("t1"));
    bench.running(command("t2"), framework("f2"));
    bench.step({ type: "link_closed" });
    const effects = bench.register({ unwanted_frameworks: ["f1", "f9"] });
    expect(of(effects, "signal_container")).toMatchObject([{ container }]);
    expect(states(bench.end(container, killedBy("SIGTERM")))).toEqual([]);
    expect([...bench.core.state.frameworks.keys()]).toEqual(["f2"]);
  });

  test("a framework's new info is kept for tasks to come", () => {
    const bench = Bench.registered();
    bench.running(command("t1"));
    const info = { ...framework(), name: "renamed" };
    bench.hear({ type: "framework", framework: info });
    bench.hear({ type: "framework", framework: { ...info, id: { value: "f9" } } });
    expect(bench.core.state.frameworks.get("f1")?.info?.name).toBe("renamed");
    expect(bench.core.state.frameworks.has("f9")).toBe(false);
    expect(bench.disk.get("frameworks/f1")).toMatchObject({ info: { name: "renamed" } });
  });

  test("a message that cannot be understood ends the link and nothing else", () => {
    const bench = Bench.registered();
    bench.running(command("t1"));
    const broken = JSON.parse('{ "type": "launch", "framework": null }');
    const effects = bench.hear(broken, { type: "ping", sequence: 1 });
    expect(of(effects, "log")).toMatchObject([{ level: "error" }]);
    expect(of(effects, "close_link")).toHaveLength(1);
    expect(sent(effects, "pong")).toEqual([]);
    expect(bench.core.state.connection).toEqual({ status: "disconnected" });
    const strange = JSON.parse('{ "type": "dance" }');
    bench.register();
    expect(of(bench.hear(strange), "close_link")).toHaveLength(1);
    expect(sent(bench.step({ type: "link_opened" }), "reregister")).toHaveLength(1);
  });

  test("questions are passed on, answers sent back", () => {
    const bench = Bench.registered();
    const ask = { type: "LIST_FILES", path: "/x" } as const;
    expect(of(bench.hear({ type: "ask", id: 5, ask }), "ask")).toEqual([
      { type: "ask", id: 5, ask },
    ]);
    expect(sent(bench.step({ type: "answered", id: 5, body: [1] }), "answer")).toEqual([
      { type: "answer", id: 5, body: [1] },
    ]);
    const error = { code: "not_found", message: "no" };
    expect(sent(bench.step({ type: "answered", id: 6, error }), "answer")).toEqual([
      { type: "answer", id: 6, error },
    ]);
  });
});

describe("draining", () => {
  test("kills with the shorter grace, tells why, and says when all is gone", () => {
    const bench = Bench.registered();
    const policy = { kill_policy: { grace_period: { nanoseconds: 60e9 } } };
    const one = bench.running(command("t1", policy));
    const two = bench.running(command("t2"));
    const effects = bench.hear({ type: "drain", max_grace_period_ns: 10e9 });
    expect(of(effects, "signal_container")).toHaveLength(2);
    expect(sent(effects, "drained")).toEqual([]);
    expect(of(bench.passHeard(3_000), "destroy_container")).toMatchObject([{ container: two }]);
    expect(of(bench.passHeard(7_000), "destroy_container")).toMatchObject([{ container: one }]);
    bench.end(one, killedBy("SIGKILL"));
    bench.end(two, killedBy("SIGKILL"));
    const acknowledged = bench.acknowledge();
    expect(sent(acknowledged, "drained")).toEqual([{ type: "drained" }]);
    expect(bench.all("send").map(({ message }) => message)).toContainEqual(
      expect.objectContaining({
        type: "update",
        status: expect.objectContaining({
          state: "TASK_KILLED",
          reason: "REASON_AGENT_DRAINING",
        }),
      }),
    );
  });

  test("of an agent without tasks is over at once, and said again to the next master", () => {
    const bench = Bench.registered();
    expect(sent(bench.hear({ type: "drain" }), "drained")).toHaveLength(1);
    expect(sent(bench.hear({ type: "ping", sequence: 1 }), "drained")).toEqual([]);
    bench.step({ type: "link_closed" });
    expect(sent(bench.register({ drain: {} }), "drained")).toHaveLength(1);
  });

  test("an agent to be gone says TASK_GONE_BY_OPERATOR to those who know partitions", () => {
    const bench = Bench.registered();
    const aware = framework("f1", ["PARTITION_AWARE"]);
    const container = bench.running(command("t1"), aware);
    bench.hear({ type: "drain", mark_gone: true });
    expect(states(bench.end(container, killedBy("SIGTERM")))).toEqual(["TASK_GONE_BY_OPERATOR"]);
  });

  test("survives a restart, and ends with undrain", () => {
    const bench = Bench.registered();
    bench.hear({ type: "drain" });
    bench.restart();
    bench.register();
    expect(states(bench.launch(command("t1")))).toEqual(["TASK_LOST"]);
    bench.acknowledge();
    bench.hear({ type: "undrain" });
    expect(of(bench.launch(command("t2")), "launch_container")).toHaveLength(1);
    expect(bench.disk.get("agent")).not.toHaveProperty("drain");
  });
});

describe("shutting down", () => {
  test("ends all tasks, waits for their acknowledgements, and stops", () => {
    const bench = Bench.registered();
    const container = bench.running(command("t1"));
    const effects = bench.step({ type: "shutdown", message: "bye" });
    expect(of(effects, "signal_container")).toHaveLength(1);
    expect(of(bench.end(container, killedBy("SIGTERM")), "stopped")).toEqual([]);
    expect(of(bench.acknowledge(), "stopped")).toHaveLength(1);
    expect([...bench.disk.keys()]).toEqual(["agent"]);
    expect(bench.disk.get("agent")).toMatchObject({ info: { id: { value: "a1" } } });
  });

  test("says at once again what nobody has acknowledged", () => {
    const bench = Bench.registered();
    bench.launch(command("t1"));
    bench.run();
    const [first] = states(bench.effects);
    const effects = bench.step({ type: "shutdown", message: "bye" });
    expect(states(effects)).toEqual([first]);
  });

  test("does not wait for ever: two seconds, and not at all without a master", () => {
    const bench = Bench.registered();
    const one = bench.running(command("t1"));
    bench.step({ type: "shutdown", message: "bye" });
    bench.end(one, killedBy("SIGTERM"));
    expect(of(bench.pass(1_999), "stopped")).toEqual([]);
    expect(of(bench.pass(1), "stopped")).toHaveLength(1);
    expect(bench.disk.has("updates/f1/t1")).toBe(true);

    const away = Bench.registered();
    const other = away.running(command("t1"));
    away.step({ type: "link_closed" });
    away.step({ type: "shutdown", message: "bye" });
    expect(of(away.end(other, killedBy("SIGTERM")), "stopped")).toHaveLength(1);
  });

  test("for good: it takes leave of the master and is nobody afterwards", () => {
    const bench = Bench.registered();
    const effects = bench.hear({ type: "shutdown", message: "removed" });
    expect(sent(effects, "unregister")).toHaveLength(1);
    expect(of(effects, "stopped")).toHaveLength(1);
    expect(bench.core.state.agentId).toBeUndefined();
    const again = new Bench();
    const checkpoints = Array.from(bench.disk, ([path, value]) => ({ path, value }));
    again.step({ type: "recovered", checkpoints });
    expect(again.core.state.agentId).toBeUndefined();
  });

  test("takes no more tasks", () => {
    const bench = Bench.registered();
    bench.running(command("t1"));
    bench.step({ type: "shutdown", message: "bye" });
    expect(states(bench.launch(command("t2")))).toEqual(["TASK_LOST"]);
  });
});
