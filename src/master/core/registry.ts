/** What a master keeps in the registry, node by node, and how it is written. */
import { FairleadError } from "../../base/mod.ts";
import type { AgentInfo, FrameworkInfo, OfferConstraintsJson } from "../../model/mod.ts";
import type { RegistryNode, RegistryOp } from "./events.ts";
import type { AgentStanding, MachineRecord } from "./records.ts";

/** Node "agents/<id>": an agent that is admitted. */
export interface AgentNode {
  readonly info: AgentInfo;
  readonly standing: AgentStanding;
}

/** Node "unreachable/<id>". */
export interface UnreachableNode extends AgentNode {
  readonly sinceMs: number;
}

/** Node "frameworks/<id>". */
export interface FrameworkNode {
  readonly info: FrameworkInfo;
  readonly suppressedRoles: readonly string[];
  readonly constraints?: OfferConstraintsJson;
  readonly registeredMs: number;
  /** Absent while it is connected. */
  readonly disconnectedMs?: number;
}

/** Node "quotas": amounts in thousandths. */
export interface QuotaNode {
  readonly role: string;
  readonly guarantees: Readonly<Record<string, number>>;
  readonly limits: Readonly<Record<string, number>>;
}

/** All of it, read. */
export interface RegistryContent {
  readonly agents: ReadonlyMap<string, AgentNode>;
  readonly unreachable: ReadonlyMap<string, UnreachableNode>;
  /** When each was marked gone. */
  readonly gone: ReadonlyMap<string, number>;
  readonly frameworks: ReadonlyMap<string, FrameworkNode>;
  /** Ids of frameworks that are over, oldest first. */
  readonly completed: readonly string[];
  readonly quotas: readonly QuotaNode[];
  readonly weights: readonly (readonly [role: string, weight: number])[];
  readonly machines: readonly MachineRecord[];
}

interface Nodes {
  agents: AgentNode;
  unreachable: UnreachableNode;
  gone: number;
  frameworks: FrameworkNode;
}

interface Lists {
  completed: readonly string[];
  quotas: readonly QuotaNode[];
  weights: readonly (readonly [role: string, weight: number])[];
  machines: readonly MachineRecord[];
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Write a node that is one of many. */
export function putNode<Kind extends keyof Nodes>(
  kind: Kind,
  id: string,
  node: Nodes[Kind],
): RegistryOp {
  return put(`${kind}/${encodeURIComponent(id)}`, node);
}

export function deleteNode(kind: keyof Nodes, id: string): RegistryOp {
  return { op: "delete", path: `${kind}/${encodeURIComponent(id)}` };
}

/** Write a node that holds all of a kind. */
export function putList<Kind extends keyof Lists>(kind: Kind, list: Lists[Kind]): RegistryOp {
  return put(kind, list);
}

function put(path: string, value: unknown): RegistryOp {
  return { op: "put", path, value: encoder.encode(JSON.stringify({ version: 1, value })) };
}

/**
 * Read the registry that a master before this one has written.
 *
 * @throws {FairleadError} `invalid_registry`; the message names the node. Nothing is guessed: who
 * leads with half a registry would tell agents that they are unknown.
 */
export function readRegistry(nodes: Iterable<RegistryNode>): RegistryContent {
  const agents = new Map<string, AgentNode>();
  const unreachable = new Map<string, UnreachableNode>();
  const gone = new Map<string, number>();
  const frameworks = new Map<string, FrameworkNode>();
  const lists: Lists = { completed: [], quotas: [], weights: [], machines: [] };
  for (const node of nodes) {
    const [kind = "", encoded] = node.path.split("/");
    const value = readValue(node);
    const id = encoded === undefined ? "" : decodeURIComponent(encoded);
    if (kind === "agents") agents.set(id, value as AgentNode);
    else if (kind === "unreachable") unreachable.set(id, value as UnreachableNode);
    else if (kind === "gone") gone.set(id, value as number);
    else if (kind === "frameworks") frameworks.set(id, value as FrameworkNode);
    else if (isList(kind)) Object.assign(lists, { [kind]: value });
    else throw invalid(node.path, "no such node is known");
  }
  return { agents, unreachable, gone, frameworks, ...lists };
}

function isList(kind: string): kind is keyof Lists {
  return kind === "completed" || kind === "quotas" || kind === "weights" || kind === "machines";
}

function readValue({ path, value }: RegistryNode): unknown {
  let read: unknown;
  try {
    read = JSON.parse(decoder.decode(value));
  } catch (cause) {
    throw invalid(path, "it is no JSON", cause);
  }
  if (typeof read !== "object" || read === null || !("version" in read) || !("value" in read)) {
    throw invalid(path, "it has no version");
  }
  if (read.version !== 1) throw invalid(path, `it is of version ${String(read.version)}`);
  return read.value;
}

function invalid(path: string, fault: string, cause?: unknown): FairleadError {
  return new FairleadError("invalid_registry", `Cannot read registry node "${path}": ${fault}`, {
    details: { path },
    cause,
  });
}
