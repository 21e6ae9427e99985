/** Neighbours around a node. */

/** Room between two neighbours on a ring, and between rings. */
const STEP = 96;
const RING = 110;

/**
 * Places for the neighbours of a selected node: rings around it, each neighbour in the direction in
 * which it stood as far as there is room. Pure: the same places give the same rings.
 *
 * Shapes: 2n positions and k neighbours in; 2k positions out.
 * Cost: O(k log k).
 *
 * @param positions Where all nodes stand; not changed.
 * @param centre The selected node.
 * @param neighbours Nodes to be arranged, each once, without `centre`.
 */
export function arrangeAround(
  positions: Float32Array,
  centre: number,
  neighbours: Uint32Array,
): Float32Array {
  const [x, y] = [positions[centre * 2]!, positions[centre * 2 + 1]!];
  const angles = Float64Array.from(neighbours, (node) =>
    Math.atan2(positions[node * 2 + 1]! - y, positions[node * 2]! - x),
  );
  const order = Array.from(neighbours, (_, at) => at);
  order.sort((a, b) => angles[a]! - angles[b]! || neighbours[a]! - neighbours[b]!);
  const arranged = new Float32Array(neighbours.length * 2);
  const rings = ringsOf(neighbours.length);
  for (const [ring, { radius, held }] of rings.entries()) {
    // Dealt like cards: every ring goes all the way round.
    const mine = order.filter((_, at) => at % rings.length === ring).slice(0, held);
    const first = mine.length === 0 ? 0 : angles[mine[0]!]!;
    for (const [at, neighbour] of mine.entries()) {
      const angle = first + (at * 2 * Math.PI) / mine.length;
      arranged[neighbour * 2] = x + radius * Math.cos(angle);
      arranged[neighbour * 2 + 1] = y + radius * Math.sin(angle);
    }
  }
  return arranged;
}

/** Rings with equal numbers of neighbours, the first wide enough for its share. */
function ringsOf(count: number): { readonly radius: number; readonly held: number }[] {
  let rings = 1;
  const inner = () => Math.max(1.6 * RING, (Math.ceil(count / rings) * STEP) / (2 * Math.PI));
  while (inner() > rings * 2 * RING) rings += 1;
  const held = Math.ceil(count / rings);
  const first = inner();
  return Array.from({ length: rings }, (_, ring) => ({ radius: first + ring * RING, held }));
}
