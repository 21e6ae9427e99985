/** The reference of the topology kernel: always right, always there. */
import type { KernelColumns, KernelSizes, Lift, TopologyKernel } from "./contract.ts";
import { layOut, slotsOf } from "./layout.ts";

const NO_SIZES: KernelSizes = {
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

/** An address that several nodes have, while owners are looked for. */
const SEVERAL = 0xffff_ffff;

/** The typed implementation of the kernel contract. */
export class ReferenceKernel implements TopologyKernel {
  readonly name = "typed";
  #columns: KernelColumns = layOut(undefined, NO_SIZES).views;
  #endpoints = 0;

  open(sizes: KernelSizes): KernelColumns {
    this.#columns = layOut(undefined, sizes).views;
    this.#endpoints = sizes.endpoints;
    return this.#columns;
  }

  gather(pairs: number, facts: number, endpoints: number): number {
    const { xRow, xHost, xPid, eHost, ePid, eDegree } = this.#columns;
    eHost.fill(0, 0, endpoints);
    ePid.fill(0, 0, endpoints);
    for (let at = 0; at < facts; at += 1) {
      const row = xRow[at]!;
      eHost[row] = xHost[at]!;
      ePid[row] = xPid[at]!;
    }
    const { aFrom, aTo, uFrom, uTo, start, sTo, stamp } = this.#columns;
    start.fill(0, 0, endpoints + 1);
    for (let at = 0; at < pairs; at += 1) start[aFrom[at]! + 1]! += 1;
    for (let row = 0; row < endpoints; row += 1) start[row + 1]! += start[row]!;
    for (let at = 0; at < pairs; at += 1) {
      const row = aFrom[at]!;
      sTo[start[row]!] = aTo[at]!;
      start[row]! += 1;
    }
    stamp.fill(0, 0, endpoints);
    let told = 0;
    let at = 0;
    for (let row = 0; row < endpoints; row += 1) {
      const before = told;
      for (const end = start[row]!; at < end; at += 1) {
        const to = sTo[at]!;
        if (stamp[to] === row + 1) continue;
        stamp[to] = row + 1;
        uFrom[told] = row;
        uTo[told] = to;
        told += 1;
      }
      eDegree[row] = told - before;
    }
    return told;
  }

  processes(endpoints: number, processes: number, map: number): void {
    const { pHost, pPid, slots, eHost, ePid, eDegree, eOutside, maps } = this.#columns;
    const mask = slotsOf(processes) - 1;
    slots.fill(0, 0, (mask + 1) * 4);
    for (let row = 0; row < processes; row += 1) {
      const host = pHost[row]!;
      if (host === 0) continue;
      const at = this.#slot(mask, host, pPid[row]!) * 4;
      slots[at] = host;
      slots[at + 1] = pPid[row]!;
      slots[at + 2] = row + 1;
    }
    const base = map * this.#endpoints;
    for (let row = 0; row < endpoints; row += 1) {
      const host = eHost[row]!;
      const pid = ePid[row]!;
      let node = 0;
      if (host === 0) node = this.#pseudo(row, eOutside[row]!, processes);
      else if (pid !== 0 && eDegree[row]! <= 1) {
        node = slots[this.#slot(mask, host, pid - 1) * 4 + 2]!;
      }
      maps[base + row] = node;
    }
  }

  /** Where a process is, or is to be. */
  #slot(mask: number, host: number, pid: number): number {
    const { slots } = this.#columns;
    const mixed = Math.imul(host, 0x9e3779b1) ^ Math.imul(pid, 0x85ebca6b);
    let at = (mixed ^ (mixed >>> 15)) & mask;
    for (;;) {
      const held = slots[at * 4]!;
      if (held === 0 || (held === host && slots[at * 4 + 1] === pid)) return at;
      at = (at + 1) & mask;
    }
  }

  #pseudo(row: number, outside: number, first: number): number {
    if (outside === 0) return 0;
    if (outside > 1) return first + outside + 1;
    return this.#columns.eDegree[row]! > 0 ? first + 1 : first + 2;
  }

  join(endpoints: number, first: number, count: number, pseudo: number, map: number): void {
    const { iIp, iNode, owner, eIp, eIpPort, eHost, eOutside, maps } = this.#columns;
    owner.fill(0);
    for (let at = first; at < first + count; at += 1) {
      const ip = iIp[at]!;
      owner[ip] = owner[ip] === 0 ? iNode[at]! + 1 : SEVERAL;
    }
    owner[0] = 0;
    const base = map * this.#endpoints;
    for (let row = 0; row < endpoints; row += 1) {
      let node = eHost[row] === 0 ? this.#pseudo(row, eOutside[row]!, pseudo) : 0;
      if (node === 0) {
        node = owner[eIp[row]!]!;
        if (node === 0) node = owner[eIpPort[row]!]!;
        if (node === SEVERAL) node = 0;
      }
      maps[base + row] = node;
    }
  }

  lift(endpoints: number, lift: Lift): void {
    const { maps, tables } = this.#columns;
    const from = lift.source * this.#endpoints;
    const to = lift.target * this.#endpoints;
    for (let row = 0; row < endpoints; row += 1) {
      const held = maps[from + row]!;
      let node = 0;
      if (held > lift.size) node = lift.pseudo + held - lift.size;
      else if (held > 0) {
        node = tables[lift.table + held - 1]!;
        if (node === 0 && lift.fallback >= 0) {
          const behind = tables[lift.fallback + held - 1]!;
          if (behind > 0) node = lift.groups + behind;
        }
      }
      maps[to + row] = node;
    }
  }

  connect(pairs: number, map: number, second: number, nodes: number): number {
    const { start, stamp, place, inDegree, sTo, oTo, oCount } = this.#columns;
    start.fill(0, 0, nodes + 1);
    stamp.fill(0, 0, nodes);
    inDegree.fill(0, 0, nodes);
    this.#count(pairs, map, second);
    for (let node = 0; node < nodes; node += 1) start[node + 1]! += start[node]!;
    this.#scatter(pairs, map, second);
    let told = 0;
    let at = 0;
    for (let node = 0; node < nodes; node += 1) {
      const end = start[node]!;
      start[node] = told;
      for (; at < end; at += 1) {
        const to = sTo[at]!;
        if (stamp[to] === node + 1) oCount[place[to]!]! += 1;
        else {
          stamp[to] = node + 1;
          place[to] = told;
          oTo[told] = to;
          oCount[told] = 1;
          inDegree[to]! += 1;
          told += 1;
        }
      }
    }
    start[nodes] = told;
    return told;
  }

  #count(pairs: number, map: number, second: number): void {
    const { uFrom, uTo, maps, start } = this.#columns;
    const base = map * this.#endpoints;
    const other = (second < 0 ? map : second) * this.#endpoints;
    for (let at = 0; at < pairs; at += 1) {
      const from = maps[base + uFrom[at]!]!;
      const to = maps[base + uTo[at]!]!;
      if (from !== 0 && to !== 0) start[from]! += 1;
      const from2 = maps[other + uFrom[at]!]!;
      const to2 = maps[other + uTo[at]!]!;
      if (from2 !== 0 && to2 !== 0 && (from2 !== from || to2 !== to)) start[from2]! += 1;
    }
  }

  /** Afterwards `start` of a node is where its pairs end. */
  #scatter(pairs: number, map: number, second: number): void {
    const { uFrom, uTo, maps, start, sTo } = this.#columns;
    const base = map * this.#endpoints;
    const other = (second < 0 ? map : second) * this.#endpoints;
    for (let at = 0; at < pairs; at += 1) {
      const from = maps[base + uFrom[at]!]!;
      const to = maps[base + uTo[at]!]!;
      if (from !== 0 && to !== 0) {
        sTo[start[from - 1]!] = to - 1;
        start[from - 1]! += 1;
      }
      const from2 = maps[other + uFrom[at]!]!;
      const to2 = maps[other + uTo[at]!]!;
      if (from2 !== 0 && to2 !== 0 && (from2 !== from || to2 !== to)) {
        sTo[start[from2 - 1]!] = to2 - 1;
        start[from2 - 1]! += 1;
      }
    }
  }
}
