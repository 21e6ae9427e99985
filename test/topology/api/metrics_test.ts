import { expect, test } from "vitest";
import { CollectorMetrics } from "../../../src/topology/mod.ts";

test("CollectorMetrics writes counters, gauges and histograms as OpenMetrics", () => {
  const metrics = new CollectorMetrics();
  metrics.count("fairlead_collector_reports");
  metrics.count("fairlead_collector_reports_refused", { code: 'a"b' }, 2);
  metrics.gauge("fairlead_collector_pipes", "Open pipes.", () => 3);
  metrics.observe({ route: "api" }, 0.03);
  const text = metrics.write();
  expect(text).toContain("# TYPE fairlead_collector_reports counter\n");
  expect(text).toContain("fairlead_collector_reports_total 1\n");
  expect(text).toContain('fairlead_collector_reports_refused_total{code="a_b"} 2\n');
  expect(text).toContain("fairlead_collector_pipes 3\n");
  expect(text).toContain('scope_request_duration_seconds_bucket{route="api",le="0.025"} 0\n');
  expect(text).toContain('scope_request_duration_seconds_bucket{route="api",le="0.1"} 1\n');
  expect(text).toContain('scope_request_duration_seconds_sum{route="api"} 0.03\n');
  expect(text.endsWith("# EOF\n")).toBe(true);
});

test("CollectorMetrics keeps a bounded number of series", () => {
  const metrics = new CollectorMetrics();
  for (let i = 0; i < 10_000; i += 1) {
    metrics.count("fairlead_collector_reports_refused", { code: `code-${i}` });
    metrics.observe({ route: `route-${i}` }, 1);
  }
  expect(metrics.write().length).toBeLessThan(600_000);
});
