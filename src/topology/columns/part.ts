/** What one probe said, as columns. */
import type { DnsNames, Instant, PluginSpec, Topology } from "../report/report.ts";
import { YEAR_1_SECONDS } from "./reader.ts";

/** A topology without its nodes. */
export type TopologyHead = Omit<Topology, "nodes">;

/** Values by key of each node: those of node n are `first[n]` to `first[n + 1]`. */
export interface LatestColumns {
  readonly first: Uint32Array;
  readonly key: Uint32Array;
  readonly value: Uint32Array;
  /** Since 1970; -62135596800 stands for no time. */
  readonly seconds: Float64Array;
  readonly nanos: Uint32Array;
}

/** Lists of strings by key of each node. */
export interface SetColumns {
  readonly first: Uint32Array;
  readonly key: Uint32Array;
  /** Where the list of a key begins in `value`; one more than there are keys. */
  readonly list: Uint32Array;
  readonly value: Uint32Array;
}

/** Metrics of each node. */
export interface MetricColumns {
  readonly first: Uint32Array;
  readonly id: Uint32Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  /** Where the samples of a metric begin; one more than there are metrics. */
  readonly sample: Uint32Array;
  readonly seconds: Float64Array;
  readonly nanos: Uint32Array;
  readonly value: Float64Array;
}

/** A report as columns; strings are handles of the table that it was read with. */
export interface Part {
  readonly id: string;
  readonly ts: Instant | undefined;
  readonly windowNs: number;
  readonly isShortcut: boolean;
  readonly sampling: { readonly count: number; readonly total: number };
  readonly dns: ReadonlyMap<string, DnsNames>;
  readonly plugins: readonly PluginSpec[];
  /** By the place of a topology in TOPOLOGY_KEYS. */
  readonly heads: readonly (TopologyHead | undefined)[];
  readonly count: number;
  /** Of nodes: place of their topology in TOPOLOGY_KEYS, ascending. */
  readonly kind: Uint8Array;
  readonly nodeId: Uint32Array;
  /** Handle of `host`, `process` …; 0 in a delta. */
  readonly topology: Uint32Array;
  readonly latest: LatestColumns;
  readonly sets: SetColumns;
  readonly parents: SetColumns;
  readonly adjacency: { readonly first: Uint32Array; readonly id: Uint32Array };
  readonly metrics: MetricColumns;
}

/** What of a part stands beside its nodes. */
export type PartFacts = Pick<
  Part,
  "id" | "ts" | "windowNs" | "isShortcut" | "sampling" | "dns" | "plugins" | "heads"
>;

/** A column that grows; made once and reused for every report. */
class Grow<A extends Uint32Array | Float64Array> {
  #column: A;
  readonly #make: (length: number) => A;
  length = 0;

  constructor(make: (length: number) => A) {
    this.#make = make;
    this.#column = make(256);
  }

