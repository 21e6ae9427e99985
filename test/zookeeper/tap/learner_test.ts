import { JuteWriter, type TapEvent } from "fairlead/zookeeper";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Learner } from "../../../src/zookeeper/tap/learner.ts";
import { QUORUM, writeQuorumPacket } from "../../../src/zookeeper/tap/quorum_packet.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** A node as a server writes it into a snapshot. */
function node(writer: JuteWriter, path: string, data: Uint8Array | null, cversion = 0): void {
  writer.text(path);
  writer.buffer(data);
  writer.long(path === "" ? -1n : 1n);
  for (const each of [1n, 1n, 5n, 6n]) writer.long(each);
  for (const each of [0, cversion, 0]) writer.int(each);
  writer.long(0n);
  writer.long(1n);
}

function transaction(zxid: bigint, type: number, record: (writer: JuteWriter) => void): Uint8Array {
  const writer = new JuteWriter();
  writer.long(7n);
  writer.int(1);
  writer.long(zxid);
  writer.long(99n);
  writer.int(type);
  record(writer);
  return writer.take();
}

const set = (zxid: bigint, path: string, version: number) =>
  transaction(zxid, 5, (writer) => {
    writer.text(path);
    writer.buffer(bytes(`v${version}`));
    writer.int(version);
  });

const create = (zxid: bigint, path: string, parentCversion: number) =>
  transaction(zxid, 1, (writer) => {
    writer.text(path);
    writer.buffer(null);
    writer.int(0);
    writer.bool(false);
    writer.int(parentCversion);
  });

/** What a leader sends: a snapshot at 2, meanwhile transactions 2 to 4, then number 5. */
function conversation(): Uint8Array {
  const writer = new JuteWriter();
  const packet = (type: number, zxid: bigint, data: Uint8Array | null = null) =>
    writeQuorumPacket(writer, { type, zxid, data });
  packet(QUORUM.snap, 2n);
  writer.int(1);
  writer.long(7n);
  writer.int(10_000);
  writer.int(1);
  writer.long(1n);
  writer.int(1);
  writer.int(31);
  writer.text("world");
  writer.text("anyone");
  node(writer, "", new Uint8Array(0), 1);
  // Written late: it has been set by 3 already.
  node(writer, "/a", bytes("v1"));
  writer.text("/");
  writer.text("BenWasHere");
  packet(QUORUM.newLeader, 0x1_0000_0000n);
  packet(QUORUM.proposal, 3n, set(3n, "/a", 1));
  packet(QUORUM.commit, 3n);
  packet(QUORUM.inform, 4n, create(4n, "/b", 2));
  packet(QUORUM.upToDate, -1n);
  packet(QUORUM.ping, 4n);
  packet(QUORUM.inform, 5n, set(5n, "/a", 2));
  return writer.take();
}

function listen(chunks: readonly Uint8Array[]) {
  const events: TapEvent[] = [];
  const sent: Uint8Array[] = [];
  const learner = new Learner("leader:1", 0n, {
    emit: (event) => events.push(event),
    send: (each) => sent.push(each),
  });
  learner.start();
  for (const chunk of chunks) learner.receive(chunk);
  return { events, sent, learner };
}

test("the events are the same wherever the stream is cut", () => {
  const stream = conversation();
  const { events, sent, learner } = listen([stream]);
  expect(events.map(({ type }) => type)).toEqual(["snapshot", "resumed", "transaction"]);
  expect(events[0]).toMatchObject({
    zxid: 4n,
    nodes: [
      { path: "/", cversion: 2, pzxid: 4n },
      { path: "/a", data: bytes("v1"), version: 1, mzxid: 3n, acl: [{ scheme: "world" }] },
      { path: "/b", data: null, czxid: 4n, ctimeMs: 99 },
    ],
  });
  expect(learner.zxid).toBe(5n);
  // The greeting, the answer to NEWLEADER, the proposal's and the ping's.
  expect(sent.length).toBe(4);
  const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(cuts, (sizes) => {
      const chunks: Uint8Array[] = [];
      for (let at = 0, turn = 0; at < stream.length; turn += 1) {
        const size = sizes[turn % sizes.length] ?? 1;
        chunks.push(stream.slice(at, at + size));
        at += size;
      }
      expect(listen(chunks).events).toEqual(events);
    }),
  );
});

test("a connection that breaks is gone on from behind what was told, and no further back", () => {
  const stream = conversation();
  for (let cut = 0; cut <= stream.length; cut += 1) {
    const { learner, events } = listen([stream.slice(0, cut)]);
    const told = events.flatMap((each) =>
      each.type === "transaction" ? [each.transaction.zxid] : [],
    );
    const taken = events.flatMap((each) => (each.type === "snapshot" ? [each.zxid] : []));
    expect(learner.resumeZxid).toBe(told.at(-1) ?? taken.at(-1) ?? 0n);
  }
  // A log that is resumed is told of before the leader says that it is all.
  const events: TapEvent[] = [];
  const resumed = new Learner("leader:1", 2n, { emit: (event) => events.push(event), send() {} });
  const writer = new JuteWriter();
  writeQuorumPacket(writer, { type: QUORUM.proposal, zxid: 3n, data: set(3n, "/a", 1) });
  writeQuorumPacket(writer, { type: QUORUM.commit, zxid: 3n, data: null });
  resumed.receive(writer.take());
  expect(events).toHaveLength(1);
  expect(resumed.resumeZxid).toBe(3n);
});

test("a leader with less than was read is no leader to follow", () => {
  const writer = new JuteWriter();
  writeQuorumPacket(writer, { type: QUORUM.trunc, zxid: 1n, data: null });
  expect(() => listen([writer.take()])).toThrow(expect.objectContaining({ code: "tap_refused" }));
});

test("a snapshot without its signature, and half a transaction, are damage", () => {
  const writer = new JuteWriter();
  writeQuorumPacket(writer, { type: QUORUM.snap, zxid: 2n, data: null });
  writer.int(0);
  writer.int(0);
  writer.text("/");
  writer.text("JohnWasHere");
  expect(() => listen([writer.take()])).toThrow(expect.objectContaining({ code: "tap_failed" }));
  writeQuorumPacket(writer, { type: QUORUM.inform, zxid: 3n, data: set(3n, "/a", 1).slice(0, 40) });
  expect(() => listen([writer.take()])).toThrow(expect.objectContaining({ code: "tap_failed" }));
});
