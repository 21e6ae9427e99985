/** What a write does to the tree, or the number of the error that stands in its way. */

import { pathFault } from "../path.ts";
import { ERRORS } from "../protocol/codes.ts";
import { CREATE_FLAGS, OPCODES } from "../protocol/opcodes.ts";
import { type Lifetime, PERMISSIONS, type Stat } from "../types.ts";
import { type AuthId, fixAcl, isAllowed } from "./acl.ts";
import type { WriteOperation } from "./requests.ts";
import { type ServerTree, statOf, type TreeNode } from "./tree.ts";

/** Who writes, when, and under which number. */
export interface Writer {
  readonly zxid: bigint;
  readonly nowMs: number;
  readonly sessionId: bigint;
  readonly identities: readonly AuthId[];
}

/** What happened to a node, for its watches. */
export interface TreeEvent {
  readonly type: "created" | "deleted" | "changed";
  readonly path: string;
}

/** What a write gave. */
export type WriteResult =
  | { readonly type: "create"; readonly opcode: number; readonly path: string; readonly stat: Stat }
  | { readonly type: "set" | "set_acl" | "check"; readonly stat: Stat }
  | { readonly type: "delete" };

/** Longest time to live: five bytes of milliseconds. */
const TTL_MS_MAX = 0xff_ffff_ffff;
/** Nodes of the server itself, which nobody deletes. */
const OWN_PATHS = new Set(["/", "/zookeeper", "/zookeeper/config", "/zookeeper/quota"]);

type Operation<Type> = Extract<WriteOperation, { readonly type: Type }>;

/**
 * Do one write.
 *
 * A number is the error of ZooKeeper that it met, in the order in which a server looks for them;
 * then nothing was changed.
 *
 * @param events Gets what happened, for the watches.
 */
export function write(
  tree: ServerTree,
  operation: WriteOperation,
  writer: Writer,
  events: TreeEvent[],
): WriteResult | number {
  switch (operation.type) {
    case "create":
      return create(tree, operation, writer, events);
    case "delete":
      return remove(tree, operation, writer, events);
    case "set":
      return set(tree, operation, writer, events);
    case "set_acl":
      return setAcl(tree, operation, writer);
    case "check":
      return check(tree, operation, writer);
  }
}

function create(
  tree: ServerTree,
  { opcode, path, data, acl, flag, ttlMs }: Operation<"create">,
  writer: Writer,
  events: TreeEvent[],
): WriteResult | number {
  const lifetime = lifetimeOf(opcode, flag, ttlMs);
  const slash = path.lastIndexOf("/");
  if (lifetime === undefined || slash < 0 || path.includes("\0")) return ERRORS.badArguments;
  const fixed = fixAcl(acl, writer.identities);
  if (fixed === undefined) return ERRORS.invalidAcl;
  const parent = tree.get(slash === 0 ? "/" : path.slice(0, slash));
  if (parent === undefined) return ERRORS.noNode;
  if (!mayDo(parent, PERMISSIONS.create, writer)) return ERRORS.noAuth;
  const full = isSequential(flag) ? path + numberOf(parent) : path;
  if (pathFault(full) !== undefined) return ERRORS.badArguments;
  if (tree.get(full) !== undefined) return ERRORS.nodeExists;
  if (parent.facts.lifetime.type === "ephemeral") return ERRORS.noChildrenForEphemerals;
  const { zxid, nowMs } = writer;
  const node = tree.add({
    path: full,
    data,
    acl: fixed,
    lifetime,
    ephemeralOwner: lifetime.type === "ephemeral" ? writer.sessionId : 0n,
    czxid: zxid,
    mzxid: zxid,
    pzxid: zxid,
    ctimeMs: nowMs,
    mtimeMs: nowMs,
    version: 0,
    cversion: 0,
    aversion: 0,
  });
  events.push({ type: "created", path: full });
  return { type: "create", opcode, path: full, stat: statOf(node) };
}

