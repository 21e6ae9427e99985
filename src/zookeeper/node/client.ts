import {
  asyncDispose,
  ChangeQueue,
  FairleadError,
  requireInteger,
  StateFeed,
} from "../../base/mod.ts";
import { Chroot } from "../chroot.ts";
import { type EnsembleConfig, parseEnsembleConfig } from "../ensemble_config.ts";
import { checkPath } from "../path.ts";
import { ERRORS } from "../protocol/codes.ts";
import type {
  AclResult,
  Children,
  Created,
  Identity,
  ReadResult,
  Reconfiguration,
  Request,
  ZNode,
} from "../protocol/requests.ts";
import * as requests from "../protocol/requests.ts";
import type { Acl, Lifetime, Operation, OperationResult, Stat } from "../types.ts";
import type { WatchEvent, WatchKind } from "../watch_events.ts";
import { Connection } from "./connection.ts";
import {
  type Credential,
  checkOptions,
  parseConnectString,
  type SessionTicket,
  type ZooKeeperOptions,
} from "./options.ts";
import type { ZooKeeperState } from "./state.ts";
import { Watches, type WatchMode } from "./watches.ts";

const PATH_BYTES_MAX = 100_000;
const CONFIG_PATH = "/zookeeper/config";

/** Options of every request. */
export interface RequestOptions {
  /** Ends the wait: the call rejects with the signal's reason. What was sent may still happen. */
  readonly signal?: AbortSignal | undefined;
  /** @default the client's `requestTimeoutMs` */
  readonly timeoutMs?: number | undefined;
}

/** Options of what acts on a version. */
export interface VersionedOptions extends RequestOptions {
  /** Act only on this version; 0 is version 0. @default any */
  readonly version?: number | undefined;
}

/** Options of {@linkcode ZooKeeper.create}. */
export interface CreateNodeOptions extends RequestOptions {
  /** @default everybody may do everything */
  readonly acl?: readonly Acl[] | undefined;
  /** @default persistent */
  readonly lifetime?: Lifetime | undefined;
  /** Adds ten digits to the name. @default false */
  readonly sequential?: boolean | undefined;
}

/** Options of {@linkcode ZooKeeper.watch}. */
export interface WatchNodeOptions {
  /** Also tells of every node below. @default false */
  readonly recursive?: boolean | undefined;
  /** How many events may wait to be read before a `resync` replaces them. @default 1_024 */
  readonly bufferMax?: number | undefined;
  /** Ends the watch: the loop throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A client of ZooKeeper: one session, every request of 3.8, promises and async iterables.
 *
 * Requests are answered in the order in which they were made, so many may be under way at once.
 * While the connection is lost they wait for the next one; one that was sent before rejects with
 * `connection_loss`: nobody knows whether it was done. A session that has expired ends the client:
 * every call rejects with `session_expired`, and a new client is what helps.
 *
 * Any call throws a FairleadError: the server's refusals by their names (`no_node`, `no_auth`,
 * `bad_version`, `node_exists`, `not_empty`, …, with the server's number in `details.number`);
 * `invalid_path` and `request_too_large` before anything is sent; `timeout`, `too_many_requests`,
 * `connection_loss`, `session_expired`, `client_closed`.
 */
export class ZooKeeper implements AsyncDisposable {
  readonly #chroot: Chroot;
  readonly #connection: Connection;
  readonly #watches: Watches;
  readonly #states = new StateFeed<ZooKeeperState>(
    { status: "connecting" },
    ({ status }) => status === "ended",
  );

