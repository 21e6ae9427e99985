import { randomBytes } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { resolve } from "node:path";
import { asyncDispose, type Clock, FairleadError, systemClock } from "../../../base/mod.ts";
import { ServerCore } from "../../server/core.ts";
import type { CoreChanges } from "../../server/ports.ts";
import { answerWord, type ConnectionReport, type ServerReport } from "../../server/words.ts";
import { GroupCommitter } from "./committer.ts";
import { digestId } from "./digest.ts";
import { ServerDisk } from "./disk.ts";
import { Link, type LinkHost } from "./link.ts";
import {
  type CheckedServerOptions,
  checkServerOptions,
  type EmbeddedZooKeeperOptions,
} from "./options.ts";

/** A connection that has no session after so long is closed. */
const HANDSHAKE_MS_MAX = 10_000;

/** Two times: the date, and one that does not jump. */
interface Clocks {
  dateMs(): number;
  steadyMs(): number;
  readonly sleep: Clock["sleep"];
}

/**
 * A ZooKeeper server in this process: the protocol of 3.8, one node, on a port of its own.
 *
 * With a `dataDir` every answer waits until what it tells of is synced to lmdb; requests that come
 * while the disk is busy go to it together. Nodes, sessions and their ephemerals are there again
 * after a crash or a `stop`, and sessions have their whole timeout anew.
 *
 * A request that is too large or cannot be cut out of the stream ends its connection; so does a
 * client that takes no answers. Where the process itself stood still, sessions get that time back.
 *
 * @example
 * ```ts
 * import { EmbeddedZooKeeper, ZooKeeper } from "fairlead/zookeeper/node";
 *
 * await using server = await EmbeddedZooKeeper.start({ port: 0 });
 * await using zk = await ZooKeeper.connect(server.connectString);
 * await zk.create("/a", new TextEncoder().encode("one"));
 * console.assert((await zk.get("/a")).stat.version === 0);
 * ```
 */
export class EmbeddedZooKeeper implements AsyncDisposable {
  readonly #core: ServerCore;
  readonly #options: CheckedServerOptions;
  readonly #clocks: Clocks;
  readonly #disk: ServerDisk | undefined;
  readonly #committer: GroupCommitter<CoreChanges>;
  readonly #listener: Server;
  readonly #links = new Set<Link>();
  readonly #awake = new Set<Link>();
  readonly #host: LinkHost;
  readonly #ending = new AbortController();
  readonly #latency = { count: 0, totalMs: 0, minMs: 0, maxMs: 0 };
  /** Packets of connections that are gone. */
  readonly #past = { received: 0, sent: 0 };
  #port = 0;
  #failure: FairleadError | undefined;
  #stopped: Promise<void> | undefined;

