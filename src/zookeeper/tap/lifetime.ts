import type { Lifetime } from "../types.ts";

/** The owner that marks a container. */
const CONTAINER = -(2n ** 63n);
/** A first byte of ones marks an extended kind; the next two bytes say which: 0 is a TTL. */
const EXTENDED = 0xffn;
const TTL_MASK = 0xff_ffff_ffffn;

/** A node's kind as servers keep it: in the field of its owner. */
export function lifetimeOfOwner(owner: bigint): Lifetime {
  if (owner === 0n) return { type: "persistent" };
  if (owner === CONTAINER) return { type: "container" };
  const bits = BigInt.asUintN(64, owner);
  if (bits >> 56n === EXTENDED && ((bits >> 40n) & 0xffffn) === 0n) {
    return { type: "ttl", ttlMs: Number(bits & TTL_MASK) };
  }
  return { type: "ephemeral" };
}

/** The reverse of {@linkcode lifetimeOfOwner}. */
export function ownerOfLifetime(lifetime: Lifetime, sessionId: bigint): bigint {
  switch (lifetime.type) {
    case "persistent":
      return 0n;
    case "ephemeral":
      return sessionId;
    case "container":
      return CONTAINER;
    case "ttl":
      return BigInt.asIntN(64, (EXTENDED << 56n) | BigInt(lifetime.ttlMs));
  }
}
