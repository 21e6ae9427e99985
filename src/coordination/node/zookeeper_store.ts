import { FairleadError } from "../../base/mod.ts";
import type { Operation, OperationResult, Stat, WatchEvent } from "../../zookeeper/mod.ts";
import type { ZooKeeper, ZooKeeperOptions } from "../../zookeeper/node/mod.ts";
import { type Answers, BaseStore, busyError, closedError, type Query } from "../base_store.ts";
import { DEFAULT_LIMITS } from "../calls.ts";
import { SessionFeed } from "../session.ts";
import type { CallOptions, NodeStat, OpResult, StoreLimits, StoreNode, StoreOp } from "../store.ts";
import type { Watch } from "../watches.ts";

/** What a server with the usual `jute.maxbuffer` of 1,048,575 takes, its length left out. */
const REQUEST_BYTES_MAX = 1_048_560;

type ClientClass = typeof ZooKeeper;

/** Options of {@linkcode ZooKeeperStore.connect}. */
export interface ZooKeeperStoreOptions
  extends Omit<ZooKeeperOptions, "session" | "readOnly" | "requestsMax" | "requestTimeoutMs"> {
  /** What callers may send. @default as in StoreLimits */
  readonly limits?: Partial<StoreLimits> | undefined;
  /** Ends the wait for the first connection. */
  readonly signal?: AbortSignal | undefined;
}

/** How a watch is read. */
interface Pump {
  readonly ended: AbortController;
  /** From which client. */
  client: ZooKeeper | undefined;
}

/**
 * The Store on an ensemble of ZooKeeper, from 3.6.
 *
 * A session that has expired is followed by a new one, on a new client; its watches go on. A
 * session that the ensemble may have ended by now, because nothing was heard for so long, is given
 * up here too: a leader that is cut off knows it in time.
 *
 * @example
 * ```ts no-run
 * import { ZooKeeperStore } from "fairlead/coordination/node";
 *
 * await using store = await ZooKeeperStore.connect("a:2181,b:2181,c:2181/fairlead");
 * await store.create("/registry", undefined, { parents: true });
 * ```
 */
export class ZooKeeperStore extends BaseStore {
  readonly session: SessionFeed;
  readonly #connectString: string;
  readonly #options: ZooKeeperOptions;
  readonly #Client: ClientClass;
  readonly #watches = new Map<Watch, Pump>();
  #client: ZooKeeper;
  #attempt = 0;
  #expiry: ReturnType<typeof setTimeout> | undefined;
  #isClosing = false;
  #closed: Promise<void> | undefined;
  #failure: FairleadError | undefined;

  private constructor(
    connectString: string,
    { limits, signal: _, ...options }: ZooKeeperStoreOptions,
    Client: ClientClass,
  ) {
    const all = { ...DEFAULT_LIMITS, ...limits };
    super(all);
    this.#connectString = connectString;
    this.#options = {
      requestBytesMax: REQUEST_BYTES_MAX,
      ...options,
      requestsMax: all.callsMax + 1,
    };
    this.#Client = Client;
    this.session = new SessionFeed(() => performance.now() < this.#client.aliveUntilMs);
    this.#client = this.#open();
  }

  /**
   * Connect to an ensemble; a chroot that is missing is made, empty and permanent.
   *
   * @param connectString `host:port,host:port/chroot`
   * @throws {FairleadError} `invalid_connect_string`, `invalid_path`, `invalid_option`,
   * `auth_failed`; the signal's reason. Without a signal it tries until a server answers.
   */
  static async connect(
    connectString: string,
    options: ZooKeeperStoreOptions = {},
  ): Promise<ZooKeeperStore> {
    // Only who opens a store of this kind loads the client.
    const { ZooKeeper } = await import("../../zookeeper/node/mod.ts");
    await makeChroot(ZooKeeper, connectString, options);
    const store = new ZooKeeperStore(connectString, options, ZooKeeper);
    try {
      await store.#client.connected({ signal: options.signal });
      return store;
    } catch (error) {
      await store.close();
      throw error;
    }
  }

