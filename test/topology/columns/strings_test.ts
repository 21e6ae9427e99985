import fc from "fast-check";
import { expect, test } from "vitest";
import { FairleadError } from "../../../src/base/mod.ts";
import { StringTable } from "../../../src/topology/columns/strings.ts";

const word = fc.oneof(fc.constantFrom("", "a", "b", "name", "pid"), fc.string({ maxLength: 30 }));

test("intern() gives equal texts equal handles and others other ones", () => {
  fc.assert(
    fc.property(fc.array(word, { maxLength: 400 }), (words) => {
      const table = new StringTable();
      const handles = new Map(words.map((each) => [each, table.intern(each)]));
      expect(new Set(handles.values()).size).toBe(handles.size);
      for (const [text, handle] of handles) {
        expect(table.text(handle)).toBe(text);
        expect(table.find(text)).toBe(handle);
      }
      expect(table.find("never seen, surely")).toBe(0);
    }),
  );
});

test("sweep() keeps the handles of what is used and gives the others out again", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ minLength: 1 })),
      fc.infiniteStream(fc.boolean()),
      (words, keep) => {
        const table = new StringTable();
        const handles = words.map((text) => table.intern(text));
        const used = new Uint8Array(table.bound);
        const kept = new Map<string, number>();
        for (const [at, text] of words.entries()) {
          if (!keep.next().value) continue;
          used[handles[at]!] = 1;
          kept.set(text, handles[at]!);
        }
        table.sweep(used);
        expect(table.size).toBe(kept.size + 1);
        const before = table.bound;
        for (const text of words) table.intern(`${text}+`);
        for (const [text, handle] of kept) {
          expect(table.intern(text)).toBe(handle);
          expect(table.text(handle)).toBe(text);
        }
        expect(table.bound).toBeLessThanOrEqual(Math.max(before, kept.size * 2 + words.length + 1));
      },
    ),
  );
});

test("a thousand sweeps of passing strings take no more memory than one", () => {
  const table = new StringTable();
  for (let round = 0; round < 1_000; round += 1) {
    for (let at = 0; at < 50; at += 1) table.intern(`passing ${round} ${at}`);
    table.sweep(new Uint8Array(table.bound));
  }
  expect(table.bound).toBeLessThan(200);
  expect(table.bytes).toBe(0);
});

test("intern() refuses what would outgrow the table", () => {
  const table = new StringTable({ bytesMax: 10 });
  table.intern("12345");
  let code = "";
  try {
    table.intern("123456");
  } catch (error) {
    if (error instanceof FairleadError) code = error.code;
  }
  expect(code).toBe("memory_exhausted");
  expect(table.find("12345")).toBe(table.intern("12345"));
});
