/** Metrics as Prometheus reads them: what stands within Mesos' names becomes labels. */
import type { MetricsReading } from "./metrics.ts";
import type { Timing } from "./timing.ts";

/** The content type of {@linkcode writePrometheus}. */
export const PROMETHEUS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

type Kind = "counter" | "gauge" | "summary";
type Labels = readonly (readonly [name: string, value: string])[];

/** Metrics of one name, which differ by their labels. */
interface Family {
  readonly kind: Kind;
  readonly lines: string[];
}

/** A pattern over Mesos' names, the name of the family, and the labels of its groups. */
interface Naming {
  readonly pattern: RegExp;
  readonly name: string;
  readonly labels: readonly string[];
}

const NAMINGS: readonly Naming[] = [
  naming(
    "master/task_(\\w+)/source_(\\w+)/reason_(\\w+)",
    "master_task_updates",
    "state source reason",
  ),
  naming("master/messages_(\\w+)", "master_messages", "message"),
  naming("master/operations/([a-z_]+)/(\\w+)", "master_operations", "type state"),
  naming("master/operations/(\\w+)", "master_operations_all", "state"),
  naming(
    "master/(cpus|gpus|mem|disk)_revocable_(total|used|percent)",
    "master_revocable",
    "resource of",
  ),
  naming("master/(cpus|gpus|mem|disk)_(total|used|percent)", "master_resources", "resource of"),
  naming("master/slave_removals/reason_(\\w+)", "master_slave_removals_by_reason", "reason"),
  naming(
    "master/frameworks/([^/]+)/([^/]+)/roles/(.+)/suppressed",
    "framework_suppressed",
    "framework framework_id role",
  ),
  naming(
    "master/frameworks/([^/]+)/([^/]+)/([a-z]+)/(.+)",
    "framework_$3",
    "framework framework_id - of",
  ),
  naming(
    "master/frameworks/([^/]+)/([^/]+)/([a-z]+)",
    "framework_$3_all",
    "framework framework_id",
  ),
  naming("allocator/mesos/resources/([^/]+)/(\\w+)", "allocator_resources", "resource of"),
  naming(
    "allocator/mesos/quota/roles/(.+)/resources/([^/]+)/(\\w+)",
    "allocator_quota",
    "role resource of",
  ),
  naming("allocator/mesos/offer_filters/roles/(.+)/active", "allocator_offer_filters", "role"),
  naming("allocator/mesos/roles/(.+)/shares/dominant", "allocator_dominant_share", "role"),
];

function naming(pattern: string, name: string, labels: string): Naming {
  return { pattern: new RegExp(`^${pattern}$`), name, labels: labels.split(" ") };
}

/** What is counted up and down again. */
const BOTH_WAYS = /^master\/operations\/|\/tasks\/active\//;

/** Write everything that was read, families and labels in the order of their names. */
export function writePrometheus({ counters, gauges, timings }: MetricsReading): string {
  const families = new Map<string, Family>();
  for (const [name, value] of counters) {
    const kind = BOTH_WAYS.test(name) ? "gauge" : "counter";
    addValue(families, { name, kind, value });
  }
  for (const [name, value] of gauges) addValue(families, { name, kind: "gauge", value });
  for (const [name, timing] of timings) addTiming(families, name, timing);
  let text = "";
  for (const [name, { kind, lines }] of [...families].sort(([a], [b]) => (a < b ? -1 : 1))) {
    text += `# TYPE ${name} ${kind}\n`;
    // The figures of a summary stay together as they were written.
    for (const line of kind === "summary" ? lines : lines.sort()) text += `${line}\n`;
  }
  return text;
}

function addValue(
  families: Map<string, Family>,
  { name, kind, value }: { readonly name: string; readonly kind: Kind; readonly value: number },
): void {
  const { family, labels } = translate(name);
  const full = kind === "counter" ? `${family}_total` : family;
  familyOf(families, full, kind).lines.push(`${full}${written(labels)} ${number(value)}`);
}

function addTiming(families: Map<string, Family>, name: string, timing: Timing): void {
  const { family, labels } = translate(name.replace(/_ms$/, "_seconds"));
  const { count, sumMs, quantiles } = timing.summary();
  const { lines } = familyOf(families, family, "summary");
  for (const [ratio, ms] of quantiles) {
    const quantile = ["quantile", String(ratio)] as const;
    lines.push(`${family}${written([...labels, quantile])} ${number(ms / 1000)}`);
  }
  lines.push(`${family}_sum${written(labels)} ${number(sumMs / 1000)}`);
  lines.push(`${family}_count${written(labels)} ${count}`);
}

/** A name that was told as a counter and as a gauge stays what it was first. */
function familyOf(families: Map<string, Family>, name: string, kind: Kind): Family {
  const known = families.get(name);
  if (known !== undefined) return known;
  const made: Family = { kind, lines: [] };
  families.set(name, made);
  return made;
}

function translate(name: string): { readonly family: string; readonly labels: Labels } {
  for (const { pattern, name: template, labels } of NAMINGS) {
    const match = pattern.exec(name);
    if (match === null) continue;
    const family = template.replace("$3", match[3] ?? "");
    const pairs = labels.map((label, index) => [label, match[index + 1] ?? ""] as const);
    return { family: sanitised(family), labels: pairs.filter(([label]) => label !== "-") };
  }
  return { family: sanitised(name), labels: [] };
}

function sanitised(name: string): string {
  return `fairlead_${name.replace(/[^A-Za-z0-9_]/g, "_")}`;
}

function written(labels: Labels): string {
  if (labels.length === 0) return "";
  return `{${labels.map(([name, value]) => `${name}="${escaped(value)}"`).join(",")}}`;
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function number(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  return value === Number.NEGATIVE_INFINITY ? "-Inf" : String(value);
}
