import { FairleadError } from "../base/mod.ts";
import type { CallOptions, Store } from "./store.ts";
import { type Holding, takeTurn } from "./turn.ts";

/** Options of {@linkcode acquireLock}. */
export interface LockOptions extends CallOptions {
  /** What others can read of the holder. @default no bytes */
  readonly data?: Uint8Array | undefined;
}

/** A lock that is held. */
export type Lock = Holding;

/**
 * Wait for a lock; whoever asked first gets it first.
 *
 * It is lost with the session, so do by `fence` what must not be done by two.
 *
 * @example
 * ```ts
 * import { acquireLock, MemoryTree } from "fairlead/coordination";
 *
 * await using store = new MemoryTree().connect();
 * await using lock = await acquireLock(store, "/locks/quota", {
 *   signal: AbortSignal.timeout(1_000),
 * });
 * await store.multi([lock.fence, { type: "create", path: "/quota" }]);
 * ```
 *
 * @throws The signal's reason when it is not ours by then: nothing is left behind.
 */
export function acquireLock(
  store: Store,
  path: string,
  { data = new Uint8Array(0), signal }: LockOptions = {},
): Promise<Lock> {
  return takeTurn(store, path, { data, label: "lock-", signal, lostError });
}

function lostError(path: string, why: string): FairleadError {
  return new FairleadError("lock_lost", `Cannot hold lock ${path}: ${why}`, { details: { path } });
}
