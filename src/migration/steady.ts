import { FairleadError } from "../base/mod.ts";
import type { EnsembleClient, Side } from "./ports.ts";

/** How often an answer may be lost, one time after the other. */
const LOST_MAX = 1_000;

/**
 * Do it again for as long as its answer is lost: for what may be done twice.
 *
 * @throws What it throws, other than a lost answer; that, too, after very many.
 */
export async function untilAnswered<T>(call: () => Promise<T>): Promise<T> {
  for (let lost = 1; ; lost += 1) {
    try {
      return await call();
    } catch (error) {
      const isLost = error instanceof FairleadError && error.code === "connection_loss";
      if (!isLost || lost >= LOST_MAX) throw error;
    }
  }
}

/** A side whose reads, syncs and ACLs outlast lost connections; a `multi` that writes does not. */
export function steady({ client, ...side }: Side): Side {
  const again: EnsembleClient = {
    get lastZxid() {
      return client.lastZxid;
    },
    get session() {
      return client.session;
    },
    get: (path) => untilAnswered(() => client.get(path)),
    exists: (path) => untilAnswered(() => client.exists(path)),
    children: (path) => untilAnswered(() => client.children(path)),
    getAcl: (path) => untilAnswered(() => client.getAcl(path)),
    setAcl: (path, acl, how) => untilAnswered(() => client.setAcl(path, acl, how)),
    getMany: (paths) => untilAnswered(() => client.getMany(paths)),
    sync: (path) => untilAnswered(() => client.sync(path)),
    multi: (operations) =>
      operations.length === 0
        ? untilAnswered(() => client.multi(operations))
        : client.multi(operations),
  };
  const { whoAmI } = client;
  if (whoAmI !== undefined) again.whoAmI = () => untilAnswered(() => whoAmI.call(client));
  return { ...side, client: again };
}

/**
 * Wait for what may not listen to its signal: an abort ends the wait, whatever becomes of it.
 *
 * @throws What it throws; the signal's reason.
 */
export async function unlessAborted<T>(call: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    stop = () => signal.removeEventListener("abort", abort);
  });
  try {
    return await Promise.race([call, aborted]);
  } finally {
    stop();
    call.catch(() => undefined);
  }
}
