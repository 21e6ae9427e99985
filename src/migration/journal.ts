/** What a migration keeps on the target, so that it can be killed at any moment. */

import * as z from "zod/mini";
import { FairleadError } from "../base/mod.ts";
import { CONTROL_ROOT } from "./scope.ts";

/** Where a migration stands. */
export const PHASES = [
  "bootstrap",
  "sync",
  "drain",
  "fence",
  "seal",
  "open",
  "rehome",
  "soak",
  "finalized",
  "unfence",
  "aborted",
] as const;

/** One of {@linkcode PHASES}. */
export type Phase = (typeof PHASES)[number];

/** Whether nothing is to come any more. */
export function isOver(phase: Phase): boolean {
  return phase === "finalized" || phase === "aborted";
}

/** The node that every write on the target sets along, first, at the version it knows. */
export interface Cursor {
  readonly format: 1;
  readonly id: string;
  readonly phase: Phase;
  /** Every transaction of the source up to it is on the target, none behind it. */
  readonly zxid: bigint;
  /** Counts the writes: tells whether one was done whose answer was lost. */
  readonly sequence: number;
  /** Who writes: another one's next write fails. */
  readonly owner: string;
  /** Sessions of ours on the source: what they do there is not brought over. */
  readonly ownSessions: readonly bigint[];
  /** When the cutover gives up by itself, then when the soak is over; ms since 1970; 0: neither. */
  readonly deadlineMs: number;
  /** Where the log of the target is read on from, for the way back; 0n before it was opened. */
  readonly reverseZxid: bigint;
}

const hex = z.string().check(z.regex(/^0x[0-9a-f]{1,16}$/));
const schema = () =>
  z.object({
    format: z.literal(1),
    id: z.string(),
    phase: z.enum(PHASES),
    zxid: hex,
    sequence: z.int(),
    owner: z.string(),
    ownSessions: z.array(hex),
    deadlineMs: z.number(),
    reverseZxid: hex,
  });
let cursorSchema: ReturnType<typeof schema> | undefined;

const toHex = (value: bigint) => `0x${BigInt.asUintN(64, value).toString(16)}`;

export function encodeCursor(cursor: Cursor): Uint8Array {
  const json = {
    ...cursor,
    zxid: toHex(cursor.zxid),
    reverseZxid: toHex(cursor.reverseZxid),
    ownSessions: cursor.ownSessions.map(toHex),
  };
  return new TextEncoder().encode(JSON.stringify(json));
}

/** @throws {FairleadError} `invalid_journal`. */
export function decodeCursor(data: Uint8Array | null, path: string): Cursor {
  cursorSchema ??= schema();
  const read = cursorSchema.safeParse(readJson(data));
  if (!read.success) {
    throw new FairleadError(
      "invalid_journal",
      `Cannot go on with the migration: ${path} is not as this release writes it`,
      { details: { path } },
    );
  }
  const { zxid, reverseZxid, ownSessions, ...rest } = read.data;
  return {
    ...rest,
    zxid: BigInt(zxid),
    reverseZxid: BigInt(reverseZxid),
    ownSessions: ownSessions.map((each) => BigInt.asIntN(64, BigInt(each))),
  };
}

function readJson(data: Uint8Array | null): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(data ?? new Uint8Array(0)));
  } catch {
    return undefined;
  }
}

/** The node that says who owns a cursor: every write checks its version. */
export function ownerPath(cursor: string): string {
  return `${cursor}/owner`;
}

/** Paths of a migration's own nodes. */
export function journalPaths(id: string) {
  const root = `${CONTROL_ROOT}/${id}`;
  return {
    root,
    cursor: `${root}/cursor`,
    owner: ownerPath(`${root}/cursor`),
    ledger: `${root}/ledger`,
    requests: `${root}/requests`,
    /** ACLs of the target, while a rollback has it shut. */
    acls: `${root}/acls`,
    /** On the source alone, once the migration is finalized. */
    moved: `${root}/moved`,
  };
}