  push(value: number): void {
    if (this.length === this.#column.length) {
      const twice = this.#make(this.length * 2);
      twice.set(this.#column);
      this.#column = twice;
    }
    this.#column[this.length] = value;
    this.length += 1;
  }

  /** A copy of what was pushed; the column is empty afterwards. */
  take(): A {
    const copy = this.#make(this.length);
    copy.set(this.#column.subarray(0, this.length));
    this.length = 0;
    return copy;
  }
}

const u32 = () => new Grow<Uint32Array>((length) => new Uint32Array(length));
const f64 = () => new Grow<Float64Array>((length) => new Float64Array(length));

class SetsBuilder {
  readonly #first = u32();
  readonly #key = u32();
  readonly #list = u32();
  readonly #value = u32();

  node(): void {
    this.#first.push(this.#key.length);
  }

  key(key: number): void {
    this.#key.push(key);
    this.#list.push(this.#value.length);
  }

  value(value: number): void {
    this.#value.push(value);
  }

  take(): SetColumns {
    this.#first.push(this.#key.length);
    this.#list.push(this.#value.length);
    return {
      first: this.#first.take(),
      key: this.#key.take(),
      list: this.#list.take(),
      value: this.#value.take(),
    };
  }
}

/**
 * Takes the parts of nodes in order: `node`, then its values, sets, adjacency and metrics. One
 * builder serves one report after the other.
 */
export class PartBuilder {
  readonly #kind = u32();
  readonly #id = u32();
  readonly #topology = u32();
  readonly #latest = { first: u32(), key: u32(), value: u32(), seconds: f64(), nanos: u32() };
  readonly sets = new SetsBuilder();
  readonly parents = new SetsBuilder();
  readonly #adjacency = { first: u32(), id: u32() };
  readonly #metrics = {
    first: u32(),
    id: u32(),
    min: f64(),
    max: f64(),
    sample: u32(),
    seconds: f64(),
    nanos: u32(),
    value: f64(),
  };

  get count(): number {
    return this.#id.length;
  }

  /** Begin a node. */
  node(kind: number, id: number, topology: number): void {
    this.#kind.push(kind);
    this.#id.push(id);
    this.#topology.push(topology);
    this.#latest.first.push(this.#latest.key.length);
    this.sets.node();
    this.parents.node();
    this.#adjacency.first.push(this.#adjacency.id.length);
    this.#metrics.first.push(this.#metrics.id.length);
  }

  latest(key: number, value: number, seconds: number, nanos: number): void {
    this.#latest.key.push(key);
    this.#latest.value.push(value);
    this.#latest.seconds.push(seconds);
    this.#latest.nanos.push(nanos);
  }

  adjacent(id: number): void {
    this.#adjacency.id.push(id);
  }

  metric(id: number, min: number, max: number): void {
    this.#metrics.id.push(id);
    this.#metrics.min.push(min);
    this.#metrics.max.push(max);
    this.#metrics.sample.push(this.#metrics.value.length);
  }

  sample(seconds: number, nanos: number, value: number): void {
    this.#metrics.seconds.push(seconds);
    this.#metrics.nanos.push(nanos);
    this.#metrics.value.push(value);
  }

  /** All that was put in, and an empty builder. */
  take(facts: PartFacts): Part {
    const { count } = this;
    this.#latest.first.push(this.#latest.key.length);
    this.#adjacency.first.push(this.#adjacency.id.length);
    this.#metrics.first.push(this.#metrics.id.length);
    this.#metrics.sample.push(this.#metrics.value.length);
    return {
      ...facts,
      count,
      kind: Uint8Array.from(this.#kind.take()),
      nodeId: this.#id.take(),
      topology: this.#topology.take(),
      latest: takeAll(this.#latest),
      sets: this.sets.take(),
      parents: this.parents.take(),
      adjacency: takeAll(this.#adjacency),
      metrics: takeAll(this.#metrics),
    };
  }

  /** Forget what was put in, after a report that could not be read. */
  clear(): void {
    this.take(NO_FACTS);
  }
}

/** The facts of no report. */
export const NO_FACTS: PartFacts = {
  id: "",
  ts: undefined,
  windowNs: 0,
  isShortcut: false,
  sampling: { count: 0, total: 0 },
  dns: new Map(),
  plugins: [],
  heads: [],
};

type Taken<B> = { [K in keyof B]: B[K] extends Grow<infer A> ? A : never };

function takeAll<B extends Readonly<Record<string, Grow<Uint32Array> | Grow<Float64Array>>>>(
  builder: B,
): Taken<B>;
function takeAll(
  builder: Readonly<Record<string, Grow<Uint32Array> | Grow<Float64Array>>>,
): Record<string, Uint32Array | Float64Array> {
  return Object.fromEntries(Object.entries(builder).map(([name, grow]) => [name, grow.take()]));
}

/** An instant of two columns; `undefined` for year 1. */
export function instantOf(seconds: number, nanos: number): Instant | undefined {
  if (seconds === -YEAR_1_SECONDS) return undefined;
  return BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
}
