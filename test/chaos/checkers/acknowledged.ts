/** C2: no acknowledged write is lost, and none is acknowledged behind the seal. */
import {
  type Call,
  cursorWrites,
  gapsOf,
  type Histories,
  isOurs,
  type LogEntry,
  sealOf,
  textOf,
  touched,
  type Violation,
} from "../history.ts";

const violation = (message: string): Violation => ({ checker: "C2", message });

/** C2: what clients were told was written is in the ensemble's own log, where they were told. */
export function checkAcknowledged(histories: Histories, calls: readonly Call[]): Violation[] {
  return (["a", "b"] as const).flatMap((side) => {
    const log = histories[side];
    const gaps = gapsOf(log);
    const byZxid = writesByZxid(log);
    return calls.flatMap((call) => {
      const { zxid } = call;
      if (call.side !== side || call.outcome !== "ok" || zxid === undefined) return [];
      if (gaps.some(({ from, to }) => zxid > from && zxid <= to)) return [];
      const written = byZxid.get(zxid);
      return call.writes.flatMap(({ path, text }) =>
        written?.get(path) === text
          ? []
          : [violation(`${call.lane} was told of ${path} = "${text}" on ${side}, it is not there`)],
      );
    });
  });
}

function writesByZxid(log: readonly LogEntry[]): Map<bigint, Map<string, string>> {
  const found = new Map<bigint, Map<string, string>>();
  for (const entry of log) {
    if (entry.type !== "transaction") continue;
    const { zxid, changes } = entry.transaction;
    const written = changes.flatMap((change): [string, string][] =>
      change.type === "set" || change.type === "create" ? [[change.path, textOf(change.data)]] : [],
    );
    found.set(zxid, new Map(written));
  }
  return found;
}

/**
 * C2: no client's write is on the source between its seal and the end of the way back, nor on the
 * target behind what was brought back.
 */
export function checkSealed(histories: Histories): Violation[] {
  const { a, b, cursorPath, root } = histories;
  const seal = sealOf(histories);
  if (seal === undefined) return [];
  const reverse = cursorWrites(a, cursorPath);
  const wasRolledBack = cursorWrites(b, cursorPath).at(-1)?.cursor.phase === "aborted";
  const reopened = wasRolledBack ? reverse.at(-1)?.zxid : undefined;
  const late = foreign(a, root, cursorPath)
    .filter(({ zxid }) => zxid > seal && (reopened === undefined || zxid < reopened))
    .map(({ path }) => violation(`the source took ${path} behind its seal`));
  if (!wasRolledBack) return late;
  const brought = reverse.at(-1)?.cursor.zxid ?? 0n;
  const opened = cursorWrites(b, cursorPath).find(({ cursor }) => cursor.phase === "open");
  const left = foreign(b, root, cursorPath)
    .filter(({ zxid }) => zxid > (opened?.zxid ?? 0n) && zxid > brought)
    .map(({ path }) => violation(`the target took ${path}, which was not brought back`));
  return [...late, ...left];
}

function foreign(
  log: readonly LogEntry[],
  root: string,
  cursorPath: string,
): { readonly zxid: bigint; readonly path: string }[] {
  const ephemerals = new Set<string>();
  return log.flatMap((entry) => {
    if (entry.type !== "transaction") return [];
    const { transaction } = entry;
    const [path] = touched(transaction, root, ephemerals);
    if (path === undefined || isOurs(transaction, cursorPath)) return [];
    return [{ zxid: transaction.zxid, path }];
  });
}

/**
 * C2 on what is there at the end: a node that one lane writes, counting, has the last number that
 * was acknowledged, or one that was asked for behind it and whose answer was lost.
 *
 * @param numbers What each lane was told last, and what it asked for last.
 * @param texts What its node has.
 */
export function checkSlots(
  numbers: ReadonlyMap<string, { readonly told: number; readonly asked: number }>,
  texts: ReadonlyMap<string, string>,
): Violation[] {
  return [...numbers].flatMap(([lane, { told, asked }]) => {
    const found = Number(texts.get(lane)?.split(":").at(-1));
    if (found >= told && found <= asked) return [];
    return [violation(`${lane} was told of ${told}, asked for ${asked}, and there is ${found}`)];
  });
}
