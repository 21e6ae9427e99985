import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  covers,
  faultOfMixing,
  faultOfPersistenceIds,
  overlap,
  ResourceReader,
  readList,
} from "../../../src/master/validate/resources.ts";
import type { ResourceJson } from "../../../src/model/mod.ts";
import { Resources } from "../../../src/resources/mod.ts";
import { amounts, ports, scalar, volume } from "./launches.ts";

const role = fc.option(fc.constantFrom("web", "db", "*"), { nil: undefined });

const scalarJson: fc.Arbitrary<ResourceJson> = fc
  .record({
    name: fc.constantFrom("cpus", "mem", "disk"),
    value: fc.double({ min: 0, max: 1e6, noNaN: true }),
    held: role,
    owner: role,
  })
  .map(({ name, value, held, owner }) => {
    const more: Partial<ResourceJson> = {};
    if (held !== undefined) more.allocation_info = { role: held };
    if (owner !== undefined) more.role = owner;
    return scalar(name, value, more);
  });

const rangesJson: fc.Arbitrary<ResourceJson> = fc
  .array(fc.tuple(fc.nat(50), fc.integer({ min: -1, max: 5 })), { maxLength: 2 })
  .map((drawn) => ({
    name: "ports",
    type: "RANGES",
    ranges: { range: drawn.map(([begin, length]) => ({ begin, end: begin + length })) },
  }));

const setJson: fc.Arbitrary<ResourceJson> = fc
  .uniqueArray(fc.constantFrom("a", "b", "c"))
  .map((item) => ({ name: "zones", type: "SET", set: { item } }));

const listJson = fc.array(fc.oneof(scalarJson, rangesJson, setJson), { maxLength: 4 });

/** The slow way, from nothing but the algebra. */
function naive(list: readonly ResourceJson[], held: string | undefined): Resources | undefined {
  try {
    const read = Resources.fromJson(list);
    if (held === undefined) return read;
    const mine = read.filter(({ allocationRole }) => allocationRole !== undefined);
    return mine.add(read.unallocated().allocate(held));
  } catch {
    return undefined;
  }
}

describe("ResourceReader", () => {
  test("reads what Resources.fromJson reads, for the role, the first time and the second", () => {
    const reader = new ResourceReader();
    fc.assert(
      fc.property(listJson, role, (list, held) => {
        const wanted = naive(list, held);
        for (let time = 0; time < 2; time += 1) {
          const read = reader.read(list, held);
          expect(read.ok).toBe(wanted !== undefined);
          if (!read.ok || wanted === undefined) continue;
          expect(read.resources.equals(wanted)).toBe(true);
          expect(Resources.fromJson(read.json).equals(wanted)).toBe(true);
          const apart = new Set(list.map(({ name }) => name)).size === list.length;
          if (apart) expect(read.json).toEqual(expect.arrayContaining(wanted.toJson()));
        }
      }),
      { numRuns: 500 },
    );
  });

  test("gives the very same to tasks of one shape", () => {
    const reader = new ResourceReader();
    const first = reader.read(amounts(0.1, 32), "web");
    expect(reader.read(amounts(0.1, 32), "web")).toBe(first);
    expect(reader.read(amounts(0.1, 32), "db")).not.toBe(first);
    expect(reader.read(amounts(0.1, 33), "web")).not.toBe(first);
  });

  test("remembers a bounded number of shapes", () => {
    const reader = new ResourceReader();
    for (let i = 1; i <= 5_000; i += 1) {
      const read = reader.read(amounts(i, i), "web");
      expect(read.ok && read.resources.quantities().get("cpus")).toBe(i * 1_000);
    }
  });

  test("refuses a bad role and bad amounts with a sentence", () => {
    const reader = new ResourceReader();
    expect(reader.read(amounts(-1, 1), "web")).toMatchObject({
      ok: false,
      fault: expect.stringMatching(/^Invalid resources: /),
    });
    expect(reader.read(amounts(1, 1), "a b")).toMatchObject({ ok: false });
    expect(reader.read([scalar("cpus", Number.NaN)], "web")).toMatchObject({ ok: false });
  });

  test("rounds to thousandths like the algebra", () => {
    const read = readList([scalar("cpus", 0.0001), scalar("mem", 1)], "web");
    expect(read.ok && read.resources.quantities().toJSON()).toEqual({ mem: 1 });
  });
});

describe("the rules for resources", () => {
  const typed = (...list: ResourceJson[]) => Resources.fromJson(list);

  test("faultOfPersistenceIds() takes copies of a shared volume for one", () => {
    const shared = typed(volume("v", { shared: {} }));
    expect(faultOfPersistenceIds(shared.add(shared))).toBeUndefined();
    expect(faultOfPersistenceIds(typed(volume("v"), volume("w")))).toBeUndefined();
    expect(faultOfPersistenceIds(shared.add(typed(volume("v"))))).toMatch(/'v' is not unique/);
  });

  test("faultOfMixing() looks at one kind at a time", () => {
    const lent = scalar("cpus", 1, { revocable: {} });
    expect(faultOfMixing(typed(lent, scalar("mem", 1)))).toBeUndefined();
    expect(faultOfMixing(typed(lent, scalar("cpus", 1)))).toMatch(/non-revocable 'cpus'/);
  });

  test("overlap() finds members that stand in two lists", () => {
    expect(overlap([typed(ports(1, 3)), typed(ports(4, 5))])).toBe(false);
    expect(overlap([typed(ports(1, 3)), typed(ports(3, 5))])).toBe(true);
    const shared = typed(volume("v", { shared: {} }));
    expect(overlap([shared, shared])).toBe(false);
  });

  test("covers() is containment, but for shared volumes", () => {
    const shared = typed(volume("v", { shared: {} }));
    const available = typed(...amounts(1, 1)).add(shared);
    expect(covers(available, typed(scalar("cpus", 1)))).toBe(true);
    expect(covers(available, typed(scalar("cpus", 1.001)))).toBe(false);
    expect(covers(available, shared.add(shared).add(typed(scalar("cpus", 1))))).toBe(true);
    expect(covers(available, typed(volume("w", { shared: {} })))).toBe(false);
  });
});
