/** Where the nodes of a part stand among those of all parts. */
import { KEYS } from "../report/keys.ts";
import { TOPOLOGY_KEYS } from "../report/report.ts";
import { isLoopback } from "../view/networks.ts";
import type { Composer } from "./composer.ts";
import { EMPTY_VALUE, FIELD, FIELDS, fieldsOf, kindOf } from "./fields.ts";
import type { Part } from "./part.ts";
import type { RowTable } from "./rows.ts";
import type { StringTable } from "./strings.ts";

/** What parts share. */
export interface Shared {
  readonly strings: StringTable;
  readonly composer: Composer;
  /** By the place of a topology in TOPOLOGY_KEYS. */
  readonly tables: readonly RowTable[];
}

/** The places of the topologies that views look into. */
export const KIND = {
  endpoint: kindOf("Endpoint"),
  process: kindOf("Process"),
  container: kindOf("Container"),
  image: kindOf("ContainerImage"),
  pod: kindOf("Pod"),
  host: kindOf("Host"),
  service: kindOf("Service"),
  overlay: kindOf("Overlay"),
} as const;

const PORT_MAPPING = /(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}):(\d+)->(\d+)\/tcp/;

/** Rows of several numbers, column by column. */
type Columns<N extends number> = N extends 2
  ? readonly [Uint32Array, Uint32Array]
  : N extends 3
    ? readonly [Uint32Array, Uint32Array, Uint32Array]
    : readonly [Uint32Array, Uint32Array, Uint32Array, Uint32Array];

/** A part with rows for its nodes and for all that they refer to. */
export interface PartRows {
  readonly part: Part;
  /** Values that views need, `FIELDS` a node. */
  readonly fields: Uint32Array;
  /** By node; means nothing for orphans. */
  readonly rows: Uint32Array;
  /** References to what other reports may have: kind and row in turn. */
  readonly ghosts: readonly number[];
  /** Of endpoints with a host: row, host plus one, pid plus one (0: none). */
  readonly facts: Columns<3>;
  /** Pairs of endpoint rows. */
  readonly pairs: Columns<2>;
  /** Of processes: row, host plus one, pid, container plus one. */
  readonly processes: Columns<4>;
  /** Of processes that endpoints name: row, host plus one, pid. */
  readonly named: Columns<3>;
  /** Addresses of containers and of pods: handle and row. */
  readonly containerIps: Columns<2>;
  readonly podIps: Columns<2>;
  /** Handles of local networks. */
  readonly networks: readonly number[];
  /** Endpoints that NAT copied: row, and row of the original. */
  readonly copies: Columns<2>;
}

/** Whether a node is a change of one that nobody reported: it has no row. */
export const isOrphan = (part: Part, node: number): boolean => part.topology[node] === 0;

/** Give all rows of a part back. */
export function releaseRows({ part, rows, ghosts }: PartRows, tables: readonly RowTable[]): void {
  for (let node = 0; node < part.count; node += 1) {
    if (!isOrphan(part, node)) tables[part.kind[node]!]!.release(rows[node]!, true);
  }
  for (let at = 0; at < ghosts.length; at += 2) {
    tables[ghosts[at]!]!.release(ghosts[at + 1]!, false);
  }
}

/** Find rows for all nodes of a part; they are to be given back with {@linkcode releaseRows}. */
export function holdRows(part: Part, shared: Shared): PartRows {
  return new RowReader(part, shared).read();
}

class RowReader {
  readonly #part: Part;
  readonly #shared: Shared;
  readonly #fields: Uint32Array;
  readonly #rows: Uint32Array;
  readonly #ghosts: number[] = [];
  readonly #facts: number[][] = [[], [], []];
  readonly #pairs: number[][] = [[], []];
  readonly #processes: number[][] = [[], [], [], []];
  readonly #named: number[][] = [[], [], []];
  readonly #containerIps: number[][] = [[], []];
  readonly #podIps: number[][] = [[], []];
  readonly #copies: number[][] = [[], []];
  readonly #networks: number[] = [];
  /** Processes that endpoints of this part named before, by host and pid. */
  readonly #seen = new Map<number, Set<number>>();
  readonly #keys: Readonly<Record<"host" | "pod" | "networks" | "ips" | "ports", number>>;

