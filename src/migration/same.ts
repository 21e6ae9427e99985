import type { Acl, Lifetime } from "../zookeeper/mod.ts";

/** `null` equals nothing but `null`. */
export function sameBytes(left: Uint8Array | null, right: Uint8Array | null): boolean {
  if (left === null || right === null) return left === right;
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index += 1) {
    if (left[index] !== right[index]) return false;
  }
  return true;
}

/** Order counts: servers keep it. */
export function sameAcl(left: readonly Acl[], right: readonly Acl[]): boolean {
  if (left === right) return true;
  return (
    left.length === right.length &&
    left.every((one, index) => {
      const other = right[index];
      return (
        other !== undefined &&
        one.permissions === other.permissions &&
        one.scheme === other.scheme &&
        one.id === other.id
      );
    })
  );
}

export function sameLifetime(left: Lifetime, right: Lifetime): boolean {
  if (left.type !== right.type) return false;
  return left.type !== "ttl" || right.type !== "ttl" || left.ttlMs === right.ttlMs;
}
