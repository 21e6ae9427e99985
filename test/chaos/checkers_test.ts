/** Each checker passes a history that is sound, and finds the fault that is put into it. */
import type { Change, SnapshotNode, Transaction } from "fairlead/zookeeper";
import { NEW_NODE, OPEN_ACL } from "fairlead/zookeeper";
import { expect, test } from "vitest";
import { checkAcknowledged, checkSealed, checkSlots } from "./checkers/acknowledged.ts";
import { checkChain } from "./checkers/chain.ts";
import { checkCounters } from "./checkers/counters.ts";
import { checkPrefix } from "./checkers/prefix.ts";
import { checkHoldings, checkNumbers, checkTurns } from "./checkers/recipes.ts";
import { checkSeal, checkTrees, plainNodes } from "./checkers/trees.ts";
import type { Call, Histories, LogEntry } from "./history.ts";

const CURSOR = "/fairlead-migration/m/cursor";
const bytes = (text: string) => new TextEncoder().encode(text);

const set = (path: string, text: string, version = 1): Change => ({
  type: "set",
  path,
  data: bytes(text),
  version,
});

const create = (path: string, text = ""): Change => ({
  type: "create",
  path,
  data: bytes(text),
  acl: OPEN_ACL,
  lifetime: { type: "persistent" },
  parentCversion: 1,
});

function transaction(zxid: number, ...changes: Change[]): LogEntry {
  const entry: Transaction = { zxid: BigInt(zxid), sessionId: 7n, cxid: 0, timeMs: 0, changes };
  return { type: "transaction", transaction: entry };
}

const snapshot = (zxid: number, ...nodes: [string, string][]): LogEntry => ({
  type: "snapshot",
  zxid: BigInt(zxid),
  nodes: nodes.map(([path, text]) => ({ ...NEW_NODE, path, data: bytes(text) })),
});

/** A write of the cursor: its node's version counts with the sequence. */
function cursor(sequence: number, zxid: number, phase = "sync", owner = "one"): Change {
  const hex = (value: number) => `0x${value.toString(16)}`;
  const json = { phase, zxid: hex(zxid), reverseZxid: "0x0", sequence, owner, ownSessions: [] };
  return set(CURSOR, JSON.stringify(json), sequence);
}

const START: [string, string][] = [
  ["/app", ""],
  ["/app/x", "0"],
  ["/app/y", "0"],
];

/** Two transactions are brought over, the target is opened, a client writes there, and goes back. */
function sound(): { a: LogEntry[]; b: LogEntry[] } {
  return {
    a: [
      snapshot(10, ...START),
      transaction(11, set("/app/x", "1"), set("/app/y", "1")),
      transaction(12, create("/app/q-0000000001")),
      transaction(20, cursor(1, 1_004)),
      transaction(21, cursor(2, 1_005), set("/app/x", "2", 2)),
      transaction(30, set("/app/x", "3", 3)),
    ],
    b: [
      snapshot(1_000, ...START),
      transaction(1_001, cursor(1, 10)),
      transaction(1_002, cursor(2, 11), set("/app/x", "1"), set("/app/y", "1")),
      transaction(1_003, cursor(3, 12), create("/app/q-0000000001")),
      transaction(1_004, cursor(4, 12, "open")),
      transaction(1_005, set("/app/x", "2", 2)),
      transaction(1_006, cursor(5, 12, "aborted")),
    ],
  };
}

const histories = (logs = sound()): Histories => ({ ...logs, root: "/app", cursorPath: CURSOR });

/** The sound logs, one entry another. */
function changed(side: "a" | "b", index: number, ...entries: LogEntry[]): Histories {
  const logs = sound();
  logs[side].splice(index, 1, ...entries);
  return histories(logs);
}

test("no checker finds anything in a sound history", () => {
  const all = histories();
  expect(checkSeal(all)).toEqual([]);
  expect(checkSealed(all)).toEqual([]);
  expect(checkChain(all)).toEqual([]);
  expect(checkPrefix(all)).toEqual({ violations: [], compared: 5, untold: 0 });
  expect(checkTurns(all, "/app/x")).toEqual([]);
  expect(checkNumbers(all, "/app")).toEqual([]);
});

