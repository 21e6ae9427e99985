import { expect, test } from "vitest";
import { identityKey } from "../../src/resources/mod.ts";
import { disk, mount, path, sharedVolume, volume } from "./disks.ts";

test("identityKey() of a plain resource is its name", () => {
  expect(identityKey(disk({}))).toBe("disk");
});

test("identityKey() tells apart whatever keeps two resources from merging", () => {
  const reserved = disk({ reservations: [{ type: "STATIC", role: "eng" }] });
  const layers = [
    { type: "DYNAMIC", role: "eng" },
    { type: "DYNAMIC", role: "eng", principal: "ops" },
    { type: "DYNAMIC", role: "eng", principal: "night" },
    { type: "DYNAMIC", role: "eng", principal: "" },
    { type: "DYNAMIC", role: "eng", labels: [{ key: "k" }] },
    { type: "DYNAMIC", role: "eng", labels: [{ key: "k", value: "" }] },
  ] as const;
  const different = [
    disk({}),
    disk({ revocable: true }),
    disk({ allocationRole: "eng" }),
    disk({ allocationRole: "*" }),
    disk({ providerId: "eng" }),
    disk({ providerId: "csi" }),
    reserved,
    ...layers.map((layer) => disk({ reservations: [layer] })),
    path,
    mount,
    { ...mount, value: { type: "SCALAR" as const, millis: 1 } },
    disk({ disk: { source: { type: "PATH", root: "/mnt/p", metadata: [{ key: "k" }] } } }),
    volume,
    sharedVolume,
    disk({ ...volume, disk: { persistence: { id: "v1", principal: "ops" } } }),
    disk({ ...volume, disk: { persistence: { id: "v1" }, volume: { mode: "RW" } } }),
  ];
  expect(new Set(different.map(identityKey)).size).toBe(different.length);
});