  private constructor(connectString: string, options: ZooKeeperOptions) {
    const { servers, chroot } = parseConnectString(connectString);
    this.#chroot = new Chroot(chroot);
    this.#watches = new Watches(this.#chroot);
    this.#connection = new Connection(servers, checkOptions(options), {
      state: (state) => this.#entered(state),
      notified: (type, path, zxid) => this.#watches.dispatch(type, path, zxid),
      rearm: (zxid) => [...this.#watches.rearm(zxid)],
      rearmed: () => this.#watches.resync(),
    });
  }

  /**
   * A client that connects by itself; requests wait until it has.
   *
   * @param connectString `host:port,host:port/chroot`
   * @throws {FairleadError} `invalid_connect_string`, `invalid_path`, `invalid_option`.
   */
  static open(connectString: string, options: ZooKeeperOptions = {}): ZooKeeper {
    const client = new ZooKeeper(connectString, options);
    client.#connection.connect();
    return client;
  }

  /**
   * A client that is connected.
   *
   * @throws {FairleadError} What `open` throws; `session_expired`, `auth_failed`; the signal's
   * reason. Without a signal it tries until a server answers.
   */
  static async connect(
    connectString: string,
    { signal, ...options }: ZooKeeperOptions & { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<ZooKeeper> {
    const client = ZooKeeper.open(connectString, options);
    try {
      await client.connected({ signal });
      return client;
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  get state(): ZooKeeperState {
    return this.#states.state;
  }

  /** What another client needs to go on with this session. */
  get session(): SessionTicket {
    return this.#connection.session;
  }

  /** The newest transaction that an answer told of. */
  get lastZxid(): bigint {
    return this.#connection.lastZxid;
  }

  /** Requests that have no answer yet. */
  get requests(): number {
    return this.#connection.requests;
  }

  /** Until this moment of `performance.now()` no server can have ended the session. */
  get aliveUntilMs(): number {
    return this.#connection.aliveUntilMs;
  }

  /** The present state, then every further one; it ends with the client. */
  states(options: { readonly signal?: AbortSignal | undefined } = {}) {
    return this.#states.changes(options);
  }

  /** Resolves when it is connected; at once if it is. */
  async connected(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    for await (const state of this.#states.changes(options)) {
      if (state.status === "connected") return;
      if (state.status === "ended") throw state.cause;
    }
  }

  /** Make a node. `null` data is not the same as none: both are kept apart. */
  async create(
    path: string,
    data: Uint8Array | null = new Uint8Array(0),
    { acl, lifetime, sequential, ...limits }: CreateNodeOptions = {},
  ): Promise<Created> {
    const operation = { type: "create", path, data, acl, lifetime, sequential } as const;
    checkCreate(operation);
    return await this.#call(requests.create(this.#chroot, operation), limits);
  }

  async get(path: string, options: RequestOptions = {}): Promise<ZNode> {
    checkNode(path);
    return await this.#call(requests.getData(this.#chroot, path), options);
  }

  /** The node's stat; undefined when there is no such node. */
  async exists(path: string, options: RequestOptions = {}): Promise<Stat | undefined> {
    checkNode(path);
    try {
      return await this.#call(requests.exists(this.#chroot, path), options);
    } catch (error) {
      if (isNumber(error, ERRORS.noNode)) return undefined;
      throw error;
    }
  }

  async set(
    path: string,
    data: Uint8Array | null,
    { version, ...limits }: VersionedOptions = {},
  ): Promise<Stat> {
    checkNode(path);
    return await this.#call(requests.setData(this.#chroot, path, data, version), limits);
  }

  async delete(path: string, { version, ...limits }: VersionedOptions = {}): Promise<void> {
    checkNode(path);
    await this.#call(requests.remove(this.#chroot, path, version), limits);
  }

  /** Names below a node, in the server's order, and the node's stat. */
  async children(path: string, options: RequestOptions = {}): Promise<Children> {
    checkNode(path);
    return await this.#call(requests.getChildren(this.#chroot, path), options);
  }

  async getAcl(path: string, options: RequestOptions = {}): Promise<AclResult> {
    checkNode(path);
    return await this.#call(requests.getAcl(this.#chroot, path), options);
  }

  /** @param options `version` is the `aversion` of the stat. */
  async setAcl(
    path: string,
    acl: readonly Acl[],
    { version, ...limits }: VersionedOptions = {},
  ): Promise<Stat> {
    checkNode(path);
    return await this.#call(requests.setAcl(this.#chroot, path, acl, version), limits);
  }

  /**
   * Do all of these in order, or none.
   *
   * @throws {FairleadError} What the first that cannot be done would throw alone, with its `index`
   * and `path` in the details.
   */
  async multi(
    operations: readonly Operation[],
    options: RequestOptions = {},
  ): Promise<readonly OperationResult[]> {
    for (const operation of operations) {
      if (operation.type === "create") checkCreate(operation);
      else checkNode(operation.path);
    }
    return await this.#call(requests.multi(this.#chroot, operations), options);
  }

  /** Read many nodes in one request: each answer is the node, or why there is none. From 3.6. */
  async getMany(
    paths: readonly string[],
    options: RequestOptions = {},
  ): Promise<readonly ReadResult[]> {
    for (const path of paths) checkNode(path);
    return await this.#call(requests.multiRead(this.#chroot, paths), options);
  }

  /** Resolves when this client's server has caught up with the leader. */
  async sync(path = "/", options: RequestOptions = {}): Promise<void> {
    checkNode(path);
    await this.#call(requests.sync(this.#chroot, path), options);
  }

  /** This session's ephemerals below a path. From 3.6. */
  async ephemerals(prefix = "/", options: RequestOptions = {}): Promise<readonly string[]> {
    checkNode(prefix);
    return await this.#call(requests.getEphemerals(this.#chroot, prefix), options);
  }

  /** How many nodes are below a path, at any depth. From 3.6. */
  async countBelow(path = "/", options: RequestOptions = {}): Promise<number> {
    checkNode(path);
    return await this.#call(requests.getAllChildrenNumber(this.#chroot, path), options);
  }

  /** Whom the server takes this client for. From 3.7. */
  async whoAmI(options: RequestOptions = {}): Promise<readonly Identity[]> {
    return await this.#call(requests.whoAmI(), options);
  }

  /** Prove to be somebody, now and after every reconnection. */
  async authenticate(credential: Credential): Promise<void> {
    await this.#connection.authenticate(credential);
  }

  /** The ensemble's own configuration; the chroot does not apply to it. */
  async config(options: RequestOptions = {}): Promise<EnsembleConfig> {
    const { data } = await this.#call(requests.getData(new Chroot(), CONFIG_PATH), options);
    return parseEnsembleConfig(new TextDecoder().decode(data ?? new Uint8Array(0)));
  }

  /**
   * Change which servers the ensemble has; needs a superuser and `reconfigEnabled=true`.
   *
   * When the leader itself leaves, the connection may break first (`connection_loss`): `config`
   * then tells what became of it.
   */
  async reconfigure(
    change: Reconfiguration,
    options: RequestOptions = {},
  ): Promise<EnsembleConfig> {
    const { data } = await this.#call(requests.reconfigure(change), options);
    return parseEnsembleConfig(new TextDecoder().decode(data ?? new Uint8Array(0)));
  }

  /** Use the servers of this connect string from now on; its chroot must be the same. */
  updateServers(connectString: string): void {
    const { servers, chroot } = parseConnectString(connectString);
    if (new Chroot(chroot).prefix !== this.#chroot.prefix) {
      throw new FairleadError(
        "invalid_connect_string",
        `Cannot move to "${connectString}": its chroot is ${chroot}, the client's is ${this.#chroot.prefix || "/"}`,
        { details: { chroot } },
      );
    }
    this.#connection.updateServers(servers);
  }

  /** Drop the connection and make it anew, to the next server; the session goes on. */
  reconnect(): void {
    this.#connection.reconnect();
  }

  /**
   * What happens to a node from now on, and with `recursive` to all that is below; it need not be
   * there. From 3.6.
   *
   * The first thing it yields is a `resync`: the watch is armed, now read. Another one comes after
   * each reconnection, whose gap no server fills, and when more than `bufferMax` events wait.
   * A recursive watch tells of each node, but not of `children`. ACL changes are never told.
   */
  async *watch(
    path: string,
    { recursive = false, bufferMax = 1_024, signal }: WatchNodeOptions = {},
  ): AsyncGenerator<WatchEvent, undefined> {
    checkNode(path);
    requireInteger("bufferMax", bufferMax, { min: 1, max: 2 ** 31 });
    signal?.throwIfAborted();
    const mode: WatchMode = recursive ? "recursive" : "persistent";
    const queue = new ChangeQueue<Exclude<WatchEvent, { readonly type: "resync" }>>(bufferMax);
    // Known before the request is sent: a connection that breaks in between arms it again.
    this.#watches.add(path, mode, queue);
    try {
      await this.#arm(path, mode, signal);
      queue.resync("reconnected");
      return yield* queue.read(signal);
    } finally {
      queue.close();
      if (this.#watches.remove(path, mode, queue)) await this.#disarm(path);
    }
  }

  /**
   * The next event of one kind on a node, by a watch of the classic sort: one event and it is gone.
   *
   * `data` and `children` need a node that is there; `exists` waits for one too.
   */
  async changed(
    path: string,
    kind: WatchKind,
    options: RequestOptions = {},
  ): Promise<{ readonly event: Promise<WatchEvent> }> {
    checkNode(path);
    const { once, event } = this.#once(path, kind);
    try {
      await this.#call(this.#classic(path, kind), options);
    } catch (error) {
      const isMissing = isNumber(error, ERRORS.noNode);
      if (kind !== "exists" || !isMissing) {
        this.#watches.removeOnce(path, kind, once);
        throw error;
      }
    }
    return { event };
  }

  /** Whether the server has a watch of this client on the path. */
  async isWatched(
    path: string,
    kind: "data" | "children" | "any" = "any",
    options: RequestOptions = {},
  ): Promise<boolean> {
    checkNode(path);
    try {
      const type = requests.WATCHER_TYPES[kind];
      await this.#call(requests.checkWatches(this.#chroot, path, type), options);
      return true;
    } catch (error) {
      if (isNumber(error, ERRORS.noWatcher)) return false;
      throw error;
    }
  }

  /** End the session: its ephemerals go at once, its watches end. Twice is harmless. */
  async close(): Promise<void> {
    await this.#connection.end();
  }

  /** Leave without ending the session: another client may take it over by its ticket. */
  abandon(): void {
    this.#connection.abandon();
  }

  [asyncDispose](): Promise<void> {
    return this.close();
  }

  /** A chain of waits, so that what is sent stays in order with what is called. */
  async #arm(path: string, mode: WatchMode, signal: AbortSignal | undefined): Promise<void> {
    const request = requests.addWatch(this.#chroot, path, mode === "recursive");
    for (;;) {
      try {
        await this.#call(request, { signal });
        return;
      } catch (error) {
        // The next connection arms it anew, and this one asks once more to be sure.
        if (!(error instanceof FairleadError) || error.code !== "connection_loss") throw error;
      }
    }
  }

  /** The server removes all kinds at once: what is still wanted is set again. */
  async #disarm(path: string): Promise<void> {
    if (this.state.status !== "connected" || this.#watches.hasOnce(path)) return;
    try {
      const remove = requests.removeWatches(this.#chroot, path, requests.WATCHER_TYPES.any);
      const sent = [this.#call(remove, {})];
      for (const mode of this.#watches.modesOf(path)) {
        sent.push(this.#call(requests.addWatch(this.#chroot, path, mode === "recursive"), {}));
      }
      await Promise.allSettled(sent);
    } catch {
      // The client is at its end, and so are the server's watches.
    }
  }

  #once(path: string, kind: WatchKind) {
    const once = { resolve(_: WatchEvent) {}, reject(_: unknown) {} };
    const event = new Promise<WatchEvent>((resolve, reject) =>
      Object.assign(once, { resolve, reject }),
    );
    // Whoever does not wait for it is not to be bothered with the client's end.
    event.catch(() => {});
    this.#watches.addOnce(path, kind, once);
    return { once, event };
  }

  #classic(path: string, kind: WatchKind): Request<unknown> {
    if (kind === "data") return requests.getData(this.#chroot, path, true);
    if (kind === "children") return requests.getChildren(this.#chroot, path, true);
    return requests.exists(this.#chroot, path, true);
  }

  #call<T>(request: Request<T>, { signal, timeoutMs }: RequestOptions): Promise<T> {
    return this.#connection.call(request, { signal, timeoutMs });
  }

  #entered(state: ZooKeeperState): void {
    if (state.status === "ended") this.#watches.fail(state.cause);
    this.#states.enter(state);
  }
}

function checkNode(path: string): void {
  checkPath(path, PATH_BYTES_MAX);
}

function checkCreate(operation: Extract<Operation, { readonly type: "create" }>): void {
  const { path, lifetime, sequential = false } = operation;
  checkNode(sequential ? `${path}1` : path);
  if (lifetime?.type === "container" && sequential) {
    throw new FairleadError(
      "invalid_argument",
      `Cannot create ${path}: no container is sequential`,
      {
        details: { path },
      },
    );
  }
  if (lifetime?.type !== "ttl") return;
  requireInteger("ttlMs", lifetime.ttlMs, { min: 1, max: 0xff_ffff_ffff });
}

function isNumber(error: unknown, number: number): boolean {
  return error instanceof FairleadError && error.details.number === number;
}
