/** What a campaign remembers: the two ensembles' own logs, and what clients were told. */
import type { Acl, SnapshotNode, Transaction } from "fairlead/zookeeper";

/** The source is `a`, the target `b`. */
export type SideName = "a" | "b";

/** What the observer tap of a side told, in order. */
export type LogEntry =
  | { readonly type: "snapshot"; readonly zxid: bigint; readonly nodes: readonly SnapshotNode[] }
  | { readonly type: "transaction"; readonly transaction: Transaction };

/** Both logs, and where the migration's own nodes are. */
export interface Histories {
  readonly a: readonly LogEntry[];
  readonly b: readonly LogEntry[];
  /** The subtree that moves; it has the same path on both sides. */
  readonly root: string;
  /** The migration's cursor; the way back has one of the same path on the source. */
  readonly cursorPath: string;
}

/** One write of a client. Times are of `performance.now()`. */
export interface Call {
  readonly lane: string;
  readonly kind: string;
  readonly side: SideName;
  readonly calledMs: number;
  readonly answeredMs: number;
  /** `unknown`: the answer was lost. */
  readonly outcome: "ok" | "failed" | "unknown";
  /** What a call whose answer was lost turned out to be, when it was read. */
  readonly isDone?: boolean | undefined;
  /** Of the transaction, where it was acknowledged. */
  readonly zxid?: bigint | undefined;
  readonly writes: readonly { readonly path: string; readonly text: string }[];
}

/** Somebody held something for certain, from and until. */
export interface Holding {
  readonly resource: string;
  readonly lane: string;
  readonly side: SideName;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** A promise that was not kept. */
export interface Violation {
  readonly checker: "C1" | "C2" | "C3" | "C4" | "C5" | "C6";
  readonly message: string;
}

/** What a cursor says. */
export interface CursorValue {
  readonly phase: string;
  readonly zxid: bigint;
  readonly reverseZxid: bigint;
  readonly sequence: number;
  readonly owner: string;
  readonly ownSessions: readonly string[];
}

/** A write of the migration: the transaction, the cursor's node version, and what it says. */
export interface CursorWrite {
  readonly index: number;
  readonly zxid: bigint;
  readonly version: number;
  readonly cursor: CursorValue;
}

const decoder = new TextDecoder();

/** The text of a node; null data is no text. */
export function textOf(data: Uint8Array | null): string {
  return decoder.decode(data ?? undefined);
}

export function readCursor(data: Uint8Array | null): CursorValue {
  const { phase, zxid, reverseZxid, sequence, owner, ownSessions } = JSON.parse(textOf(data));
  return {
    phase,
    zxid: BigInt(zxid),
    reverseZxid: BigInt(reverseZxid),
    sequence,
    owner,
    ownSessions,
  };
}

/** Whether a path belongs to a subtree. */
export function isBelow(path: string, root: string): boolean {
  return path === root || path.startsWith(`${root}/`);
}

/** All writes of the cursor of a side, in order. */
export function cursorWrites(log: readonly LogEntry[], cursorPath: string): CursorWrite[] {
  return log.flatMap((entry, index) => {
    if (entry.type !== "transaction") return [];
    const { zxid, changes } = entry.transaction;
    return changes.flatMap((change) => {
      if (change.type !== "set" || change.path !== cursorPath) return [];
      return [{ index, zxid, version: change.version, cursor: readCursor(change.data) }];
    });
  });
}

/** Whether a transaction is the migration's: it sets its cursor. */
export function isOurs({ changes }: Transaction, cursorPath: string): boolean {
  return changes.some((change) => change.type === "set" && change.path === cursorPath);
}

/** Paths of what a transaction changes in a subtree; ephemerals do not move, and do not count. */
export function touched({ changes }: Transaction, root: string, ephemerals: Set<string>): string[] {
  return changes.flatMap((change) => {
    if (change.type === "create" && change.lifetime.type === "ephemeral") {
      ephemerals.add(change.path);
      return [];
    }
    const isChange = change.type === "create" || change.type === "set" || change.type === "delete";
    if (!isChange || !isBelow(change.path, root) || ephemerals.has(change.path)) return [];
    return [change.path];
  });
}

/** The zxids between two entries that a tap could not tell: it began with a snapshot again. */
export function gapsOf(log: readonly LogEntry[]): { readonly from: bigint; readonly to: bigint }[] {
  let last: bigint | undefined;
  return log.flatMap((entry) => {
    const zxid = entry.type === "snapshot" ? entry.zxid : entry.transaction.zxid;
    const from = last;
    last = zxid;
    return entry.type === "snapshot" && from !== undefined && from < zxid
      ? [{ from, to: zxid }]
      : [];
  });
}

/** Where the source was sealed, by the first write of the cursor that says so. */
export function sealOf({ b, cursorPath }: Histories): bigint | undefined {
  return cursorWrites(b, cursorPath).find(({ cursor }) => cursor.phase === "open")?.cursor.zxid;
}

/** Clients' own transactions in the order in which the world saw them: A, then B, then A again. */
export function clientTransactions(histories: Histories): Transaction[] {
  const { a, b, cursorPath } = histories;
  const seal = sealOf(histories);
  const ofClients = (log: readonly LogEntry[]) =>
    log.flatMap((entry) =>
      entry.type === "transaction" && !isOurs(entry.transaction, cursorPath)
        ? [entry.transaction]
        : [],
    );
  const before = ofClients(a).filter(({ zxid }) => seal === undefined || zxid <= seal);
  if (seal === undefined) return before;
  const opened = cursorWrites(b, cursorPath).find(({ cursor }) => cursor.phase === "open");
  const between = ofClients(b).filter(({ zxid }) => zxid > (opened?.zxid ?? 0n));
  const after = ofClients(a).filter(({ zxid }) => zxid > seal);
  return [...before, ...between, ...after];
}

/** An ACL as text, to be compared. */
export function aclText(acl: readonly Acl[]): string {
  return acl.map(({ permissions, scheme, id }) => `${permissions}:${scheme}:${id}`).join(",");
}
