import { type Client, emptyNode, type ModelState, type RoleNode } from "./state.ts";

/** The node of a role, if it exists. */
export function findNode(state: ModelState, role: string): RoleNode | undefined {
  let node: RoleNode | undefined = state.root;
  for (const part of role.split("/")) node = node?.children.get(part);
  return node;
}

/** The node of a role; it and the nodes above it come into being when they are missing. */
export function ensureNode(state: ModelState, role: string): RoleNode {
  let node = state.root;
  for (const part of role.split("/")) node = node.children.get(part) ?? addChild(node, part);
  return node;
}

function addChild(parent: RoleNode, part: string): RoleNode {
  if (parent.children.size === 0) parent.ownCount = parent.count;
  const child = emptyNode(parent.parent === undefined ? part : `${parent.name}/${part}`, parent);
  parent.children.set(part, child);
  return child;
}

/** Take a node away if nothing keeps it, and then whatever of its ancestors it alone had kept. */
export function pruneNode(node: RoleNode): void {
  const { parent } = node;
  if (parent === undefined || isKept(node)) return;
  parent.children.delete(lastPart(node));
  if (parent.children.size === 0) parent.count = parent.ownCount;
  pruneNode(parent);
}

function isKept({ clients, reserved, quota, weight, children }: RoleNode): boolean {
  return (
    clients.size > 0 ||
    reserved.size > 0 ||
    quota !== undefined ||
    weight !== 1 ||
    children.size > 0
  );
}

/** The last part of a role's name: what its siblings are told apart by. */
export function lastPart({ name }: RoleNode): string {
  return name.slice(name.lastIndexOf("/") + 1);
}

/** The node and everything above it but the root. */
export function pathOf(node: RoleNode): RoleNode[] {
  const path: RoleNode[] = [];
  for (let at = node; at.parent !== undefined; at = at.parent) path.push(at);
  return path;
}

/** Every node below this one, itself included unless it is the root, parents first. */
export function subtree(node: RoleNode): RoleNode[] {
  const below = [...node.children.values()].flatMap(subtree);
  return node.parent === undefined ? below : [node, ...below];
}

/** A grant was made to a client of this role. */
export function countGrant(node: RoleNode, client: Client): void {
  client.count += 1;
  if (node.children.size > 0) node.ownCount += 1;
  for (const above of pathOf(node)) above.count += 1;
}

/** The client of a framework in a role, made when it is missing. */
export function ensureClient(state: ModelState, frameworkId: string, role: string): Client {
  const node = ensureNode(state, role);
  const known = node.clients.get(frameworkId);
  if (known !== undefined) return known;
  const client: Client = {
    frameworkId,
    role,
    count: 0,
    allocated: new Map(),
    unreserved: new Map(),
    volumes: new Map(),
    filteredOn: new Set(),
    usedOn: new Set(),
  };
  node.clients.set(frameworkId, client);
  return client;
}

/** The client of a framework in a role, if there is one. */
export function findClient(
  state: ModelState,
  frameworkId: string,
  role: string,
): Client | undefined {
  return findNode(state, role)?.clients.get(frameworkId);
}

/** Forget a client that is neither registered nor holds anything, and its role if that was all. */
export function pruneClient(state: ModelState, client: Client): void {
  if (client.usedOn.size > 0) return;
  if (state.frameworks.get(client.frameworkId)?.roles.has(client.role)) return;
  const node = findNode(state, client.role);
  if (node === undefined) return;
  node.clients.delete(client.frameworkId);
  pruneNode(node);
}

/** All clients of a framework: its roles, and roles under which it still holds something. */
export function clientsOf(state: ModelState, frameworkId: string): Client[] {
  return subtree(state.root).flatMap((node) => node.clients.get(frameworkId) ?? []);
}
