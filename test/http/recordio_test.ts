import { encodeRecord, RecordIoReader, recordIoDecoder, recordIoEncoder } from "fairlead/http";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { collect, streamOf } from "../support/streams.ts";

const decoder = new TextDecoder();
const bytes = (text: string) => new TextEncoder().encode(text);
const texts = (records: readonly Uint8Array[]) => records.map((record) => decoder.decode(record));

function reader(recordBytesMax = 1024) {
  return new RecordIoReader({ recordBytesMax });
}

describe("encodeRecord()", () => {
  test("writes the length in bytes, a newline and the record", () => {
    expect(decoder.decode(encodeRecord("héllo"))).toBe("6\nhéllo");
    expect(decoder.decode(encodeRecord(bytes("")))).toBe("0\n");
  });
});

describe("RecordIoReader", () => {
  test("gives back what was encoded, wherever the pieces are cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        (records, cuts) => {
          const whole = Uint8Array.from(records.flatMap((record) => [...encodeRecord(record)]));
          const read = reader();
          const got: number[][] = [];
          for (let at = 0, turn = 0; at < whole.length; turn += 1) {
            const size = cuts[turn % cuts.length] ?? 1;
            const piece = whole.slice(at, at + size);
            got.push(...read.push(piece).map((record) => [...record]));
            at += size;
          }
          read.end();
          expect(got).toEqual(records.map((record) => [...record]));
        },
      ),
    );
  });

  test("gives a record of length 0 with the piece that ends its length", () => {
    const read = reader();
    expect(texts(read.push(bytes("0\n0\n1\na")))).toEqual(["", "", "a"]);
    expect(texts(read.push(bytes("0")))).toEqual([]);
    expect(texts(read.push(bytes("\n")))).toEqual([""]);
    read.end();
  });

  test("copies nothing of a record that lies whole in a piece", () => {
    const piece = bytes("2\nab");
    expect(reader().push(piece)[0]?.buffer).toBe(piece.buffer);
  });

  test.each([["a"], ["-1\n"], ["\n"], ["1 \nx"], ["1.5\n"], ["000000000000000000001\n"]])(
    "refuses the length %j",
    (text) => {
      const read = reader();
      expect(() => read.push(bytes(text))).toThrow(
        expect.objectContaining({ code: "invalid_record" }),
      );
      expect(() => read.push(bytes("1\na"))).toThrow(/no decimal number/);
      expect(() => read.end()).toThrow(/no decimal number/);
    },
  );

  test("refuses a record above the maximum as soon as its length says so", () => {
    expect(texts(reader(3).push(bytes("3\nabc")))).toEqual(["abc"]);
    expect(() => reader(3).push(bytes("4"))).toThrow(
      expect.objectContaining({ code: "record_too_large", details: { recordBytesMax: 3 } }),
    );
  });

  test.each([["1"], ["2\n"], ["2\na"]])("tells that the stream ended after %j", (text) => {
    const read = reader();
    read.push(bytes(text));
    expect(() => read.end()).toThrow(expect.objectContaining({ code: "record_truncated" }));
  });

  test("takes a long record in single bytes without more memory than has come", () => {
    const read = reader(10_000_000);
    read.push(bytes("10000000\n"));
    const before = process.memoryUsage().arrayBuffers;
    for (let sent = 0; sent < 100_000; sent += 1) read.push(Uint8Array.of(sent & 0xff));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5_000_000);
  });

  test("refuses a maximum that is none", () => {
    expect(() => reader(0)).toThrow(expect.objectContaining({ code: "invalid_option" }));
  });
});

describe("recordIoEncoder() and recordIoDecoder()", () => {
  test("are each other's inverse, one chunk a record", async () => {
    const records = streamOf<Uint8Array | string>(["one", bytes("two"), ""]);
    const chunks = await collect(records.pipeThrough(recordIoEncoder()));
    expect(texts(chunks)).toEqual(["3\none", "3\ntwo", "0\n"]);
    const back = streamOf<Uint8Array>(chunks).pipeThrough(recordIoDecoder({ recordBytesMax: 8 }));
    expect(texts(await collect(back))).toEqual(["one", "two", ""]);
  });

  test("fail with the reader's errors", async () => {
    const cut = streamOf([bytes("3\non")]);
    const read = collect(cut.pipeThrough(recordIoDecoder({ recordBytesMax: 8 })));
    await expect(read).rejects.toMatchObject({ code: "record_truncated" });
  });
});
