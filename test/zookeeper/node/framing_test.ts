import fc from "fast-check";
import { expect, test } from "vitest";
import { Framing } from "../../../src/zookeeper/node/framing.ts";

function framed(packets: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    packets.flatMap((packet) => {
      const length = Buffer.alloc(4);
      length.writeInt32BE(packet.length);
      return [length, packet];
    }),
  );
}

test("packets come out as they went in, wherever the stream is cut", () => {
  const packets = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 8 });
  const cuts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(packets, cuts, (sent, sizes) => {
      const stream = framed(sent);
      const framing = new Framing(1_000);
      const got: Uint8Array[] = [];
      for (let at = 0, turn = 0; at < stream.length; turn += 1) {
        const size = sizes[turn % sizes.length] ?? 1;
        framing.feed(stream.slice(at, at + size), (bytes, start, end) => {
          got.push(new Uint8Array(bytes.subarray(start, end)));
        });
        at += size;
      }
      expect(got).toEqual(sent.map((each) => new Uint8Array(each)));
    }),
  );
});

test("a length that cannot be is refused before anything is made of it", () => {
  for (const length of [-1, 0, 1_001, 0x7fff_ffff]) {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(length);
    const cut = new Framing(1_000);
    expect(() => cut.feed(bytes, () => {})).toThrow(/from 1 to 1000/);
    const parts = new Framing(1_000);
    parts.feed(bytes.subarray(0, 2), () => {});
    expect(() => parts.feed(bytes.subarray(2), () => {})).toThrow(/from 1 to 1000/);
  }
});

test("limit() counts from the next packet on, within one chunk too", () => {
  const framing = new Framing(4);
  const got: number[] = [];
  const stream = framed([new Uint8Array(4), new Uint8Array(40)]);
  framing.feed(stream, (_bytes, start, end) => {
    got.push(end - start);
    framing.limit(40);
  });
  expect(got).toEqual([4, 40]);
  expect(() => framing.feed(framed([new Uint8Array(41)]), () => undefined)).toThrow("41 bytes");
});
