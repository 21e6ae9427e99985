/** The journal's own nodes: made, and read. */

import { FairleadError } from "../base/mod.ts";
import { type Acl, OPEN_ACL } from "../zookeeper/mod.ts";
import { NOBODY } from "./fences.ts";
import { type Cursor, decodeCursor, encodeCursor, journalPaths } from "./journal.ts";
import type { EnsembleClient } from "./ports.ts";
import { CONTROL_ROOT } from "./scope.ts";
import { untilAnswered } from "./steady.ts";

/** Make what a migration keeps on a side, unless it is there. */
export async function makeJournal(
  client: EnsembleClient,
  { id, owner }: { readonly id: string; readonly owner: string },
  zxid = 0n,
): Promise<void> {
  const paths = journalPaths(id);
  const cursor: Cursor = {
    format: 1,
    id,
    phase: "bootstrap",
    zxid,
    sequence: 0,
    owner,
    ownSessions: [],
    deadlineMs: 0,
    reverseZxid: 0n,
  };
  const nodes: [string, Uint8Array][] = [
    [CONTROL_ROOT, new Uint8Array(0)],
    [paths.root, new Uint8Array(0)],
    [paths.ledger, new Uint8Array(0)],
    [paths.requests, new Uint8Array(0)],
    [paths.cursor, encodeCursor(cursor)],
    [paths.owner, new Uint8Array(0)],
  ];
  const acl = await ownAcl(client);
  for (const [path, data] of nodes) {
    if ((await client.exists(path)) !== undefined) continue;
    const create = { type: "create", path, data, acl } as const;
    await untilAnswered(() => client.multi([create])).catch(unlessThere);
  }
}

/**
 * What our own nodes have: superusers see and change them, clients do not, who could end a
 * migration there, or read digests. Where we are no superuser, they are open to all.
 */
export async function ownAcl(client: EnsembleClient): Promise<readonly Acl[]> {
  const identities = await client.whoAmI?.().catch(() => []);
  return identities?.some(({ user }) => user === "super") ? [NOBODY] : OPEN_ACL;
}

/** Leave word on the source that its clients have gone for good: the node `moved` of the journal. */
export async function markMoved(client: EnsembleClient, id: string, atMs: number): Promise<void> {
  const path = journalPaths(id).moved;
  const data = new TextEncoder().encode(JSON.stringify({ id, atMs }));
  await untilAnswered(() => client.multi([{ type: "create", path, data }])).catch(unlessThere);
}

function unlessThere(error: unknown): void {
  if (!(error instanceof FairleadError) || error.code !== "node_exists") throw error;
}

/** Where a migration stands, by its journal; undefined when there is none of this id. */
export async function readJournal(
  client: EnsembleClient,
  id: string,
): Promise<{ readonly cursor: Cursor; readonly ledger: readonly string[] } | undefined> {
  const paths = journalPaths(id);
  if ((await client.exists(paths.cursor)) === undefined) return undefined;
  const { data } = await client.get(paths.cursor);
  const { names } = await client.children(paths.ledger);
  const entries = await client.getMany(names.toSorted().map((name) => `${paths.ledger}/${name}`));
  const ledger = entries.flatMap((entry) =>
    entry.error === undefined ? [new TextDecoder().decode(entry.data ?? undefined)] : [],
  );
  return { cursor: decodeCursor(data, paths.cursor), ledger };
}

/** When the source was fenced last, ms since 1970; undefined when it never was. */
export async function fencedAtMs(client: EnsembleClient, id: string): Promise<number | undefined> {
  const entries = (await readJournal(client, id))?.ledger.map((entry) => JSON.parse(entry));
  return entries?.findLast(({ phase }) => phase === "fence")?.atMs;
}
