import { expect, test } from "vitest";
import { Quantities } from "../../src/resources/mod.ts";

test("Quantities.of() takes units, ofMillis() thousandths, parse() text", () => {
  const wanted = Quantities.of({ cpus: 1.5, mem: 32 });
  expect(wanted.get("cpus")).toBe(1_500);
  expect(Quantities.ofMillis({ mem: 32_000, cpus: 1_500 }).equals(wanted)).toBe(true);
  expect(Quantities.parse(" mem : 32; cpus:1.50 ;").equals(wanted)).toBe(true);
  expect(
    Quantities.of([
      ["cpus", 1],
      ["mem", 32],
      ["cpus", 0.5],
    ]).equals(wanted),
  ).toBe(true);
  expect(Quantities.ofMillis(wanted).equals(wanted)).toBe(true);
});

test("Quantities holds kinds sorted by name, and none of which there is nothing", () => {
  const some = Quantities.of({ mem: 1, cpus: 0.001, gpus: 0, disk: 0.0001 });
  expect(some.names()).toEqual(["cpus", "mem"]);
  expect([...some]).toEqual([
    ["cpus", 1],
    ["mem", 1_000],
  ]);
  expect([...some.entries()]).toEqual([...some]);
  expect(some.size).toBe(2);
  expect(some.get("gpus")).toBe(0);
  expect(Quantities.of({ cpus: 0 }).isEmpty).toBe(true);
  expect(Quantities.of({}).equals(Quantities.EMPTY)).toBe(true);
});

test("Quantities prints text and JSON in units", () => {
  const some = Quantities.of({ mem: 1024, cpus: 2.05 });
  expect(String(some)).toBe("cpus:2.05; mem:1024");
  expect(JSON.stringify(some)).toBe('{"cpus":2.05,"mem":1024}');
});

test("Quantities.subtract() stops at nothing", () => {
  const rest = Quantities.parse("cpus:2;mem:10").subtract(Quantities.parse("cpus:5;mem:4;disk:1"));
  expect(String(rest)).toBe("mem:6");
});

test("Quantities.contains() asks for every kind that the other holds", () => {
  const held = Quantities.parse("cpus:2;mem:10");
  expect(held.contains(Quantities.parse("cpus:2"))).toBe(true);
  expect(held.contains(Quantities.EMPTY)).toBe(true);
  expect(held.contains(Quantities.parse("cpus:2.001"))).toBe(false);
  expect(held.contains(Quantities.parse("cpus:1;gpus:1"))).toBe(false);
});

test.each([
  ["cpus:-1", "a scalar must be a number from 0 to 2000000000000, not -1"],
  ["cpus:many", '"many" is none of a number'],
  ["cpus:NaN", '"NaN" is none of a number'],
  ["cpus:Infinity", '"Infinity" is none of a number'],
  ["cpus:1e300", "from 0 to 2000000000000"],
  ["cpus", "Cannot use cpus"],
  [":1", 'resource name ""'],
])("Quantities.parse() refuses %j", (text, fault) => {
  expect(() => Quantities.parse(text)).toThrow(
    expect.objectContaining({ code: "invalid_resource" }),
  );
  expect(() => Quantities.parse(text)).toThrow(fault);
});

test("Quantities refuses amounts that cannot be", () => {
  for (const amount of [Number.NaN, -1, Number.POSITIVE_INFINITY, 3e12]) {
    expect(() => Quantities.of({ cpus: amount })).toThrow(
      expect.objectContaining({ code: "invalid_resource" }),
    );
  }
  for (const millis of [Number.NaN, -1, 0.5, 2 ** 53]) {
    expect(() => Quantities.ofMillis({ cpus: millis })).toThrow(
      expect.objectContaining({ code: "invalid_quantities" }),
    );
  }
  const most = Quantities.ofMillis({ cpus: Number.MAX_SAFE_INTEGER });
  expect(() => most.add(Quantities.ofMillis({ cpus: 1 }))).toThrow("2^53 - 1");
});

test("Quantities keeps kinds apart from what JavaScript objects inherit", () => {
  expect(Quantities.EMPTY.get("constructor")).toBe(0);
  const odd = Quantities.parse("__proto__:1");
  expect(odd.get("__proto__")).toBe(1_000);
  expect(JSON.stringify(odd)).toBe('{"__proto__":1}');
});
