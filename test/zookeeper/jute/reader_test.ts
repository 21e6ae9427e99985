import { JuteReader, JuteWriter } from "fairlead/zookeeper";
import fc from "fast-check";
import { expect, test } from "vitest";

test("what is written is read again", () => {
  const values = fc.record({
    bool: fc.boolean(),
    int: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    long: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    text: fc.string({ unit: "grapheme", maxLength: 80 }),
    buffer: fc.option(fc.uint8Array()),
    list: fc.array(fc.string()),
  });
  fc.assert(
    fc.property(values, ({ bool, int, long, text, buffer, list }) => {
      const writer = new JuteWriter(1);
      const start = writer.begin();
      writer.bool(bool);
      writer.int(int);
      writer.long(long);
      writer.text(text);
      writer.buffer(buffer);
      writer.list(list, (each, value) => each.text(value));
      writer.end(start);
      const bytes = writer.take();
      const reader = new JuteReader(bytes);
      expect(reader.int()).toBe(bytes.length - 4);
      expect(reader.bool()).toBe(bool);
      expect(reader.int()).toBe(int);
      expect(reader.long()).toBe(long);
      expect(reader.text()).toBe(text);
      expect(reader.buffer()).toEqual(buffer === null ? null : new Uint8Array(buffer));
      expect(reader.list((each) => each.text())).toEqual(list);
      expect(reader.left).toBe(0);
    }),
  );
});

test("a buffer is a copy, also of a Buffer's memory", () => {
  const bytes = Buffer.from([0, 0, 0, 1, 7]);
  const read = new JuteReader(bytes).buffer();
  bytes[4] = 8;
  expect(read).toEqual(Uint8Array.of(7));
  expect(Buffer.isBuffer(read)).toBe(false);
});

test("a length that leads out of the packet is an error, and makes nothing large", () => {
  const writer = new JuteWriter();
  writer.int(0x7fff_ffff);
  const bytes = writer.take();
  for (const read of [
    (reader: JuteReader) => reader.buffer(),
    (reader: JuteReader) => reader.text(),
    (reader: JuteReader) => reader.list((each) => each.bool()),
    (reader: JuteReader) => reader.long(),
  ]) {
    expect(() => read(new JuteReader(bytes))).toThrow(
      expect.objectContaining({ code: "invalid_packet" }),
    );
  }
});

test("a time of 64 bits is a number", () => {
  const writer = new JuteWriter();
  writer.long(1_795_000_000_123n);
  expect(new JuteReader(writer.take()).timeMs()).toBe(1_795_000_000_123);
});
