import fc from "fast-check";
import { expect, test } from "vitest";
import { FileTail } from "../../../src/ui/feed/tail.ts";

const { signal } = new AbortController();

/** A file of bytes, read as the master reads it. */
function fileOf(text: string, tellsLength = true) {
  const file = { bytes: new TextEncoder().encode(text) };
  const tail = new FileTail(async ({ offset, length }) => {
    const size = file.bytes.length;
    if (offset < 0) return { offset: size, data: "", size };
    const part = file.bytes.subarray(offset, offset + length);
    const data = new TextDecoder().decode(part);
    return { offset, data, size, ...(tellsLength ? { length: part.length } : {}) };
  });
  const write = (more: string) => {
    file.bytes = new TextEncoder().encode(new TextDecoder().decode(file.bytes) + more);
  };
  return { file, tail, write };
}

const linesOf = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => `line ${from + at}`)
    .map((line) => `${line}\n`)
    .join("");

test("FileTail shows a small file whole, its unfinished line too", async () => {
  const { tail } = fileOf("a\nb\nc");
  await tail.update(signal);
  expect([tail.lines, tail.startBytes, tail.sizeBytes]).toEqual([["a", "b", "c"], 0, 5]);
});

test("FileTail follows what is written, and grows the unfinished line", async () => {
  const { tail, write } = fileOf("a\nb");
  await tail.update(signal);
  write("c\nd\n");
  await tail.update(signal);
  expect(tail.lines).toEqual(["a", "bc", "d"]);
  const { version } = tail;
  await tail.update(signal);
  expect(tail.version).toBe(version);
});

test.each([true, false])(
  "FileTail opens a large file near its end, at a line, and reads back to its beginning (%s)",
  async (tellsLength) => {
    const { tail, write } = fileOf(linesOf(0, 60_000), tellsLength);
    await tail.update(signal);
    expect(tail.lines.at(-1)).toBe("line 59999");
    expect(tail.lines[0]).toMatch(/^line \d+$/);
    expect(tail.lines.length).toBeLessThan(8_000);
    const first = Number(tail.lines[0]?.slice(5));
    const added = await tail.earlier(signal);
    expect(tail.lines[added]).toBe(`line ${first}`);
    expect(tail.lines[0]).toMatch(/^line \d+$/);
    write("more\n");
    await tail.update(signal);
    expect(tail.lines.at(-1)).toBe("more");
    expect(tail.lineCount).toBe(tail.lines.length);
  },
);

test("FileTail reads back to byte 0 and stops there", async () => {
  const { tail } = fileOf(linesOf(0, 10_000));
  await tail.update(signal);
  while (tail.startBytes > 0) await tail.earlier(signal);
  expect(tail.lines.length).toBe(10_000);
  expect(tail.lines[0]).toBe("line 0");
  expect(await tail.earlier(signal)).toBe(0);
});

test("FileTail begins anew when the file became shorter", async () => {
  const { tail, file } = fileOf("old\nolder\n");
  await tail.update(signal);
  file.bytes = new TextEncoder().encode("new\n");
  await tail.update(signal);
  expect([tail.lines, tail.restarts]).toEqual([["new"], 1]);
});

test("FileTail keeps a bounded number of lines", async () => {
  const { tail, write } = fileOf("");
  await tail.update(signal);
  for (let piece = 0; piece < 12; piece += 1) {
    write(linesOf(piece * 10_000, piece * 10_000 + 10_000));
    await tail.update(signal);
  }
  expect(tail.lines.length).toBe(50_000);
  expect(tail.lines[0]).toBe("line 70000");
  expect(tail.startBytes).toBe(linesOf(0, 70_000).length);
});

test("FileTail shows lines without colours, carriage returns and endlessness", async () => {
  const { tail } = fileOf(`\u001b[31mred\u001b[0m\r\n10 %\r99 %\n${"x".repeat(20_000)}\n`);
  await tail.update(signal);
  expect(tail.lines.slice(0, 2)).toEqual(["red", "99 %"]);
  expect(tail.lines[2]?.length).toBeLessThan(8_300);
});

test("FileTail after any writes shows the end of the file", async () => {
  const pieces = fc.array(fc.stringMatching(/^[a-cé\n]{0,40}$/), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(pieces, async (written) => {
      const { tail, write } = fileOf("");
      for (const piece of written) {
        write(piece);
        await tail.update(signal);
      }
      const lines = written.join("").split("\n");
      if (lines.at(-1) === "") lines.pop();
      expect(tail.lines).toEqual(lines);
    }),
  );
});
