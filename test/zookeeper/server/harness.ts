/** A core with clients that are bytes: no sockets, no disk, and a time that stands still. */

import { JuteReader, JuteWriter, OPCODES, OPEN_ACL } from "fairlead/zookeeper";
import { writeAcl } from "../../../src/zookeeper/protocol/records.ts";
import { CoreConnection, type Outlet } from "../../../src/zookeeper/server/connection.ts";
import { ServerCore, type Verdict } from "../../../src/zookeeper/server/core.ts";
import type { CoreState } from "../../../src/zookeeper/server/ports.ts";
import { handshakeOf, requestOf } from "../node/server/raw.ts";

/** A core and the hands of its clock. */
export class Bench {
  readonly core: ServerCore;
  dateMs = 1_700_000_000_000;
  steadyMs = 0;
  #passwords = 0;

  constructor(state?: CoreState) {
    const ports = {
      dateMs: () => this.dateMs,
      steadyMs: () => this.steadyMs,
      digestId: (auth: string) => `${auth.split(":")[0]}:hash of ${auth}`,
      newPassword: () => {
        this.#passwords += 1;
        return new Uint8Array(16).fill(this.#passwords);
      },
    };
    const superDigest = "super:hash of super:secret";
    const bounds = { timeoutMsMin: 1_000, timeoutMsMax: 10_000 };
    this.core = new ServerCore(ports, { ...bounds, superDigest }, state);
  }

  client(handshake: Parameters<typeof handshakeOf>[0] = {}): BenchClient {
    return new BenchClient(this.core, handshake);
  }
}

/** One connection; what it is told is read with `take`. */
export class BenchClient {
  readonly connection: CoreConnection;
  readonly verdict: Verdict;
  readonly #core: ServerCore;
  readonly #writer = new JuteWriter();
  isEnded = false;
  #xid = 0;

  constructor(core: ServerCore, handshake: Parameters<typeof handshakeOf>[0]) {
    this.#core = core;
    const outlet: Outlet = {
      writer: this.#writer,
      wake() {},
      end: () => {
        this.isEnded = true;
      },
    };
    this.connection = new CoreConnection(outlet, "10.0.0.1");
    const bytes = handshakeOf(handshake);
    this.verdict = core.attach(this.connection, bytes, 4, bytes.length);
    this.take();
  }

  /** Send a request; returns the error's number of its answer. */
  ask(opcode: number, write: (writer: JuteWriter) => void = () => {}): number {
    this.#xid += 1;
    const bytes = requestOf(this.#xid, opcode, write);
    this.#core.receive(this.connection, bytes, 4, bytes.length);
    for (const packet of this.#packets()) {
      const reader = new JuteReader(packet);
      if (reader.int() === this.#xid) return new JuteReader(packet, 12).int();
      this.#told.push(packet);
    }
    throw new Error("there is no answer");
  }

  create(path: string, flag = 0, opcode: number = OPCODES.create2, ttlMs?: bigint): number {
    return this.ask(opcode, (writer) => {
      writer.text(path);
      writer.buffer(null);
      writer.list(OPEN_ACL, writeAcl);
      writer.int(flag);
      if (ttlMs !== undefined) writer.long(ttlMs);
    });
  }

  delete(path: string): number {
    return this.ask(OPCODES.delete, (writer) => {
      writer.text(path);
      writer.int(-1);
    });
  }

  readonly #told: Uint8Array[] = [];

  /** The events that came, as `type path`. */
  take(): string[] {
    const packets = [...this.#told.splice(0), ...this.#packets()];
    return packets
      .filter((packet) => new JuteReader(packet).int() === -1)
      .map((packet) => {
        const reader = new JuteReader(packet, 16);
        const type = reader.int();
        reader.int();
        return `${type} ${reader.text()}`;
      });
  }

  #packets(): Uint8Array[] {
    const bytes = this.#writer.take();
    const packets: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; ) {
      const end = at + 4 + new JuteReader(bytes, at).int();
      packets.push(bytes.subarray(at + 4, end));
      at = end;
    }
    return packets;
  }
}
