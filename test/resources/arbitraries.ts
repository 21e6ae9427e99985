import fc from "fast-check";
import {
  type DiskInfo,
  type Reservation,
  type Resource,
  Resources,
} from "../../src/resources/mod.ts";

/** A small world of names, roles and amounts, so that random resources often meet. */
const millis = fc.integer({ min: 1, max: 6_000 });

const labels = fc.constantFrom<NonNullable<Reservation["labels"]>>(
  [{ key: "rack", value: "r 1" }],
  [{ key: "b" }, { key: "a", value: "x" }],
);

const owner = fc.record(
  { principal: fc.constantFrom("ops", "batch; (night)", ""), labels },
  { requiredKeys: [] },
);

/** Stacks of one to three layers under "eng" or "ops". */
export const anyReservations: fc.Arbitrary<readonly Reservation[]> = fc
  .tuple(
    fc.constantFrom(
      ["eng"],
      ["eng", "eng/web"],
      ["eng", "eng/web", "eng/web/a"],
      ["ops", "ops/x/y"],
    ),
    fc.boolean(),
    fc.array(owner, { minLength: 3, maxLength: 3 }),
  )
  .map(([roles, isStatic, owners]) =>
    roles.map((role, depth): Reservation => {
      if (isStatic && depth === 0) return { type: "STATIC", role };
      return { type: "DYNAMIC", role, ...owners[depth] };
    }),
  );

const value = fc.oneof(
  fc.record({ name: fc.constantFrom("cpus", "mem", "gpus"), millis }).map(({ name, millis }) => ({
    name,
    value: { type: "SCALAR" as const, millis },
  })),
  fc
    .uniqueArray(fc.integer({ min: 0, max: 24 }), { minLength: 1, maxLength: 8 })
    .map((members) => ({
      name: "ports",
      value: {
        type: "RANGES" as const,
        ranges: members.map((member) => ({ begin: member, end: member })),
      },
    })),
  fc
    .uniqueArray(fc.constantFrom("a", "b", "c", "d e", '"', "}"), { minLength: 1 })
    .map((items) => ({ name: "zones", value: { type: "SET" as const, items } })),
);

const optional = fc.record(
  { allocationRole: fc.constantFrom("eng", "*"), providerId: fc.constantFrom("csi-1", "csi 2") },
  { requiredKeys: [] },
);

const plain: fc.Arbitrary<Resource> = fc
  .tuple(value, fc.option(anyReservations, { nil: [] }), fc.boolean(), optional)
  .map(([amount, reservations, revocable, rest]) => ({
    ...amount,
    reservations,
    revocable,
    shared: false,
    ...rest,
  }));

const source = fc.constantFrom<DiskInfo>(
  {},
  { source: { type: "ROOT" } },
  { source: { type: "PATH", root: "/mnt/p" } },
  { source: { type: "MOUNT", root: "/mnt/m" } },
  { source: { type: "BLOCK", id: "b1", vendor: "acme" } },
  { source: { type: "RAW", profile: "fast", metadata: [{ key: "k", value: "v" }] } },
  { source: { type: "RAW", id: "r1" } },
);

const disk: fc.Arbitrary<Resource> = fc
  .tuple(source, fc.constantFrom(1_000, 2_000), fc.option(anyReservations, { nil: [] }))
  .map(([info, amount, reservations]) => ({
    name: "disk",
    value: { type: "SCALAR", millis: amount },
    reservations,
    disk: info,
    revocable: false,
    shared: false,
  }));

const volumeInfo = fc.record(
  {
    persistence: fc.record(
      { id: fc.constantFrom("v1", "v2"), principal: fc.constant("ops") },
      { requiredKeys: ["id"] },
    ),
    volume: fc.constant({ mode: "RW", container_path: "data", source: { x: [1, null] } }),
    source: fc.constantFrom(
      { type: "PATH" as const, root: "/mnt/p" },
      { type: "MOUNT" as const, root: "/mnt/m" },
    ),
  },
  { requiredKeys: ["persistence"] },
);

const volume = (shared: boolean): fc.Arbitrary<Resource> =>
  fc
    .tuple(volumeInfo, fc.constantFrom(1_000, 2_000), anyReservations)
    .map(([info, amount, reservations]) => ({
      name: "disk",
      value: { type: "SCALAR", millis: amount },
      reservations,
      disk: info,
      revocable: false,
      shared,
    }));

/** Any one resource that can be. */
export const anyResource: fc.Arbitrary<Resource> = fc.oneof(
  { weight: 6, arbitrary: plain },
  { weight: 2, arbitrary: disk },
  { weight: 1, arbitrary: volume(false) },
  { weight: 1, arbitrary: volume(true) },
);

/** Up to eight resources, shared volumes among them. */
export const anyResources: fc.Arbitrary<Resources> = fc
  .array(anyResource, { maxLength: 8 })
  .map(Resources.of);

/** Plain scalars, ranges and sets of one identity each: bags that contain each other often. */
export const anyPlain: fc.Arbitrary<Resources> = fc
  .array(value, { maxLength: 5 })
  .map((values) =>
    Resources.of(
      values.map((amount) => ({ ...amount, reservations: [], revocable: false, shared: false })),
    ),
  );

/** Either kind of bag. */
export const anyBag: fc.Arbitrary<Resources> = fc.oneof(anyResources, anyPlain);

/** What `b` has that shares no member of a range or set with `a`: scalars and volumes stay. */
export function apartFrom(a: Resources, b: Resources): Resources {
  const common = a.intersect(b).filter(({ value }) => value.type !== "SCALAR");
  return b.subtract(common);
}
