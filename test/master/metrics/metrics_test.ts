import { describe, expect, test } from "vitest";
import { MasterMetrics } from "../../../src/master/metrics/metrics.ts";

describe("MasterMetrics", () => {
  test("has Mesos' counters at zero before anything happened", () => {
    const snapshot = new MasterMetrics().snapshot();
    expect(snapshot["master/tasks_failed"]).toBe(0);
    expect(snapshot["master/messages_launch_tasks"]).toBe(0);
    expect(snapshot["master/valid_status_updates"]).toBe(0);
    expect(snapshot["registrar/state_store_ms/count"]).toBe(0);
    expect(snapshot).not.toHaveProperty("registrar/state_store_ms");
    expect(Object.keys(snapshot)).toEqual(Object.keys(snapshot).sort());
  });

  test("counts, times and asks for gauges", () => {
    const metrics = new MasterMetrics();
    metrics.count("master/tasks_failed");
    metrics.count("master/tasks_failed", 2);
    metrics.count("master/new_one", 5);
    metrics.observe("registrar/state_store_ms", 4);
    metrics.observe("registrar/state_store_ms", 8);
    let uptime = 1;
    metrics.addGauges((tell) => tell("master/uptime_secs", uptime));
    metrics.addGauges((tell) => tell("master/elected", 1));
    uptime = 2;
    expect(metrics.snapshot()).toMatchObject({
      "master/tasks_failed": 3,
      "master/new_one": 5,
      "master/uptime_secs": 2,
      "master/elected": 1,
      "registrar/state_store_ms": 8,
      "registrar/state_store_ms/count": 2,
      "registrar/state_store_ms/min": 4,
      "registrar/state_store_ms/max": 8,
      "registrar/state_store_ms/p50": 6,
    });
  });

  test("forgets the names of a framework that is over", () => {
    const metrics = new MasterMetrics();
    metrics.count("master/frameworks/f/1/calls");
    metrics.observe("master/frameworks/f/1/wait_ms", 1);
    metrics.count("master/frameworks/f/10/calls");
    metrics.forget("master/frameworks/f/1/");
    const names = Object.keys(metrics.snapshot()).filter((name) => name.includes("/frameworks/"));
    expect(names).toEqual(["master/frameworks/f/10/calls"]);
  });

  test("takes a bounded number of names and counts what it leaves out", () => {
    const metrics = new MasterMetrics();
    for (let i = 0; i < 60_000; i += 1) metrics.count(`x/${i}`);
    const snapshot = metrics.snapshot();
    expect(Object.keys(snapshot).length).toBeLessThan(51_000);
    expect(snapshot["metrics/dropped_names"]).toBeGreaterThan(9_000);
  });
});
