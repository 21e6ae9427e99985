import fc from "fast-check";
import { expect, test } from "vitest";
import { EventStreamReader } from "../../../src/ui/feed/event_stream.ts";

function readAll(text: string, cuts: readonly number[] = []) {
  const reader = new EventStreamReader();
  const at = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].flatMap((from, index) =>
    reader.push(text.slice(from, at[index] ?? text.length)),
  );
}

test("EventStreamReader gives name, data of several lines, and the id that stands", () => {
  expect(readAll("event: a\nid: 7\ndata: x\ndata: y\n\ndata:z\n\n")).toEqual([
    { event: "a", data: "x\ny", id: "7" },
    { event: "message", data: "z", id: "7" },
  ]);
});

test("EventStreamReader leaves out comments, unknown fields and events without data", () => {
  expect(readAll(": beat\n\nretry: 5\nfoo\nevent: a\n\ndata: 1\r\n\r\n")).toEqual([
    { event: "message", data: "1", id: "" },
  ]);
});

test("EventStreamReader reads the same wherever the chunks are cut", () => {
  const text =
    'event: delta\nid: 1\ndata: {"a":1}\n\n: beat\n\nevent: b\r\ndata: é\r\n\r\ndata\n\n';
  const whole = readAll(text);
  fc.assert(
    fc.property(fc.array(fc.nat()), (cuts) => {
      expect(readAll(text, cuts)).toEqual(whole);
    }),
  );
});

test("EventStreamReader refuses an event that fills the memory", () => {
  const reader = new EventStreamReader();
  const line = `data: ${"x".repeat(1_048_576)}\n`;
  expect(() => {
    for (let pieces = 0; pieces < 80; pieces += 1) reader.push(line);
  }).toThrow("larger than");
});
