import type { Resource } from "../../src/resources/mod.ts";

/** A disk of 100 megabytes that is plain but for the fields given. */
export function disk(fields: Partial<Resource>, millis = 100_000): Resource {
  return {
    name: "disk",
    value: { type: "SCALAR", millis },
    reservations: [],
    revocable: false,
    shared: false,
    ...fields,
  };
}

export const mount = disk({ disk: { source: { type: "MOUNT", root: "/mnt/a" } } });
export const path = disk({ disk: { source: { type: "PATH", root: "/mnt/p" } } });
export const volume = disk({
  disk: { persistence: { id: "v1" } },
  reservations: [{ type: "STATIC", role: "eng" }],
});
export const sharedVolume: Resource = { ...volume, shared: true };
