/** Hashes of nodes: what compares trees by numbers begins here. */

import type { Acl, Lifetime, SnapshotNode } from "../zookeeper/mod.ts";
import type { DiffKernel } from "./kernel/contract.ts";

/** All that has to be equal but the counts: kind, ACL, data. */
export function stateBytes({ data, acl, lifetime }: SnapshotNode): Uint8Array {
  const head = new TextEncoder().encode(
    `${kindText(lifetime)}\n${aclText(acl)}\n${data === null}\n`,
  );
  const bytes = new Uint8Array(head.length + (data?.length ?? 0));
  bytes.set(head);
  if (data !== null) bytes.set(data, head.length);
  return bytes;
}

const kindText = (lifetime: Lifetime) =>
  lifetime.type === "ttl" ? `ttl ${lifetime.ttlMs}` : lifetime.type;

const aclText = (acl: readonly Acl[]) =>
  acl.map(({ permissions, scheme, id }) => `${permissions} ${scheme} ${id}`).join("|");

/** The xxh64 of each part. */
export function hashAll(parts: readonly Uint8Array[], kernel: DiffKernel): BigUint64Array {
  const lengths = Uint32Array.from(parts, (part) => part.length);
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return kernel.hash(bytes, lengths);
}
