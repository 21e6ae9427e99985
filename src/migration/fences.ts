/** How writers are kept out. */

import { FairleadError } from "../base/mod.ts";
import { type Acl, PERMISSIONS } from "../zookeeper/mod.ts";
import type { EnsembleClient, Fence } from "./ports.ts";
import { sameAcl } from "./same.ts";
import { untilAnswered } from "./steady.ts";

/** Nobody has this digest; an ACL must have an entry. Superusers pass. */
export const NOBODY: Acl = {
  permissions: PERMISSIONS.read,
  scheme: "digest",
  id: "fairlead:AAAAAAAAAAAAAAAAAAAAAAAAAAA=",
};
const IN_FLIGHT_MAX = 512;

/** An ACL by which everybody may still read what they could read, and nobody may do more. */
export function readOnly(acl: readonly Acl[]): readonly Acl[] {
  const readers = acl.flatMap((each) => {
    const permissions = each.permissions & PERMISSIONS.read;
    return permissions === 0 ? [] : [{ ...each, permissions }];
  });
  return readers.length === 0 ? [NOBODY] : readers;
}

/** A node and the ACL that it has when nothing is fenced. */
export interface FencedNode {
  readonly path: string;
  readonly acl: readonly Acl[];
}

/** Set many ACLs, top down; what is gone is let be. Returns how many were set. */
export async function setAcls(
  client: EnsembleClient,
  nodes: readonly FencedNode[],
  signal: AbortSignal,
  check: () => Promise<void> = async () => {},
): Promise<number> {
  const ordered = nodes.toSorted((left, right) => left.path.length - right.path.length);
  let count = 0;
  for (let at = 0; at < ordered.length; at += IN_FLIGHT_MAX) {
    signal.throwIfAborted();
    await check();
    const part = ordered.slice(at, at + IN_FLIGHT_MAX);
    const done = await Promise.all(part.map((node) => setOne(client, node)));
    count += done.filter(Boolean).length;
  }
  return count;
}

/**
 * Give nodes back what they had. What is not shut is let be: whoever opened it first, or never came
 * to shut it, a client may have set another ACL since.
 */
async function openAcls(
  client: EnsembleClient,
  nodes: readonly FencedNode[],
  signal: AbortSignal,
  check: () => Promise<void>,
): Promise<void> {
  for (let at = 0; at < nodes.length; at += IN_FLIGHT_MAX) {
    signal.throwIfAborted();
    await check();
    const part = nodes.slice(at, at + IN_FLIGHT_MAX);
    const isShut = await Promise.all(part.map(({ path }) => isShutNow(client, path)));
    await setAcls(
      client,
      part.filter((_, index) => isShut[index]),
      signal,
    );
  }
}

async function isShutNow(client: EnsembleClient, path: string): Promise<boolean> {
  try {
    const { acl } = await untilAnswered(() => client.getAcl(path));
    return isFenced(acl, acl);
  } catch (error) {
    if (error instanceof FairleadError && error.code === "no_node") return false;
    throw error;
  }
}

async function setOne(client: EnsembleClient, { path, acl }: FencedNode): Promise<boolean> {
  try {
    await untilAnswered(() => client.setAcl(path, acl));
    return true;
  } catch (error) {
    if (error instanceof FairleadError && error.code === "no_node") return false;
    throw error;
  }
}

/**
 * A fence by ACLs: every node becomes read-only. Needs a superuser on that side; does not stop
 * another superuser, nor the end of sessions, which takes ephemerals along.
 *
 * @param nodes What is fenced now: asked anew for each act.
 * @param check Throws when it is another one's turn: a migrator that slept shuts and opens nothing
 * more, but what it had under way.
 */
export function aclFence(
  client: EnsembleClient,
  nodes: () => readonly FencedNode[],
  check: () => Promise<void> = async () => {},
): Fence {
  /** What is shut already is not shut again: a second turn takes what was made or set meanwhile. */
  const shut = new Map<string, readonly Acl[]>();
  return {
    name: "acl",
    async close(signal) {
      const open = nodes().filter(({ path, acl }) => {
        const known = shut.get(path);
        return known === undefined || !sameAcl(known, acl);
      });
      const fenced = open.map(({ path, acl }) => ({ path, acl: readOnly(acl) }));
      await setAcls(client, fenced, signal, check);
      for (const { path, acl } of open) shut.set(path, acl);
    },
    async open(signal) {
      shut.clear();
      await openAcls(client, nodes(), signal, check);
    },
  };
}

/** Whether an ACL is the fenced form of another. */
export function isFenced(acl: readonly Acl[], original: readonly Acl[]): boolean {
  return sameAcl(acl, readOnly(original));
}
