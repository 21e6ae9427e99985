import { expect, test } from "vitest";
import { lifetimeOfOwner, ownerOfLifetime } from "../../../src/zookeeper/tap/lifetime.ts";

test("each kind is kept in the owner's field, and read from it", () => {
  for (const lifetime of [
    { type: "persistent" },
    { type: "container" },
    { type: "ttl", ttlMs: 1 },
    { type: "ttl", ttlMs: 0xff_ffff_ffff },
    { type: "ephemeral" },
  ] as const) {
    expect(lifetimeOfOwner(ownerOfLifetime(lifetime, 0x1000044b23e0000n))).toEqual(lifetime);
  }
  // A session of a server whose id has the highest bit.
  expect(lifetimeOfOwner(BigInt.asIntN(64, 0xfe00044b23e0000an))).toEqual({ type: "ephemeral" });
});
