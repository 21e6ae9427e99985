/** A collector that listens, and clients of it: all real. */
import type { MessageSocket } from "../../../src/http/mod.ts";
import { connectWebSocket } from "../../../src/http/node/mod.ts";
import {
  encodeReport,
  makeMetric,
  makeNode,
  makeReport,
  makeTopology,
  type Report,
} from "../../../src/topology/mod.ts";
import { type ListenOptions, listenCollector } from "../../../src/topology/node/mod.ts";

/** Listen on any free port. */
export function listen(options: Partial<ListenOptions> = {}) {
  return listenCollector({ port: 0, ...options });
}

const LOAD = new Map([["load1", { id: "load1", label: "Load (1m)", group: "load", priority: 11 }]]);

/** A report of one host with one metric. */
export function hostReport(name: string, load = 1, at = 1_000_000_000n): Report {
  const host = makeNode("Host", `${name};<host>`, {
    at,
    latest: { host_name: name, control_probe_id: `probe-${name}`, host_scope_version: "1.13.2" },
    metrics: { load1: makeMetric([{ date: at, value: load }], { max: 64 }) },
  });
  return makeReport(
    { Host: makeTopology([host], { metricTemplates: LOAD }) },
    { ts: at, id: name },
  );
}

/** Post a report as a probe does. */
export async function post(
  url: string,
  report: Report,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return await fetch(`${url}/api/report`, {
    method: "POST",
    headers: {
      "content-type": "application/msgpack",
      "x-scope-probe-id": report.id,
      ...headers,
    },
    body: encodeReport(report, { format: "msgpack-scope" }),
  });
}

/** A socket whose messages are read one by one. */
export class Client implements AsyncDisposable {
  readonly socket: MessageSocket;
  readonly #messages: (Uint8Array | string)[] = [];
  readonly #waiting: ((message: Uint8Array | string) => void)[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;

  constructor(socket: MessageSocket) {
    this.socket = socket;
    socket.onMessage((message) => {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#messages.push(message);
      else waiting(message);
    });
    this.closed = new Promise((resolve) => {
      socket.onClose(resolve);
    });
  }

  static async open(
    url: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Client> {
    return new Client(await connectWebSocket(url.replace("http", "ws") + path, { headers }));
  }

  /** The next message. */
  async next(): Promise<Uint8Array | string> {
    const held = this.#messages.shift();
    if (held !== undefined) return held;
    return await new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  async text(): Promise<string> {
    const message = await this.next();
    return typeof message === "string" ? message : new TextDecoder().decode(message);
  }

  async bytes(): Promise<Uint8Array> {
    const message = await this.next();
    if (typeof message === "string") throw new Error(`expected bytes, got ${message}`);
    return message;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.close();
    await this.closed;
  }
}
