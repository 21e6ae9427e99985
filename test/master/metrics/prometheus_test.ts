import { describe, expect, test } from "vitest";
import { MasterMetrics } from "../../../src/master/metrics/metrics.ts";

/** The lines about one family. */
function linesOf(metrics: MasterMetrics, family: string): string[] {
  const lines = metrics.prometheus().split("\n");
  return lines.filter((line) => {
    return new RegExp(`^(# TYPE )?fairlead_${family}(_sum|_count)?[ {]`).test(line);
  });
}

describe("writePrometheus()", () => {
  test("writes lines that Prometheus reads, each family once", () => {
    const metrics = new MasterMetrics();
    metrics.observe("allocator/mesos/allocation_run_ms", 3);
    metrics.addGauges((tell) => tell("master/tasks_running", 7));
    const lines = metrics.prometheus().trimEnd().split("\n");
    const sample = /^fairlead_[a-zA-Z0-9_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? -?[0-9.e+-]+$/;
    const type = /^# TYPE fairlead_[a-zA-Z0-9_]+ (counter|gauge|summary)$/;
    expect(lines.filter((line) => !sample.test(line) && !type.test(line))).toEqual([]);
    const types = lines.filter((line) => line.startsWith("#"));
    expect(new Set(types).size).toBe(types.length);
    expect(metrics.prometheus().endsWith("\n")).toBe(true);
  });

  test("makes labels of what stands within Mesos' names", () => {
    const metrics = new MasterMetrics();
    metrics.count("master/task_failed/source_agent/reason_container_limitation", 2);
    metrics.count("master/operations/reserve/pending", 1);
    metrics.count("master/operations/reserve/pending", -1);
    metrics.count("master/frameworks/web/m-0001/offers/sent", 3);
    metrics.addGauges((tell) => {
      tell("master/cpus_total", 8);
      tell("master/cpus_revocable_used", 1);
      tell("allocator/mesos/roles/eng/web/shares/dominant", 0.25);
      tell("allocator/mesos/quota/roles/eng/web/resources/cpus/limit", 4);
    });
    expect(linesOf(metrics, "master_task_updates_total")).toEqual([
      "# TYPE fairlead_master_task_updates_total counter",
      'fairlead_master_task_updates_total{state="failed",source="agent",reason="container_limitation"} 2',
    ]);
    expect(linesOf(metrics, "master_operations")).toEqual([
      "# TYPE fairlead_master_operations gauge",
      'fairlead_master_operations{type="reserve",state="pending"} 0',
    ]);
    expect(linesOf(metrics, "framework_offers_total")).toEqual([
      "# TYPE fairlead_framework_offers_total counter",
      'fairlead_framework_offers_total{framework="web",framework_id="m-0001",of="sent"} 3',
    ]);
    expect(linesOf(metrics, "master_resources")[1]).toBe(
      'fairlead_master_resources{resource="cpus",of="total"} 8',
    );
    expect(linesOf(metrics, "master_revocable")[1]).toBe(
      'fairlead_master_revocable{resource="cpus",of="used"} 1',
    );
    expect(linesOf(metrics, "allocator_dominant_share")[1]).toBe(
      'fairlead_allocator_dominant_share{role="eng/web"} 0.25',
    );
    expect(linesOf(metrics, "allocator_quota")[1]).toBe(
      'fairlead_allocator_quota{role="eng/web",resource="cpus",of="limit"} 4',
    );
  });

  test("writes timings as summaries in seconds", () => {
    const metrics = new MasterMetrics();
    metrics.observe("registrar/state_store_ms", 250);
    expect(linesOf(metrics, "registrar_state_store_seconds")).toEqual([
      "# TYPE fairlead_registrar_state_store_seconds summary",
      ...["0.5", "0.9", "0.95", "0.99", "0.999", "0.9999"].map(
        (ratio) => `fairlead_registrar_state_store_seconds{quantile="${ratio}"} 0.25`,
      ),
      "fairlead_registrar_state_store_seconds_sum 0.25",
      "fairlead_registrar_state_store_seconds_count 1",
    ]);
    expect(linesOf(metrics, "registrar_state_fetch_seconds").slice(1)).toEqual([
      "fairlead_registrar_state_fetch_seconds_sum 0",
      "fairlead_registrar_state_fetch_seconds_count 0",
    ]);
  });

  test("escapes what labels may not hold", () => {
    const metrics = new MasterMetrics();
    metrics.addGauges((tell) => tell('allocator/mesos/roles/a"b\\c/shares/dominant', 1));
    expect(linesOf(metrics, "allocator_dominant_share")[1]).toBe(
      'fairlead_allocator_dominant_share{role="a\\"b\\\\c"} 1',
    );
  });
});
