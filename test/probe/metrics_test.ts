import { describe, expect, test } from "vitest";
import { openMetrics, type ProbeState } from "../../src/probe/mod.ts";

const sums = { published: 10, deltas: 6, failed: 2, dropped: 1, bytes: 4_096 };
const state: ProbeState = {
  probe: {
    looks: 30,
    publications: 10,
    shortcuts: 2,
    shortcutsDropped: 0,
    failures: 0,
    reporters: new Map([
      ["docker", { looks: 30, failed: 1, timedOut: 4 }],
      ["host", { looks: 30, failed: 0, timedOut: 0 }],
    ]),
  },
  failing: new Map([["docker", "timed out"]]),
  totals: sums,
  collectors: new Map([['http://a"b/\n', { ...sums, lastError: "gone" }]]),
  controls: new Map([["docker_stop_container", { done: 1, failed: 0, refused: 3 }]]),
  process: { cpuSeconds: 1.5, residentBytes: 1_000 },
};

describe("openMetrics()", () => {
  const lines = openMetrics(state).split("\n");

  test("tells what the probe did, and which reporter fails now", () => {
    for (const line of [
      "probe_looks_total 30",
      'probe_reporter_failures_total{reporter="docker",reason="timed_out"} 4',
      'probe_reporter_failing{reporter="docker"} 1',
      'probe_reporter_failing{reporter="host"} 0',
      'probe_sent_total{form="delta"} 6',
      'probe_sent_total{form="whole"} 4',
      "probe_dropped_total 1",
      'probe_controls_total{control="docker_stop_container",outcome="refused"} 3',
      "process_cpu_seconds_total 1.5",
    ]) {
      expect(lines).toContain(line);
    }
  });

  test("escapes what stands in labels, and ends as the format wants", () => {
    expect(lines).toContain('probe_collector_up{collector="http://a\\"b/\\n"} 0');
    expect(lines.slice(-2)).toEqual(["# EOF", ""]);
  });

  test("leaves the process out where it is not known", () => {
    const { process: _process, ...rest } = state;
    expect(openMetrics(rest)).not.toContain("process_");
  });
});
