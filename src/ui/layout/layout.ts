/** The layout of a graph, from nothing or after another. */
import { frameOf, placeRows, sizeOf, slotAt, spanOf } from "./boxes.ts";
import { bundle, type Lists, membersOf } from "./bundles.ts";
import { type Layout, type LayoutInput, MEASURES } from "./contract.ts";
import { byKey, rowsOf } from "./layers.ts";

/** What is being filled in. */
interface Draft {
  readonly input: LayoutInput;
  readonly members: Lists;
  readonly boxes: Float32Array;
  readonly slots: Uint32Array;
  readonly spans: Uint32Array;
}

/** A picture narrower than this is made again with fewer and wider rows, so often at most. */
const ASPECT_MIN = 1.5;
const ATTEMPTS = 4;
/** Two or three nodes have room enough wherever they stand. */
const OUTGROWN_MIN = 4;

/** Marks a node that has no slot yet. */
const NO_SLOT = 0xffffffff;

/**
 * Lay a graph out. Groups stand in rows, callers above those whom they call; members stand in the
 * slots of their group's box. The same graph gives the same picture, whatever the order of ids.
 *
 * With the layout before, whatever was there stays where it was: a new member takes a free slot, a
 * new group free room. Only a group that has outgrown its box moves, with its members. A graph that
 * has more than doubled since it was laid out from nothing is another one: it is laid out anew.
 *
 * Shapes: n nodes, g groups and e edges in; 2n positions and 4g measures of boxes out.
 * Cost: O(n log n + e) time; about 20 ms for 11,000 nodes and 25,000 edges.
 */
export function layOut(input: LayoutInput, before?: Layout): Layout {
  const groupCount = input.groupKeys.length;
  const draft: Draft = {
    input,
    members: membersOf(groupCount, input.groups),
    boxes: new Float32Array(groupCount * 4),
    slots: new Uint32Array(input.groups.length).fill(NO_SLOT),
    spans: new Uint32Array(groupCount * 2),
  };
  if (before === undefined || isOutgrown(input, before)) return fresh(draft);
  return following(draft, before);
}

function isOutgrown({ nodeKeys }: LayoutInput, { begunWith }: Layout): boolean {
  return nodeKeys.length > 2 * begunWith && nodeKeys.length >= OUTGROWN_MIN;
}

function fresh(draft: Draft): Layout {
  const { input, boxes } = draft;
  const groupCount = input.groupKeys.length;
  for (let group = 0; group < groupCount; group += 1) furnish(draft, group);
  const { pairs } = bundle(input.edges, input.groups, { groupCount });
  let { width, rows } = frameOf(boxes);
  let bounds: Layout["bounds"] = [0, 0, 0, 0];
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    placeRows(rowsOf(input.groupKeys, pairs, rows), boxes, width);
    bounds = boundsOf(boxes);
    const aspect = (bounds[2] - bounds[0]) / Math.max(1, bounds[3] - bounds[1]);
    if (aspect >= ASPECT_MIN) break;
    rows = Math.ceil(rows * 0.6);
    width *= 1.15;
  }
  const shelf = [bounds[0], bounds[3] + MEASURES.gaps[1], 0] as const;
  return finish(draft, { bounds, shelf, begunWith: input.nodeKeys.length });
}

/** Give a group a box that its members fit in, and them slots in the order of their keys. */
function furnish({ input, members, boxes, slots, spans }: Draft, group: number): void {
  const nodes = members.targets.subarray(members.offsets[group]!, members.offsets[group + 1]!);
  const keys = input.nodeKeys;
  const [columns, rows] = spanOf(nodes.length);
  const [width, height] = sizeOf(columns, rows);
  spans.set([columns, rows], group * 2);
  boxes.set([0, 0, width, height], group * 4);
  nodes.sort((a, b) => keys[a]! - keys[b]!);
  for (const [slot, node] of nodes.entries()) slots[node] = slot;
}

function following(draft: Draft, before: Layout): Layout {
  const { input, boxes, spans } = draft;
  const known = new Map(Array.from(before.groupKeys, (key, group) => [key, group]));
  const taken = keptSlots(draft, before, known);
  const homeless: number[] = [];
  for (const group of byKey(input.groupKeys)) {
    const old = known.get(input.groupKeys[group]!);
    if (old !== undefined) {
      spans.set(before.spans.subarray(old * 2, old * 2 + 2), group * 2);
      boxes.set(before.boxes.subarray(old * 4, old * 4 + 4), group * 4);
      known.delete(input.groupKeys[group]!);
      if (settle(draft, group, taken[group])) continue;
      known.set(input.groupKeys[group]!, old);
    }
    furnish(draft, group);
    homeless.push(group);
  }
  const room = new Room(before, known.values());
  for (const group of homeless) room.take(boxes, group);
  const bounds = unite(before.bounds, boundsOf(boxes));
  return finish(draft, { bounds, shelf: room.shelf, begunWith: before.begunWith });
}

