import { arrangeAround } from "fairlead/ui";
import fc from "fast-check";
import { expect, test } from "vitest";

const coordinate = fc.float({ min: -5_000, max: 5_000, noNaN: true });
const places = fc
  .array(fc.tuple(coordinate, coordinate), { minLength: 2, maxLength: 300 })
  .map((pairs) => Float32Array.from(pairs.flat()));

test("arrangeAround() puts all neighbours around the node, none over another nor over it", () => {
  fc.assert(
    fc.property(places, (positions) => {
      const neighbours = Uint32Array.from({ length: positions.length / 2 - 1 }, (_, at) => at + 1);
      const kept = positions.slice();
      const arranged = arrangeAround(positions, 0, neighbours);
      expect(positions).toEqual(kept);
      expect(arranged).toEqual(arrangeAround(positions, 0, neighbours));
      const all = Array.from({ length: positions.length / 2 }, (_, at) =>
        at === 0 ? [kept[0]!, kept[1]!] : [arranged[at * 2 - 2]!, arranged[at * 2 - 1]!],
      );
      expect(all.flat().every(Number.isFinite)).toBe(true);
      for (const [at, [x, y]] of all.entries()) {
        for (const [u, v] of all.slice(0, at)) {
          expect(Math.hypot(x! - u!, y! - v!)).toBeGreaterThan(40);
        }
      }
    }),
    { numRuns: 40 },
  );
});

test("arrangeAround() leaves a single neighbour in its direction", () => {
  const arranged = arrangeAround(Float32Array.of(10, 10, 500, 10), 0, Uint32Array.of(1));
  expect(arranged[0]).toBeGreaterThan(100);
  expect(arranged[1]).toBeCloseTo(10);
});
