import { asyncDispose, FairleadError } from "../base/mod.ts";
import { checkPath, parentOf } from "../zookeeper/mod.ts";
import { checkMulti, checkOperation } from "./calls.ts";
import type { Session } from "./session.ts";
import type {
  CallOptions,
  CreateOptions,
  NodeStat,
  OpResult,
  Store,
  StoreChange,
  StoreLimits,
  StoreNode,
  StoreOp,
  VersionOptions,
  WatchOptions,
} from "./store.ts";
import type { Tree } from "./tree.ts";
import { Watch } from "./watches.ts";

/** A question to the tree. */
export type Query = { readonly type: "get" | "exists" | "list"; readonly path: string };

/** The answer to a {@linkcode Query} of each type. */
export interface Answers {
  get: StoreNode | undefined;
  exists: NodeStat | undefined;
  list: readonly string[] | undefined;
}

/** Ask the tree; the value is a copy. */
export function ask<Type extends Query["type"]>(
  tree: Tree,
  type: Type,
  path: string,
): Answers[Type];
export function ask(tree: Tree, type: Query["type"], path: string): Answers[Query["type"]] {
  if (type === "list") return tree.list(path);
  const stat = tree.stat(path);
  if (type === "exists" || stat === undefined) return stat;
  return { ...stat, value: tree.record(path)?.value.slice() ?? new Uint8Array(0) };
}

/** What all drivers do alike: check arguments, make operations of calls, make parents, watch. */
export abstract class BaseStore implements Store {
  abstract readonly session: Session;
  readonly limits: StoreLimits;

  constructor(limits: StoreLimits) {
    this.limits = limits;
  }

  /** Do these checked operations or none. */
  protected abstract write(
    operations: readonly StoreOp[],
    options: CallOptions,
  ): Promise<readonly OpResult[]>;
  protected abstract read<Type extends Query["type"]>(
    type: Type,
    path: string,
    options: CallOptions,
  ): Promise<Answers[Type]>;
  /** Let the watch hear of changes; its first `resync` is the driver's to push. */
  protected abstract arm(watch: Watch): void;
  protected abstract disarm(watch: Watch): void;
  abstract sync(options?: CallOptions): Promise<void>;
  abstract close(): Promise<void>;

  async get(path: string, options: CallOptions = {}): Promise<StoreNode | undefined> {
    checkPath(path, this.limits.pathBytesMax);
    return await this.read("get", path, options);
  }

  async exists(path: string, options: CallOptions = {}): Promise<NodeStat | undefined> {
    checkPath(path, this.limits.pathBytesMax);
    return await this.read("exists", path, options);
  }

  async list(path: string, options: CallOptions = {}): Promise<readonly string[] | undefined> {
    checkPath(path, this.limits.pathBytesMax);
    return await this.read("list", path, options);
  }

  async create(path: string, value?: Uint8Array, options: CreateOptions = {}): Promise<string> {
    const { ephemeral, sequential, parents, signal } = options;
    const operation: StoreOp = {
      type: "create",
      path,
      ...(value === undefined ? {} : { value }),
      ephemeral,
      sequential,
    };
    checkOperation(operation, this.limits);
    try {
      return await this.#created(operation, signal);
    } catch (error) {
      if (!parents || !isCode(error, "no_node")) throw error;
    }
    await ensurePath(this, parentOf(sequential ? `${path}1` : path), { signal });
    return await this.#created(operation, signal);
  }

  async set(path: string, value: Uint8Array, options: VersionOptions = {}): Promise<NodeStat> {
    const { version, signal } = options;
    const operation: StoreOp = { type: "set", path, value, version };
    checkOperation(operation, this.limits);
    const [result] = await this.write([operation], { signal });
    return result?.type === "set" ? result.stat : noAnswer(operation);
  }

  async delete(path: string, { version, signal }: VersionOptions = {}): Promise<void> {
    const operation: StoreOp = { type: "delete", path, version };
    checkOperation(operation, this.limits);
    await this.write([operation], { signal });
  }

  async multi(
    operations: readonly StoreOp[],
    options: CallOptions = {},
  ): Promise<readonly OpResult[]> {
    checkMulti(operations, this.limits);
    return await this.write(operations, options);
  }

  async *watch(path: string, options: WatchOptions = {}): AsyncGenerator<StoreChange, undefined> {
    checkPath(path, this.limits.pathBytesMax);
    options.signal?.throwIfAborted();
    const watch = new Watch(path, options);
    this.arm(watch);
    try {
      return yield* watch.read(options.signal);
    } finally {
      this.disarm(watch);
    }
  }

  [asyncDispose](): Promise<void> {
    return this.close();
  }

  async #created(operation: StoreOp, signal: AbortSignal | undefined): Promise<string> {
    const [result] = await this.write([operation], { signal });
    return result?.type === "create" ? result.path : noAnswer(operation);
  }
}

/** Whether something thrown is a FairleadError of this code. */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof FairleadError && error.code === code;
}

/** How often a call is sent whose answers are lost again and again. */
const ANSWERS_LOST_MAX = 1_000;

/**
 * Repeat a call until it is known what became of it.
 *
 * @param found Looks whether a call whose answer was lost was done; undefined: it was not. Needed
 * unless doing it twice is as good as once.
 * @throws What the call throws, other than `store_unavailable`.
 */
export async function untilAnswered<T>(
  call: () => Promise<T>,
  found?: () => Promise<T | undefined>,
): Promise<T> {
  for (let lost = 1; ; lost += 1) {
    try {
      return await call();
    } catch (error) {
      if (!isCode(error, "store_unavailable") || lost >= ANSWERS_LOST_MAX) throw error;
    }
    const done = await found?.();
    if (done !== undefined) return done;
  }
}

/**
 * For readers that follow a watch: when the session has expired or the store is closed, the watch
 * says what comes next, a `resync` or the end.
 */
export function laterOr(error: unknown): "later" {
  if (isCode(error, "session_expired") || isCode(error, "store_closed")) return "later";
  throw error;
}

/**
 * Make a node and whatever is missing above it, empty and permanent; what is there stays.
 *
 * @throws {FairleadError} `no_children_for_ephemerals` and what every call throws.
 */
export async function ensurePath(
  store: Store,
  path: string,
  options: CallOptions = {},
): Promise<void> {
  const missing: string[] = [];
  for (let at = path; at !== "/" && !(await store.exists(at, options)); at = parentOf(at)) {
    missing.push(at);
  }
  for (const each of missing.reverse()) {
    try {
      await store.create(each, undefined, options);
    } catch (error) {
      if (!isCode(error, "node_exists")) throw error;
    }
  }
}

function noAnswer({ type, path }: StoreOp): never {
  throw new FairleadError("store_failed", `Cannot ${type} ${path}: the answer is of another kind`);
}

/** Run it now, and return what tells the caller. */
export function outcomeOf<T>(
  run: () => T,
  resolve: (value: T) => void,
  reject: (error: unknown) => void,
): () => void {
  try {
    const value = run();
    return () => resolve(value);
  } catch (error) {
    return () => reject(error);
  }
}

/** What a closed store answers. */
export function closedError(): FairleadError {
  return new FairleadError("store_closed", "Cannot use the store: it is closed");
}

/** What a store answers that has too much to do. */
export function busyError(callsMax: number): FairleadError {
  return new FairleadError(
    "store_busy",
    `Cannot take another call: ${callsMax} wait for their answer`,
    { details: { callsMax } },
  );
}
