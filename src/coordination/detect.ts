import { FairleadError } from "../base/mod.ts";
import { decodeJson } from "./codec.ts";
import { type Leader, watchLeader } from "./elect.ts";
import type { CallOptions, Store } from "./store.ts";

/** Finds the master that leads, for a scheduler (`connect`) or an agent (`masters`). */
export interface Detector {
  /** The leader's address, waiting until there is one. */
  leader(options?: CallOptions): Promise<string>;
  /** Resolves when another than this address leads. */
  changed(address: string, options?: CallOptions): Promise<void>;
}

/** Options of {@linkcode masterDetector}. */
export interface DetectorOptions {
  /** Whether masters are asked by TLS; their nodes do not say. @default false */
  readonly tls?: boolean | undefined;
}

/**
 * A detector by the nodes that masters stand for election with: ours, and those of Mesos.
 *
 * @param path Where they stand: `/mesos`.
 *
 * @example
 * ```ts
 * import { elect, encodeJson, masterDetector, MemoryTree } from "fairlead/coordination";
 *
 * const tree = new MemoryTree();
 * await using store = tree.connect();
 * const data = encodeJson({ address: { hostname: "m1", port: 5050 } });
 * await using _leadership = await elect(tree.connect(), "/mesos", { data });
 * console.assert((await masterDetector(store, "/mesos").leader()) === "http://m1:5050");
 * ```
 */
export function masterDetector(
  store: Store,
  path: string,
  { tls = false }: DetectorOptions = {},
): Detector {
  const other = async (than: string | undefined, { signal }: CallOptions) => {
    for await (const leader of watchLeader(store, path, { signal })) {
      const address = leader === undefined ? undefined : addressOf(leader);
      const url = `${tls ? "https" : "http"}://${address}`;
      if (address !== undefined && url !== than) return url;
    }
    throw new FairleadError("store_closed", "Cannot detect the master: the store is closed");
  };
  return {
    leader: (options = {}) => other(undefined, options),
    changed: async (address, options = {}) => void (await other(address, options)),
  };
}

/** `host:port` of a MasterInfo; undefined when the node's data is none. */
function addressOf({ data }: Leader): string | undefined {
  const info = asRecord(readJson(data));
  const address = asRecord(info?.address);
  const host = address?.hostname ?? address?.ip ?? info?.hostname;
  const port = address?.port ?? info?.port;
  if (typeof host !== "string" || host === "" || typeof port !== "number") return undefined;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

function readJson(data: Uint8Array): unknown {
  try {
    return decodeJson(data);
  } catch {
    return undefined;
  }
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.fromEntries(Object.entries(value));
}
