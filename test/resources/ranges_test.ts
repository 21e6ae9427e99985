import fc from "fast-check";
import { expect, test } from "vitest";
import { type Range, Resources } from "../../src/resources/mod.ts";

const members = fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { maxLength: 20 });

function ports(list: readonly number[]): Resources {
  const ranges = list.map((member): Range => ({ begin: member, end: member }));
  return Resources.of([
    {
      name: "ports",
      value: { type: "RANGES", ranges },
      reservations: [],
      revocable: false,
      shared: false,
    },
  ]);
}

function membersOf(resources: Resources): number[] {
  const list: number[] = [];
  for (const { value } of resources) {
    if (value.type !== "RANGES") continue;
    for (const { begin, end } of value.ranges) {
      for (let member = begin; member <= end; member += 1) list.push(member);
    }
  }
  return list;
}

function sorted(list: Iterable<number>): number[] {
  return [...list].sort((a, b) => a - b);
}

test("ranges agree with sets of numbers in every operation", () => {
  fc.assert(
    fc.property(members, members, (left, right) => {
      const [a, b] = [ports(left), ports(right)];
      const inRight = (member: number) => right.includes(member);
      expect(membersOf(a)).toEqual(sorted(left));
      expect(membersOf(a.add(b))).toEqual(sorted(new Set([...left, ...right])));
      expect(membersOf(a.intersect(b))).toEqual(sorted(left.filter(inRight)));
      expect(a.contains(b)).toBe(right.every((member) => left.includes(member)));
      const rest = a.subtract(a.intersect(b));
      expect(membersOf(rest)).toEqual(sorted(left.filter((member) => !inRight(member))));
      expect(a.quantities().get("ports")).toBe(left.length * 1000);
    }),
    { numRuns: 1_000 },
  );
});

test("ranges are joined where they touch, and apart where they do not", () => {
  expect(String(Resources.parse("ports:[4-5, 1-3, 7-7]"))).toBe("ports:[1-5, 7-7]");
});

test("parse() refuses ranges that share one member, and unites neighbours", () => {
  expect(() => Resources.parse("ports:[1-5,5-9]")).toThrow(
    expect.objectContaining({ code: "invalid_resource" }),
  );
  expect(Resources.parse("ports:[1-5,6-9]").toString()).toBe("ports:[1-9]");
});
