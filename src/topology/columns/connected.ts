/** Endpoints, mapped to processes, containers and pods: what every view begins with. */
import type { KernelColumns, KernelSizes, TopologyKernel } from "../kernel/contract.ts";
import { addressOf } from "../view/networks.ts";
import { FIELD, FIELDS } from "./fields.ts";
import { EndpointAddresses, knownServices, NetworkSet } from "./outside.ts";
import { KIND, type PartRows, type Shared } from "./part_rows.ts";

/** Maps from endpoints to nodes, by their number. */
export const MAP = { process: 0, container: 1, address: 2, pod: 3, left: 4, right: 5 } as const;
const MAPS = 6;

/** How many nodes each level has, and the names of known services. */
export interface Levels {
  readonly endpoints: number;
  readonly processes: number;
  readonly containers: number;
  readonly images: number;
  readonly pods: number;
  readonly hosts: number;
  readonly services: readonly string[];
  /** Without a process that a report has, there is no level of processes. */
  readonly hasProcesses: boolean;
  /** Pairs of endpoints, each once. */
  readonly pairs: number;
}

/** Fills a kernel's columns from parts. */
export class Connected {
  readonly #shared: Shared;
  readonly kernel: TopologyKernel;
  readonly #addresses: EndpointAddresses;
  #sizes: KernelSizes | undefined;
  #columns: KernelColumns;
  #networks = new NetworkSet();
  #networkKey = "";

  constructor(shared: Shared, kernel: TopologyKernel) {
    this.#shared = shared;
    this.kernel = kernel;
    this.#addresses = new EndpointAddresses(shared.strings, shared.tables[KIND.endpoint]!);
    this.#columns = kernel.open({ ...NOTHING, maps: MAPS });
  }

  /** The kernel's columns; void after the next {@linkcode Connected.connect}. */
  get columns(): KernelColumns {
    return this.#columns;
  }

  /** Handles of strings that are in use here. */
  handles(): Iterable<number> {
    return this.#addresses.handles();
  }

  /** Strings were swept: handles that are in use nowhere mean other strings now. */
  swept(): void {
    this.#networkKey = "";
  }

  /** Where a table of a lift begins; they stand one behind the other. */
  tableAt(levels: Levels, number: number): number {
    return number * Math.max(levels.processes, levels.containers, 1);
  }

  /** Gather all parts and map their endpoints. */
  connect(parts: readonly PartRows[]): Levels {
    const counts = this.#counts(parts);
    const services = this.#services(parts);
    this.#addresses.read();
    this.#open(parts, counts, services.names.length);
    const columns = this.#columns;
    const pairs = concat(parts, (part) => part.pairs, [columns.aFrom, columns.aTo]);
    const facts = concat(parts, (part) => part.facts, [columns.xRow, columns.xHost, columns.xPid]);
    this.#outside(parts, services.byIp);
    const left = this.kernel.gather(pairs, facts, counts.endpoints);
    this.#originals(parts, counts.endpoints, left);
    const levels = { ...counts, services: services.names, pairs: left };
    this.#mapProcesses(parts, levels);
    const containers = concat(parts, (part) => part.containerIps, [columns.iIp, columns.iNode]);
    const { kernel } = this;
    const behind = levels.containers + levels.hosts;
    kernel.join(levels.endpoints, 0, containers, behind, MAP.address);
    const pods = concat(parts, (part) => part.podIps, [columns.iIp, columns.iNode]);
    kernel.join(levels.endpoints, 0, pods, levels.pods + levels.hosts, MAP.pod);
    return levels;
  }

