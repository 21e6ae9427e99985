import { createServer, type Server as HttpServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { asyncDispose, FairleadError } from "../../base/mod.ts";
import type { Drain, Handler, UpgradeHandler } from "../mod.ts";
import { listenerOf } from "./listener.ts";
import { Upgrades } from "./upgrades.ts";

/**
 * Connections that the kernel keeps until we take them (less, where net.core.somaxconn says so).
 * After a failover thousands of agents come within a second; what finds no place tries again after
 * seconds, then minutes.
 */
const CONNECTS_WAITING_MAX = 16_384;

/** Options of {@linkcode serve}. */
export interface ServeOptions {
  readonly handler: Handler;
  /**
   * 0: any that is free.
   *
   * @default 0
   */
  readonly port?: number;
  /** @default "127.0.0.1" */
  readonly hostname?: string;
  readonly tls?: ServerTls;
  readonly webSocket?: WebSocketOptions;
  /** Connections beyond are closed at once. By default there is no limit but the system's. */
  readonly connectionsMax?: number;
  /**
   * How long the head of a request may take to come.
   *
   * @default 10_000
   */
  readonly headersTimeoutMs?: number;
  /**
   * How long a whole request may take to come; 0: `readBody` alone limits it, so that requests may
   * be streams.
   *
   * @default 0
   */
  readonly requestTimeoutMs?: number;
  /**
   * How long an idle connection is kept.
   *
   * @default 75_000
   */
  readonly idleTimeoutMs?: number;
  /** @default 16_384 */
  readonly headerBytesMax?: number;
  /** Ends streams and waits for handlers when the server closes. */
  readonly drain?: Drain;
  /**
   * How long a closing server waits for what is under way.
   *
   * @default 5_000
   */
  readonly closeTimeoutMs?: number;
  /** Closes the server when aborted. */
  readonly signal?: AbortSignal;
  /** Told of what handlers throw; their clients get a 500 that tells nothing. */
  readonly onError?: (error: unknown) => void;
  /**
   * Replace the global `Request` and `Response` by lighter ones that are taken for them: three
   * times as many small answers a second (@hono/node-server).
   *
   * @default true
   */
  readonly lightObjects?: boolean;
}

/** Certificates in PEM. */
export interface ServerTls {
  readonly key: string | Uint8Array;
  readonly cert: string | Uint8Array;
  /** Whose clients' certificates are taken; with it, every client must have one. */
  readonly clientCa?: string | Uint8Array;
}

/** How a server takes WebSockets. */
export interface WebSocketOptions {
  readonly upgrade: UpgradeHandler;
  /**
   * The longest message that is taken.
   *
   * @default 67_108_864
   */
  readonly messageBytesMax?: number;
}

/** A server that listens: {@linkcode serve}. */
export interface Serving extends AsyncDisposable {
  readonly port: number;
  readonly hostname: string;
  /** "http://127.0.0.1:5050" */
  readonly url: string;
  /**
   * Stop listening, end streams and sockets, wait for what is under way, then cut the rest off.
   * Twice is harmless.
   */
  close(): Promise<void>;
}

/**
 * Serve a handler over HTTP/1.1, and WebSockets beside it; resolves once it listens.
 *
 * @throws {FairleadError} `address_in_use` when another program has the port, `listen_failed` when
 * it cannot be had otherwise.
 */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { port = 0, hostname = "127.0.0.1", signal, onError = () => undefined } = options;
  signal?.throwIfAborted();
  const server = makeServer(options, onError);
  const upgrades = options.webSocket && new Upgrades(server, options.webSocket, onError);
  await listen(server, port, hostname);
  const serving = new Listening(server, options, upgrades);
  const onAbort = () => void serving.close();
  signal?.addEventListener("abort", onAbort, { once: true });
  server.once("close", () => signal?.removeEventListener("abort", onAbort));
  if (signal?.aborted) onAbort();
  return serving;
}

function makeServer(options: ServeOptions, onError: (error: unknown) => void): HttpServer {
  const { handler, drain, tls, lightObjects = true } = options;
  const drained = drain === undefined ? handler : drain.middleware(handler);
  const listener = listenerOf({ handler: drained, lightObjects, onError });
  const limits = {
    headersTimeout: options.headersTimeoutMs ?? 10_000,
    requestTimeout: options.requestTimeoutMs ?? 0,
    keepAliveTimeout: options.idleTimeoutMs ?? 75_000,
    maxHeaderSize: options.headerBytesMax ?? 16_384,
    // How often the first two are looked at.
    connectionsCheckingInterval: Math.min(options.headersTimeoutMs ?? 10_000, 5_000),
    noDelay: true,
    // Clients of event streams that are gone without a word are noticed.
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
  };
  const server =
    tls === undefined
      ? createServer(limits, listener)
      : createTlsServer({ ...limits, ...tlsOf(tls) }, listener);
  if (options.connectionsMax !== undefined) server.maxConnections = options.connectionsMax;
  return server;
}

function tlsOf({ key, cert, clientCa }: ServerTls) {
  const own = { key: Buffer.from(key), cert: Buffer.from(cert) };
  if (clientCa === undefined) return own;
  return { ...own, ca: Buffer.from(clientCa), requestCert: true, rejectUnauthorized: true };
}

function listen(server: HttpServer, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => reject(listenError(error, port, host));
    server.once("error", onError);
    server.listen({ port, host, backlog: CONNECTS_WAITING_MAX }, () => {
      server.off("error", onError);
      resolve();
    });
  });
}

function listenError(cause: NodeJS.ErrnoException, port: number, host: string): FairleadError {
  const details = { port, hostname: host, errno: cause.code };
  if (cause.code === "EADDRINUSE") {
    return new FairleadError(
      "address_in_use",
      `Cannot listen on ${host}:${port}: another program listens there`,
      { cause, details },
    );
  }
  return new FairleadError("listen_failed", `Cannot listen on ${host}:${port}: ${cause.message}`, {
    cause,
    details,
  });
}

/** How often a closing server looks for connections that have become idle. */
const IDLE_CHECK_MS = 20;

class Listening implements Serving {
  readonly port: number;
  readonly hostname: string;
  readonly url: string;
  readonly #server: HttpServer;
  readonly #options: ServeOptions;
  readonly #upgrades: Upgrades | undefined;
  #closing: Promise<void> | undefined;

  constructor(server: HttpServer, options: ServeOptions, upgrades: Upgrades | undefined) {
    const { address, port } = addressOf(server);
    this.port = port;
    this.hostname = address;
    const scheme = options.tls === undefined ? "http" : "https";
    this.url = `${scheme}://${address.includes(":") ? `[${address}]` : address}:${port}`;
    this.#server = server;
    this.#options = options;
    this.#upgrades = upgrades;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const { closeTimeoutMs = 5_000, drain } = this.#options;
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    // Event streams end by the drain's signal; a connection is idle when its answer is sent.
    void drain?.finish({ timeoutMs: closeTimeoutMs });
    this.#upgrades?.close();
    const idle = setInterval(() => this.#server.closeIdleConnections(), IDLE_CHECK_MS);
    const cutOff = setTimeout(() => {
      this.#upgrades?.terminate();
      this.#server.closeAllConnections();
    }, closeTimeoutMs);
    await closed;
    clearInterval(idle);
    clearTimeout(cutOff);
  }
}

function addressOf(server: HttpServer): AddressInfo {
  const address = server.address();
  if (address !== null && typeof address !== "string") return address;
  throw new FairleadError("listen_failed", "Cannot tell the address: the server does not listen");
}
