import { expect, test } from "vitest";
import { type Resource, Resources, shrink } from "../../src/resources/mod.ts";

function one(text: string): Resource {
  const [resource] = Resources.parse(text);
  if (resource === undefined) throw new Error(`nothing in ${text}`);
  return resource;
}

function shrunk(text: string, millisMax: number): string | undefined {
  const part = shrink(one(text), millisMax);
  return part === undefined ? undefined : String(Resources.of([part]));
}

test("shrink() cuts scalars to the amount", () => {
  expect(shrunk("cpus:2", 1_500)).toBe("cpus:1.5");
  expect(shrunk("cpus:2", 1_500.9)).toBe("cpus:1.5");
  expect(shrunk("cpus:2", 0)).toBeUndefined();
  expect(shrunk("cpus:2", -1)).toBeUndefined();
  expect(shrunk("cpus:2", Number.NaN)).toBeUndefined();
  expect(shrunk("cpus(eng):2", 500)).toBe("cpus(eng):0.5");
});

test("shrink() gives the same object back when it fits", () => {
  const cpus = one("cpus:2");
  expect(shrink(cpus, 2_000)).toBe(cpus);
  expect(shrink(cpus, Number.POSITIVE_INFINITY)).toBe(cpus);
});

test("shrink() keeps the first members of ranges and sets, 1000 each", () => {
  expect(shrunk("ports:[1-3, 7-9]", 4_999)).toBe("ports:[1-3, 7-7]");
  expect(shrunk("ports:[1-3, 7-9]", 3_000)).toBe("ports:[1-3]");
  expect(shrunk("ports:[1-3]", 999)).toBeUndefined();
  expect(shrunk("zones:{c,a,b}", 2_000)).toBe("zones:{a, b}");
});

test("shrink() keeps what is indivisible whole or not at all", () => {
  const source = '"source":{"type":"MOUNT","mount":{"root":"/m"}}';
  for (const disk of [
    `disk:5 {"disk":{${source}}}`,
    'disk(eng):5 {"disk":{"persistence":{"id":"v"}}}',
  ]) {
    expect(shrunk(disk, 4_999)).toBeUndefined();
    expect(shrunk(disk, 5_000)).toBe(disk);
  }
  expect(shrunk('disk:5 {"disk":{"source":{"type":"PATH"}}}', 2_000)).toBe(
    'disk:2 {"disk":{"source":{"type":"PATH"}}}',
  );
});
