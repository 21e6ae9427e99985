import { FairleadError } from "../../../base/mod.ts";
import type { DetailedNode, NodeSummary, TopologyDescriptor } from "../../../topology/mod.ts";
import {
  type CollectorInfo,
  type ControlResult,
  readControlResult,
  readInfo,
  readNode,
  readNodes,
  readTopologies,
} from "./read.ts";

/** A WebSocket of a browser, as much of it as is used. */
export interface BrowserSocket {
  binaryType: string;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(): void;
  addEventListener(
    type: "open" | "message" | "close" | "error",
    listener: (event: { readonly data?: unknown }) => void,
  ): void;
}

/** Options of {@linkcode TopologyApi}. */
export interface TopologyApiOptions {
  /** Where the collector's API is: `/api`, or a whole URL; a real Scope app's works as well. */
  readonly src: string;
  /** What a relative `src` stands below. @default the address of the page */
  readonly base?: string | undefined;
  /** Value of the Authorization header, if any; WebSockets of browsers cannot send it. */
  readonly authorization?: string | undefined;
  /** @default the platform's `fetch` */
  readonly fetch?: typeof fetch | undefined;
  /** @default the platform's `WebSocket` */
  readonly openSocket?: ((url: string) => BrowserSocket) | undefined;
}

/** What is asked of a topology. */
export interface TopologyQuery {
  readonly topologyId: string;
  /** Values by option. */
  readonly options: Readonly<Record<string, string>>;
  /** The moment; absent means now. */
  readonly atMs?: number | undefined;
}

/** Where a control goes. */
export interface ControlTarget {
  readonly probeId: string;
  readonly nodeId: string;
  readonly control: string;
}

interface Waiting {
  readonly signal?: AbortSignal | undefined;
}

const MESSAGE_CHARS_MAX = 500;

/**
 * The topology API of a collector, ours or Scope's, over `fetch` and WebSockets.
 *
 * Every method throws a {@linkcode FairleadError}: `collector_unreachable` (no answer, or 5xx),
 * `collector_unauthorized` (401 and 403), `collector_refused` (another status; the message is the
 * collector's), `node_not_found` (404 of a node), `control_failed` (the probe's word) or
 * `invalid_answer` (not the JSON that was asked for).
 */
export class TopologyApi {
  readonly src: string;
  authorization: string | undefined;
  readonly #fetch: typeof fetch;
  readonly #openSocket: (url: string) => BrowserSocket;

  constructor(options: TopologyApiOptions) {
    const base = options.base ?? globalThis.location?.href;
    const { href } = new URL(options.src, base);
    this.src = href.replace(/\/+$/, "");
    this.authorization = options.authorization;
    this.#fetch = options.fetch ?? ((...args) => fetch(...args));
    this.#openSocket = options.openSocket ?? ((url) => new WebSocket(url));
  }