  private constructor(options: CheckedServerOptions, clocks: Clocks, disk: ServerDisk | undefined) {
    this.#options = options;
    this.#clocks = clocks;
    this.#disk = disk;
    const { sessionTimeoutMsMin, sessionTimeoutMsMax, superDigest } = options;
    this.#core = new ServerCore(
      { ...clocks, digestId, newPassword: () => new Uint8Array(randomBytes(16)) },
      { timeoutMsMin: sessionTimeoutMsMin, timeoutMsMax: sessionTimeoutMsMax, superDigest },
      disk?.load(),
    );
    this.#committer = new GroupCommitter(this.#core, disk, (error) => this.#fail(error));
    this.#host = this.#makeHost();
    this.#listener = createServer((socket) => this.#accepted(socket));
    this.#listener.maxConnections = options.connectionsMax;
  }

  /**
   * Start a server and wait until it listens.
   *
   * @throws {FairleadError} `invalid_option`; `address_in_use`; `store_locked` while another server
   * has the folder; `store_failed` when the folder cannot be used; `zookeeper_failed` when it
   * cannot listen.
   */
  static async start({
    clock,
    ...options
  }: EmbeddedZooKeeperOptions = {}): Promise<EmbeddedZooKeeper> {
    const checked = checkServerOptions(options);
    const { dataDir } = checked;
    const disk = dataDir === undefined ? undefined : await ServerDisk.open(resolve(dataDir));
    try {
      const server = new EmbeddedZooKeeper(checked, clocksOf(clock), disk);
      await server.#listen();
      void server.#tick();
      return server;
    } catch (error) {
      await disk?.close();
      throw error;
    }
  }

  /** Where it listens. */
  get port(): number {
    return this.#port;
  }

  /** `host:port`, for a client. */
  get connectString(): string {
    const { host } = this.#options;
    return host.includes(":") ? `[${host}]:${this.#port}` : `${host}:${this.#port}`;
  }

  /**
   * Let all connections go and, with a `dataDir`, leave everything on the disk; sessions live on
   * there. Twice is harmless.
   *
   * @throws {FairleadError} `store_failed` when the disk had failed.
   */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  [asyncDispose](): Promise<void> {
    return this.stop();
  }

  #listen(): Promise<void> {
    const { host, port } = this.#options;
    return new Promise((done, fail) => {
      // Later ones, such as too many open files, turn one client away and no more.
      this.#listener.on("error", (error) => fail(unheard(host, port, error)));
      this.#listener.listen({ host, port }, () => {
        const address = this.#listener.address();
        this.#port = typeof address === "object" ? (address?.port ?? port) : port;
        done();
      });
    });
  }

  #makeHost(): LinkHost {
    return {
      core: this.#core,
      requestBytesMax: this.#options.requestBytesMax,
      woken: (link) => this.#awake.add(link),
      flush: () => this.#flush(),
      whenDurable: (settle) => this.#committer.whenDurable(settle),
      answerWord: (word) => answerWord(word, this.#report()),
      answered: (ms) => this.#answered(ms),
      gone: (link) => {
        this.#links.delete(link);
        this.#awake.delete(link);
        this.#past.received += link.receivedCount;
        this.#past.sent += link.sentCount;
      },
    };
  }

  #accepted(socket: Socket): void {
    if (this.#failure !== undefined || this.#stopped !== undefined) socket.destroy();
    else this.#links.add(new Link(socket, this.#host, this.#clocks.steadyMs()));
  }

  #flush(): void {
    const links = [...this.#awake];
    this.#awake.clear();
    for (const link of links) link.send();
  }

  /** Look at sessions, at connections without one, and now and then at what is to be reaped. */
  async #tick(): Promise<void> {
    const { tickTimeMs, reapIntervalMs } = this.#options;
    const { signal } = this.#ending;
    let lastMs = this.#clocks.steadyMs();
    let reapedMs = lastMs;
    for (;;) {
      try {
        await this.#clocks.sleep(Math.min(tickTimeMs, reapIntervalMs), { signal });
      } catch {
        return;
      }
      if (signal.aborted) return;
      const nowMs = this.#clocks.steadyMs();
      const lateMs = nowMs - lastMs - tickTimeMs;
      // The process stood still: what clients said meanwhile has not been heard yet.
      if (lateMs > tickTimeMs) this.#core.sessions.spare(lateMs);
      lastMs = nowMs;
      this.#core.expire();
      if (nowMs - reapedMs >= reapIntervalMs) {
        this.#core.reap();
        reapedMs = nowMs;
      }
      for (const link of this.#links) {
        if (!link.isKnown && nowMs - link.sinceMs >= HANDSHAKE_MS_MAX) link.destroy();
      }
      this.#flush();
      this.#committer.whenDurable(() => undefined);
    }
  }

  #answered(ms: number): void {
    const { count, totalMs, minMs, maxMs } = this.#latency;
    this.#latency.minMs = count === 0 ? ms : Math.min(minMs, ms);
    this.#latency.maxMs = Math.max(maxMs, ms);
    this.#latency.count = count + 1;
    this.#latency.totalMs = totalMs + ms;
  }

  #report(): ServerReport {
    const { count, totalMs, minMs, maxMs } = this.#latency;
    const known = [...this.#links].filter(({ connection }) => connection.session !== undefined);
    const sum = (of: (link: Link) => number) => known.reduce((total, link) => total + of(link), 0);
    return {
      core: this.#core,
      connectionsCount: this.#links.size,
      connections: known.map((link) => this.#reportOf(link)),
      latency: {
        minMs: Math.round(minMs),
        averageMs: count === 0 ? 0 : Math.round((totalMs / count) * 1_000) / 1_000,
        maxMs: Math.round(maxMs),
      },
      receivedCount: this.#past.received + sum((link) => link.receivedCount),
      sentCount: this.#past.sent + sum((link) => link.sentCount),
      outstandingCount: this.#committer.waiting,
      settings: this.#settings(),
    };
  }

  #reportOf(link: Link): ConnectionReport {
    const { dateMs, steadyMs } = this.#clocks;
    return {
      client: link.client,
      sessionId: link.connection.session?.id ?? 0n,
      timeoutMs: link.connection.session?.timeoutMs ?? 0,
      receivedCount: link.receivedCount,
      sentCount: link.sentCount,
      sinceMs: dateMs() - (steadyMs() - link.sinceMs),
    };
  }

  #settings(): Readonly<Record<string, string | number>> {
    const options = this.#options;
    return {
      clientPort: this.#port,
      secureClientPort: -1,
      dataDir: options.dataDir ?? "",
      dataLogDir: options.dataDir ?? "",
      tickTime: options.tickTimeMs,
      maxClientCnxns: options.connectionsMax,
      minSessionTimeout: options.sessionTimeoutMsMin,
      maxSessionTimeout: options.sessionTimeoutMsMax,
      serverId: 0,
    };
  }

  /** Nothing that was not written may be told: all that is left is to go. */
  #fail(error: FairleadError): void {
    this.#failure = error;
    this.#ending.abort();
    this.#listener.close();
    for (const link of this.#links) link.destroy();
  }

  async #stop(): Promise<void> {
    this.#ending.abort();
    const closed = new Promise<void>((done) => this.#listener.close(() => done()));
    try {
      await this.#committer.drain();
    } finally {
      for (const link of this.#links) link.destroy();
      await closed;
      await this.#disk?.close();
    }
  }
}

/** A clock that is handed in gives both times. */
function clocksOf(clock: Clock | undefined): Clocks {
  const { sleep } = clock ?? systemClock;
  return {
    dateMs: () => (clock ?? systemClock).nowMs(),
    steadyMs: () => clock?.nowMs() ?? performance.now(),
    sleep: (ms, options) => sleep.call(clock ?? systemClock, ms, options),
  };
}

function unheard(host: string, port: number, cause: NodeJS.ErrnoException): FairleadError {
  const isTaken = cause.code === "EADDRINUSE";
  const why = isTaken ? "another program listens there" : cause.message;
  return new FairleadError(
    isTaken ? "address_in_use" : "zookeeper_failed",
    `Cannot start a server at ${host}:${port}: ${why}`,
    { cause, details: { host, port } },
  );
}
