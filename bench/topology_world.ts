/** A datacenter as a kernel sees it, and the levels that are asked of it. */
import { SeededRandom } from "fairlead/base";
import type { KernelColumns, KernelSizes, TopologyKernel } from "fairlead/topology";

/** Columns of input, and what they count. */
export interface World {
  readonly hosts: number;
  readonly containers: number;
  readonly processes: number;
  readonly endpoints: number;
  readonly images: number;
  readonly inputs: Readonly<Record<InputName, Uint32Array>>;
}

type InputName =
  | "aFrom"
  | "aTo"
  | "xRow"
  | "xHost"
  | "xPid"
  | "eIp"
  | "eOutside"
  | "iIp"
  | "iNode"
  | "pHost"
  | "pPid"
  | "tables";

/** How large a world is. */
export interface WorldSize {
  readonly hosts: number;
  readonly containers: number;
  readonly processes: number;
  readonly connections: number;
  readonly seed: number;
}

/**
 * Make a world: each connection has a client endpoint of its own; each container one server
 * endpoint. One connection in fifty goes to the internet, one in ten is reported by both sides.
 */
export function makeWorld({ hosts, containers, processes, connections, seed }: WorldSize): World {
  const random = new SeededRandom(seed);
  const images = Math.ceil(containers / 25);
  const endpoints = connections + containers + 1;
  const processOf = (container: number) => container % processes;
  const hostOf = (container: number) => container % hosts;
  const from: number[] = [];
  const to: number[] = [];
  const facts: [number, number, number][] = [];
  const eIp = new Uint32Array(endpoints);
  const eOutside = new Uint32Array(endpoints);
  eOutside[endpoints - 1] = 1;
  for (let container = 0; container < containers; container += 1) {
    const row = connections + container;
    eIp[row] = container + 1;
    facts.push([row, hostOf(container) + 1, processOf(container) + 1]);
  }
  for (let row = 0; row < connections; row += 1) {
    const process = random.int(processes);
    const client = process % containers;
    const server = (client * 7 + random.int(3) * 131) % containers;
    const isFar = random.int(50) === 0;
    eIp[row] = client + 1;
    facts.push([row, hostOf(client) + 1, process + 1]);
    const target = isFar ? endpoints - 1 : connections + server;
    for (let told = random.int(10) === 0 ? 2 : 1; told > 0; told -= 1) {
      from.push(row);
      to.push(target);
    }
  }
  const range = (count: number, value: (at: number) => number) =>
    Uint32Array.from({ length: count }, (_, at) => value(at));
  const byProcess = (value: (container: number) => number) =>
    range(processes, (at) => value(at % containers));
  const byContainer = (value: (container: number) => number) => range(containers, value);
  const tables = [
    byProcess((container) => (container % 13 === 0 ? 0 : container + 1)),
    byProcess((container) => hostOf(container) + 1),
    byContainer((container) => (container % images) + 1),
    byContainer((container) => hostOf(container) + 1),
  ];
  return {
    hosts,
    containers,
    processes,
    endpoints,
    images,
    inputs: {
      aFrom: Uint32Array.from(from),
      aTo: Uint32Array.from(to),
      xRow: Uint32Array.from(facts, ([row]) => row),
      xHost: Uint32Array.from(facts, ([, host]) => host),
      xPid: Uint32Array.from(facts, ([, , pid]) => pid + 1),
      eIp,
      eOutside,
      iIp: range(containers, (at) => at + 1),
      iNode: range(containers, (at) => at),
      pHost: byProcess((container) => hostOf(container) + 1),
      pPid: range(processes, (at) => at + 1),
      tables: Uint32Array.from(tables.flatMap((table) => [...table])),
    },
  };
}

/** What a kernel must hold for a world. */
export function sizesOf(world: World): KernelSizes {
  return {
    pairs: world.inputs.aFrom.length,
    facts: world.inputs.xRow.length,
    endpoints: world.endpoints,
    addresses: world.containers,
    ips: world.containers + 1,
    processes: world.processes,
    tables: world.inputs.tables.length,
    maps: 4,
    nodes: Math.max(world.processes, world.containers + world.hosts) + 2,
  };
}

/** Copy a world in. */
export function copyIn(columns: KernelColumns, world: World): void {
  const { inputs } = world;
  columns.aFrom.set(inputs.aFrom);
  columns.aTo.set(inputs.aTo);
  columns.xRow.set(inputs.xRow);
  columns.xHost.set(inputs.xHost);
  columns.xPid.set(inputs.xPid);
  columns.eIp.set(inputs.eIp);
  columns.eOutside.set(inputs.eOutside);
  columns.iIp.set(inputs.iIp);
  columns.iNode.set(inputs.iNode);
  columns.pHost.set(inputs.pHost);
  columns.pPid.set(inputs.pPid);
  columns.tables.set(inputs.tables);
}

/** The numbers of the maps. */
const MAP = { process: 0, container: 1, address: 2, next: 3 } as const;

/** Edges and what they stand for, of processes, containers, images and hosts. */
export function levels(kernel: TopologyKernel, columns: KernelColumns, world: World): string {
  const { endpoints, processes, containers, hosts, images } = world;
  const pairs = kernel.gather(world.inputs.aFrom.length, world.inputs.xRow.length, endpoints);
  const told: string[] = [];
  const connect = (map: number, second: number, nodes: number) => {
    const edges = kernel.connect(pairs, map, second, nodes);
    let total = 0;
    for (let at = 0; at < edges; at += 1) total += columns.oCount[at] ?? 0;
    told.push(`${edges}:${total}`);
  };
  kernel.processes(endpoints, processes, MAP.process);
  connect(MAP.process, -1, processes + 2);
  kernel.lift(endpoints, {
    source: MAP.process,
    target: MAP.container,
    table: 0,
    fallback: processes,
    size: processes,
    groups: containers,
    pseudo: containers + hosts,
  });
  kernel.join(endpoints, 0, containers, containers + hosts, MAP.address);
  connect(MAP.container, MAP.address, containers + hosts + 2);
  const lift = { target: MAP.next, size: containers };
  const toImage = { ...lift, table: processes * 2, fallback: -1, groups: images, pseudo: images };
  kernel.lift(endpoints, { ...toImage, source: MAP.container });
  connect(MAP.next, -1, images + hosts + 2);
  const toHost = { table: processes * 2 + containers, fallback: -1, groups: hosts, pseudo: hosts };
  kernel.lift(endpoints, { ...lift, ...toHost, source: MAP.address });
  connect(MAP.next, -1, hosts + hosts + 2);
  return told.join(" ");
}
