import fc from "fast-check";
import { expect, test } from "vitest";
import { Grid } from "../../../src/ui/scene/grid.ts";

const coordinate = fc.integer({ min: -3_000, max: 3_000 });
const places = fc.array(fc.tuple(coordinate, coordinate), { maxLength: 200 });

/** The same, by looking at every node. */
function naive(positions: Float32Array, [x, y]: readonly [number, number], reach: number): number {
  let best = -1;
  let least = reach ** 2;
  for (let node = 0; node * 2 < positions.length; node += 1) {
    const far = (positions[node * 2]! - x) ** 2 + (positions[node * 2 + 1]! - y) ** 2;
    if (far <= least) [best, least] = [node, far];
  }
  return best;
}

test("Grid: nearest() finds what looking at every node finds", () => {
  fc.assert(
    fc.property(places, fc.tuple(coordinate, coordinate), fc.nat(2_000), (nodes, at, reach) => {
      const positions = Float32Array.from(nodes.flat());
      expect(new Grid(positions).nearest(...at, reach)).toBe(naive(positions, at, reach));
    }),
  );
});

test("Grid: a line of nodes does not make a grid of millions of cells", () => {
  const positions = Float32Array.from({ length: 20_000 }, (_, at) => (at % 2 ? 0 : at * 1_000));
  expect(new Grid(positions).nearest(5_000_000, 0, 400)).toBe(2_500);
});
