import { type Layout, type LayoutInput, layOut, MEASURES } from "fairlead/ui";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hash53 } from "../../../src/ui/parts/hash.ts";

/** A graph by names: nodes in groups, and edges between nodes. */
interface Named {
  readonly nodes: readonly (readonly [id: string, group: string])[];
  readonly edges: readonly (readonly [number, number])[];
}

function inputOf({ nodes, edges }: Named): LayoutInput {
  const names = [...new Set(nodes.map(([, group]) => group))];
  return {
    nodeKeys: Float64Array.from(nodes, ([id]) => hash53(id)),
    groups: Uint32Array.from(nodes, ([, group]) => names.indexOf(group)),
    groupKeys: Float64Array.from(names, hash53),
    edges: Uint32Array.from(edges.flat()),
  };
}

/** Where each node stands, by id. */
function placesOf({ nodes }: Named, { positions }: Layout): Map<string, string> {
  return new Map(nodes.map(([id], at) => [id, `${positions[at * 2]},${positions[at * 2 + 1]}`]));
}

const named: fc.Arbitrary<Named> = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 12 })), {
    minLength: 1,
    maxLength: 80,
  })
  .map((pairs) => [...new Map(pairs).entries()].map(([id, g]) => [`n${id}`, `g${g}`] as const))
  .chain((nodes) => {
    const place = fc.nat(nodes.length - 1);
    return fc.record({
      nodes: fc.constant(nodes),
      edges: fc.array(fc.tuple(place, place), { maxLength: 120 }),
    });
  });

function expectApart(layout: Layout): void {
  const { boxes, positions, groups } = layout;
  for (let a = 0; a < boxes.length; a += 4) {
    for (let b = a + 4; b < boxes.length; b += 4) {
      const [apart, below] = [0, 1].map((axis) => {
        const [low, high] = boxes[a + axis]! < boxes[b + axis]! ? [a, b] : [b, a];
        return boxes[low + axis]! + boxes[low + axis + 2]! <= boxes[high + axis]! + 0.5;
      });
      expect(apart || below).toBe(true);
    }
  }
  const cells = new Set<string>();
  for (let node = 0; node < groups.length; node += 1) {
    const [x, y] = [positions[node * 2]!, positions[node * 2 + 1]!];
    const box = groups[node]! * 4;
    expect(x - MEASURES.radius).toBeGreaterThanOrEqual(boxes[box]!);
    expect(x + MEASURES.radius).toBeLessThanOrEqual(boxes[box]! + boxes[box + 2]!);
    expect(y - MEASURES.radius).toBeGreaterThanOrEqual(boxes[box + 1]!);
    expect(y + MEASURES.radius).toBeLessThanOrEqual(boxes[box + 1]! + boxes[box + 3]!);
    cells.add(`${x},${y}`);
  }
  expect(cells.size).toBe(groups.length);
}

