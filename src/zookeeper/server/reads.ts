/** Answers of requests that change nothing. */

import { ERRORS } from "../protocol/codes.ts";
import { OPCODES } from "../protocol/opcodes.ts";
import { writeAcl, writeStat } from "../protocol/records.ts";
import { PERMISSIONS } from "../types.ts";
import { type AuthId, isAllowed, maskAcl } from "./acl.ts";
import { type Answer, type Body, withStat, writeResult, writeResultsEnd } from "./answers.ts";
import type { ReadOperation } from "./requests.ts";
import { type ServerTree, statOf, type TreeNode } from "./tree.ts";
import type { ServerWatches, Watcher } from "./watches.ts";

/** Who reads, and where. */
export interface ReadContext {
  readonly tree: ServerTree;
  readonly watches: ServerWatches;
  readonly watcher: Watcher;
  readonly identities: readonly AuthId[];
}

/** Read one node, and leave a classic watch if it is asked for. */
export function read(context: ReadContext, { type, path, watch }: ReadOperation): Answer {
  const node = find(context.tree, path);
  const { data, children } = context.watches;
  if (type === "exists") {
    // A node that is not there can be waited for.
    if (watch) data.add(path, context.watcher, "once");
    return node === undefined ? ERRORS.noNode : withStat(statOf(node));
  }
  if (node === undefined) return ERRORS.noNode;
  if (!mayRead(node, context)) return ERRORS.noAuth;
  if (watch) (type === "get" ? data : children).add(path, context.watcher, "once");
  if (type === "get") return withData(node);
  return withNames(node, type === "children2");
}

/** Many reads, each with an answer of its own. */
export function readMany(context: ReadContext, operations: readonly ReadOperation[]): Answer {
  const results = operations.map((each) => {
    const opcode = each.type === "get" ? OPCODES.getData : OPCODES.getChildren;
    return { opcode, answer: read(context, each) };
  });
  return (writer) => {
    for (const { opcode, answer } of results) writeResult(writer, opcode, answer);
    writeResultsEnd(writer);
  };
}

/** A node's ACL; without its hashes for whom may not administer it. */
export function readNodeAcl({ tree, identities }: ReadContext, path: string): Answer {
  const node = find(tree, path);
  if (node === undefined) return ERRORS.noNode;
  const { acl } = node.facts;
  if (!isAllowed(acl, PERMISSIONS.read | PERMISSIONS.admin, identities)) return ERRORS.noAuth;
  const shown = isAllowed(acl, PERMISSIONS.admin, identities) ? acl : maskAcl(acl);
  const stat = statOf(node);
  return (writer) => {
    writer.list(shown, writeAcl);
    writeStat(writer, stat);
  };
}

/** How many nodes are below one. */
export function countBelow(context: ReadContext, path: string): Answer {
  const node = find(context.tree, path);
  if (node === undefined) return ERRORS.noNode;
  if (!mayRead(node, context)) return ERRORS.noAuth;
  const count = context.tree.countBelow(node.facts.path);
  return (writer) => writer.int(count);
}

/** The ephemerals of a session whose paths begin so. */
export function listEphemerals(tree: ServerTree, sessionId: bigint, prefix: string): Answer {
  const all = tree.ephemeralsOf(sessionId);
  const isAll = ["", "/"].includes(prefix.trim());
  const paths = isAll ? all : all.filter((path) => path.startsWith(prefix));
  return (writer) => writer.list(paths, (each, path) => each.text(path));
}

/** The empty path is another name of the root where nodes are read. */
function find(tree: ServerTree, path: string): TreeNode | undefined {
  return tree.get(path === "" ? "/" : path);
}

function mayRead({ facts }: TreeNode, { identities }: ReadContext): boolean {
  return isAllowed(facts.acl, PERMISSIONS.read, identities);
}

function withData(node: TreeNode): Body {
  const { data } = node.facts;
  const stat = statOf(node);
  return (writer) => {
    writer.buffer(data);
    writeStat(writer, stat);
  };
}

function withNames(node: TreeNode, hasStat: boolean): Body {
  const names = [...node.children];
  const stat = statOf(node);
  return (writer) => {
    writer.list(names, (each, name) => each.text(name));
    if (hasStat) writeStat(writer, stat);
  };
}
