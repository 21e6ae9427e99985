/** What a probe tells of itself, as OpenMetrics text. */
import type { ProbeCounts } from "./probe.ts";
import type { TargetCounts } from "./publisher/target.ts";

/** What the process around the probe uses, where that is known. */
export interface ProcessUse {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

/** All that is told. */
export interface ProbeState {
  readonly probe: ProbeCounts;
  readonly failing: ReadonlyMap<string, string>;
  readonly totals: Omit<TargetCounts, "lastError">;
  readonly collectors: ReadonlyMap<string, TargetCounts>;
  /** Controls that were asked for, by name and outcome. */
  readonly controls: ReadonlyMap<string, ControlCounts>;
  readonly process?: ProcessUse;
}

/** What became of calls of one control. */
export interface ControlCounts {
  readonly done: number;
  readonly failed: number;
  readonly refused: number;
}

/** The content type to serve it with. */
export const OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Labels = Readonly<Record<string, string>>;
type Value = readonly [labels: Labels, value: number];

/** The text; it ends with `# EOF`, as OpenMetrics wants it. */
export function openMetrics(state: ProbeState): string {
  const { probe, failing, totals, collectors, controls, process: own } = state;
  const reporters = [...probe.reporters];
  const lines = [
    counter("probe_looks", "Looks at the host", [[{}, probe.looks]]),
    counter("probe_publications", "Reports made", [
      [{ kind: "regular" }, probe.publications],
      [{ kind: "shortcut" }, probe.shortcuts],
    ]),
    counter("probe_shortcuts_dropped", "Shortcut reports that found no room", [
      [{}, probe.shortcutsDropped],
    ]),
    counter("probe_publication_failures", "Reports that could not be made", [[{}, probe.failures]]),
    counter(
      "probe_reporter_failures",
      "Looks for which a reporter had no answer",
      reporters.flatMap(([reporter, { failed, timedOut }]): Value[] => [
        [{ reporter, reason: "failed" }, failed],
        [{ reporter, reason: "timed_out" }, timedOut],
      ]),
    ),
    gauge(
      "probe_reporter_failing",
      "Whether a reporter fails now",
      reporters.map(([reporter]): Value => [{ reporter }, failing.has(reporter) ? 1 : 0]),
    ),
    counter("probe_sent", "Reports that collectors took", [
      [{ form: "delta" }, totals.deltas],
      [{ form: "whole" }, totals.published - totals.deltas],
    ]),
    counter("probe_sent_bytes", "Bytes that collectors took", [[{}, totals.bytes]]),
    counter("probe_send_failures", "Reports that collectors did not take", [[{}, totals.failed]]),
    counter("probe_dropped", "Reports that waited too long", [[{}, totals.dropped]]),
    gauge(
      "probe_collector_up",
      "Whether the last report reached a collector",
      [...collectors].map(
        ([collector, { lastError }]): Value => [{ collector }, lastError === undefined ? 1 : 0],
      ),
    ),
    counter(
      "probe_controls",
      "Controls that were asked for",
      [...controls].flatMap(([control, { done, failed, refused }]): Value[] => [
        [{ control, outcome: "done" }, done],
        [{ control, outcome: "failed" }, failed],
        [{ control, outcome: "refused" }, refused],
      ]),
    ),
    ...(own === undefined ? [] : processLines(own)),
  ];
  return `${lines.filter((line) => line !== "").join("\n")}\n# EOF\n`;
}

function processLines({ cpuSeconds, residentBytes }: ProcessUse): string[] {
  return [
    counter("process_cpu_seconds", "Processor time used", [[{}, cpuSeconds]]),
    gauge("process_resident_memory_bytes", "Memory used", [[{}, residentBytes]]),
  ];
}

function counter(name: string, help: string, values: readonly Value[]): string {
  return family(name, "counter", help, values, "_total");
}

function gauge(name: string, help: string, values: readonly Value[]): string {
  return family(name, "gauge", help, values, "");
}

function family(
  name: string,
  type: string,
  help: string,
  values: readonly Value[],
  suffix: string,
): string {
  const head = [`# TYPE ${name} ${type}`, `# HELP ${name} ${help}.`];
  return [
    ...head,
    ...values.map(([labels, value]) => `${name}${suffix}${text(labels)} ${value}`),
  ].join("\n");
}

function text(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
