import { expect, test } from "vitest";
import { Resources } from "../../src/resources/mod.ts";

const cpus = { name: "cpus", type: "SCALAR", scalar: { value: 2 } };
const disk = { name: "disk", type: "SCALAR", scalar: { value: 100 } };

/** Everything that Mesos' v1 JSON can say about a resource. */
const volume = {
  ...disk,
  reservations: [
    { type: "STATIC", role: "eng" },
    {
      type: "DYNAMIC",
      role: "eng/web",
      principal: "ops",
      labels: { labels: [{ key: "a" }, { key: "b", value: "1" }] },
    },
  ],
  allocation_info: { role: "eng/web" },
  disk: {
    persistence: { id: "v1", principal: "ops" },
    volume: { mode: "RW", container_path: "data", source: { type: "SANDBOX_PATH" } },
    source: {
      type: "MOUNT",
      mount: { root: "/mnt/a" },
      id: "m1",
      profile: "fast",
      vendor: "acme",
      metadata: { labels: [{ key: "k", value: "v" }] },
    },
  },
  provider_id: { value: "csi-1" },
  shared: {},
};

test("Resources.fromJson() and toJson() keep everything that a resource can say", () => {
  expect(Resources.fromJson([volume]).toJson()).toEqual([volume]);
  expect([...Resources.fromJson([volume])]).toEqual([
    {
      name: "disk",
      value: { type: "SCALAR", millis: 100_000 },
      reservations: [
        { type: "STATIC", role: "eng" },
        {
          type: "DYNAMIC",
          role: "eng/web",
          principal: "ops",
          labels: [{ key: "a" }, { key: "b", value: "1" }],
        },
      ],
      allocationRole: "eng/web",
      disk: {
        persistence: { id: "v1", principal: "ops" },
        volume: { mode: "RW", container_path: "data", source: { type: "SANDBOX_PATH" } },
        source: {
          type: "MOUNT",
          root: "/mnt/a",
          id: "m1",
          profile: "fast",
          vendor: "acme",
          metadata: [{ key: "k", value: "v" }],
        },
      },
      providerId: "csi-1",
      revocable: false,
      shared: true,
    },
  ]);
});

test("Resources.fromJson() ignores fields that it does not know", () => {
  const odd = { ...cpus, colour: "red", scalar: { value: 2, unit: "core" }, revocable: { x: 1 } };
  expect(Resources.fromJson([odd]).toJson()).toEqual([{ ...cpus, revocable: {} }]);
});

test.each([
  [{ role: "*" }, undefined],
  [{ role: "eng" }, [{ type: "STATIC", role: "eng" }]],
  [{ role: "eng", reservation: {} }, [{ type: "DYNAMIC", role: "eng" }]],
  [
    { role: "eng", reservation: { principal: "ops", labels: { labels: [{ key: "k" }] } } },
    [{ type: "DYNAMIC", role: "eng", principal: "ops", labels: { labels: [{ key: "k" }] } }],
  ],
  [{ role: "eng", reservations: [] }, [{ type: "STATIC", role: "eng" }]],
  [
    { role: "eng", reservations: [{ type: "DYNAMIC", role: "eng" }] },
    [{ type: "DYNAMIC", role: "eng" }],
  ],
])("Resources.fromJson() reads the deprecated form %j", (fields, reservations) => {
  const [read] = Resources.fromJson([{ ...cpus, ...fields }]).toJson();
  expect(read).toEqual(reservations === undefined ? cpus : { ...cpus, reservations });
});

test("Resources.toJson() writes the deprecated form when asked", () => {
  const held = Resources.parse("cpus:1;mem(eng):2;disk(eng, ops):3");
  const json = held.toJson("role");
  expect(json).toMatchObject([
    { name: "cpus", role: "*" },
    { name: "disk", role: "eng", reservation: { principal: "ops" } },
    { name: "mem", role: "eng" },
  ]);
  expect(Resources.fromJson(json).equals(held)).toBe(true);
  expect(() => Resources.parse("cpus(eng)(eng/web,):1").toJson("role")).toThrow(
    "a refined reservation has no deprecated form",
  );
});

test("Resources.fromJson() takes a ROOT disk for one without a source", () => {
  const root = { ...disk, disk: { source: { type: "ROOT" } } };
  expect(Resources.fromJson([root, { ...disk, disk: {} }, disk]).toJson()).toEqual([
    { ...disk, scalar: { value: 300 } },
  ]);
});

test("Resources.fromJson() merges equal identities, whatever the order of labels", () => {
  const reserved = (...labels: string[]) => ({
    ...cpus,
    reservations: [
      { type: "DYNAMIC", role: "eng", labels: { labels: labels.map((key) => ({ key })) } },
    ],
  });
  expect(Resources.fromJson([reserved("a", "b"), reserved("b", "a")]).size).toBe(1);
  expect(Resources.fromJson([reserved("a", "b"), reserved("a")]).size).toBe(2);
});