  protected async write(
    operations: readonly StoreOp[],
    { signal }: CallOptions,
  ): Promise<readonly OpResult[]> {
    return await this.#call(async (client) => {
      if (operations.length === 0) return [];
      const [only] = operations;
      if (operations.length === 1 && only !== undefined && only.type !== "check") {
        return [await one(client, only, signal)];
      }
      const results = await client.multi(operations.map(operationOf), { signal });
      return results.map(resultOf);
    }, signal);
  }

  protected async read<Type extends Query["type"]>(
    type: Type,
    path: string,
    options: CallOptions,
  ): Promise<Answers[Type]>;
  protected async read(
    type: Query["type"],
    path: string,
    { signal }: CallOptions,
  ): Promise<Answers[Query["type"]]> {
    return await this.#call(async (client) => {
      if (type === "exists") {
        const stat = await client.exists(path, { signal });
        return stat === undefined ? undefined : statOf(stat);
      }
      try {
        if (type === "get") return nodeOf(await client.get(path, { signal }));
        const { names } = await client.children(path, { signal });
        return [...names].sort();
      } catch (error) {
        if (codeOf(error) === "no_node") return undefined;
        throw error;
      }
    }, signal);
  }

  protected arm(watch: Watch): void {
    if (this.#isClosing) {
      watch.close();
      return;
    }
    if (this.#failure !== undefined) watch.fail(this.#failure);
    const pump = { ended: new AbortController(), client: undefined };
    this.#watches.set(watch, pump);
    void this.#pump(watch, pump);
  }

  protected disarm(watch: Watch): void {
    this.#watches.get(watch)?.ended.abort();
    this.#watches.delete(watch);
  }

  async sync({ signal }: CallOptions = {}): Promise<void> {
    await this.#call((client) => client.sync("/", { signal }), signal);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#isClosing = true;
    clearTimeout(this.#expiry);
    for (const [watch, { ended }] of this.#watches) {
      ended.abort();
      watch.close();
    }
    await this.#client.close();
    this.session.enter({ status: "closed" });
  }

  #open(): ZooKeeper {
    const client = this.#Client.open(this.#connectString, this.#options);
    void this.#follow(client);
    return client;
  }

  /** Hand on a client's states; behind one that has expired comes the next. */
  async #follow(client: ZooKeeper): Promise<void> {
    for await (const state of client.states()) {
      if (client !== this.#client) return;
      clearTimeout(this.#expiry);
      if (state.status === "connecting") {
        this.#attempt += 1;
        this.session.enter({ status: "connecting", attempt: this.#attempt });
      } else if (state.status === "connected") {
        this.#attempt = 0;
        const { sessionId: id, timeoutMs } = state;
        this.session.enter({ status: "connected", id, timeoutMs });
        for (const [watch, pump] of this.#watches) void this.#pump(watch, pump);
      } else if (state.status === "suspended") {
        const { sessionId: id, timeoutMs } = state;
        this.session.enter({ status: "suspended", id, timeoutMs });
        this.#expectEnd(client, id);
      } else if (!this.#isClosing) this.#ended(client, state.cause);
    }
  }

  /** Nobody may answer for a session that the ensemble can have ended: give it up in time. */
  #expectEnd(client: ZooKeeper, id: bigint): void {
    const restMs = Math.max(0, client.aliveUntilMs - performance.now());
    this.#expiry = setTimeout(() => {
      if (client !== this.#client || this.#isClosing) return;
      const message = `Cannot go on with session 0x${id.toString(16)}: nothing was heard from the ensemble for its timeout`;
      this.#expired(id, new FairleadError("session_expired", message));
    }, restMs);
  }

  #ended(client: ZooKeeper, cause: FairleadError): void {
    if (cause.code === "session_expired") {
      this.#expired(client.session.id, cause);
      return;
    }
    this.#failure = failed(cause);
    for (const watch of this.#watches.keys()) watch.fail(this.#failure);
    this.session.enter({ status: "closed" });
  }

  #expired(id: bigint, cause: FairleadError): void {
    const old = this.#client;
    this.session.enter({ status: "expired", id, cause });
    this.#attempt = 0;
    this.#client = this.#open();
    old.abandon();
  }

  /** Read a client's watch into one of ours, for as long as the client lasts. */
  async #pump(watch: Watch, pump: Pump): Promise<void> {
    const client = this.#client;
    if (pump.client === client) return;
    pump.client = client;
    const { path, recursive } = watch;
    const { signal } = pump.ended;
    try {
      for await (const event of client.watch(path, { recursive, signal })) tell(watch, event);
    } catch (error) {
      const isOver = signal.aborted || this.#isClosing || client !== this.#client;
      if (isOver || codeOf(error) === "session_expired") return;
      watch.fail(failed(error));
    }
  }

  async #call<T>(
    act: (client: ZooKeeper) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    if (this.#isClosing) throw closedError();
    if (this.#failure !== undefined) throw this.#failure;
    signal?.throwIfAborted();
    const client = this.#client;
    if (client.requests >= this.limits.callsMax) throw busyError(this.limits.callsMax);
    try {
      return await act(client);
    } catch (error) {
      throw this.#translated(error);
    }
  }

  #translated(error: unknown): unknown {
    switch (codeOf(error)) {
      case "connection_loss":
        return this.#isClosing ? closedError() : lostError(error);
      case "client_closed":
        return this.#isClosing ? closedError() : expiredError(error);
      case "too_many_requests":
        return busyError(this.limits.callsMax);
      case "auth_failed":
        return failed(error);
      default:
        return error;
    }
  }
}

/** Make the path that the connect string ends with, if it ends with one. */
async function makeChroot(
  Client: ClientClass,
  connectString: string,
  { limits: _, signal, ...options }: ZooKeeperStoreOptions,
): Promise<void> {
  const slash = connectString.indexOf("/");
  const chroot = slash < 0 ? "" : connectString.slice(slash + 1);
  if (chroot === "") return;
  // A look at the whole string first: what is wrong with it is said before anything is made.
  Client.open(connectString, options).abandon();
  const hosts = connectString.slice(0, slash);
  await using client = await Client.connect(hosts, { ...options, signal });
  let path = "";
  for (const name of chroot.split("/")) {
    path += `/${name}`;
    if ((await client.exists(path, { signal })) !== undefined) continue;
    await client.create(path, new Uint8Array(0), { signal }).catch((error: unknown) => {
      if (codeOf(error) !== "node_exists") throw error;
    });
  }
}

function tell(watch: Watch, event: WatchEvent): void {
  if (event.type === "resync") {
    if (event.cause === "overflow") watch.push(event);
    else watch.resync("reconnected");
    return;
  }
  if (event.type === "removed" || (event.type === "children" && !watch.children)) return;
  watch.push({ type: event.type, path: event.path });
}

function codeOf(error: unknown): string {
  return error instanceof FairleadError ? error.code : "";
}

async function one(
  client: ZooKeeper,
  operation: Exclude<StoreOp, { readonly type: "check" }>,
  signal: AbortSignal | undefined,
): Promise<OpResult> {
  const { type, path } = operation;
  if (type === "create") {
    const { value, ephemeral, sequential } = operation;
    const lifetime = { type: ephemeral ? "ephemeral" : "persistent" } as const;
    const options = { lifetime, sequential, signal };
    return { type, path: (await client.create(path, value, options)).path };
  }
  const { version } = operation;
  if (type === "set") {
    return { type, stat: statOf(await client.set(path, operation.value, { version, signal })) };
  }
  await client.delete(path, { version, signal });
  return { type };
}

function operationOf(operation: StoreOp): Operation {
  switch (operation.type) {
    case "create": {
      const { type, path, value: data, ephemeral, sequential } = operation;
      const lifetime = { type: ephemeral ? "ephemeral" : "persistent" } as const;
      return { type, path, data, lifetime, sequential };
    }
    case "set": {
      const { type, path, value: data, version } = operation;
      return { type, path, data, version };
    }
    default:
      return operation;
  }
}

function resultOf(result: OperationResult): OpResult {
  switch (result.type) {
    case "create":
      return { type: "create", path: result.path };
    case "set":
      return { type: "set", stat: statOf(result.stat) };
    default:
      return result;
  }
}

function nodeOf({ data, stat }: { data: Uint8Array | null; stat: Stat }): StoreNode {
  return { ...statOf(stat), value: data ?? new Uint8Array(0) };
}

function statOf(stat: Stat): NodeStat {
  return {
    version: stat.version,
    childrenVersion: stat.cversion,
    childrenCount: stat.childrenCount,
    valueBytes: stat.dataBytes,
    ephemeralOwner: stat.ephemeralOwner === 0n ? undefined : stat.ephemeralOwner,
    createdZxid: stat.czxid,
    modifiedZxid: stat.mzxid,
    createdMs: stat.ctimeMs,
    modifiedMs: stat.mtimeMs,
  };
}

function lostError(cause: unknown): FairleadError {
  return new FairleadError(
    "store_unavailable",
    "Cannot say what became of the call: the connection was lost before its answer",
    { cause },
  );
}

function expiredError(cause: unknown): FairleadError {
  return new FairleadError("session_expired", "Cannot go on: the session has expired", { cause });
}

function failed(cause: unknown): FairleadError {
  const { message } = FairleadError.from(cause);
  return new FairleadError("store_failed", `Cannot use the store: ${message}`, { cause });
}