  constructor(part: Part, shared: Shared) {
    this.#part = part;
    this.#shared = shared;
    const { strings, tables } = shared;
    this.#fields = fieldsOf(part, strings);
    this.#keys = {
      host: strings.intern("host"),
      pod: strings.intern("pod"),
      networks: strings.intern(KEYS.localNetworks),
      ips: strings.intern(KEYS.containerIpsWithScopes),
      ports: strings.intern(KEYS.containerPorts),
    };
    this.#rows = new Uint32Array(part.count);
    for (let node = 0; node < part.count; node += 1) {
      if (isOrphan(part, node)) continue;
      this.#rows[node] = tables[part.kind[node]!]!.hold(part.nodeId[node]!, true);
    }
  }

  read(): PartRows {
    for (let node = 0; node < this.#part.count; node += 1) {
      if (!isOrphan(this.#part, node)) this.#node(node);
    }
    return {
      part: this.#part,
      fields: this.#fields,
      rows: this.#rows,
      ghosts: this.#ghosts,
      facts: three(this.#facts),
      pairs: two(this.#pairs),
      processes: four(this.#processes),
      named: three(this.#named),
      containerIps: two(this.#containerIps),
      podIps: two(this.#podIps),
      networks: this.#networks,
      copies: two(this.#copies),
    };
  }

  #node(node: number): void {
    const row = this.#rows[node]!;
    switch (this.#part.kind[node]) {
      case KIND.endpoint:
        this.#endpoint(node, row);
        break;
      case KIND.process:
        this.#process(node, row);
        break;
      case KIND.container:
        this.#container(node, row);
        break;
      case KIND.pod:
        this.#pod(node, row);
        break;
      case KIND.host:
      case KIND.overlay:
        this.#networks.push(...this.#set(node, this.#keys.networks));
        break;
    }
  }

  #endpoint(node: number, row: number): void {
    const { first, id } = this.#part.adjacency;
    for (let at = first[node]!; at < first[node + 1]!; at += 1) {
      put(this.#pairs, row, this.#ghost(KIND.endpoint, id[at]!));
    }
    const original = this.#field(node, FIELD.copyOf);
    if (original !== 0) put(this.#copies, row, this.#ghost(KIND.endpoint, original));
    const host = this.#field(node, FIELD.hostNodeId);
    if (host === 0) return;
    const hostRow = this.#ghost(KIND.host, host);
    const pid = this.#pid(this.#field(node, FIELD.pid));
    put(this.#facts, row, hostRow + 1, pid + 1);
    if (pid < 0) return;
    const seen = this.#seen.get(host) ?? new Set();
    if (seen.has(pid)) return;
    this.#seen.set(host, seen.add(pid));
    const name = hostName(this.#shared.strings.text(host));
    if (name === undefined) return;
    const processId = this.#shared.strings.intern(`${name};${pid}`);
    put(this.#named, this.#ghost(KIND.process, processId), hostRow + 1, pid);
  }

  #process(node: number, row: number): void {
    const { strings, composer } = this.#shared;
    const id = strings.text(this.#part.nodeId[node]!);
    const at = id.indexOf(";");
    const pid = at < 0 ? -1 : pidOf(id.slice(at + 1));
    const host = strings.intern(`${at < 0 ? "" : id.slice(0, at)};<host>`);
    const hostRow = this.#ghost(KIND.host, host);
    const inside = this.#field(node, FIELD.containerId);
    const container =
      inside === 0 ? 0 : this.#ghost(KIND.container, composer.with(inside, ";<container>")) + 1;
    put(this.#processes, row, hostRow + 1, pid < 0 ? NO_PID : pid, container);
  }

  #container(node: number, row: number): void {
    this.#parents(node, this.#keys.host, KIND.host);
    this.#parents(node, this.#keys.pod, KIND.pod);
    const isShared =
      this.#field(node, FIELD.inHostNetwork) !== 0 || this.#field(node, FIELD.connectsNot) !== 0;
    if (!isShared) this.#addresses(node, row);
  }

  #addresses(node: number, row: number): void {
    const { strings, composer } = this.#shared;
    for (const scoped of this.#set(node, this.#keys.ips)) {
      const text = strings.text(scoped);
      const at = text.indexOf(";");
      if (at >= 0 && !isLoopback(text.slice(at + 1))) {
        put(this.#containerIps, composer.with(scoped, ";"), row);
      }
    }
    for (const mapping of this.#set(node, this.#keys.ports)) {
      const [, ip, port] = PORT_MAPPING.exec(strings.text(mapping)) ?? [];
      if (ip !== undefined) put(this.#containerIps, strings.intern(`;${ip};${port}`), row);
    }
  }

  #pod(node: number, row: number): void {
    this.#parents(node, this.#keys.host, KIND.host);
    const ip = this.#field(node, FIELD.kubernetesIp);
    if (ip === 0 || this.#field(node, FIELD.kubernetesInHostNetwork) !== 0) return;
    const { strings } = this.#shared;
    put(this.#podIps, strings.intern(`;${strings.text(ip)};`), row);
  }

  /** Hold the rows of a node's parents of a topology. */
  #parents(node: number, key: number, kind: number): void {
    const { first, key: keys, list, value } = this.#part.parents;
    for (let at = first[node]!; at < first[node + 1]!; at += 1) {
      if (keys[at] !== key) continue;
      for (const id of value.subarray(list[at], list[at + 1])) this.#ghost(kind, id);
    }
  }

  #set(node: number, key: number): Uint32Array {
    const { first, key: keys, list, value } = this.#part.sets;
    for (let at = first[node]!; at < first[node + 1]!; at += 1) {
      if (keys[at] === key) return value.subarray(list[at], list[at + 1]);
    }
    return NOTHING;
  }

  #ghost(kind: number, id: number): number {
    const row = this.#shared.tables[kind]!.hold(id, false);
    this.#ghosts.push(kind, row);
    return row;
  }

  #field(node: number, field: number): number {
    const value = this.#fields[node * FIELDS + field]!;
    return value === EMPTY_VALUE ? 0 : value;
  }

  #pid(handle: number): number {
    return handle === 0 ? -1 : pidOf(this.#shared.strings.text(handle));
  }
}

const NOTHING = new Uint32Array(0);
/** The pid of a process whose id has none: no endpoint names it. */
const NO_PID = 0xffff_ffff;

/** Add a row to columns; those that it has no value for stay as they are. */
function put(columns: readonly number[][], a: number, b: number, c = 0, d = 0): void {
  columns[0]!.push(a);
  columns[1]!.push(b);
  columns[2]?.push(c);
  columns[3]?.push(d);
}

/** A number that is written without anything else; -1 for other texts. */
function pidOf(text: string): number {
  const pid = /^(0|[1-9]\d{0,8})$/.test(text) ? Number(text) : -1;
  return pid;
}

function hostName(id: string): string | undefined {
  return id.endsWith(";<host>") ? id.slice(0, id.indexOf(";")) : undefined;
}

const column = (values: readonly number[] | undefined) => Uint32Array.from(values ?? []);
const two = ([a, b]: number[][]): Columns<2> => [column(a), column(b)];
const three = ([a, b, c]: number[][]): Columns<3> => [column(a), column(b), column(c)];
const four = ([a, b, c, d]: number[][]): Columns<4> => [column(a), column(b), column(c), column(d)];

/** One table of rows for each topology. */
export const KINDS = TOPOLOGY_KEYS.length;
