import { describe, expect, test } from "vitest";
import { exitedWith, killedBy } from "../../../src/agent/mod.ts";
import {
  Bench,
  command,
  executor,
  framework,
  member,
  of,
  resources,
  sent,
  states,
  statuses,
} from "./bench.ts";

describe("an agent that starts again", () => {
  test("asks for the containers that ran, and waits for the answers before it registers", () => {
    const bench = Bench.registered();
    const one = bench.running(command("t1"));
    bench.running(command("t2"));
    const asked = bench.restart();
    expect(asked).toMatchObject([
      { container: one, checkpoint: { id: one } },
      { container: bench.container("t2") },
    ]);
    expect(bench.step({ type: "link_opened" })).toEqual([]);
    const [first, second] = asked.map(({ container }) =>
      bench.step({ type: "container_recovered", container, running: true, pid: 7 }),
    );
    expect(first).toEqual([]);
    expect(sent(second ?? [], "reregister")).toMatchObject([
      {
        agent_info: { id: { value: "a1" } },
        tasks: [
          {
            task_id: { value: "t1" },
            state: "TASK_RUNNING",
            statuses: [{ state: "TASK_RUNNING" }],
          },
          { task_id: { value: "t2" }, state: "TASK_RUNNING" },
        ],
        frameworks: [{ name: "f1" }],
        executors: [],
      },
    ]);
  });

  test("what ended meanwhile is told as it ended", () => {
    const bench = Bench.registered();
    for (const id of ["t1", "t2", "t3"]) bench.running(command(id));
    const containers = bench.restart().map(({ container }) => container);
    const ends = [{ waitStatus: 0 }, { waitStatus: exitedWith(4) }, undefined];
    ends.forEach((termination, index) => {
      const container = containers[index] ?? "";
      bench.step({ type: "container_recovered", container, running: false, termination });
    });
    const effects = bench.register();
    expect(statuses(effects)).toMatchObject([
      { state: "TASK_FINISHED" },
      { state: "TASK_FAILED", message: "Command exited with status 4" },
      { state: "TASK_FAILED", reason: "REASON_AGENT_RESTARTED" },
    ]);
    bench.acknowledge();
    expect([...bench.disk.keys()]).toEqual(["agent"]);
  });

  test("a start that was under way is asked for without a checkpoint", () => {
    const bench = Bench.registered();
    bench.launch(command("t1"));
    const [asked] = bench.restart();
    expect(asked).toEqual({ type: "recover_container", container: bench.container("t1") });
  });

  test("updates that were not acknowledged are said again, the same ones", () => {
    const bench = Bench.registered();
    bench.launch(command("t1"));
    const [before] = statuses(bench.run());
    bench.end(bench.container("t1"));
    expect(bench.restart()).toEqual([]);
    const [after] = statuses(bench.register());
    expect(after).toEqual(before);
    expect(states(bench.acknowledge())).toEqual(["TASK_FINISHED"]);
    expect([...bench.disk.keys()]).toEqual(["agent"]);
  });

  test("a kill under way goes on", () => {
    const bench = Bench.registered();
    const container = bench.running(command("t1"));
    bench.hear({
      type: "kill",
      framework_id: "f1",
      task_id: "t1",
      kill_policy: { grace_period: { nanoseconds: 30e9 } },
    });
    bench.nowMs += 10_000;
    bench.restart();
    const found = bench.step({ type: "container_recovered", container, running: true });
    expect(of(found, "signal_container")).toMatchObject([{ container, signal: "SIGTERM" }]);
    expect(of(bench.pass(19_999), "destroy_container")).toEqual([]);
    expect(of(bench.pass(1), "destroy_container")).toMatchObject([{ container }]);
    bench.register();
    expect(states(bench.end(container, killedBy("SIGKILL")))).toEqual(["TASK_KILLED"]);
  });

  test("max_completion_time counts from the first start, and checks go on", () => {
    const bench = Bench.registered();
    const container = bench.running(
      command("t1", {
        max_completion_time: { nanoseconds: 60e9 },
        health_check: { type: "TCP", tcp: { port: 1 }, delay_seconds: 1 },
      }),
    );
    bench.nowMs += 50_000;
    bench.restart();
    bench.step({ type: "container_recovered", container, running: true });
    expect(of(bench.pass(9_999), "run_check")).toHaveLength(1);
    expect(of(bench.pass(1), "signal_container")).toHaveLength(1);
  });

  test("a group is found as one", () => {
    const bench = Bench.registered();
    bench.hear({
      type: "launch_group",
      framework: framework(),
      executor: executor("pod", { type: "DEFAULT" }),
      tasks: ["a", "b"].map((id) => member(id, { command: { value: "x" } })),
    });
    bench.run();
    bench.acknowledge();
    const [a, b] = bench.restart();
    bench.step({ type: "container_recovered", container: a?.container ?? "", running: true });
    const gone = bench.step({
      type: "container_recovered",
      container: b?.container ?? "",
      running: false,
      termination: { waitStatus: exitedWith(1) },
    });
    expect(of(gone, "signal_container")).toMatchObject([{ container: a?.container }]);
  });

  test("a framework being shut down is not told of, and goes on ending", () => {
    const bench = Bench.registered();
    const container = bench.running(command("t1"));
    bench.hear({ type: "shutdown_framework", framework_id: "f1" });
    bench.restart();
    bench.step({ type: "container_recovered", container, running: true });
    const [again] = sent(bench.step({ type: "link_opened" }), "reregister");
    expect(again).toMatchObject({ tasks: [], frameworks: [] });
    expect(states(bench.end(container, killedBy("SIGTERM")))).toEqual([]);
    expect([...bench.disk.keys()]).toEqual(["agent"]);
  });

  test("with more than it had goes on; with less, or under `equal` with other, it does not", () => {
    const had = { info: { hostname: "h", resources: resources("cpus:4;mem:100") } };
    const more = { info: { hostname: "h", resources: resources("cpus:8;mem:100") } };
    const less = { info: { hostname: "h", resources: resources("cpus:2;mem:100") } };
    const bench = Bench.registered(had);
    const checkpoints = Array.from(bench.disk, ([path, value]) => ({ path, value }));
    const start = (options: ConstructorParameters<typeof Bench>[0]) => {
      const next = new Bench(options);
      next.step({ type: "recovered", checkpoints });
      return next;
    };
    const grown = start(more).core.state;
    expect(grown.agentId).toBe("a1");
    expect(grown.info.resources).toEqual(resources("cpus:8;mem:100"));
    expect(() => start(less)).toThrow(
      expect.objectContaining({ code: "incompatible_reconfiguration" }),
    );
    expect(() => start({ ...more, reconfiguration: "equal" })).toThrow(
      expect.objectContaining({ code: "incompatible_reconfiguration" }),
    );
    expect(start({ ...had, reconfiguration: "equal" }).core.state.agentId).toBe("a1");
    const elsewhere = { info: { ...had.info, hostname: "other" } };
    expect(start(elsewhere).core.state.info.hostname).toBe("other");
    expect(() => start({ ...elsewhere, reconfiguration: "equal" })).toThrow(
      expect.objectContaining({ code: "incompatible_reconfiguration" }),
    );
  });

  test("checkpoints of other parts of the agent are left alone", () => {
    const bench = new Bench();
    const checkpoints = [{ path: "standalone/x", value: {} }];
    expect(bench.step({ type: "recovered", checkpoints })).toEqual([]);
  });
});
