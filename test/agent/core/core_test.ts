import { describe, expect, test } from "vitest";
import { exitedWith, killedBy } from "../../../src/agent/mod.ts";
import { Bench, command, framework, of, sent, states, statuses } from "./bench.ts";

describe("AgentCore", () => {
  test("registers as a new agent and keeps the id it is given", () => {
    const bench = new Bench();
    expect(bench.step({ type: "link_opened" })).toEqual([]);
    const effects = bench.step({ type: "recovered", checkpoints: [] });
    expect(sent(effects, "register")).toHaveLength(1);
    bench.register();
    expect(bench.core.state.agentId).toBe("a1");
    expect(bench.disk.get("agent")).toMatchObject({ info: { id: { value: "a1" } } });
    expect(of(bench.effects, "registered")).toEqual([
      { type: "registered", agentId: "a1", masterId: "m1" },
    ]);
  });

  test("runs a command: launch, TASK_RUNNING, TASK_FINISHED, forgotten once acknowledged", () => {
    const bench = Bench.registered();
    const launched = of(bench.launch(command("t1")), "launch_container");
    expect(launched).toHaveLength(1);
    expect(launched[0]?.launch).toMatchObject({ agentId: "a1", task: { name: "t1" } });
    const [running] = statuses(bench.run());
    expect(running).toMatchObject({
      task_id: { value: "t1" },
      state: "TASK_RUNNING",
      source: "SOURCE_EXECUTOR",
      agent_id: { value: "a1" },
      executor_id: { value: "t1" },
      timestamp: bench.nowMs / 1_000,
      container_status: {
        executor_pid: 101,
        network_infos: [{ ip_addresses: [{ ip_address: "10.0.0.1" }] }],
      },
    });
    bench.acknowledge();
    const ended = bench.end(bench.container("t1"));
    expect(statuses(ended)).toMatchObject([
      { state: "TASK_FINISHED", message: "Command exited with status 0" },
    ]);
    expect(of(ended, "destroy_container")).toHaveLength(1);
    bench.acknowledge();
    expect(bench.core.state.frameworks.size).toBe(0);
    expect([...bench.disk.keys()]).toEqual(["agent"]);
    expect(bench.core.state.completed).toMatchObject([{ state: "TASK_FINISHED" }]);
  });

  test("says how a command failed", () => {
    const bench = Bench.registered();
    const one = bench.running(command("t1"));
    const two = bench.running(command("t2"));
    expect(statuses(bench.end(one, exitedWith(3)))).toMatchObject([
      { state: "TASK_FAILED", message: "Command exited with status 3" },
    ]);
    expect(statuses(bench.end(two, killedBy("SIGSEGV")))).toMatchObject([
      { state: "TASK_FAILED", message: "Command terminated with signal Segmentation fault" },
    ]);
  });

  test("launches a task once, however often it is told to", () => {
    const bench = Bench.registered();
    bench.launch(command("t1"));
    expect(of(bench.launch(command("t1")), "launch_container")).toEqual([]);
  });

  test("an idle agent has nothing due but the silence of its master", () => {
    const bench = Bench.registered();
    expect(bench.core.nextDueMs()).toBe(bench.nowMs + 5 * 15_000);
    bench.nowMs += 10_000;
    expect(sent(bench.hear({ type: "ping", sequence: 7 }), "pong")).toEqual([
      { type: "pong", sequence: 7 },
    ]);
    expect(bench.core.nextDueMs()).toBe(bench.nowMs + 5 * 15_000);
    expect(of(bench.pass(75_000), "close_link")).toHaveLength(1);
  });

  test("equal events give equal effects", () => {
    const run = () => {
      const bench = Bench.registered();
      bench.launchFor(framework("f1", ["TASK_KILLING_STATE"]), command("t1"), command("t2"));
      bench.run();
      bench.hear({ type: "kill", framework_id: "f1", task_id: "t1" });
      bench.pass(60_000);
      return bench.effects;
    };
    expect(run()).toEqual(run());
  });

  test("says of a task to kill that it does not know it", () => {
    const bench = Bench.registered();
    const effects = bench.hear({ type: "kill", framework_id: "f9", task_id: "t9" });
    expect(statuses(effects)).toMatchObject([
      { state: "TASK_DROPPED", reason: "REASON_RECONCILIATION", source: "SOURCE_AGENT" },
    ]);
    expect(states(bench.passHeard(10_000))).toEqual(["TASK_DROPPED"]);
    bench.acknowledge();
    expect(bench.core.state.frameworks.size).toBe(0);
  });
});
