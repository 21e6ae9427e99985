import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type NodeSummary, StreamEncoder } from "../../../src/topology/mod.ts";
import { StreamReader } from "../../../src/ui/topology/stream_reader.ts";
import { normalised, topologyStates } from "./nodes.ts";

const node = (id: string, more: Partial<NodeSummary> = {}): NodeSummary => ({
  id,
  label: id,
  labelMinor: "",
  rank: "",
  ...more,
});
const state = (...nodes: NodeSummary[]) => new Map(nodes.map((each) => [each.id, each]));
const cpu = (value: number) => ({
  metrics: [{ id: "cpu", label: "CPU", value, samples: null, min: 0, max: 100, url: "" }],
});

function begun(nodes: ReadonlyMap<string, NodeSummary>) {
  const encoder = new StreamEncoder("e1");
  expect(encoder.update(nodes, 1_000)).toBeUndefined();
  const reader = new StreamReader();
  const changes = encoder.full().map((frame) => reader.read(frame));
  return { encoder, reader, changes };
}

function nodesOf(reader: StreamReader): readonly NodeSummary[] {
  return normalised([...reader.slots.values()].map((slot) => reader.node(slot)));
}

describe("StreamEncoder and StreamReader", () => {
  test("give back every state of any sequence, by deltas and by a full frame alike", () => {
    fc.assert(
      fc.property(fc.array(topologyStates, { minLength: 1, maxLength: 6 }), (states) => {
        const [first = new Map(), ...rest] = states;
        const { encoder, reader } = begun(first);
        expect(nodesOf(reader)).toEqual(normalised(first.values()));
        for (const next of rest) {
          const seq = encoder.seq;
          const delta = encoder.update(next, 2_000);
          expect(encoder.seq).toBe(delta === undefined ? seq : seq + 1);
          if (delta !== undefined) reader.read(delta);
          expect(nodesOf(reader)).toEqual(normalised(next.values()));
          const late = new StreamReader();
          for (const frame of encoder.full()) late.read(frame);
          expect(nodesOf(late)).toEqual(normalised(next.values()));
        }
      }),
      { numRuns: 100 },
    );
  });

  test("tell what came, changed and went", () => {
    const { encoder, reader, changes } = begun(state(node("a"), node("b"), node("c")));
    expect(changes[0]?.reset).toBe(true);
    const delta = encoder.update(state(node("a"), node("b", { rank: "x" }), node("d")), 2_000);
    const change = reader.read(delta ?? new Uint8Array());
    expect(change.removed).toEqual(["c"]);
    expect(change.added.map((slot) => reader.node(slot).id)).toEqual(["d"]);
    expect(change.updated.map((slot) => reader.node(slot).id)).toEqual(["b"]);
    expect(reader.atMs).toBe(2_000);
  });

  test("keep a node's object until something about it changes", () => {
    const { encoder, reader } = begun(state(node("a", cpu(1)), node("b", cpu(1))));
    const [a, b] = [reader.node(0), reader.node(1)];
    const delta = encoder.update(state(node("a", cpu(2)), node("b", cpu(1))), 2_000);
    reader.read(delta ?? new Uint8Array());
    expect(reader.node(0)).not.toBe(a);
    expect(reader.node(0).metrics?.[0]?.value).toBe(2);
    expect(reader.node(1)).toBe(b);
  });

  test("spend six bytes a metric that changed", () => {
    const many = (value: (i: number) => number) =>
      state(...Array.from({ length: 10_000 }, (_, i) => node(`node-${i}`, cpu(value(i)))));
    const { encoder, reader } = begun(many((i) => i / 100));
    const changed = encoder.update(
      many((i) => (i % 10 === 0 ? i / 50 + 1 : i / 100)),
      2_000,
    );
    expect(changed?.length).toBeLessThan(1_000 * 6 + 200);
    reader.read(changed ?? new Uint8Array());
    expect(reader.node(reader.slots.get("node-9990") ?? -1).metrics?.[0]?.value).toBe(200.8);
  });

  test("say that nothing changed by a beat", () => {
    const { encoder, reader } = begun(state(node("a")));
    expect(encoder.update(state(node("a")), 2_000)).toBeUndefined();
    const change = reader.read(encoder.beat(3_000));
    expect(change).toEqual({ reset: false, added: [], updated: [], removed: [] });
    expect(reader.atMs).toBe(3_000);
  });

  test("end an epoch when most of its strings are dead", () => {
    const { encoder } = begun(state(node("a")));
    for (let i = 0; !encoder.isWorn; i += 1) {
      expect(i).toBeLessThan(21_000);
      encoder.update(state(node("a", { label: `label ${i}` })), i);
    }
    expect(encoder.seq).toBeGreaterThan(19_000);
  });

  test("encode equal states to equal bytes", () => {
    const [one, two] = [new StreamEncoder("e"), new StreamEncoder("e")];
    for (const encoder of [one, two]) encoder.update(state(node("a"), node("b", cpu(3))), 1);
    expect(one.full()).toEqual(two.full());
  });
});

describe("StreamReader", () => {
  test("refuses a delta that does not follow, and resumes behind one that does", () => {
    const { encoder, reader } = begun(state(node("a")));
    expect(reader.position).toEqual({ epoch: "e1", seq: 1 });
    encoder.update(state(node("a"), node("b")), 2);
    const third = encoder.update(state(node("a"), node("b"), node("c")), 3);
    expect(() => reader.read(third ?? new Uint8Array())).toThrowError(
      expect.objectContaining({ code: "stream_invalid" }),
    );
    expect(reader.position).toBeUndefined();
  });

  test("has no position before the rest of a full frame came", () => {
    const encoder = new StreamEncoder("e1");
    encoder.update(state(node("a", { metadata: [{ id: "m", label: "M", value: "x" }] })), 1);
    const [first = new Uint8Array(), second = new Uint8Array()] = encoder.full();
    const reader = new StreamReader();
    reader.read(first);
    expect([reader.isComplete, reader.position]).toEqual([false, undefined]);
    reader.read(second);
    expect(reader.position).toEqual({ epoch: "e1", seq: 1 });
    expect(reader.node(0).metadata).toEqual([{ id: "m", label: "M", value: "x" }]);
  });

  test("refuses damaged frames with a code, and nothing else", () => {
    const encoder = new StreamEncoder("e1");
    encoder.update(state(node("a", cpu(3)), node("b", { adjacency: ["a"] })), 1);
    const [frame = new Uint8Array()] = encoder.full();
    fc.assert(
      fc.property(fc.nat(frame.length - 1), fc.nat(255), fc.boolean(), (at, byte, isCut) => {
        const damaged = isCut ? frame.slice(0, at) : frame.with(at, byte);
        try {
          new StreamReader().read(damaged);
        } catch (error) {
          expect(error).toMatchObject({ code: "stream_invalid" });
        }
      }),
      { numRuns: 500 },
    );
  });
});