  /** What the collector says of itself. */
  async info({ signal }: Waiting = {}): Promise<CollectorInfo> {
    return readInfo(await this.#get("", {}, signal));
  }

  /** The topologies, with counts that hold for the options. */
  async topologies(
    query: {
      readonly options?: Readonly<Record<string, string>>;
      readonly atMs?: number | undefined;
    },
    { signal }: Waiting = {},
  ): Promise<readonly TopologyDescriptor[]> {
    return readTopologies(await this.#get("/topology", parametersOf(query), signal));
  }

  /** All nodes of a topology, by id. */
  async nodes(
    query: TopologyQuery,
    { signal }: Waiting = {},
  ): Promise<ReadonlyMap<string, NodeSummary>> {
    const path = `/topology/${encodeURIComponent(query.topologyId)}`;
    return readNodes(await this.#get(path, parametersOf(query), signal));
  }

  /** One node, whole. */
  async node(
    query: TopologyQuery,
    nodeId: string,
    { signal }: Waiting = {},
  ): Promise<DetailedNode> {
    const path = `/topology/${encodeURIComponent(query.topologyId)}/${encodeURIComponent(nodeId)}`;
    try {
      return readNode(await this.#get(path, parametersOf(query), signal));
    } catch (thrown) {
      const error = FairleadError.from(thrown);
      if (error.details.status !== 404) throw error;
      throw new FairleadError("node_not_found", `Cannot show ${nodeId}: it is not there`, {
        cause: error,
        details: { nodeId, topologyId: query.topologyId },
      });
    }
  }

  /** Run a control of a node. */
  async control(
    { probeId, nodeId, control }: ControlTarget,
    args: Readonly<Record<string, string>> = {},
    { signal }: Waiting = {},
  ): Promise<ControlResult> {
    const path = [probeId, nodeId, control].map(encodeURIComponent).join("/");
    const response = await this.#send(`${this.src}/control/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: Object.keys(args).length === 0 ? null : JSON.stringify(args),
      signal: signal ?? null,
    });
    return readControlResult(await jsonOf(response, signal));
  }

  /** The merged report, as text: for somebody who looks for a fault. */
  async report(atMs: number | undefined, { signal }: Waiting = {}): Promise<string> {
    const url = `${this.src}/report${textOf(parametersOf({ atMs }))}`;
    const headers = { accept: "application/json" };
    return (await this.#send(url, { headers, signal: signal ?? null })).text();
  }

  /** Close a pipe at both ends. */
  async closePipe(id: string): Promise<void> {
    await this.#send(`${this.src}/pipe/${encodeURIComponent(id)}`, {
      method: "DELETE",
      headers: {},
    });
  }

  /** Open the stream of a topology's changes, as Scope sends them. */
  openNodes(query: TopologyQuery, intervalMs: number): BrowserSocket {
    const path = `/topology/${encodeURIComponent(query.topologyId)}/ws`;
    const parameters = { ...parametersOf(query), t: `${intervalMs}ms` };
    return this.#openSocket(this.#socketUrl(path + textOf(parameters)));
  }

  /** Open a stream of ours, whatever its path and query. */
  openStream(path: string, parameters: Readonly<Record<string, string>>): BrowserSocket {
    return this.#openSocket(this.#socketUrl(path + textOf(parameters)));
  }

  /** Open the reader's end of a pipe. */
  openPipe(id: string): BrowserSocket {
    return this.#openSocket(this.#socketUrl(`/pipe/${encodeURIComponent(id)}`));
  }

  #socketUrl(path: string): string {
    return `${this.src.replace(/^http/, "ws")}${path}`;
  }

  async #get(
    path: string,
    parameters: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    const headers = { accept: "application/json" };
    const url = `${this.src}${path}${textOf(parameters)}`;
    return jsonOf(await this.#send(url, { headers, signal: signal ?? null }), signal);
  }

  async #send(url: string, init: RequestInit & { headers: Record<string, string> }) {
    const headers = { ...init.headers };
    if (this.authorization !== undefined) headers.authorization = this.authorization;
    let response: Response;
    try {
      response = await this.#fetch(url, { ...init, headers });
    } catch (cause) {
      init.signal?.throwIfAborted();
      throw new FairleadError("collector_unreachable", "Cannot reach the collector: no answer", {
        cause,
        details: { url },
      });
    }
    if (response.ok) return response;
    throw await refusal(url, response);
  }
}

function parametersOf({
  options = {},
  atMs,
}: Partial<TopologyQuery>): Readonly<Record<string, string>> {
  if (atMs === undefined) return options;
  return { ...options, timestamp: new Date(atMs).toISOString() };
}

function textOf(parameters: Readonly<Record<string, string>>): string {
  const text = new URLSearchParams(parameters).toString();
  return text === "" ? "" : `?${text}`;
}

async function jsonOf(response: Response, signal: AbortSignal | undefined): Promise<unknown> {
  try {
    return await response.json();
  } catch (cause) {
    signal?.throwIfAborted();
    throw new FairleadError("invalid_answer", "Cannot read the collector's answer: it is no JSON", {
      cause,
      details: { url: response.url },
    });
  }
}

async function refusal(url: string, response: Response): Promise<FairleadError> {
  const { status } = response;
  const told = await messageOf(response);
  const details = { url, status, message: told };
  if (status === 401 || status === 403) {
    const why = told || (status === 401 ? "it wants to know who you are" : "you may not");
    return new FairleadError("collector_unauthorized", `Cannot ask the collector: ${why}`, {
      details,
    });
  }
  return new FairleadError(
    status >= 500 ? "collector_unreachable" : "collector_refused",
    `Cannot go on: ${told || "the collector refused"} (${status})`,
    { details },
  );
}

/** Scope answers errors as a JSON string, or as text. */
async function messageOf(response: Response): Promise<string> {
  const text = (await response.text().catch(() => "")).trim().slice(0, MESSAGE_CHARS_MAX);
  if (!text.startsWith('"') && !text.startsWith("{")) return text;
  try {
    const value: unknown = JSON.parse(text);
    const told: unknown = typeof value === "string" ? value : (Object(value).detail ?? "");
    return typeof told === "string" ? told : "";
  } catch {
    // Cut, or no JSON after all.
    return text;
  }
}
