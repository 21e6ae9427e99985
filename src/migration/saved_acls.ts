/** ACLs of the target, kept while it is shut: a rollback that is cut off can be gone on with. */

import * as z from "zod/mini";
import { FairleadError } from "../base/mod.ts";
import { type Acl, OPEN_ACL, type Operation, type SnapshotNode } from "../zookeeper/mod.ts";
import { isFenced } from "./fences.ts";
import { journalPaths } from "./journal.ts";
import { ownAcl } from "./journal_nodes.ts";
import type { EnsembleClient } from "./ports.ts";
import { sameAcl } from "./same.ts";
import type { Writer } from "./writer.ts";

/** A node of the journal holds so many of these, or less. */
const CHUNK_BYTES = 300_000;

const schema = () =>
  z.array(
    z.object({
      path: z.string(),
      acl: z.array(z.object({ permissions: z.int(), scheme: z.string(), id: z.string() })),
    }),
  );
let savedSchema: ReturnType<typeof schema> | undefined;

/** What nodes had before they were shut; those that are not listed were open to everybody. */
export type SavedAcls = ReadonlyMap<string, readonly Acl[]>;

/** What a node has when nothing is shut. */
export function originalAcl({ path, acl }: SnapshotNode, saved: SavedAcls): readonly Acl[] {
  const original = saved.get(path) ?? OPEN_ACL;
  return isFenced(acl, original) ? original : acl;
}

/**
 * Keep what the target's nodes have, before the first of them is shut; what is kept already stays.
 *
 * @throws {FairleadError} `invalid_journal`; what the writer and the client throw.
 */
export async function saveAcls(
  { client, writer, id }: { client: EnsembleClient; writer: Writer; id: string },
  nodes: readonly SnapshotNode[],
): Promise<SavedAcls> {
  const before = await readSavedAcls(client, id);
  if (before !== undefined) return before;
  const root = journalPaths(id).acls;
  await removeHalf(client, writer, root);
  const own = nodes.flatMap(({ path, acl }) => (sameAcl(acl, OPEN_ACL) ? [] : [{ path, acl }]));
  const acl = await ownAcl(client);
  const create = (path: string, data: Uint8Array) => ({ type: "create", path, data, acl }) as const;
  const write = (operation: Operation) =>
    writer.write({ operations: [operation], acls: [], patch: {} });
  await write(create(root, new Uint8Array(0)));
  for (const chunk of chunksOf(own)) {
    const data = new TextEncoder().encode(JSON.stringify(chunk));
    await write({ ...create(`${root}/`, data), sequential: true });
  }
  // Last: what is kept counts from here.
  await write(create(`${root}/whole`, new Uint8Array(0)));
  return new Map(own.map(({ path, acl }) => [path, acl]));
}

/**
 * What a rollback kept that was not done with; undefined when none was begun, or nothing was shut.
 *
 * @throws {FairleadError} `invalid_journal`; what the client throws.
 */
export async function readSavedAcls(
  client: EnsembleClient,
  id: string,
): Promise<SavedAcls | undefined> {
  const root = journalPaths(id).acls;
  if ((await client.exists(`${root}/whole`)) === undefined) return undefined;
  const { names } = await client.children(root);
  const saved = new Map<string, readonly Acl[]>();
  for (const name of names.filter((each) => each !== "whole")) {
    const path = `${root}/${name}`;
    const { data } = await client.get(path);
    for (const each of readChunk(data, path)) saved.set(each.path, each.acl);
  }
  return saved;
}

/** What was written of a list that was cut off goes: nothing was shut by it. */
async function removeHalf(client: EnsembleClient, writer: Writer, root: string): Promise<void> {
  if ((await client.exists(root)) === undefined) return;
  const { names } = await client.children(root);
  const paths = [...names.map((name) => `${root}/${name}`), root];
  const operations = paths.map((path) => ({ type: "delete", path }) as const);
  await writer.write({ operations, acls: [], patch: {} });
}

function* chunksOf<T>(items: readonly T[]): Generator<T[]> {
  let chunk: T[] = [];
  let bytes = 0;
  for (const item of items) {
    // A character is three bytes at most.
    bytes += JSON.stringify(item).length * 3;
    chunk.push(item);
    if (bytes < CHUNK_BYTES) continue;
    yield chunk;
    chunk = [];
    bytes = 0;
  }
  if (chunk.length > 0) yield chunk;
}

function readChunk(data: Uint8Array | null, path: string) {
  savedSchema ??= schema();
  const read = savedSchema.safeParse(jsonOf(data));
  if (read.success) return read.data;
  const message = `Cannot go back: ${path} is not as this release writes it`;
  throw new FairleadError("invalid_journal", message, { details: { path } });
}

function jsonOf(data: Uint8Array | null): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(data ?? undefined));
  } catch {
    return undefined;
  }
}