test("C1 finds a node that is missing, too much, or has another data, kind, version, ACL", () => {
  const node = { ...NEW_NODE, path: "/app", data: bytes("1") };
  const tree = (...nodes: SnapshotNode[]) => plainNodes(nodes, () => true);
  const policy = { versions: true, acls: true };
  const found = (one: Partial<SnapshotNode>) =>
    checkTrees(tree(node), tree({ ...node, ...one }), policy).map(({ message }) => message);
  expect(found({})).toEqual([]);
  expect(found({ data: bytes("2") })).toEqual(["/app has another data"]);
  expect(checkTrees(tree({ ...NEW_NODE, data: null }), tree(NEW_NODE), policy)).toHaveLength(1);
  expect(found({ lifetime: { type: "container" } })).toEqual(["/app has another kind"]);
  expect(found({ version: 3 })).toEqual(["/app has another version"]);
  expect(found({ acl: [] })).toEqual(["/app has another ACL"]);
  expect(found({ path: "/b" })).toEqual(["/app is missing, /b is too much"]);
  expect(
    checkTrees(tree(node), tree({ ...node, version: 3 }), { ...policy, versions: false }),
  ).toEqual([]);
});

test("C1 at the seal finds what was not brought over", () => {
  const lost = changed("b", 3, transaction(1_003, cursor(3, 12)));
  expect(checkSeal(lost)).toEqual([{ checker: "C1", message: "/app/q-0000000001 is missing" }]);
});

const call = (more: Partial<Call>): Call => ({
  lane: "l",
  kind: "set",
  side: "a",
  calledMs: 1,
  answeredMs: 2,
  outcome: "ok",
  zxid: 11n,
  writes: [{ path: "/app/x", text: "1" }],
  ...more,
});

test("C2 finds an acknowledged write that the ensemble's log has not", () => {
  expect(checkAcknowledged(histories(), [call({})])).toEqual([]);
  expect(checkAcknowledged(histories(), [call({ zxid: 12n })])).toHaveLength(1);
  expect(checkAcknowledged(histories(), [call({ side: "b" })])).toHaveLength(1);
  const unknown = call({ outcome: "unknown", zxid: undefined });
  expect(checkAcknowledged(histories(), [unknown])).toEqual([]);
  // Where the tap began anew, the log does not tell.
  const gap = changed("a", 1, snapshot(11, ["/app", ""], ["/app/x", "1"], ["/app/y", "1"]));
  expect(checkAcknowledged(gap, [call({})])).toEqual([]);
});

test("C2 finds a write behind the seal, and one that was not brought back", () => {
  const late = changed(
    "a",
    3,
    transaction(19, set("/app/y", "9")),
    transaction(20, cursor(1, 1_004)),
  );
  expect(checkSealed(late)).toMatchObject([{ message: "the source took /app/y behind its seal" }]);
  const left = changed(
    "b",
    5,
    transaction(1_005, set("/app/x", "2", 2)),
    transaction(1_006, create("/app/z")),
  );
  expect(checkSealed(left)).toMatchObject([
    { message: "the target took /app/z, which was not brought back" },
  ]);
});

test("C2 finds a slot behind what was told, or ahead of what was asked", () => {
  const numbers = new Map([["l", { told: 5, asked: 6 }]]);
  const found = (text: string) => checkSlots(numbers, new Map([["l", text]])).length;
  expect([4, 5, 6, 7].map((number) => found(`l:${number}`))).toEqual([1, 0, 0, 1]);
  expect(checkSlots(numbers, new Map())).toHaveLength(1);
});

test("C3 finds a fork of the cursor, an owner who comes again, a cursor that goes back", () => {
  const steps = (...changes: Change[]): Histories =>
    histories({
      a: [snapshot(10, ...START)],
      b: [snapshot(1_000, ...START), ...changes.map((each, at) => transaction(1_001 + at, each))],
    });
  expect(checkChain(steps(cursor(1, 10), cursor(2, 10), cursor(3, 10, "sync", "two")))).toEqual([]);
  expect(checkChain(steps(cursor(1, 10), cursor(3, 10)))).toHaveLength(1);
  expect(checkChain(steps(cursor(1, 11), cursor(2, 10)))).toHaveLength(1);
  const again = steps(cursor(1, 10), cursor(2, 10, "sync", "two"), cursor(3, 10));
  expect(checkChain(again)).toMatchObject([{ message: "one wrote again after it was followed" }]);
});

