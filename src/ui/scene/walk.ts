/** From node to node with the arrow keys. */

/** A direction as a step in x and y. */
export type Direction = readonly [dx: -1 | 0 | 1, dy: -1 | 0 | 1];

/** What is beside the way counts so much more than what is along it. */
const ASIDE = 2.5;

/**
 * The node that one reaches from another in a direction: the closest within a quarter of the circle
 * around it; the same one where there is none.
 *
 * Cost: O(n).
 */
export function walkFrom(positions: Float32Array, from: number, [dx, dy]: Direction): number {
  const [x, y] = [positions[from * 2]!, positions[from * 2 + 1]!];
  let best = from;
  let least = Number.POSITIVE_INFINITY;
  for (let node = 0; node * 2 < positions.length; node += 1) {
    const [u, v] = [positions[node * 2]! - x, positions[node * 2 + 1]! - y];
    const along = u * dx + v * dy;
    const aside = Math.abs(u * dy) + Math.abs(v * dx);
    if (along <= 0 || aside > along) continue;
    const far = along + ASIDE * aside;
    if (far < least) [best, least] = [node, far];
  }
  return best;
}
