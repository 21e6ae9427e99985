import { expect, test } from "vitest";
import { Resources } from "../../src/resources/mod.ts";

/** What the text says, as JSON. */
const read = (text: string, role?: string) =>
  Resources.parse(text, role === undefined ? {} : { role }).toJson();

test("Resources.parse() reads scalars, ranges and sets", () => {
  expect(read(" cpus : 2.5; mem:1024;ports:[31000-32000, 80-80];zones:{b, a} ;")).toEqual([
    { name: "cpus", type: "SCALAR", scalar: { value: 2.5 } },
    { name: "mem", type: "SCALAR", scalar: { value: 1024 } },
    {
      name: "ports",
      type: "RANGES",
      ranges: {
        range: [
          { begin: 80, end: 80 },
          { begin: 31000, end: 32000 },
        ],
      },
    },
    { name: "zones", type: "SET", set: { item: ["a", "b"] } },
  ]);
});

test("Resources.parse() of nothing is EMPTY", () => {
  for (const text of ["", " ; ;", "cpus:0", "cpus:0.0004", "ports:[]", "zones:{}"]) {
    expect(Resources.parse(text)).toBe(Resources.EMPTY);
  }
  expect(String(Resources.EMPTY)).toBe("");
});

test("Resources.parse() rounds to three decimals, half away from zero", () => {
  const millisOf = (text: string) => Resources.parse(`cpus:${text}`).quantities().get("cpus");
  expect(millisOf("0.0005")).toBe(1);
  expect(millisOf("1.2345")).toBe(1_235);
  expect(millisOf("1.2344")).toBe(1_234);
  expect(millisOf("1.")).toBe(1_000);
  expect(millisOf("1e2")).toBe(100_000);
});

test("Resources.parse() sums what stands twice", () => {
  expect(String(Resources.parse("cpus:1;cpus:0.5;ports:[1-2];ports:[3-4]"))).toBe(
    "cpus:1.5; ports:[1-4]",
  );
});

test("Resources.parse() reads reservations: (role) is STATIC, (role, principal) DYNAMIC", () => {
  expect(read("cpus(eng/web):1")).toMatchObject([
    { reservations: [{ type: "STATIC", role: "eng/web" }] },
  ]);
  expect(read("cpus(eng, ops):1")).toMatchObject([
    { reservations: [{ type: "DYNAMIC", role: "eng", principal: "ops" }] },
  ]);
  expect(read("cpus(eng,):1")[0]).toHaveProperty("reservations", [
    { type: "DYNAMIC", role: "eng" },
  ]);
  expect(read("cpus(eng)(eng/web, ops):1")).toMatchObject([
    {
      reservations: [
        { type: "STATIC", role: "eng" },
        { type: "DYNAMIC", role: "eng/web" },
      ],
    },
  ]);
  expect(read("cpus(*):1")[0]).not.toHaveProperty("reservations");
});

test("Resources.parse() gives items without a role the default role, statically", () => {
  expect(read("cpus:1;mem(*):1;disk(ops):1", "eng")).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ name: "cpus", reservations: [{ type: "STATIC", role: "eng" }] }),
      expect.objectContaining({ name: "disk", reservations: [{ type: "STATIC", role: "ops" }] }),
      { name: "mem", type: "SCALAR", scalar: { value: 1 } },
    ]),
  );
  expect(read('cpus:1 {"revocable":{}}', "eng")).toMatchObject([
    { revocable: {}, reservations: [{ type: "STATIC", role: "eng" }] },
  ]);
});

test("Resources.toString() says in JSON what text cannot, and reads it back", () => {
  const text =
    'disk(eng, ops):100 {"disk":{"persistence":{"id":"v;1"},"source":{"type":"PATH",' +
    '"path":{"root":"/a {b"}}},"shared":{}}';
  const volume = Resources.parse(`cpus:1; ${text}`);
  expect(volume.shared().size).toBe(1);
  expect(String(Resources.parse(text.replace("v;1", "v1")))).toBe(text.replace("v;1", "v1"));
  expect(Resources.parse(String(volume)).equals(volume)).toBe(true);
});