function remove(
  tree: ServerTree,
  { path, version }: Operation<"delete">,
  writer: Writer,
  events: TreeEvent[],
): WriteResult | number {
  const slash = path.lastIndexOf("/");
  if (slash < 0 || path.includes("\0") || OWN_PATHS.has(path)) return ERRORS.badArguments;
  const parent = tree.get(slash === 0 ? "/" : path.slice(0, slash));
  if (parent === undefined) return ERRORS.noNode;
  if (!mayDo(parent, PERMISSIONS.delete, writer)) return ERRORS.noAuth;
  const node = tree.get(path);
  if (node === undefined) return ERRORS.noNode;
  if (!isVersion(node.facts.version, version)) return ERRORS.badVersion;
  if (node.children.size > 0) return ERRORS.notEmpty;
  tree.remove(node, writer.zxid);
  events.push({ type: "deleted", path });
  return { type: "delete" };
}

function set(
  tree: ServerTree,
  { path, data, version }: Operation<"set">,
  writer: Writer,
  events: TreeEvent[],
): WriteResult | number {
  const node = allowed(tree, path, PERMISSIONS.write, writer);
  if (typeof node === "number") return node;
  const { facts } = node;
  if (!isVersion(facts.version, version)) return ERRORS.badVersion;
  const { zxid: mzxid, nowMs: mtimeMs } = writer;
  tree.change(node, { ...facts, data, version: (facts.version + 1) | 0, mzxid, mtimeMs });
  events.push({ type: "changed", path });
  return { type: "set", stat: statOf(node) };
}

function setAcl(
  tree: ServerTree,
  { path, acl, version }: Operation<"set_acl">,
  writer: Writer,
): WriteResult | number {
  if (pathFault(path) !== undefined) return ERRORS.badArguments;
  const fixed = fixAcl(acl, writer.identities);
  if (fixed === undefined) return ERRORS.invalidAcl;
  const node = allowed(tree, path, PERMISSIONS.admin, writer);
  if (typeof node === "number") return node;
  const { facts } = node;
  if (!isVersion(facts.aversion, version)) return ERRORS.badVersion;
  tree.change(node, { ...facts, acl: fixed, aversion: (facts.aversion + 1) | 0 });
  return { type: "set_acl", stat: statOf(node) };
}

function check(
  tree: ServerTree,
  { path, version }: Operation<"check">,
  writer: Writer,
): WriteResult | number {
  const node = allowed(tree, path, PERMISSIONS.read, writer);
  if (typeof node === "number") return node;
  if (!isVersion(node.facts.version, version)) return ERRORS.badVersion;
  return { type: "check", stat: statOf(node) };
}

function allowed(
  tree: ServerTree,
  path: string,
  permission: number,
  writer: Writer,
): TreeNode | number {
  if (pathFault(path) !== undefined) return ERRORS.badArguments;
  const node = tree.get(path);
  if (node === undefined) return ERRORS.noNode;
  return mayDo(node, permission, writer) ? node : ERRORS.noAuth;
}

function mayDo({ facts }: TreeNode, permission: number, { identities }: Writer): boolean {
  return isAllowed(facts.acl, permission, identities);
}

function isVersion(found: number, asked: number): boolean {
  return asked === -1 || asked === found;
}

/** Ten digits; Java writes a counter that has run over with its sign. */
function numberOf({ facts: { cversion } }: TreeNode): string {
  if (cversion >= 0) return String(cversion).padStart(10, "0");
  return `-${String(-cversion).padStart(9, "0")}`;
}

function isSequential(flag: number): boolean {
  return (
    flag === CREATE_FLAGS.persistentSequential ||
    flag === CREATE_FLAGS.ephemeralSequential ||
    flag === CREATE_FLAGS.ttlSequential
  );
}

/** What opcode and flag mean together; undefined when they cannot stand together. */
function lifetimeOf(opcode: number, flag: number, ttlMs: number): Lifetime | undefined {
  const isTtl = flag === CREATE_FLAGS.ttl || flag === CREATE_FLAGS.ttlSequential;
  if (flag < CREATE_FLAGS.persistent || flag > CREATE_FLAGS.ttlSequential) return undefined;
  // A time to live without its flag brings a server of 3.8 down where it is negative.
  if (isTtl !== (opcode === OPCODES.createTtl)) return undefined;
  if (isTtl && (ttlMs <= 0 || ttlMs > TTL_MS_MAX)) return undefined;
  if (isTtl) return { type: "ttl", ttlMs };
  if (opcode === OPCODES.createContainer) return { type: "container" };
  const isEphemeral = flag === CREATE_FLAGS.ephemeral || flag === CREATE_FLAGS.ephemeralSequential;
  return { type: isEphemeral ? "ephemeral" : "persistent" };
}
