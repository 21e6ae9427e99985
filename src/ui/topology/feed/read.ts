/**
 * The readers of the topology API: `unknown` becomes a type here. A reader looks at the outline (is
 * the list a list?) and not at every field of every node.
 */
import { FairleadError } from "../../../base/mod.ts";
import type { DetailedNode, NodeSummary, TopologyDescriptor } from "../../../topology/mod.ts";

/** What the collector says of itself. */
export interface CollectorInfo {
  readonly id: string;
  readonly version: string;
  readonly hostname: string;
  readonly plugins: readonly CollectorPlugin[];
  /** Whether it answers for moments of the past. */
  readonly hasHistory: boolean;
  readonly newVersion: { readonly version: string; readonly downloadUrl: string } | undefined;
}

/** A plugin of a probe. */
export interface CollectorPlugin {
  readonly id: string;
  readonly label: string;
  readonly description?: string;
  readonly status?: string;
}

/** Changes of a view's nodes. */
export interface NodeDelta {
  readonly add: readonly NodeSummary[];
  readonly update: readonly NodeSummary[];
  readonly remove: readonly string[];
  /** Forget what was there before. */
  readonly reset: boolean;
  /** More of the same state follows: what comes then is no change. */
  readonly isPartial: boolean;
}

/** What became of a control. */
export interface ControlResult {
  /** Text that it answered. */
  readonly value: string | undefined;
  /** Id of a pipe, when it opened a terminal or a log. */
  readonly pipe: string | undefined;
  /** The pipe is a terminal: bytes go as they are typed. */
  readonly isRawTty: boolean;
  /** The control that takes the terminal's size. */
  readonly resizeControl: string | undefined;
  /** The node is gone. */
  readonly removedNode: string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields => Object(value) as Fields;

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

function listOf(value: unknown, what: string): readonly unknown[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value;
  throw wrong(what, "is no list");
}

function wrong(what: string, fault: string): FairleadError {
  return new FairleadError(
    "invalid_answer",
    `Cannot read the collector's answer: ${what} ${fault}`,
    {
      details: { what },
    },
  );
}

/** `GET /api` */
export function readInfo(value: unknown): CollectorInfo {
  const fields = fieldsOf(value);
  const { version: newest, downloadUrl } = fieldsOf(fields.newVersion);
  const newVersion = textOf(newest);
  return {
    id: textOf(fields.id) ?? "",
    version: textOf(fields.version) ?? "",
    hostname: textOf(fields.hostname) ?? "",
    plugins: listOf(fields.plugins, '"plugins"') as readonly CollectorPlugin[],
    hasHistory: fieldsOf(fields.capabilities).historic_reports === true,
    newVersion:
      newVersion === undefined
        ? undefined
        : { version: newVersion, downloadUrl: textOf(downloadUrl) ?? "" },
  };
}

/** `GET /api/topology` */
export function readTopologies(value: unknown): readonly TopologyDescriptor[] {
  if (!Array.isArray(value)) throw wrong("the list of topologies", "is no list");
  return value.map(readTopology);
}

function readTopology(value: unknown): TopologyDescriptor {
  const fields = fieldsOf(value);
  if (textOf(fields.url) === undefined) throw wrong('"url" of a topology', "is no text");
  if (fieldsOf(fields.stats).node_count === undefined) throw wrong('"stats"', "has no node_count");
  return {
    ...(value as TopologyDescriptor),
    options: listOf(fields.options, '"options"') as TopologyDescriptor["options"],
    sub_topologies: listOf(fields.sub_topologies, '"sub_topologies"').map(readTopology),
  };
}

/** `GET /api/topology/{id}` */
export function readNodes(value: unknown): ReadonlyMap<string, NodeSummary> {
  const { nodes } = fieldsOf(value);
  if (nodes === null || nodes === undefined) return new Map();
  if (typeof nodes !== "object" || Array.isArray(nodes)) throw wrong('"nodes"', "is no object");
  return new Map(Object.entries(nodes as Readonly<Record<string, NodeSummary>>));
}

/** `GET /api/topology/{id}/{node}` */
export function readNode(value: unknown): DetailedNode {
  const { node } = fieldsOf(value);
  const fields = fieldsOf(node);
  if (textOf(fields.id) === undefined) throw wrong('"id" of a node', "is no text");
  return {
    ...(node as DetailedNode),
    controls: listOf(fields.controls, '"controls"') as DetailedNode["controls"],
    connections: listOf(fields.connections, '"connections"') as DetailedNode["connections"],
  };
}

/** A message of Scope's WebSocket. */
export function readDelta(value: unknown): NodeDelta {
  const { add, update, remove, reset } = fieldsOf(value);
  return {
    add: listOf(add, '"add"') as readonly NodeSummary[],
    update: listOf(update, '"update"') as readonly NodeSummary[],
    remove: listOf(remove, '"remove"') as readonly string[],
    reset: reset === true,
    isPartial: false,
  };
}

/** `POST /api/control/…` */
export function readControlResult(value: unknown): ControlResult {
  const fields = fieldsOf(value);
  const error = textOf(fields.error);
  if (error !== undefined) throw new FairleadError("control_failed", `Cannot do it: ${error}`);
  return {
    value: textOf(fields.value),
    pipe: textOf(fields.pipe),
    isRawTty: fields.raw_tty === true,
    resizeControl: textOf(fields.resize_tty_control),
    removedNode: textOf(fields.removedNode),
  };
}
