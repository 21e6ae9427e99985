import type { Resync } from "../base/mod.ts";

/** What a watch tells: that something happened, not what is there now. */
export type WatchEvent =
  | {
      readonly type: "created" | "deleted" | "changed" | "children";
      readonly path: string;
      /** The transaction; 0n from servers before 3.9. */
      readonly zxid: bigint;
    }
  /** It is watched no more: by this client's own wish, in another place. */
  | { readonly type: "removed"; readonly path: string }
  | Resync;

/** A watch that tells one thing and is gone. */
export type WatchKind = "data" | "exists" | "children";

/** The type of a notification as its name; undefined for one that is not known. */
export function watchEventType(type: number): WatchEvent["type"] | undefined {
  switch (type) {
    case 1:
      return "created";
    case 2:
      return "deleted";
    case 3:
      return "changed";
    case 4:
      return "children";
    case 5:
    case 6:
    case 7:
      return "removed";
    default:
      return undefined;
  }
}
