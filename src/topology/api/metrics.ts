/** The content type of {@linkcode CollectorMetrics.write}. */
export const OPENMETRICS_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8";

const BUCKETS_SECONDS = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10] as const;
const SERIES_MAX = 512;

type Labels = Readonly<Record<string, string>>;
type Kind = "counter" | "gauge" | "histogram";

interface Family {
  readonly kind: Kind;
  readonly help: string;
  readonly series: Map<string, number | Histogram>;
  /** Read when asked. */
  readonly read?: () => number;
}

interface Histogram {
  readonly counts: number[];
  count: number;
  sum: number;
}

/** What the collector counts of itself, written as OpenMetrics. */
export class CollectorMetrics {
  readonly #families = new Map<string, Family>();

  constructor() {
    this.#add("fairlead_collector_reports", "counter", "Reports taken.");
    this.#add("fairlead_collector_report_bytes", "counter", "Bytes of reports, inflated.");
    this.#add("fairlead_collector_reports_refused", "counter", "Reports refused, by code.");
    this.#add("fairlead_collector_controls", "counter", "Controls passed on, by outcome.");
    // Named as Scope names it, so that its dashboards go on.
    this.#add("scope_request_duration_seconds", "histogram", "Requests by route and status.");
  }

  /** A figure that is read when the metrics are. */
  gauge(name: string, help: string, read: () => number): void {
    this.#families.set(name, { kind: "gauge", help, series: new Map(), read });
  }

  /** Count something. */
  count(name: string, labels: Labels = {}, by = 1): void {
    const series = this.#families.get(name)?.series;
    if (series === undefined) return;
    const key = keyOf(labels);
    const known = series.get(key);
    if (known === undefined && series.size >= SERIES_MAX) return;
    series.set(key, (typeof known === "number" ? known : 0) + by);
  }

  /** A request that was answered. */
  observe(labels: Labels, seconds: number): void {
    const series = this.#families.get("scope_request_duration_seconds")?.series;
    const key = keyOf(labels);
    const known = series?.get(key);
    if (series === undefined || (known === undefined && series.size >= SERIES_MAX)) return;
    const histogram =
      typeof known === "object"
        ? known
        : { counts: BUCKETS_SECONDS.map(() => 0), count: 0, sum: 0 };
    BUCKETS_SECONDS.forEach((bound, i) => {
      if (seconds <= bound) histogram.counts[i] = (histogram.counts[i] ?? 0) + 1;
    });
    histogram.count += 1;
    histogram.sum += seconds;
    series.set(key, histogram);
  }

  /** Everything, in OpenMetrics' text format. */
  write(): string {
    let text = "";
    for (const [name, { kind, help, series, read }] of this.#families) {
      text += `# TYPE ${name} ${kind}\n# HELP ${name} ${help}\n`;
      if (read !== undefined) text += `${name} ${read()}\n`;
      for (const [labels, value] of series) {
        text +=
          typeof value === "number" ? counted(name, labels, value) : spread(name, labels, value);
      }
    }
    return `${text}# EOF\n`;
  }

  #add(name: string, kind: Kind, help: string): void {
    this.#families.set(name, { kind, help, series: new Map() });
  }
}

function counted(name: string, labels: string, value: number): string {
  return `${name}_total${labels === "" ? "" : `{${labels}}`} ${value}\n`;
}

function spread(name: string, labels: string, { counts, count, sum }: Histogram): string {
  const buckets = BUCKETS_SECONDS.map(
    (bound, i) => `${name}_bucket{${labels},le="${bound}"} ${counts[i] ?? 0}\n`,
  );
  const all = `${name}_bucket{${labels},le="+Inf"} ${count}\n`;
  return `${buckets.join("")}${all}${name}_sum{${labels}} ${sum}\n${name}_count{${labels}} ${count}\n`;
}

function keyOf(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${value.replaceAll(/[\\"\n]/g, "_")}"`)
    .join(",");
}
