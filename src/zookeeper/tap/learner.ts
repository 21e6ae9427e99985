/** The learner's side of the quorum port, as a pure machine: bytes in, bytes and events out. */

import { FairleadError } from "../../base/mod.ts";
import { JuteReader } from "../jute/reader.ts";
import { JuteWriter } from "../jute/writer.ts";
import type { TapEvent } from "../types.ts";
import { QUORUM, type QuorumPacket, readQuorumPacket, writeQuorumPacket } from "./quorum_packet.ts";
import { SnapshotReader } from "./snapshot_reader.ts";
import { SnapshotTree } from "./snapshot_tree.ts";
import { readTransaction } from "./transaction.ts";

/** What the machine tells its shell. */
export interface LearnerPorts {
  send(bytes: Uint8Array): void;
  emit(event: TapEvent): void;
}

/**
 * An observer that nobody counts: it takes a snapshot or what it missed, then every transaction.
 *
 * Until the leader says "up to date" transactions go into the snapshot, so that it is the state of
 * one moment; a resumed log has no gap and no repetition.
 */
export class Learner {
  readonly #ports: LearnerPorts;
  readonly #leader: string;
  #pending: Uint8Array = new Uint8Array(0);
  #snapshot: SnapshotReader | undefined;
  /** What the snapshot becomes; undefined when the log is resumed. */
  #tree: SnapshotTree | undefined;
  /** Proposals whose commit follows. */
  readonly #proposals = new Map<bigint, Uint8Array>();
  #isUpToDate = false;
  #zxid: bigint;
  readonly #fromZxid: bigint;

  /** @param fromZxid The last transaction that is known; 0n: none. */
  constructor(leader: string, fromZxid: bigint, ports: LearnerPorts) {
    this.#ports = ports;
    this.#leader = leader;
    this.#zxid = fromZxid;
    this.#fromZxid = fromZxid;
    if (fromZxid === 0n) this.#tree = SnapshotTree.empty();
  }

  /** The newest transaction that was told of. */
  get zxid(): bigint {
    return this.#zxid;
  }

  /**
   * Where another connection goes on: behind all that was told of. A snapshot that did not come to
   * its end counts for nothing; a log that is resumed is told of at once.
   */
  get resumeZxid(): bigint {
    const isCopying = this.#snapshot !== undefined || this.#tree !== undefined;
    return isCopying ? this.#fromZxid : this.#zxid;
  }

  get isUpToDate(): boolean {
    return this.#isUpToDate;
  }

  /** Ask to be let in: without an id, so that no server's place is taken. */
  start(): void {
    this.#send({ type: QUORUM.observerInfo, zxid: this.#zxid, data: null });
  }

  /** @throws {FairleadError} `tap_refused`, `tap_failed`. */
  receive(chunk: Uint8Array): void {
    const bytes = this.#pending.length === 0 ? chunk : joined(this.#pending, chunk);
    let at = 0;
    while (at < bytes.length) {
      const reader = new JuteReader(bytes, at);
      try {
        this.#next(reader);
      } catch (error) {
        if (!(error instanceof FairleadError) || error.code !== "invalid_packet") throw error;
        break; // It is not whole yet.
      }
      at = bytes.length - reader.left;
    }
    // A copy, for the chunk's memory may be used again.
    this.#pending = bytes.slice(at);
  }

  /** Takes one piece; throws `invalid_packet` before it has changed anything if it is not whole. */
  #next(reader: JuteReader): void {
    if (this.#snapshot === undefined) {
      this.#packet(readQuorumPacket(reader));
      return;
    }
    this.#snapshot.read(reader);
    if (!this.#snapshot.done) return;
    this.#tree = this.#snapshot.tree;
    this.#snapshot = undefined;
  }

  #packet(packet: QuorumPacket): void {
    const { type, zxid, data } = packet;
    switch (type) {
      case QUORUM.snap:
        this.#snapshot = new SnapshotReader();
        this.#zxid = zxid;
        return;
      case QUORUM.trunc:
        throw this.#refused("trunc", "the leader has less than was read before: it lost a quorum");
      case QUORUM.newLeader:
      case QUORUM.ping:
        // The leader reads the data of a ping, so there must be some, if empty.
        this.#send({ type: type === QUORUM.ping ? type : QUORUM.ack, zxid, data: NOTHING });
        return;
      case QUORUM.upToDate:
        this.#upToDate();
        return;
      case QUORUM.proposal:
        this.#proposals.set(zxid, data ?? NOTHING);
        this.#send({ type: QUORUM.ack, zxid, data: NOTHING });
        return;
      case QUORUM.commit: {
        const proposed = this.#proposals.get(zxid);
        this.#proposals.delete(zxid);
        if (proposed !== undefined) this.#commit(proposed);
        return;
      }
      case QUORUM.inform:
        this.#commit(data ?? NOTHING);
        return;
      case QUORUM.informAndActivate:
        // The leader that the new configuration names stands in front.
        this.#commit((data ?? NOTHING).subarray(8));
        return;
      default:
      // What is said of sessions and requests is for servers that have clients.
    }
  }

  #commit(bytes: Uint8Array): void {
    const transaction = readWhole(bytes);
    if (this.#tree !== undefined) this.#tree.apply(transaction);
    else if (transaction.zxid > this.#zxid) this.#ports.emit({ type: "transaction", transaction });
    if (transaction.zxid > this.#zxid) this.#zxid = transaction.zxid;
  }

  #upToDate(): void {
    if (this.#isUpToDate) return;
    this.#isUpToDate = true;
    const tree = this.#tree;
    this.#tree = undefined;
    if (tree !== undefined) {
      const { sessions } = tree;
      this.#ports.emit({ type: "snapshot", zxid: this.#zxid, nodes: tree.nodes(), sessions });
    }
    this.#ports.emit({ type: "resumed", leader: this.#leader, zxid: this.#zxid });
  }

  #send(packet: QuorumPacket): void {
    const writer = new JuteWriter(64);
    writeQuorumPacket(writer, packet);
    this.#ports.send(writer.take());
  }

  #refused(reason: string, why: string): FairleadError {
    return new FairleadError("tap_refused", `Cannot tap ${this.#leader}: ${why}`, {
      details: { reason, leader: this.#leader, zxid: this.#zxid },
    });
  }
}

const NOTHING = new Uint8Array(0);

/** A transaction is whole in its packet: what is missing here does not come later. */
function readWhole(bytes: Uint8Array) {
  try {
    return readTransaction(bytes);
  } catch (cause) {
    if (!(cause instanceof FairleadError) || cause.code !== "invalid_packet") throw cause;
    throw new FairleadError("tap_failed", "Cannot read a transaction of the leader", { cause });
  }
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  const all = new Uint8Array(left.length + right.length);
  all.set(left);
  all.set(right, left.length);
  return all;
}
