/** The snapshot that a leader sends: sessions, ACLs, nodes, a signature; all without a frame. */

import { FairleadError } from "../../base/mod.ts";
import type { JuteReader } from "../jute/reader.ts";
import { OPEN_ACL, readAcl } from "../protocol/records.ts";
import type { Acl, SnapshotNode } from "../types.ts";
import { lifetimeOfOwner } from "./lifetime.ts";
import { SnapshotTree } from "./snapshot_tree.ts";

const SIGNATURE = "BenWasHere";

type Part =
  | { readonly part: "sessions" | "acls"; readonly left: number }
  | { readonly part: "start" | "acl_count" | "nodes" | "signature" | "done" };

/** Reads a snapshot piece by piece: each call takes one piece, which has to be there whole. */
export class SnapshotReader {
  readonly tree = new SnapshotTree();
  readonly #acls = new Map<bigint, readonly Acl[]>();
  #at: Part = { part: "start" };

  get done(): boolean {
    return this.#at.part === "done";
  }

  /** @throws {FairleadError} `invalid_packet` when the piece is not whole, or is none. */
  read(reader: JuteReader): void {
    switch (this.#at.part) {
      case "start":
        this.#at = counted("sessions", reader.int(), "acl_count");
        return;
      case "sessions":
        this.tree.sessions.set(reader.long(), reader.int());
        this.#at = counted("sessions", this.#at.left - 1, "acl_count");
        return;
      case "acl_count":
        this.#at = counted("acls", reader.int(), "nodes");
        return;
      case "acls":
        this.#acls.set(reader.long(), reader.list(readAcl));
        this.#at = counted("acls", this.#at.left - 1, "nodes");
        return;
      case "nodes":
        this.#node(reader);
        return;
      case "signature":
        if (reader.text() !== SIGNATURE) throw damaged("it ends without its signature");
        this.#at = { part: "done" };
        return;
      case "done":
        throw damaged("it has ended");
    }
  }

  #node(reader: JuteReader): void {
    const path = reader.text();
    if (path === "/") {
      this.#at = { part: "signature" };
      return;
    }
    const data = reader.buffer();
    const aclId = reader.long();
    const czxid = reader.long();
    const mzxid = reader.long();
    const ctimeMs = reader.timeMs();
    const mtimeMs = reader.timeMs();
    const version = reader.int();
    const cversion = reader.int();
    const aversion = reader.int();
    const owner = reader.long();
    const pzxid = reader.long();
    const lifetime = lifetimeOfOwner(owner);
    const node: SnapshotNode = {
      // The root is written as an empty path, for "/" marks the end.
      path: path === "" ? "/" : path,
      data,
      acl: this.#acl(aclId, path),
      lifetime,
      ephemeralOwner: lifetime.type === "ephemeral" ? owner : 0n,
      czxid,
      mzxid,
      pzxid,
      ctimeMs,
      mtimeMs,
      version,
      cversion,
      aversion,
    };
    this.tree.load(node);
  }

  /** -1 stands for "everybody, everything", and is in no table. */
  #acl(id: bigint, path: string): readonly Acl[] {
    if (id === -1n) return OPEN_ACL;
    const acl = this.#acls.get(id);
    if (acl === undefined) throw damaged(`${path} has ACL ${id}, which is not in its table`);
    return acl;
  }
}

function counted(part: "sessions" | "acls", left: number, next: "acl_count" | "nodes"): Part {
  return left > 0 ? { part, left } : { part: next };
}

function damaged(why: string): FairleadError {
  return new FairleadError("tap_failed", `Cannot read the snapshot of the leader: ${why}`);
}
