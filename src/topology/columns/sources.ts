/** Where the values of a node stand: in which part, and at which place there. */
import { TOPOLOGY_KEYS } from "../report/report.ts";
import { imageWithoutTag } from "../view/containers.ts";
import { EMPTY_VALUE, FIELDS } from "./fields.ts";
import { isOrphan, KIND, type PartRows, type Shared } from "./part_rows.ts";

/** A node's values. */
export interface Source {
  readonly part: PartRows;
  readonly node: number;
}

/** Of a node that several probes report, the values of the one that says most; of equals, the last. */
export class Sources {
  readonly #shared: Shared;
  readonly #parts: readonly PartRows[];
  /** By kind and row: place of the part plus one, and place of the node in it. */
  readonly #part: readonly Uint32Array[];
  readonly #node: readonly Uint32Array[];
  readonly #hosts = new Map<number, string>();
  readonly #images = new Map<number, string>();

  constructor(parts: readonly PartRows[], shared: Shared) {
    this.#parts = parts;
    this.#shared = shared;
    const lengthOf = (kind: number) => (kind === KIND.endpoint ? 0 : shared.tables[kind]!.length);
    this.#part = TOPOLOGY_KEYS.map((_, kind) => new Uint32Array(lengthOf(kind)));
    this.#node = TOPOLOGY_KEYS.map((_, kind) => new Uint32Array(lengthOf(kind)));
    for (const [at, { part, rows }] of parts.entries()) {
      for (let node = 0; node < part.count; node += 1) {
        const kind = part.kind[node]!;
        if (kind === KIND.endpoint || isOrphan(part, node)) continue;
        const row = rows[node]!;
        const other = this.find(kind, row);
        if (other !== undefined && weight(other) > weight({ part: parts[at]!, node })) continue;
        this.#part[kind]![row] = at + 1;
        this.#node[kind]![row] = node;
      }
    }
  }

  /** The values of a row; nothing for one that no report has as a node. */
  find(kind: number, row: number): Source | undefined {
    const at = this.#part[kind]![row]!;
    const part = at === 0 ? undefined : this.#parts[at - 1];
    return part === undefined ? undefined : { part, node: this.#node[kind]![row]! };
  }

  /** Whether any report has a node of the kind. */
  hasAny(kind: number): boolean {
    return this.#part[kind]!.some((at) => at !== 0);
  }

  /** The handle of a value; 0: none. */
  handle(source: Source | undefined, field: number): number {
    const value = source?.part.fields[source.node * FIELDS + field] ?? 0;
    return value === EMPTY_VALUE ? 0 : value;
  }

  /** Whether a value is there, be it empty. */
  has(source: Source | undefined, field: number): boolean {
    return (source?.part.fields[source.node * FIELDS + field] ?? 0) !== 0;
  }

  /** A value; "" where there is none. */
  text(source: Source | undefined, field: number): string {
    return this.#shared.strings.text(this.handle(source, field));
  }

  /** The id of a row. */
  id(kind: number, row: number): string {
    return this.#shared.strings.text(this.#shared.tables[kind]!.ids[row]!);
  }

  /** The name in the id of a host; "" for others. */
  hostName(handle: number): string {
    const known = this.#hosts.get(handle);
    if (known !== undefined) return known;
    const id = this.#shared.strings.text(handle);
    const name = id.endsWith(";<host>") ? id.slice(0, id.indexOf(";")) : "";
    this.#hosts.set(handle, name);
    return name;
  }

  /** The name of an image without its tag. */
  imageName(handle: number): string {
    const known = this.#images.get(handle);
    if (known !== undefined) return known;
    const name = imageWithoutTag(this.#shared.strings.text(handle));
    this.#images.set(handle, name);
    return name;
  }

  /** The last sample of a metric; NaN where there is none. */
  metric(source: Source | undefined, id: number): number {
    if (source === undefined) return Number.NaN;
    const { metrics } = source.part.part;
    for (let at = metrics.first[source.node]!; at < metrics.first[source.node + 1]!; at += 1) {
      if (metrics.id[at] !== id) continue;
      const end = metrics.sample[at + 1]!;
      return end > metrics.sample[at]! ? metrics.value[end - 1]! : Number.NaN;
    }
    return Number.NaN;
  }

  /** The ids of a node's parents of a topology. */
  parents(source: Source | undefined, topology: number): Uint32Array {
    if (source === undefined) return NONE;
    const { first, key, list, value } = source.part.part.parents;
    for (let at = first[source.node]!; at < first[source.node + 1]!; at += 1) {
      if (key[at] === topology) return value.subarray(list[at], list[at + 1]);
    }
    return NONE;
  }
}

const NONE = new Uint32Array(0);

function weight({ part: { part }, node }: Source): number {
  const values = part.latest.first[node + 1]! - part.latest.first[node]!;
  return values + part.metrics.first[node + 1]! - part.metrics.first[node]!;
}
