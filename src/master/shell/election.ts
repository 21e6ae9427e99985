/** How masters agree on one of them: through the store, in Mesos' own layout. */
import {
  decodeJson,
  elect,
  encodeJson,
  type Leadership,
  type Store,
  watchLeader,
} from "../../coordination/mod.ts";
import type { MasterInfo } from "../../model/mod.ts";

/** How masters agree on one of them. */
export interface Election {
  /** Wait to be elected. Rejects with the signal's reason when it is aborted. */
  elect(info: MasterInfo, signal: AbortSignal): Promise<Leadership>;
  /** Who leads, from now on; undefined while nobody does. */
  leaders(signal: AbortSignal): AsyncIterable<MasterInfo | undefined>;
}

/**
 * Elect masters below a path of a store: whoever looks for the leader of a Mesos cluster finds it
 * there.
 */
export function storeElection(store: Store, path: string): Election {
  return {
    elect: (info, signal) => elect(store, path, { data: encodeJson(info), signal }),
    leaders: async function* (signal) {
      for await (const leader of watchLeader(store, path, { signal })) {
        yield leader === undefined ? undefined : readInfo(leader.data);
      }
    },
  };
}

/** What a leader says of itself; undefined when that is nothing to go by. */
function readInfo(data: Uint8Array): MasterInfo | undefined {
  try {
    const info: unknown = decodeJson(data);
    return isInfo(info) ? info : undefined;
  } catch {
    return undefined; // Another program's node: nobody can be sent there.
  }
}

function isInfo(value: unknown): value is MasterInfo {
  return (
    typeof value === "object" &&
    value !== null &&
    "id" in value &&
    typeof value.id === "string" &&
    "port" in value &&
    typeof value.port === "number"
  );
}
