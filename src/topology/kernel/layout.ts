import { FairleadError } from "../../base/mod.ts";
import { Arena } from "../../wasm/mod.ts";
import type { KernelColumns, KernelSizes } from "./contract.ts";

/** The order in which the kernel is told where its columns stand. */
export const COLUMN_ORDER = [
  "aFrom",
  "aTo",
  "xRow",
  "xHost",
  "xPid",
  "eIp",
  "eIpPort",
  "eOutside",
  "iIp",
  "iNode",
  "pHost",
  "pPid",
  "tables",
  "maps",
  "eHost",
  "ePid",
  "eDegree",
  "uFrom",
  "uTo",
  "owner",
  "slots",
  "start",
  "oTo",
  "oCount",
  "inDegree",
  "sTo",
  "stamp",
  "place",
] as const satisfies readonly (keyof KernelColumns)[];

/** Slots of the table of processes: a power of two, at most half of them taken. */
export function slotsOf(processes: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(16, processes * 2)));
}

const COUNT_MAX = 2 ** 28;

/**
 * Lay the columns out, over a kernel's memory or a plain buffer.
 *
 * @throws {FairleadError} `invalid_input` names the count that is no integer from 0 to 2^28.
 */
export function layOut(memory: WebAssembly.Memory | undefined, sizes: KernelSizes) {
  for (const [field, value] of Object.entries(sizes)) {
    if (!Number.isInteger(value) || value < 0 || value > COUNT_MAX) {
      throw new FairleadError(
        "invalid_input",
        `Cannot lay out ${field} = ${value}: allowed are integers from 0 to ${COUNT_MAX}`,
        { details: { field, value, min: 0, max: COUNT_MAX } },
      );
    }
  }
  const { pairs, facts, endpoints, addresses, ips, processes, tables, maps, nodes } = sizes;
  const places = Math.max(nodes, endpoints) + 2;
  return new Arena(memory)
    .u32("aFrom", pairs)
    .u32("aTo", pairs)
    .u32("xRow", facts)
    .u32("xHost", facts)
    .u32("xPid", facts)
    .u32("eIp", endpoints)
    .u32("eIpPort", endpoints)
    .u32("eOutside", endpoints)
    .u32("iIp", addresses)
    .u32("iNode", addresses)
    .u32("pHost", processes)
    .u32("pPid", processes)
    .u32("tables", tables)
    .u32("maps", maps * endpoints)
    .u32("eHost", endpoints)
    .u32("ePid", endpoints)
    .u32("eDegree", endpoints)
    .u32("uFrom", pairs)
    .u32("uTo", pairs)
    .u32("owner", ips)
    .u32("slots", slotsOf(processes) * 4)
    .u32("start", places)
    .u32("oTo", pairs * 2)
    .u32("oCount", pairs * 2)
    .u32("inDegree", places)
    .u32("sTo", pairs * 2)
    .u32("stamp", places)
    .u32("place", places)
    .build();
}

/** Offsets in the order of the kernel's table. */
export function offsetsOf(offsets: Readonly<Record<keyof KernelColumns, number>>): number[] {
  return COLUMN_ORDER.map((name) => offsets[name]);
}
