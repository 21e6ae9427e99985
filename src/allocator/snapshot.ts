/** Snapshots: the columns by copying memory, the rest as data; versioned, refused when they do not fit. */
import { FairleadError } from "../base/mod.ts";
import type { AgentBook } from "./agents.ts";
import { decode, encode } from "./codec.ts";
import type { Exclusions } from "./exclusions.ts";
import type { FilterBook } from "./filters.ts";
import type { FrameworkBook } from "./frameworks.ts";
import type { Capacities } from "./kernel/layout.ts";
import type { KindTable } from "./kinds.ts";
import type { Maintenance } from "./maintenance.ts";
import type { Minimums } from "./minimums.ts";
import type { OfferBook } from "./offers.ts";
import type { AllocatorOptions } from "./options.ts";
import type { QuotaBook } from "./quota.ts";
import type { Recovery } from "./recovery.ts";
import type { RoleTree } from "./roles.ts";

/** Raised whenever a snapshot of before could not be read any more. */
const FORMAT = 1;

/** The parts whose state stands beside the columns. */
export interface Parts {
  readonly kinds: KindTable;
  readonly roles: RoleTree;
  readonly quotas: QuotaBook;
  readonly exclusions: Exclusions;
  readonly minimums: Minimums;
  readonly filters: FilterBook;
  readonly frameworks: FrameworkBook;
  readonly agents: AgentBook;
  readonly offers: OfferBook;
  readonly maintenance: Maintenance;
  readonly recovery: Recovery;
}

type States = { readonly [P in keyof Parts]: Parts[P]["state"] };

/** A snapshot that was read; the states are trusted to be what `writeSnapshot` wrote. */
export interface Snapshot {
  readonly format: number;
  readonly options: Omit<AllocatorOptions, "clock">;
  readonly capacities: Capacities;
  readonly columns: Uint8Array;
  readonly whitelist: readonly string[] | null;
  readonly states: States;
}

/** Write a snapshot as bytes, with a checksum in front. */
export function writeSnapshot(parts: Parts, rest: Omit<Snapshot, "format" | "states">): Uint8Array {
  // Roles first: reading their state settles ranks, which the columns hold.
  const states: States = {
    roles: parts.roles.state,
    kinds: parts.kinds.state,
    quotas: parts.quotas.state,
    exclusions: parts.exclusions.state,
    minimums: parts.minimums.state,
    filters: parts.filters.state,
    frameworks: parts.frameworks.state,
    agents: parts.agents.state,
    offers: parts.offers.state,
    maintenance: parts.maintenance.state,
    recovery: parts.recovery.state,
  };
  const body = encode({ format: FORMAT, ...rest, states });
  const bytes = new Uint8Array(body.length + 4);
  new DataView(bytes.buffer).setUint32(0, checksum(body));
  bytes.set(body, 4);
  return bytes;
}

/**
 * Read a snapshot.
 *
 * @throws {FairleadError} `snapshot_mismatch` when the bytes are damaged, or are none of ours, or
 * are of another format.
 */
export function readSnapshot(bytes: Uint8Array): Snapshot {
  if (!(bytes instanceof Uint8Array)) throw mismatch("it takes the bytes of a snapshot");
  const body = bytes.subarray(4);
  const expected = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 5 || expected.getUint32(0) !== checksum(body)) {
    throw mismatch("the bytes are damaged, or no snapshot");
  }
  const value = decode(body);
  if (!isSnapshot(value)) throw mismatch(`they are not of format ${FORMAT}`);
  return value;
}

/** Let the parts be what the snapshot says; the columns must be in place already. */
export function restoreParts(parts: Parts, states: States): void {
  parts.kinds.restore(states.kinds);
  parts.minimums.restore(states.minimums);
  parts.roles.restore(states.roles);
  parts.quotas.restore(states.quotas);
  parts.exclusions.restore(states.exclusions);
  parts.frameworks.restore(states.frameworks);
  parts.agents.restore(states.agents);
  parts.filters.restore(states.filters);
  parts.offers.restore(states.offers);
  parts.maintenance.restore(states.maintenance);
  parts.recovery.restore(states.recovery ?? undefined);
}

/** Only the envelope is looked at: the checksum says that the rest is what we wrote. */
function isSnapshot(value: unknown): value is Snapshot {
  if (typeof value !== "object" || value === null) return false;
  const has = "format" in value && "columns" in value && "capacities" in value && "states" in value;
  return has && value.format === FORMAT && value.columns instanceof Uint8Array;
}

function mismatch(fault: string): FairleadError {
  return new FairleadError("snapshot_mismatch", `Cannot restore: ${fault}`, {
    details: { format: FORMAT },
  });
}

/** FNV-1a: finds accidents, not forgeries. */
function checksum(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash >>> 0;
}
