import { ZERO_INSTANT } from "./instant.ts";
import { KEYS } from "./keys.ts";
import type { Instant, LatestEntry, Metric, ReportNode, Sample } from "./report.ts";
import { compareText, setOf } from "./sets.ts";
import type { Source } from "./source.ts";

const NO_LATEST: ReadonlyMap<string, LatestEntry> = new Map();
const NO_SETS: ReadonlyMap<string, readonly string[]> = new Map();
const NO_METRICS: ReadonlyMap<string, Metric> = new Map();
const NO_TEXTS: readonly string[] = [];
const NO_CHILDREN: readonly ReportNode[] = [];

interface Draft {
  id: string;
  topology: string;
  latest: ReadonlyMap<string, LatestEntry>;
  sets: ReadonlyMap<string, readonly string[]>;
  adjacency: readonly string[];
  metrics: ReadonlyMap<string, Metric>;
  parents: ReadonlyMap<string, readonly string[]>;
  children: readonly ReportNode[];
  /** Of old reports. */
  latestControls: Map<string, Instant>;
  counters: Map<string, number>;
}

/** Read a node. The key under which it stands is its id; children have theirs inside. */
export function readNode(source: Source, key?: string): ReportNode {
  source.place.countNode();
  const draft: Draft = {
    id: "",
    topology: "",
    latest: NO_LATEST,
    sets: NO_SETS,
    adjacency: NO_TEXTS,
    metrics: NO_METRICS,
    parents: NO_SETS,
    children: NO_CHILDREN,
    latestControls: new Map(),
    counters: new Map(),
  };
  source.entries((field) => readField(source, field, draft));
  const { latestControls, counters, ...node } = draft;
  return { ...node, id: key ?? node.id, latest: withOldParts(draft) };
}

function readField(source: Source, field: string, draft: Draft): void {
  switch (field) {
    case "id":
      draft.id = source.text();
      break;
    case "topology":
      draft.topology = source.text();
      break;
    case "latest":
      draft.latest = readMap(source, () => readLatest(source)) ?? NO_LATEST;
      break;
    case "sets":
      draft.sets = readMap(source, () => readTexts(source)) ?? NO_SETS;
      break;
    case "adjacency":
      draft.adjacency = readTexts(source);
      break;
    case "metrics":
      draft.metrics = readMap(source, () => readMetric(source)) ?? NO_METRICS;
      break;
    case "parents":
      draft.parents = readMap(source, () => readTexts(source)) ?? NO_SETS;
      break;
    case "children":
      draft.children = readChildren(source);
      break;
    case "latestControls":
      source.entries((id) => readLatestControl(source, id, draft.latestControls));
      break;
    case "counters":
      source.entries((id) => draft.counters.set(id, Math.trunc(finite(source.number()))));
      break;
    default:
      source.skip();
  }
}

/** Read a map by text, or nothing where it is empty. */
export function readMap<T>(source: Source, value: () => T): Map<string, T> | undefined {
  let map: Map<string, T> | undefined;
  source.entries((key) => {
    map ??= new Map();
    map.set(key, value());
  });
  return map;
}

/** Read a list of texts as a set. */
export function readTexts(source: Source): readonly string[] {
  const texts: string[] = [];
  source.items(() => texts.push(source.text()));
  return setOf(texts);
}

function readLatest(source: Source): LatestEntry {
  let [timestamp, value] = [ZERO_INSTANT, ""];
  source.entries((field) => {
    if (field === "timestamp") timestamp = source.instant();
    else if (field === "value") value = source.text();
    else source.skip();
  });
  return { timestamp, value };
}

function readMetric(source: Source): Metric {
  const samples: Sample[] = [];
  let [min, max] = [0, 0];
  source.entries((field) => {
    if (field === "samples") source.items(() => readSample(source, samples));
    else if (field === "min") min = finite(source.number());
    else if (field === "max") max = finite(source.number());
    else source.skip();
  });
  return { samples: inOrder(samples), min, max };
}

/** A sample that is no number says nothing, and is left out. */
function readSample(source: Source, samples: Sample[]): void {
  let [date, value] = [ZERO_INSTANT, 0];
  source.entries((field) => {
    if (field === "date") date = source.instant();
    else if (field === "value") value = source.number();
    else source.skip();
  });
  if (Number.isFinite(value)) samples.push({ date, value });
}

/** A number that is none is taken for 0. */
export function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}

/** Samples in the order of time, one an instant: the first. */
function inOrder(samples: Sample[]): readonly Sample[] {
  const isOrdered = samples.every(({ date }, index) => {
    const before = samples[index - 1];
    return before === undefined || before.date < date;
  });
  if (isOrdered) return samples;
  const sorted = samples.toSorted((a, b) => (a.date < b.date ? -1 : Number(a.date > b.date)));
  return sorted.filter(({ date }, index) => sorted[index - 1]?.date !== date);
}

function readChildren(source: Source): readonly ReportNode[] {
  const children: ReportNode[] = [];
  source.items(() => children.push(readNode(source)));
  return children.length === 0 ? NO_CHILDREN : children;
}

/** A control of an old report: `{timestamp, value: {dead}}`. */
function readLatestControl(source: Source, id: string, controls: Map<string, Instant>): void {
  let [timestamp, isDead] = [ZERO_INSTANT, false];
  source.entries((field) => {
    if (field === "timestamp") timestamp = source.instant();
    else if (field !== "value") source.skip();
    else
      source.entries((part) => {
        if (part === "dead") isDead = source.flag();
        else source.skip();
      });
  });
  if (!isDead) controls.set(id, timestamp);
}

/** What old reports had on their own stands in `latest` now. */
function withOldParts({ latest, latestControls, counters }: Draft): Draft["latest"] {
  if (latestControls.size === 0 && counters.size === 0) return latest;
  const whole = new Map(latest);
  if (latestControls.size > 0) {
    const ids = [...latestControls.keys()].sort(compareText);
    const timestamp = newest(latestControls.values());
    whole.set(KEYS.activeControls, { timestamp, value: ids.join(";") });
  }
  for (const [id, count] of counters) {
    whole.set(`${KEYS.countPrefix}${id}`, { timestamp: ZERO_INSTANT, value: String(count) });
  }
  return whole;
}

function newest(instants: Iterable<Instant>): Instant {
  let newest = ZERO_INSTANT;
  for (const instant of instants) if (instant > newest) newest = instant;
  return newest;
}
