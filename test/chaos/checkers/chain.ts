/** C3: one writer at a time, and nobody else. */
import {
  cursorWrites,
  gapsOf,
  type Histories,
  isOurs,
  touched,
  type Violation,
} from "../history.ts";

const violation = (message: string): Violation => ({ checker: "C3", message });

/**
 * C3: the cursor's versions and sequences are one chain without a fork, each writer writes in one
 * stretch, and before the target is opened nobody else changes what moves.
 */
export function checkChain(histories: Histories): Violation[] {
  return [...checkSteps(histories), ...checkForeign(histories)];
}

function checkSteps({ b, cursorPath }: Histories): Violation[] {
  const gaps = gapsOf(b);
  const writes = cursorWrites(b, cursorPath);
  const found: Violation[] = [];
  const former = new Set<string>();
  for (const [index, { version, zxid, cursor }] of writes.entries()) {
    const before = writes[index - 1];
    if (before === undefined) continue;
    const { sequence, owner } = cursor;
    if (before.cursor.owner !== owner) former.add(before.cursor.owner);
    if (former.has(owner)) found.push(violation(`${owner} wrote again after it was followed`));
    if (cursor.zxid < before.cursor.zxid) {
      found.push(violation(`the cursor went back from ${before.cursor.zxid} to ${cursor.zxid}`));
    }
    if (gaps.some(({ from, to }) => zxid > from && before.zxid < to)) continue;
    if (version !== before.version + 1 || sequence !== before.cursor.sequence + 1) {
      const step = `${before.version}/${before.cursor.sequence} to ${version}/${sequence}`;
      found.push(violation(`the cursor stepped from ${step}`));
    }
  }
  return found;
}

function checkForeign({ b, root, cursorPath }: Histories): Violation[] {
  const opened = cursorWrites(b, cursorPath).find(({ cursor }) => cursor.phase === "open");
  const ephemerals = new Set<string>();
  return b.flatMap((entry) => {
    if (entry.type !== "transaction") return [];
    const { transaction } = entry;
    if (opened !== undefined && transaction.zxid > opened.zxid) return [];
    const [path] = touched(transaction, root, ephemerals);
    if (path === undefined || isOurs(transaction, cursorPath)) return [];
    return [violation(`somebody else changed ${path} before the target was open`)];
  });
}
