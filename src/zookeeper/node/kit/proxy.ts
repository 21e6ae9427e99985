import { connect, createServer, type Server, type Socket } from "node:net";
import { asyncDispose } from "../../../base/mod.ts";

/** A pair of sockets: the client's and the server's. */
interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/**
 * A proxy on loopback between a client and a server, whose faults are what tests ask for.
 *
 * Needs no root: what it does not hand on is as lost as behind a firewall that drops.
 */
export class TcpProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #target: { readonly host: string; readonly port: number };
  #delayMs = 0;
  #isBlackhole = false;
  #refuses = false;
  #bytesLeft = Number.POSITIVE_INFINITY;

  private constructor(server: Server, target: { host: string; port: number }) {
    this.#server = server;
    this.#target = target;
    server.on("connection", (client) => this.#accept(client));
  }

  /** @param target `host:port` */
  static async open(target: string): Promise<TcpProxy> {
    const server = createServer();
    const proxy = new TcpProxy(server, split(target));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", () => resolve());
    });
    return proxy;
  }

  /** `127.0.0.1:port`, for clients. */
  get address(): string {
    const address = this.#server.address();
    return `127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  }

  /** Connections that are open now. */
  get connectionsCount(): number {
    return this.#pairs.size;
  }

  /** Send new connections elsewhere; those that are open stay where they are. */
  retarget(target: string): void {
    this.#target = split(target);
  }

  /** Take everything and hand on nothing, in both directions, until `heal`. */
  blackhole(): void {
    this.#isBlackhole = true;
  }

  /** Close every connection and take no new one, until `heal`. */
  refuse(): void {
    this.#refuses = true;
    this.cut();
  }

  /** Hold back what passes for so long, each way. */
  delay(delayMs: number): void {
    this.#delayMs = delayMs;
  }

  /** Hand on so many more bytes of answers, then break every connection: inside a packet. */
  cutAfter(bytes: number): void {
    this.#bytesLeft = bytes;
  }

  /** Break every connection now. */
  cut(): void {
    for (const { client, server } of this.#pairs) {
      client.destroy();
      server.destroy();
    }
    this.#pairs.clear();
  }

  /** No faults any more; what was lost stays lost, so open connections are broken. */
  heal(): void {
    if (this.#isBlackhole) this.cut();
    this.#isBlackhole = false;
    this.#refuses = false;
    this.#delayMs = 0;
    this.#bytesLeft = Number.POSITIVE_INFINITY;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  [asyncDispose](): Promise<void> {
    return this.close();
  }

  #accept(client: Socket): void {
    client.on("error", () => {});
    if (this.#refuses) {
      client.destroy();
      return;
    }
    const server = connect(this.#target);
    server.on("error", () => {});
    const pair = { client, server };
    this.#pairs.add(pair);
    client.setNoDelay(true);
    server.setNoDelay(true);
    client.on("data", (chunk: Uint8Array) => this.#pass(server, chunk));
    server.on("data", (chunk: Uint8Array) => this.#answer(pair, chunk));
    const drop = () => {
      this.#pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    client.on("close", drop);
    server.on("close", drop);
  }

  #answer(pair: Pair, chunk: Uint8Array): void {
    if (chunk.length <= this.#bytesLeft) {
      this.#bytesLeft -= chunk.length;
      this.#pass(pair.client, chunk);
      return;
    }
    const rest = chunk.subarray(0, this.#bytesLeft);
    this.#bytesLeft = Number.POSITIVE_INFINITY;
    pair.client.end(rest, () => this.cut());
  }

  #pass(to: Socket, chunk: Uint8Array): void {
    if (this.#isBlackhole) return;
    if (this.#delayMs === 0) {
      to.write(chunk);
      return;
    }
    setTimeout(() => {
      if (!this.#isBlackhole && !to.destroyed) to.write(chunk);
    }, this.#delayMs);
  }
}

function split(target: string): { host: string; port: number } {
  const colon = target.lastIndexOf(":");
  return { host: target.slice(0, colon), port: Number(target.slice(colon + 1)) };
}
