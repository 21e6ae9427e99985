/** The standing of roles and frameworks, read from the columns. */
import { Quantities } from "../resources/mod.ts";
import type { Core } from "./core.ts";
import { H } from "./kernel/layout.ts";
import type { RoleNode, RoleTree } from "./roles.ts";
import type { FrameworkShare, RoleShare } from "./types.ts";

/** Every role that exists, sorted by name. */
export function readShares(core: Core, roles: RoleTree): RoleShare[] {
  roles.settleRanks();
  core.kernel.refresh();
  const nodes = [...roles.nodes].sort((a, b) => (a.path < b.path ? -1 : 1));
  return nodes.map((node) => readRole(core, node));
}

function readRole(core: Core, node: RoleNode): RoleShare {
  const { v } = core;
  const { index } = node;
  return {
    role: node.path,
    share: v.nShare[index]!,
    weight: v.nWeight[index]!,
    count: v.nCount[index]!,
    allocated: readRow(core, v.nAlloc, index),
    consumed: readRow(core, v.nConsumed, index),
    guarantees: readRow(core, v.nGuarantee, index),
    limits: readLimits(core, index),
    frameworks: Array.from(node.clients, ([id, client]) => readClient(core, id, client)).sort(
      (a, b) => (a.id < b.id ? -1 : 1),
    ),
  };
}

/** The kinds that the role itself limits; 0 is a limit too. */
function readLimits(core: Core, node: number): Readonly<Record<string, number>> {
  const { v, row, kinds } = core;
  const limits = kinds.names.map((name, kind) => [name, v.nLimit[node * row + kind]!] as const);
  return Object.fromEntries(limits.filter(([, millis]) => Number.isFinite(millis)));
}

function readClient(core: Core, id: string, client: number): FrameworkShare {
  const { v } = core;
  return {
    id,
    share: v.cShare[client]!,
    count: v.cCount[client]!,
    allocated: readRow(core, v.cAlloc, client),
  };
}

/** A row of a column as quantities. */
export function readRow(core: Core, rows: Float64Array, index: number): Quantities {
  const { kinds, row } = core;
  return Quantities.ofMillis(
    kinds.names.map((name, kind) => [name, Math.max(0, rows[index * row + kind]!)] as const),
  );
}

/** Everything in the cluster, by kind. */
export function readTotal(core: Core): Quantities {
  return readRow(core, core.v.kTotal, 0);
}

/** How many filters, offers and candidates there are, and the memory they take. */
export interface AllocatorStats {
  readonly agents: number;
  readonly frameworks: number;
  readonly offersOutstanding: number;
  readonly filters: number;
  readonly cycle: number;
  /** Agents that the next run will look at: 0 when nothing has changed. */
  readonly candidates: number;
  /** Clients (a framework in a role) that take part. */
  readonly activeClients: number;
  /** Bytes of the kernel's columns. */
  readonly memoryBytes: number;
  readonly kernel: "wasm" | "typed";
}

/** The cycle counter. */
export function cycleOf(core: Core): number {
  return core.v.header[H.cycle]!;
}
