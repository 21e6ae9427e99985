import type { FairleadError } from "../../base/mod.ts";

/** Where a client stands. */
export type ZooKeeperState =
  | { readonly status: "connecting" }
  | {
      readonly status: "connected";
      readonly sessionId: bigint;
      readonly timeoutMs: number;
      /** The server is cut off from the others: what is read may be old, nothing can be written. */
      readonly readOnly: boolean;
      /** `host:port` */
      readonly server: string;
    }
  /** The connection is lost; the session may live on, and the client goes on trying. */
  | { readonly status: "suspended"; readonly sessionId: bigint; readonly timeoutMs: number }
  /** For good: the session expired, the server refused the credentials, or `close` was called. */
  | { readonly status: "ended"; readonly cause: FairleadError };