const persistent = { ...disk, role: "eng", disk: { persistence: { id: "v1" } } };

test.each<[string, unknown, string]>([
  ["no array", {}, "Cannot use resources: it must be an array"],
  ["no object", ["cpus"], "Cannot read resources[0]: "],
  ["no name", [{ ...cpus, name: undefined }], "Cannot read resources[0].name: "],
  ["an empty name", [{ ...cpus, name: "" }], 'resource name ""'],
  ["an unknown type", [cpus, { ...cpus, type: "TEXT" }], "Cannot read resources[1].type: "],
  ["a type without its value", [{ ...cpus, type: "SET" }], 'must have the field "set"'],
  ["NaN", [{ ...cpus, scalar: { value: Number.NaN } }], "resources[0].scalar.value: "],
  ["infinity", [{ ...cpus, scalar: { value: 1 / 0 } }], "resources[0].scalar.value: "],
  ["a negative", [{ ...cpus, scalar: { value: -1 } }], ">=0"],
  ["too much", [{ ...cpus, scalar: { value: 3e12 } }], "<=2000000000000"],
  ["text for a number", [{ ...cpus, scalar: { value: "2" } }], "resources[0].scalar.value: "],
  [
    "a fraction in a range",
    [{ name: "ports", type: "RANGES", ranges: { range: [{ begin: 1, end: 2.5 }] } }],
    "Cannot read resources[0].ranges.range[0].end: ",
  ],
  [
    "a range that ends first",
    [{ name: "ports", type: "RANGES", ranges: { range: [{ begin: 3, end: 2 }] } }],
    "range 3-2 ends before it begins",
  ],
  [
    "overlapping ranges",
    [
      {
        name: "ports",
        type: "RANGES",
        ranges: {
          range: [
            { begin: 1, end: 5 },
            { begin: 3, end: 8 },
          ],
        },
      },
    ],
    "ranges 1-5 and 3-8 overlap",
  ],
  ["a set item twice", [{ name: "z", type: "SET", set: { item: ["a", "a"] } }], "stands twice"],
  ["two types", [cpus, { name: "cpus", type: "SET", set: { item: ["a"] } }], "at once"],
  ["a sum too large", [...Array(2)].map(() => ({ ...cpus, scalar: { value: 2e12 } })), "millis"],
  ["a reservation for *", [{ ...cpus, role: "*", reservation: {} }], 'role "*" cannot be reserved'],
  [
    "a stack to *",
    [{ ...cpus, reservations: [{ type: "STATIC", role: "*" }] }],
    'its role must not be "*"',
  ],
  [
    "an unknown reservation type",
    [{ ...cpus, reservations: [{ type: "SOFT", role: "eng" }] }],
    "Cannot read resources[0].reservations[0].type: ",
  ],
  [
    "two roles that differ",
    [{ ...cpus, role: "ops", reservations: [{ type: "STATIC", role: "eng" }] }],
    'it says "ops" where reservations say "eng"',
  ],
  ["disk fields on cpus", [{ ...cpus, disk: { source: { type: "PATH" } } }], "only a scalar named"],
  ["shared cpus", [{ ...cpus, shared: {} }], "only a persistent volume can be shared"],
  ["an unreserved volume", [{ ...persistent, role: "*" }], 'volume "v1" needs a reservation'],
  ["a revocable volume", [{ ...persistent, revocable: {} }], 'volume "v1" cannot be revocable'],
  [
    "a volume on a BLOCK disk",
    [{ ...persistent, disk: { ...persistent.disk, source: { type: "BLOCK" } } }],
    'a BLOCK disk cannot hold volume "v1"',
  ],
  ["a volume id ..", [{ ...persistent, disk: { persistence: { id: ".." } } }], 'id ".."'],
  ["a volume id a/b", [{ ...persistent, disk: { persistence: { id: "a/b" } } }], 'id "a/b"'],
  ["an unknown disk source", [{ ...disk, disk: { source: { type: "TAPE" } } }], "source.type: "],
  ["an empty provider", [{ ...cpus, provider_id: { value: "" } }], "must not be empty"],
])("Resources.fromJson() refuses %s", (_name, json, fault) => {
  expect(() => Resources.fromJson(json)).toThrow(fault);
  expect(() => Resources.fromJson(json)).toThrow(
    expect.objectContaining({ code: "invalid_resource" }),
  );
});

test.each([{ role: "a b" }, { allocation_info: { role: "" } }])(
  "Resources.fromJson() refuses the role in %j",
  (fields) => {
    expect(() => Resources.fromJson([{ ...cpus, ...fields }])).toThrow(
      expect.objectContaining({ code: "invalid_role" }),
    );
  },
);

test("Resources.fromJson() keeps what zod said as the cause, and names the field", () => {
  try {
    Resources.fromJson([{ ...cpus, scalar: {} }]);
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({ details: { field: "resources[0].scalar.value" } });
    expect(error).toHaveProperty("cause.issues");
  }
});