test("Resources.toString() quotes set items that are no words", () => {
  const zones = Resources.parse('zones:{a, "b c", "}", "\\""}');
  expect(String(zones)).toBe('zones:{"\\"", a, "b c", "}"}');
  expect(Resources.parse(String(zones)).equals(zones)).toBe(true);
});

test.each([
  ["cpus", 'Cannot use "cpus": it must look like name:value'],
  ["cpus:", '"" is none of a number, [ranges] or {a set}'],
  ["cpus:abc", '"abc" is none of a number'],
  ["cpus:NaN", '"NaN" is none of a number'],
  ["cpus:Infinity", '"Infinity" is none of a number'],
  ["cpus:0x10", '"0x10" is none of a number'],
  ["cpus:-1", "Cannot use cpus: a scalar must be a number from 0 to 2000000000000, not -1"],
  ["cpus:-0.5", "not -0.5"],
  ["cpus:1e400", "not Infinity"],
  ["cpus:2000000000001", "not 2000000000001"],
  ["c pus:1", 'resource name "c pus"'],
  [":1", 'resource name ""'],
  ["ports:[5-1]", "range 5-1 ends before it begins"],
  ["ports:[1-5,3-8]", "ranges 1-5 and 3-8 overlap"],
  ["ports:[1-5,1-5]", "overlap"],
  ["ports:[1-5];ports:[5-6]", "the same members stand in two resources"],
  ["ports:[1-5", 'a "[" has no "]"'],
  ["ports:[1-5]x", "is not JSON"],
  ["ports:[1]", 'range "1" must look like 31000-32000'],
  ["ports:[1.5-2]", "must look like"],
  ["ports:[-2--1]", "must look like"],
  ["ports:[0-2000000000000]", "an integer from 0 to 1999999999999, not 2000000000000"],
  ["zones:{a,a}", 'item "a" stands twice'],
  ["zones:{a};zones:{a}", "the same members"],
  ["zones:{a", 'a "{" has no "}"'],
  ["zones:{a,}", 'set item "" must be one word or in quotes'],
  ["cpus:1;cpus:{a}", "it cannot be a SCALAR and a SET at once"],
  ["cpus(eng:1", 'a "(" has no ")"'],
  ["cpus(eng)1", "it must look like name:value"],
  ["cpus(a, b, c):1", "(role) or (role, principal)"],
  ["cpus(eng)(eng/web):1", "only the first one may be STATIC"],
  ["cpus(eng)(ops,):1", 'role "ops" must lie below "eng"'],
  ["cpus(eng,)(eng,):1", 'role "eng" must lie below "eng"'],
  ["cpus(*,ops):1", 'its role must not be "*"'],
  ['cpus(eng):1 {"role":"ops"}', "it is reserved twice"],
  ["cpus:1 {oops}", "is not JSON"],
  ["ports:[1-5] 7", "after its value stands 7, which is no {object}"],
  ["ports:[1-5] null", "which is no {object}"],
  ["ports:[1-5] []", "which is no {object}"],
  ['cpus:1 {"shared":{}}', "only a persistent volume can be shared"],
])("Resources.parse() refuses %j", (text, fault) => {
  expect(() => Resources.parse(text)).toThrow(fault);
  expect(() => Resources.parse(text)).toThrow(
    expect.objectContaining({ code: "invalid_resource" }),
  );
});

test.each(["cpus(-eng):1", "cpus():1", "cpus(a//b):1"])(
  "Resources.parse() refuses the role in %j",
  (text) => {
    expect(() => Resources.parse(text)).toThrow(expect.objectContaining({ code: "invalid_role" }));
  },
);

test("Resources.parse() refuses a default role that cannot be", () => {
  expect(() => Resources.parse("", { role: ".." })).toThrow(
    expect.objectContaining({ code: "invalid_role" }),
  );
});
