/** Connections of clients, handed on to one ensemble or another. */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { FairleadError } from "fairlead/base";

/** Where connections go; any of them will do. */
export interface Upstream {
  readonly host: string;
  readonly port: number;
}

/** Options of {@linkcode Router.listen}. */
export interface RouterOptions {
  readonly hostname: string;
  readonly port: number;
  readonly upstreams: readonly Upstream[];
  /** How long answers that are under way may take when the router shuts. */
  readonly drainMs: number;
  /** Clients at one time; more are refused. */
  readonly connectionsMax: number;
}

/** What a router is doing. */
export interface RouterState {
  readonly isOpen: boolean;
  readonly upstreams: readonly string[];
  readonly connections: number;
  readonly accepted: number;
  readonly refused: number;
  /** Attempts at an upstream that did not answer. */
  readonly failed: number;
  readonly bytes: { readonly fromClients: number; readonly toClients: number };
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

const CONNECT_MS = 2_000;
/** Nothing came for so long: what was asked is answered. */
const QUIET_MS = 20;

/**
 * A router of TCP connections whose place can be changed under its clients.
 *
 * `shut` stops what clients say, lets answers that are under way through, and breaks the
 * connections: a client of ZooKeeper connects again by itself, and finds nobody until `open`.
 */
export class Router implements AsyncDisposable {
  readonly #server: Server;
  readonly #options: RouterOptions;
  readonly #pairs = new Set<Pair>();
  #upstreams: readonly Upstream[];
  #next = 0;
  #isOpen = true;
  #answeredMs = 0;
  #counts = { accepted: 0, refused: 0, failed: 0, fromClients: 0, toClients: 0 };

  private constructor(server: Server, options: RouterOptions) {
    this.#server = server;
    this.#options = options;
    this.#upstreams = options.upstreams;
    server.on("connection", (client) => void this.#accept(client));
  }

  /** @throws What the port says; `invalid_option` without an upstream. */
  static async listen(options: RouterOptions): Promise<Router> {
    requireUpstreams(options.upstreams);
    const server = createServer();
    server.listen(options.port, options.hostname);
    await once(server, "listening");
    return new Router(server, options);
  }

  /** `host:port`, for clients. */
  get address(): string {
    const address = this.#server.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    return `${this.#options.hostname}:${port}`;
  }

  get state(): RouterState {
    const { accepted, refused, failed, fromClients, toClients } = this.#counts;
    return {
      isOpen: this.#isOpen,
      upstreams: this.#upstreams.map(({ host, port }) => `${host}:${port}`),
      connections: this.#pairs.size,
      ...{ accepted, refused, failed },
      bytes: { fromClients, toClients },
    };
  }

  /** Keep everybody out; resolves when nothing of theirs is under way. May be done twice. */
  async shut(): Promise<void> {
    this.#isOpen = false;
    for (const { client } of this.#pairs) client.pause();
    const untilMs = performance.now() + this.#options.drainMs;
    this.#answeredMs = performance.now();
    while (this.#pairs.size > 0 && performance.now() < untilMs) {
      if (performance.now() - this.#answeredMs >= QUIET_MS) break;
      await sleep(5);
    }
    this.#cut();
  }

  /** Let clients in. May be done twice. */
  open(): void {
    this.#isOpen = true;
  }

  /**
   * Send clients elsewhere: those that are here are sent away first.
   *
   * @throws {FairleadError} `invalid_option` without an upstream; then nothing changed.
   */
  async route(upstreams: readonly Upstream[]): Promise<void> {
    requireUpstreams(upstreams);
    await this.shut();
    this.#upstreams = upstreams;
    this.#next = 0;
    this.open();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#cut();
    await new Promise<void>((done) => this.#server.close(() => done()));
  }

  #cut(): void {
    for (const { client, server } of this.#pairs) {
      client.destroy();
      server.destroy();
    }
    this.#pairs.clear();
  }

  async #accept(client: Socket): Promise<void> {
    client.on("error", () => {});
    if (!this.#isOpen || this.#pairs.size >= this.#options.connectionsMax) {
      this.#counts.refused += 1;
      client.destroy();
      return;
    }
    // What the client says meanwhile waits in the kernel.
    client.pause();
    const upstreams = this.#upstreams;
    const server = await this.#reach(upstreams);
    if (
      server === undefined ||
      client.destroyed ||
      upstreams !== this.#upstreams ||
      !this.#isOpen
    ) {
      this.#counts.refused += 1;
      client.destroy();
      server?.destroy();
      return;
    }
    this.#counts.accepted += 1;
    this.#join({ client, server });
  }

  /** The next upstream that answers. */
  async #reach(upstreams: readonly Upstream[]): Promise<Socket | undefined> {
    for (let tries = 0; tries < upstreams.length; tries += 1) {
      const upstream = upstreams[this.#next % upstreams.length];
      this.#next += 1;
      const socket = upstream === undefined ? undefined : await reached(upstream);
      if (socket !== undefined) return socket;
      this.#counts.failed += 1;
    }
    return undefined;
  }

  #join(pair: Pair): void {
    const { client, server } = pair;
    this.#pairs.add(pair);
    for (const socket of [client, server]) socket.setNoDelay(true);
    server.on("error", () => {});
    client.on("data", (chunk: Uint8Array) => {
      this.#counts.fromClients += chunk.length;
      if (!server.write(chunk)) client.pause();
    });
    server.on("data", (chunk: Uint8Array) => {
      this.#answeredMs = performance.now();
      this.#counts.toClients += chunk.length;
      if (!client.write(chunk)) server.pause();
    });
    server.on("drain", () => {
      if (this.#isOpen) client.resume();
    });
    client.on("drain", () => server.resume());
    const drop = () => {
      this.#pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    client.on("close", drop);
    server.on("close", drop);
    client.resume();
  }
}

function reached({ host, port }: Upstream): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const timer = setTimeout(() => fail(), CONNECT_MS);
    const fail = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(undefined);
    };
    socket.once("error", fail);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", fail);
      resolve(socket);
    });
  });
}

/**
 * Addresses as "10.0.0.1:2181,10.0.0.2:2181".
 *
 * @throws {FairleadError} `invalid_option`, with the one that is wrong.
 */
export function upstreamsOf(text: string): readonly Upstream[] {
  return text.split(",").map((each) => {
    const [, host = "", port = ""] = /^\s*\[?([^\s\]]+?)\]?:(\d{1,5})\s*$/.exec(each) ?? [];
    if (host !== "" && Number(port) >= 1 && Number(port) <= 65_535) {
      return { host, port: Number(port) };
    }
    const message = `Cannot route to "${each.trim()}": it must be host:port, ports from 1 to 65535`;
    throw new FairleadError("invalid_option", message, { details: { field: "to" } });
  });
}

function requireUpstreams(upstreams: readonly Upstream[]): void {
  if (upstreams.length > 0) return;
  const message = "Cannot route to nowhere: name at least one host:port";
  throw new FairleadError("invalid_option", message, { details: { field: "to" } });
}