  #counts(parts: readonly PartRows[]): Omit<Levels, "services" | "pairs"> {
    const of = (kind: number) => this.#shared.tables[kind]!.length;
    return {
      endpoints: of(KIND.endpoint),
      processes: of(KIND.process),
      containers: of(KIND.container),
      images: of(KIND.image),
      pods: of(KIND.pod),
      hosts: of(KIND.host),
      hasProcesses: parts.some(({ processes }) => processes[0].length > 0),
    };
  }

  #open(parts: readonly PartRows[], counts: Omit<Levels, "services" | "pairs">, services: number) {
    let pairs = 0;
    let facts = 0;
    let addresses = 0;
    for (const part of parts) {
      pairs += part.pairs[0].length;
      facts += part.facts[0].length;
      addresses += Math.max(part.containerIps[0].length, part.podIps[0].length);
    }
    const { endpoints, processes, containers, pods, hosts } = counts;
    const widest = Math.max(processes, containers, pods);
    const wanted: KernelSizes = {
      pairs,
      facts,
      endpoints,
      addresses,
      ips: this.#shared.strings.bound,
      processes,
      tables: TABLES * Math.max(processes, containers, 1),
      maps: MAPS,
      nodes: widest + hosts + services + 2,
    };
    const has = this.#sizes;
    if (has !== undefined && SIZES.every((key) => wanted[key] <= has[key])) return;
    const room = (key: keyof KernelSizes) => Math.ceil(wanted[key] * 1.5) + 64;
    this.#sizes = {
      pairs: room("pairs"),
      facts: room("facts"),
      endpoints: room("endpoints"),
      addresses: room("addresses"),
      ips: room("ips"),
      processes: room("processes"),
      tables: room("tables"),
      maps: MAPS,
      nodes: room("nodes"),
    };
    this.#columns = this.kernel.open(this.#sizes);
  }

  /** Where a map begins in the column of maps. */
  mapAt(map: number): number {
    return map * (this.#sizes?.endpoints ?? 0);
  }

  #services(parts: readonly PartRows[]) {
    const known = knownServices(
      (function* () {
        for (const { part } of parts) if (part.dns.size > 0) yield part.dns;
      })(),
    );
    const names = [...new Set(known.values())];
    const numbers = new Map(names.map((name, at) => [name, at + 2]));
    const byIp = new Map<number, number>();
    for (const [ip, name] of known) {
      byIp.set(this.#shared.strings.intern(ip), numbers.get(name) ?? 0);
    }
    return { names, byIp };
  }

  #outside(parts: readonly PartRows[], services: ReadonlyMap<number, number>): void {
    const { strings } = this.#shared;
    const cidrs = new Set<number>();
    const ips = new Set<number>();
    for (const { networks, part, fields } of parts) {
      for (const handle of networks) cidrs.add(handle);
      for (let node = 0; node < part.count; node += 1) {
        if (part.kind[node] !== KIND.service) continue;
        ips.add(fields[node * FIELDS + FIELD.kubernetesIp]!);
      }
    }
    ips.delete(0);
    const key = `${[...cidrs].sort().join()} ${[...ips].sort().join()}`;
    if (key !== this.#networkKey) {
      this.#networkKey = key;
      this.#networks = new NetworkSet();
      for (const cidr of cidrs) this.#networks.add(strings.text(cidr));
      this.#networks.addSmallest([...ips].flatMap((ip) => addressOf(strings.text(ip)) ?? []));
      this.#addresses.networksChanged();
    }
    this.#addresses.fill(this.#columns, this.#networks, services);
  }

  /** What NAT copied is one target with its original: such an endpoint speaks to one other only. */
  #originals(parts: readonly PartRows[], endpoints: number, pairs: number): void {
    const originals = new Map<number, number>();
    for (const { copies } of parts) {
      for (const [at, row] of copies[0].entries()) originals.set(row, copies[1][at]!);
    }
    if (originals.size === 0) return;
    const { uFrom, uTo, eDegree } = this.#columns;
    const targets = new Map<number, Set<number>>();
    for (let at = 0; at < pairs; at += 1) {
      const from = uFrom[at]!;
      if (eDegree[from]! < 2) continue;
      const set = targets.get(from) ?? new Set();
      targets.set(from, set.add(originals.get(uTo[at]!) ?? uTo[at]!));
    }
    for (const [row, set] of targets) if (row < endpoints) eDegree[row] = set.size;
  }

  #mapProcesses(parts: readonly PartRows[], levels: Levels): void {
    const { pHost, pPid, tables } = this.#columns;
    const inside = this.tableAt(levels, 0);
    const hosts = this.tableAt(levels, 1);
    pHost.fill(0, 0, levels.processes);
    tables.fill(0, inside, inside + levels.processes);
    tables.fill(0, hosts, hosts + levels.processes);
    for (const { named, processes } of parts) {
      const [row, host, pid] = named;
      for (let at = 0; at < row.length; at += 1) {
        pHost[row[at]!] = host[at]!;
        pPid[row[at]!] = pid[at]!;
        tables[hosts + row[at]!] = host[at]!;
      }
      const [own, ownHost, ownPid, container] = processes;
      for (let at = 0; at < own.length; at += 1) {
        pHost[own[at]!] = ownHost[at]!;
        pPid[own[at]!] = ownPid[at]!;
        tables[inside + own[at]!] = container[at]!;
        tables[hosts + own[at]!] = ownHost[at]!;
      }
    }
    if (!levels.hasProcesses) {
      const { maps } = this.#columns;
      maps.fill(0, this.mapAt(MAP.process), this.mapAt(MAP.address));
      return;
    }
    this.kernel.processes(levels.endpoints, levels.processes, MAP.process);
    this.kernel.lift(levels.endpoints, {
      source: MAP.process,
      target: MAP.container,
      table: inside,
      fallback: hosts,
      size: levels.processes,
      groups: levels.containers,
      pseudo: levels.containers + levels.hosts,
    });
  }
}

/** Tables of lifts: containers and hosts of processes, and two of the view at hand. */
const TABLES = 4;

const SIZES = [
  "pairs",
  "facts",
  "endpoints",
  "addresses",
  "ips",
  "processes",
  "tables",
  "nodes",
] as const satisfies readonly (keyof KernelSizes)[];

const NOTHING: KernelSizes = {
  pairs: 0,
  facts: 0,
  endpoints: 0,
  addresses: 0,
  ips: 0,
  processes: 0,
  tables: 0,
  maps: 0,
  nodes: 0,
};

/** Put columns of all parts one behind the other; gives how long they are. */
function concat(
  parts: readonly PartRows[],
  columnsOf: (part: PartRows) => readonly Uint32Array[],
  targets: readonly Uint32Array[],
): number {
  let end = 0;
  for (const part of parts) {
    const columns = columnsOf(part);
    for (const [at, target] of targets.entries()) target.set(columns[at]!, end);
    end += columns[0]!.length;
  }
  return end;
}
