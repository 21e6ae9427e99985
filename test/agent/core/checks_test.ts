import { describe, expect, test } from "vitest";
import type { CheckKind, CheckResult } from "../../../src/agent/mod.ts";
import { killedBy } from "../../../src/agent/mod.ts";
import type { HealthCheck, TaskInfo } from "../../../src/model/mod.ts";
import { Bench, command, of, states, statuses } from "./bench.ts";

const HTTP: HealthCheck = {
  type: "HTTP",
  http: { port: 80, path: "/health" },
  delay_seconds: 1,
  interval_seconds: 2,
  grace_period_seconds: 0,
  consecutive_failures: 3,
};

function healthy(more: Partial<HealthCheck> = {}): TaskInfo {
  return command("t1", { health_check: { ...HTTP, ...more } });
}

/** Let time pass, answering every look. */
function look(bench: Bench, ms: number, result: CheckResult, check: CheckKind = "health_check") {
  const effects = bench.pass(ms);
  const container = bench.container("t1");
  for (const asked of of(effects, "run_check")) {
    expect(asked).toMatchObject({ container, check });
    effects.push(...bench.step({ type: "check_result", container, check, result }));
  }
  return effects;
}

const OK: CheckResult = { type: "HTTP", statusCode: 200 };
const BAD: CheckResult = { type: "HTTP", statusCode: 500 };

