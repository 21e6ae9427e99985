import { expect, test } from "vitest";
import {
  isIndivisible,
  isPersistentVolume,
  RANGE_END_MAX,
  type Resource,
  Resources,
  reservationRole,
  SCALAR_MILLIS_MAX,
} from "../../src/resources/mod.ts";
import { disk, mount, path, sharedVolume, volume } from "./disks.ts";

test.each<[string, Resource, boolean]>([
  ["a plain disk", disk({}), false],
  ["a disk with a volume alone", disk({ disk: { volume: { mode: "RW" } } }), false],
  ["a PATH disk", path, false],
  ["a MOUNT disk", mount, true],
  ["a BLOCK disk", disk({ disk: { source: { type: "BLOCK" } } }), true],
  ["a RAW disk without id", disk({ disk: { source: { type: "RAW", profile: "p" } } }), false],
  ["a RAW disk with an id", disk({ disk: { source: { type: "RAW", id: "r" } } }), true],
  ["a persistent volume", volume, true],
])("isIndivisible() of %s", (_name, resource, expected) => {
  expect(isIndivisible(resource)).toBe(expected);
});

test("isPersistentVolume() is true of volumes, shared or not, and of no other disk", () => {
  expect([volume, sharedVolume, mount, path].map(isPersistentVolume)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test("reservationRole() is the role of the last layer", () => {
  expect(reservationRole(disk({}))).toBeUndefined();
  const eng = { type: "STATIC", role: "eng" } as const;
  const web = { type: "DYNAMIC", role: "eng/web" } as const;
  expect(reservationRole(disk({ reservations: [eng] }))).toBe("eng");
  expect(reservationRole(disk({ reservations: [eng, web] }))).toBe("eng/web");
});

test("SCALAR_MILLIS_MAX and RANGE_END_MAX are the largest that resources hold", () => {
  const most = Resources.of([disk({}, SCALAR_MILLIS_MAX)]);
  expect(String(most)).toBe("disk:2000000000000");
  expect(() => Resources.of([disk({}, SCALAR_MILLIS_MAX + 1)])).toThrow("millis");
  const all = Resources.parse(`ports:[0-${RANGE_END_MAX}]`);
  expect(all.quantities().get("ports")).toBe(SCALAR_MILLIS_MAX);
});