/** Slots that members keep, and by group which ones those are. */
function keptSlots(
  { input, slots }: Draft,
  before: Layout,
  known: ReadonlyMap<number, number>,
): readonly (Set<number> | undefined)[] {
  const nodes = new Map(Array.from(before.nodeKeys, (key, node) => [key, node]));
  const taken: (Set<number> | undefined)[] = Array.from(input.groupKeys, () => undefined);
  for (let node = 0; node < slots.length; node += 1) {
    const old = nodes.get(input.nodeKeys[node]!);
    const group = input.groups[node]!;
    if (old === undefined || before.groups[old] !== known.get(input.groupKeys[group]!)) continue;
    const slot = before.slots[old]!;
    taken[group] ??= new Set();
    if (taken[group].has(slot)) continue;
    taken[group].add(slot);
    slots[node] = slot;
  }
  return taken;
}

/** Give the new members of a group the free slots of its box; false when there are too few. */
function settle({ input, members, slots, spans }: Draft, group: number, taken?: Set<number>) {
  const nodes = members.targets.subarray(members.offsets[group]!, members.offsets[group + 1]!);
  if (nodes.length > spans[group * 2]! * spans[group * 2 + 1]!) return false;
  const coming = nodes.filter((node) => slots[node] === NO_SLOT);
  coming.sort((a, b) => input.nodeKeys[a]! - input.nodeKeys[b]!);
  let slot = 0;
  for (const node of coming) {
    while (taken?.has(slot)) slot += 1;
    slots[node] = slot;
    slot += 1;
  }
  return true;
}

/** Free room of a picture: where groups have gone, and below everything. */
class Room {
  readonly #holes: (readonly [number, number, number, number])[];
  readonly #right: number;
  readonly #left: number;
  shelf: readonly [number, number, number];

  constructor(before: Layout, gone: Iterable<number>) {
    const { boxes, bounds, shelf } = before;
    this.#holes = Array.from(gone, (group) => {
      const at = group * 4;
      return [boxes[at]!, boxes[at + 1]!, boxes[at + 2]!, boxes[at + 3]!] as const;
    });
    [this.#left, , this.#right] = bounds;
    this.shelf = shelf;
  }

  /** Put a box, whose size stands, into the first hole that holds it, or onto the last shelf. */
  take(boxes: Float32Array, group: number): void {
    const [width, height] = [boxes[group * 4 + 2]!, boxes[group * 4 + 3]!];
    const hole = this.#holes.findIndex(([, , wide, tall]) => wide >= width && tall >= height);
    const [found] = hole < 0 ? [] : this.#holes.splice(hole, 1);
    const [left, top] = found ?? this.#extend(width, height);
    boxes[group * 4] = left;
    boxes[group * 4 + 1] = top;
  }

  /** A shelf is as tall as its first box; a taller one, or one too wide, begins the next. */
  #extend(width: number, height: number): readonly [number, number] {
    let [left, top, tall] = this.shelf;
    const isFull = tall > 0 && (left + width > this.#right || height > tall);
    if (isFull) [left, top] = [this.#left, top + tall + MEASURES.gaps[1]];
    if (isFull || tall === 0) tall = height;
    this.shelf = [left + width + MEASURES.gaps[0], top, tall];
    return [left, top];
  }
}

function finish(draft: Draft, rest: Pick<Layout, "bounds" | "shelf" | "begunWith">): Layout {
  const { input, boxes, slots, spans } = draft;
  const positions = new Float32Array(slots.length * 2);
  for (let node = 0; node < slots.length; node += 1) {
    const group = input.groups[node]!;
    const [x, y] = slotAt(slots[node]!, spans[group * 2]!, spans[group * 2 + 1]!);
    positions[node * 2] = boxes[group * 4]! + x;
    positions[node * 2 + 1] = boxes[group * 4 + 1]! + y;
  }
  const { nodeKeys, groups, groupKeys } = input;
  return { nodeKeys, groups, groupKeys, positions, boxes, slots, spans, ...rest };
}

function boundsOf(boxes: Float32Array): Layout["bounds"] {
  if (boxes.length === 0) return [0, 0, 0, 0];
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let at = 0; at < boxes.length; at += 4) {
    left = Math.min(left, boxes[at]!);
    top = Math.min(top, boxes[at + 1]!);
    right = Math.max(right, boxes[at]! + boxes[at + 2]!);
    bottom = Math.max(bottom, boxes[at + 1]! + boxes[at + 3]!);
  }
  return [left, top, right, bottom];
}

function unite(a: Layout["bounds"], b: Layout["bounds"]): Layout["bounds"] {
  return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];
}