describe("health checks", () => {
  test("look after the delay and then at intervals, one look at a time", () => {
    const bench = Bench.registered();
    bench.running(healthy());
    expect(of(bench.pass(999), "run_check")).toEqual([]);
    expect(of(bench.pass(1), "run_check")).toHaveLength(1);
    expect(of(bench.pass(10_000), "run_check")).toEqual([]);
    bench.step({
      type: "check_result",
      container: bench.container("t1"),
      check: "health_check",
      result: OK,
    });
    expect(of(bench.pass(1_999), "run_check")).toEqual([]);
    expect(of(bench.pass(1), "run_check")).toHaveLength(1);
  });

  test("say healthy at the first success, and not again", () => {
    const bench = Bench.registered();
    bench.running(healthy());
    expect(statuses(look(bench, 1_000, OK))).toMatchObject([
      {
        state: "TASK_RUNNING",
        healthy: true,
        reason: "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED",
      },
    ]);
    bench.acknowledge();
    expect(states(look(bench, 2_000, OK))).toEqual([]);
  });

  test("say every failure, kill after three in a row, and the end says unhealthy", () => {
    const bench = Bench.registered();
    const container = bench.running(healthy());
    look(bench, 1_000, OK);
    bench.acknowledge();
    for (const failure of [1, 2]) {
      const effects = look(bench, 2_000, BAD);
      expect(statuses(effects), `${failure}`).toMatchObject([
        { healthy: false, message: "HTTP health check failed: unexpected status code 500" },
      ]);
      expect(of(effects, "signal_container")).toEqual([]);
      bench.acknowledge();
    }
    const third = look(bench, 2_000, BAD);
    expect(of(third, "signal_container")).toHaveLength(1);
    bench.acknowledge();
    expect(of(bench.pass(60_000), "run_check")).toEqual([]);
    expect(statuses(bench.end(container, killedBy("SIGTERM")))).toMatchObject([
      { state: "TASK_KILLED", healthy: false },
    ]);
  });

  test("a success in between counts anew, and is said", () => {
    const bench = Bench.registered();
    bench.running(healthy());
    look(bench, 1_000, BAD);
    look(bench, 2_000, BAD);
    look(bench, 2_000, OK);
    bench.acknowledge();
    look(bench, 2_000, BAD);
    const effects = look(bench, 2_000, BAD);
    expect(of(effects, "signal_container")).toEqual([]);
    expect(bench.state("t1")?.healthy).toBe(false);
  });

  test("failures in the grace period are nothing, until the first success", () => {
    const bench = Bench.registered();
    bench.running(healthy({ grace_period_seconds: 10 }));
    for (let each = 0; each < 4; each += 1) {
      expect(states(look(bench, each === 0 ? 1_000 : 2_000, BAD))).toEqual([]);
    }
    expect(states(look(bench, 2_000, OK))).toEqual(["TASK_RUNNING"]);
    bench.acknowledge();
    expect(statuses(look(bench, 2_000, BAD))).toMatchObject([{ healthy: false }]);
  });

  test("a checker that fails itself says nothing about the task", () => {
    const bench = Bench.registered();
    bench.running(healthy());
    for (let each = 0; each < 10; each += 1) {
      const effects = look(bench, 2_000, { type: "error", message: "no more files" });
      expect(states(effects)).toEqual([]);
      expect(of(effects, "log").length).toBeGreaterThan(0);
    }
  });

  test.each<[string, Partial<HealthCheck>, CheckResult, boolean]>([
    ["HTTP 399", {}, { type: "HTTP", statusCode: 399 }, true],
    ["HTTP 404", {}, { type: "HTTP", statusCode: 404 }, false],
    [
      "a status asked for",
      { http: { port: 1, statuses: [404] } },
      { type: "HTTP", statusCode: 404 },
      true,
    ],
    [
      "a status not asked for",
      { http: { port: 1, statuses: [404] } },
      { type: "HTTP", statusCode: 200 },
      false,
    ],
    ["COMMAND 0", { type: "COMMAND" }, { type: "COMMAND", exitCode: 0 }, true],
    ["COMMAND 1", { type: "COMMAND" }, { type: "COMMAND", exitCode: 1 }, false],
    ["TCP open", { type: "TCP" }, { type: "TCP", succeeded: true }, true],
    ["TCP closed", { type: "TCP" }, { type: "TCP", succeeded: false }, false],
    ["no answer", {}, { type: "failed", message: "timed out" }, false],
  ])("%s", (_, more, result, expected) => {
    const bench = Bench.registered();
    bench.running(healthy(more));
    expect(statuses(look(bench, 1_000, result))).toMatchObject([{ healthy: expected }]);
  });

  test("what health said while nobody listened is told in one word", () => {
    const bench = Bench.registered();
    bench.running(healthy({ consecutive_failures: 1_000 }));
    bench.step({ type: "link_closed" });
    for (let each = 0; each < 50; each += 1) look(bench, 2_000, each % 2 === 0 ? OK : BAD);
    expect(bench.state("t1")?.updates.pending).toHaveLength(2);
  });
});

describe("checks", () => {
  const checked = command("t1", {
    check: {
      type: "COMMAND",
      command: { command: { value: "./check" } },
      delay_seconds: 0,
      interval_seconds: 1,
    },
  });

  test("are told from the first update on, empty until there is a result", () => {
    const bench = Bench.registered();
    bench.launch(checked);
    expect(statuses(bench.run())).toMatchObject([
      { check_status: { type: "COMMAND", command: {} } },
    ]);
  });

  test("tell results that changed, never kill", () => {
    const bench = Bench.registered();
    bench.running(checked);
    const first = look(bench, 0, { type: "COMMAND", exitCode: 3 }, "check");
    expect(statuses(first)).toMatchObject([
      {
        reason: "REASON_TASK_CHECK_STATUS_UPDATED",
        check_status: { type: "COMMAND", command: { exit_code: 3 } },
      },
    ]);
    bench.acknowledge();
    const second = look(bench, 1_000, { type: "COMMAND", exitCode: 3 }, "check");
    expect(states(second)).toEqual([]);
    const third = look(bench, 1_000, { type: "failed", message: "timed out" }, "check");
    expect(statuses(third)[0]?.check_status).toEqual({ type: "COMMAND", command: {} });
    expect(of(third, "signal_container")).toEqual([]);
  });
});
