/** What stands between the core of a server and its shell. */

import type { SnapshotNode } from "../types.ts";
import type { SessionBounds, SessionRecord } from "./sessions.ts";
import type { ServerTree } from "./tree.ts";

/** What the core is handed instead of touching it. */
export interface CorePorts {
  /** The date, for nodes. */
  dateMs(): number;
  /** Time that does not jump, for sessions. */
  steadyMs(): number;
  /** 16 bytes that nobody can guess. */
  newPassword(): Uint8Array;
  /** Reads `user:password` as the id of an ACL: `user:hash`. */
  digestId(auth: string): string;
}

/** Options of {@linkcode ServerCore}. */
export interface CoreOptions extends SessionBounds {
  /** The id of who may do everything, `user:hash`; absent: nobody. */
  readonly superDigest?: string | undefined;
}

/** What a core begins with. */
export interface CoreState {
  readonly tree: ServerTree;
  readonly zxid: bigint;
  readonly lastSessionId: bigint;
  readonly sessions: readonly SessionRecord[];
}

/** What changed and has to be written down. */
export interface CoreChanges {
  readonly zxid: bigint;
  readonly lastSessionId: bigint;
  readonly nodes: ReadonlyMap<number, SnapshotNode | undefined>;
  readonly sessions: ReadonlyMap<bigint, SessionRecord | undefined>;
}
