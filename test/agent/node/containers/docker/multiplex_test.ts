import fc from "fast-check";
import { expect, test } from "vitest";
import { Demultiplexer } from "../../../../../src/agent/node/containers/docker/multiplex.ts";

const piece = fc.record({
  stream: fc.constantFrom("stdout" as const, "stderr" as const),
  bytes: fc.uint8Array({ maxLength: 50 }),
});

function pack(pieces: readonly { stream: string; bytes: Uint8Array }[]): Buffer {
  return Buffer.concat(
    pieces.flatMap(({ stream, bytes }) => {
      const header = Buffer.alloc(8);
      header[0] = stream === "stdout" ? 1 : 2;
      header.writeUInt32BE(bytes.length, 4);
      return [header, Buffer.from(bytes)];
    }),
  );
}

test("Demultiplexer gives every byte to its stream, however the pieces arrive", () => {
  fc.assert(
    fc.property(fc.array(piece), fc.array(fc.integer({ min: 1, max: 20 })), (pieces, cuts) => {
      const packed = pack(pieces);
      const demultiplexer = new Demultiplexer();
      const got: Record<string, number[]> = { stdout: [], stderr: [] };
      for (let at = 0, n = 0; at < packed.length; n++) {
        const size = cuts.length === 0 ? packed.length : (cuts[n % cuts.length] ?? 1);
        for (const { stream, bytes } of demultiplexer.push(packed.subarray(at, at + size))) {
          got[stream]?.push(...bytes);
        }
        at += size;
      }
      for (const stream of ["stdout", "stderr"]) {
        const sent = pieces
          .filter((each) => each.stream === stream)
          .flatMap(({ bytes }) => [...bytes]);
        expect(got[stream]).toEqual(sent);
      }
    }),
  );
});
