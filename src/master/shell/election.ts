/** How masters agree on one of them. */
import { asyncDispose } from "../../base/mod.ts";
import type { StoreOp } from "../../coordination/mod.ts";
import type { MasterInfo } from "../../model/mod.ts";

/** One term as leader. */
export interface Leadership extends AsyncDisposable {
  /** Aborted when somebody else may lead. */
  readonly lost: AbortSignal;
  /** Whether it is held for certain at this moment. */
  readonly held: boolean;
  /** Goes first in every write: it fails unless the term still is. */
  readonly fence: StoreOp | undefined;
}

/** How masters agree on one of them. */
export interface Election {
  /** Wait to be elected. Rejects with the signal's reason when it is aborted. */
  elect(info: MasterInfo, signal: AbortSignal): Promise<Leadership>;
  /** Who leads, from now on; undefined while nobody does. */
  leaders(signal: AbortSignal): AsyncIterable<MasterInfo | undefined>;
}

/** The only master there is: it leads from the start to the end. */
export function standalone(): Election {
  return {
    elect: async (_, signal) => {
      signal.throwIfAborted();
      return {
        lost: new AbortController().signal,
        held: true,
        fence: undefined,
        [asyncDispose]: async () => undefined,
      };
    },
    leaders: async function* (signal) {
      yield undefined;
      await new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason), { once: true }),
      );
    },
  };
}