describe("layOut()", () => {
  test("puts no box over another and every node into a place of its own in its box", () => {
    fc.assert(fc.property(named, (graph) => expectApart(layOut(inputOf(graph)))));
  });

  test("gives the same picture whatever the order of nodes, groups and edges", () => {
    const shuffled = named.chain((graph) =>
      fc.record({
        graph: fc.constant(graph),
        order: fc.shuffledSubarray(
          graph.nodes.map((_, at) => at),
          { minLength: graph.nodes.length },
        ),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ graph, order }) => {
        const again: Named = {
          nodes: order.map((at) => graph.nodes[at]!),
          edges: graph.edges.map(([from, to]) => [order.indexOf(from), order.indexOf(to)]),
        };
        const [one, other] = [layOut(inputOf(graph)), layOut(inputOf(again))];
        expect(other.bounds).toEqual(one.bounds);
        expect(placesOf(again, other)).toEqual(placesOf(graph, one));
      }),
    );
  });

  test("moves nothing when a graph follows itself", () => {
    fc.assert(
      fc.property(named, (graph) => {
        const layout = layOut(inputOf(graph));
        expect(layOut(inputOf(graph), layout)).toEqual(layout);
      }),
    );
  });

  test("moves no node that stays, but those of groups that outgrew their boxes", () => {
    fc.assert(
      fc.property(named, named, (first, second) => {
        fc.pre(second.nodes.length <= 2 * first.nodes.length);
        const before = layOut(inputOf(first));
        const after = layOut(inputOf(second), before);
        expectApart(after);
        const old = placesOf(first, before);
        const groupOf = new Map(first.nodes);
        const membersOf = (name: string) => second.nodes.filter(([, group]) => group === name);
        const capacity = capacities(first, before);
        for (const [id, place] of placesOf(second, after)) {
          const group = new Map(second.nodes).get(id)!;
          if (groupOf.get(id) !== group) continue;
          if (membersOf(group).length <= capacity.get(group)!) expect(place).toBe(old.get(id));
        }
      }),
    );
  });

  test("keeps a free slot in every group of several, so that one more moves nobody", () => {
    const graph: Named = { nodes: members("web", 30), edges: [] };
    const before = layOut(inputOf(graph));
    const more: Named = { nodes: [...members("web", 30), ["new", "web"]], edges: [] };
    const after = layOut(inputOf(more), before);
    expect(after.boxes).toEqual(before.boxes);
    expect(after.positions.slice(0, 60)).toEqual(before.positions);
  });

  test("moves a group that outgrew its box to free room, and no other", () => {
    const graph: Named = { nodes: [...members("web", 4), ...members("db", 9)], edges: [[0, 5]] };
    const before = layOut(inputOf(graph));
    const grown: Named = { nodes: [...members("web", 12), ...members("db", 9)], edges: [] };
    const after = layOut(inputOf(grown), before);
    expect(after.boxes.slice(4)).toEqual(before.boxes.slice(4));
    expect(after.boxes[1]).toBeGreaterThan(before.bounds[3]);
    expectApart(after);
  });

  test("is made anew for a graph that has more than doubled, and only then", () => {
    const inputFor = (web: number) =>
      inputOf({ nodes: [...members("db", 20), ...members("web", web)], edges: [[0, 20]] });
    const few = layOut(inputFor(20));
    const more = layOut(inputFor(60), few);
    expect(more.begunWith).toBe(40);
    const many = layOut(inputFor(61), more);
    expect(many).toEqual(layOut(inputFor(61)));
    expect(layOut(inputFor(20), many).begunWith).toBe(81);
  });

  test("puts callers above those whom they call, also where calls go in a ring", () => {
    const chain: Named = {
      nodes: ["a", "b", "c", "d"].map((id) => [id, id] as const),
      edges: [
        [0, 1],
        [1, 2],
        [2, 3],
        [3, 1],
      ],
    };
    const { positions } = layOut(inputOf(chain));
    expect(positions[1]).toBeLessThan(positions[3]!);
    const below = [3, 5, 7].map((at) => positions[at]!);
    expect(new Set(below).size).toBe(3);
  });

  test("puts what speaks to nobody below the rest", () => {
    const graph: Named = {
      nodes: ["a", "b", "x", "y"].map((id) => [id, id] as const),
      edges: [[0, 1]],
    };
    const { positions } = layOut(inputOf(graph));
    expect(Math.min(positions[5]!, positions[7]!)).toBeGreaterThan(positions[3]!);
  });

  test("takes a graph of nothing", () => {
    const nothing = layOut(inputOf({ nodes: [], edges: [] }));
    expect(nothing.bounds).toEqual([0, 0, 0, 0]);
    expect(layOut(inputOf({ nodes: members("web", 3), edges: [] }), nothing).positions.length).toBe(
      6,
    );
  });

  test("lays 11,000 nodes and 25,000 edges out, at no more than twice its width or height", () => {
    const nodes = Array.from({ length: 11_000 }, (_, at) => [`n${at}`, `g${at % 400}`] as const);
    const edges = Array.from(
      { length: 25_000 },
      (_, at) => [(at * 7_919) % 11_000, (at * 104_729 + 13) % 11_000] as const,
    );
    const input = inputOf({ nodes, edges });
    const layout = layOut(input);
    const [left, top, right, bottom] = layout.bounds;
    expect((right - left) / (bottom - top)).toBeGreaterThan(0.9);
    expect((right - left) / (bottom - top)).toBeLessThan(3.4);
    const times = Array.from({ length: 7 }, () => {
      const begunMs = performance.now();
      layOut(input);
      return performance.now() - begunMs;
    });
    console.log(`layOut() of 11,000 nodes, 25,000 edges: ${Math.min(...times).toFixed(1)} ms`);
    expect(layOut(input, layout).positions).toEqual(layout.positions);
  });
});

function members(group: string, count: number): [string, string][] {
  return Array.from({ length: count }, (_, at) => [`${group}-${at}`, group]);
}

function capacities({ nodes }: Named, { spans }: Layout): Map<string, number> {
  const names = [...new Set(nodes.map(([, group]) => group))];
  return new Map(names.map((name, at) => [name, spans[at * 2]! * spans[at * 2 + 1]!]));
}