test("C3 finds somebody else's write before the target is open, and none after", () => {
  const foreign = transaction(1_002, set("/app/y", "9"));
  expect(checkChain(changed("b", 2, foreign))).toContainEqual({
    checker: "C3",
    message: "somebody else changed /app/y before the target was open",
  });
});

test("C4 finds half a transaction, one that is done twice, one out of order, and on the way back", () => {
  const torn = changed("b", 2, transaction(1_002, cursor(2, 11), set("/app/x", "1")));
  expect(checkPrefix(torn).violations[0]?.message).toBe("0x3ea is not the state of 0xb");
  const early = changed("b", 2, transaction(1_002, cursor(2, 11), create("/app/q-0000000001")));
  expect(checkPrefix(early).violations.length).toBeGreaterThan(0);
  const nothing = changed("b", 2, transaction(1_002, cursor(2, 11)));
  expect(checkPrefix(nothing).violations.length).toBeGreaterThan(0);
  const back = changed("a", 4, transaction(21, cursor(2, 1_005)));
  expect(checkPrefix(back).violations).toHaveLength(1);
  const untold = changed("a", 1, snapshot(12, ...START));
  expect(checkPrefix(untold).untold).toBe(1);
});

test("C5 finds two holders at once, also on two sides, and none in a row", () => {
  const hold = (lane: string, side: "a" | "b", fromMs: number, untilMs: number) => {
    return { resource: "lock", lane, side, fromMs, untilMs };
  };
  expect(checkHoldings([hold("one", "a", 0, 10), hold("two", "b", 10, 20)])).toEqual([]);
  const both = checkHoldings([hold("two", "b", 9, 20), hold("one", "a", 0, 10)]);
  expect(both).toMatchObject([{ message: "one on a and two on b held lock at once, for 1 ms" }]);
  const long = [hold("one", "a", 0, 50), hold("two", "a", 60, 61), hold("three", "b", 49, 55)];
  expect(checkHoldings(long)).toHaveLength(1);
  const other = { ...hold("two", "b", 5, 6), resource: "leader" };
  expect(checkHoldings([hold("one", "a", 0, 10), other])).toEqual([]);
});

test("C5 finds a turn that writes again after another's, over both sides", () => {
  const log = (turns: string[], from: number) =>
    turns.map((turn, index) => transaction(from + index, set("/app/x", turn)));
  const turns = (a: string[], b: string[]): Histories =>
    histories({
      a: [snapshot(10, ...START), ...log(a, 11)],
      b: [snapshot(1_000, ...START), transaction(1_001, cursor(1, 20, "open")), ...log(b, 1_002)],
    });
  expect(checkTurns(turns(["one#1", "one#1", "two#1"], ["two#1", "one#2"]), "/app/x")).toEqual([]);
  expect(checkTurns(turns(["one#1", "two#1"], ["one#1"]), "/app/x")).toHaveLength(1);
});

test("C5 finds a number that comes again on the other side", () => {
  const numbers = (next: string): Histories =>
    changed("b", 5, transaction(1_005, create(`/app/q-${next}`)));
  expect(checkNumbers(numbers("0000000002"), "/app")).toEqual([]);
  expect(checkNumbers(numbers("0000000001"), "/app")).toHaveLength(1);
});

test("C6 finds an increment that is lost, done twice, or out of order", () => {
  const path = "/app/counter";
  const increment = (value: number, calledMs: number, more: Partial<Call> = {}): Call =>
    call({
      kind: "increment",
      calledMs,
      answeredMs: calledMs + 1,
      writes: [{ path, text: `${value} l:${value}` }],
      ...more,
    });
  const check = (final: number, ...calls: Call[]) => checkCounters(calls, new Map([[path, final]]));
  const unknown = increment(2, 20, { outcome: "unknown", isDone: true });
  expect(check(3, increment(1, 10), unknown, increment(3, 30))).toEqual([]);
  expect(check(3, increment(1, 10), increment(3, 30))).toHaveLength(1);
  expect(check(2, increment(1, 10), increment(2, 20), increment(2, 30))).toHaveLength(1);
  expect(check(1, increment(1, 10), increment(2, 20))).toHaveLength(1);
  expect(check(1, increment(1, 10), { ...unknown, isDone: false })).toEqual([]);
  expect(check(2, increment(1, 30), increment(2, 10))).toMatchObject([{ checker: "C6" }]);
});
