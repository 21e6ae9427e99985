import { type Cursor, journalPaths, PHASES } from "fairlead/migration";
import { expect, test } from "vitest";
import { decodeCursor, encodeCursor } from "../../src/migration/journal.ts";

const cursor: Cursor = {
  format: 1,
  id: "m",
  phase: "sync",
  zxid: 0x1_0000_0002n,
  sequence: 3,
  owner: "ada",
  ownSessions: [-5n, 0x1000044b23e0000n],
  deadlineMs: 7,
  reverseZxid: 0n,
};

test("a cursor is read as it was written, in every phase", () => {
  for (const phase of PHASES) {
    const each = { ...cursor, phase };
    expect(decodeCursor(encodeCursor(each), "/c")).toEqual(each);
  }
});

test("what is no cursor is refused, and the path is named", () => {
  for (const data of [null, new Uint8Array(3), new TextEncoder().encode('{"format":2}')]) {
    expect(() => decodeCursor(data, "/c")).toThrow(
      expect.objectContaining({ code: "invalid_journal", details: { path: "/c" } }),
    );
  }
});

test("each migration has a folder of its own", () => {
  expect(journalPaths("m")).toMatchObject({
    root: "/fairlead-migration/m",
    cursor: "/fairlead-migration/m/cursor",
  });
});
