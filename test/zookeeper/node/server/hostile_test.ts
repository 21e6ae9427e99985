/** What no good client sends: the connection goes, the server stays, and its memory is bounded. */

import { SeededRandom, VirtualClock } from "fairlead/base";
import { JuteReader, JuteWriter, OPCODES } from "fairlead/zookeeper";
import { EmbeddedZooKeeper, ZooKeeper } from "fairlead/zookeeper/node";
import { afterEach, beforeEach, expect, test } from "vitest";
import { nextEvent } from "../../conformance.ts";
import { handshakeOf, RawClient, requestOf } from "./raw.ts";

const REQUEST_BYTES_MAX = 1_048_575;

let server: EmbeddedZooKeeper;
let address: string;
/** A client that must not notice anything. */
let witness: ZooKeeper;
beforeEach(async () => {
  server = await EmbeddedZooKeeper.start();
  address = server.connectString;
  witness = await ZooKeeper.connect(address);
  await witness.create("/a");
});
afterEach(async () => {
  // Whatever was sent: it serves, to the same session.
  expect((await witness.get("/a")).stat.version).toBe(0);
  await witness.close();
  await server.stop();
});

function lengthOf(length: number): Uint8Array {
  const writer = new JuteWriter();
  writer.int(length);
  return writer.take();
}

const get = (path: string) => (writer: JuteWriter) => {
  writer.text(path);
  writer.bool(false);
};

test.each([
  ["a negative length", lengthOf(-1)],
  ["a length of nothing", lengthOf(0)],
  ["a length of two gigabytes", lengthOf(2 ** 31 - 1)],
  ["a first packet that is too large for one", lengthOf(1_025)],
  ["a first packet without a timeout", requestOf(0, 0)],
  ["a password that is longer than its packet", Buffer.from(`${"0".repeat(88)}00ffffff`, "hex")],
  ["another protocol", Buffer.from("GET / HTTP/1.1\r\nHost: a\r\n\r\n")],
  ["a hello of TLS", Buffer.from("16030100c8010000c40303", "hex")],
])("before a session: %s closes the connection", async (_what, bytes) => {
  await using client = await RawClient.dial(address);
  client.write(bytes);
  expect(await client.next()).toBeUndefined();
});

test.each([
  ["a negative length", lengthOf(-1)],
  ["a length of nothing", lengthOf(0)],
  ["more than jute.maxbuffer", lengthOf(REQUEST_BYTES_MAX + 1)],
  ["a packet without a whole header", Buffer.from("00000005000000010", "hex")],
])("with a session: %s closes the connection, and the session lives on", async (_what, bytes) => {
  await using client = await RawClient.open(address);
  client.write(bytes);
  client.write(new Uint8Array(16));
  expect(await client.next()).toBeUndefined();
  const { sessionId, password } = client;
  await using heir = await RawClient.open(address, { sessionId, password });
  expect(heir.sessionId).toBe(sessionId);
});

test("a request of exactly jute.maxbuffer is taken", async () => {
  await using client = await RawClient.open(address);
  const bare = requestOf(1, OPCODES.setData, (writer) => {
    writer.text("/large");
    writer.buffer(new Uint8Array(0));
    writer.int(-1);
  });
  await witness.create("/large");
  client.send(1, OPCODES.setData, (writer) => {
    writer.text("/large");
    writer.buffer(new Uint8Array(REQUEST_BYTES_MAX + 4 - bare.length));
    writer.int(-1);
  });
  const [answer] = await client.until(1);
  expect(new JuteReader(answer ?? new Uint8Array(16), 12).int()).toBe(0);
});

test.each([23, 108, 1_000, -1, 20, 102])(
  "opcode %i, which no client may use, is answered and ends the connection",
  async (opcode) => {
    await using client = await RawClient.open(address);
    client.send(7, opcode, (writer) => writer.text("/a"));
    client.send(8, OPCODES.getData, get("/a"));
    const [answer, ...more] = await client.until(8);
    const reader = new JuteReader(answer ?? new Uint8Array(16));
    expect([reader.int(), reader.long() > 0n, reader.int()]).toEqual([7, true, -6]);
    expect(more).toEqual([]);
    await client.closed;
  },
);

test("counts and lengths that promise more than there is are marshalling errors", async () => {
  await using client = await RawClient.open(address);
  const huge = 2 ** 31 - 1;
  const bodies: [number, (writer: JuteWriter) => void][] = [
    [OPCODES.getData, (writer) => writer.int(huge)],
    [
      OPCODES.create2,
      (writer) => {
        writer.text("/b");
        writer.buffer(null);
        writer.int(huge);
      },
    ],
    [
      OPCODES.setWatches2,
      (writer) => {
        writer.long(0n);
        writer.int(huge);
      },
    ],
    [
      OPCODES.multi,
      (writer) => {
        writer.int(OPCODES.create);
        writer.bool(false);
      },
    ],
  ];
  for (const [xid, [opcode, write]] of bodies.entries()) {
    client.send(xid, opcode, write);
    const [answer] = await client.until(xid);
    expect(new JuteReader(answer ?? new Uint8Array(16), 12).int()).toBe(-5);
  }
});

test("credentials of an unknown scheme are refused and end the connection", async () => {
  await using client = await RawClient.open(address);
  client.send(-4, OPCODES.auth, (writer) => {
    writer.int(0);
    writer.text("nonsense");
    writer.buffer(new Uint8Array(3));
  });
  const [answer] = await client.until(-4);
  expect(new JuteReader(answer ?? new Uint8Array(16), 12).int()).toBe(-115);
  await client.closed;
});

test("bytes may come one by one, or all at once", async () => {
  await using slow = await RawClient.dial(address);
  const all = Buffer.concat([handshakeOf({}), requestOf(1, OPCODES.getData, get("/a"))]);
  for (const byte of all) {
    slow.write(Uint8Array.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect((await slow.next())?.length).toBe(37);
  expect(await slow.until(1)).toHaveLength(1);
  await using fast = await RawClient.dial(address);
  const many = Array.from({ length: 1_000 }, (_, xid) =>
    requestOf(xid, OPCODES.getData, get("/a")),
  );
  fast.write(Buffer.concat([handshakeOf({}), ...many]));
  expect(await fast.until(999)).toHaveLength(1_001);
});

test("random bytes, and requests with random bytes in them, harm nobody", async () => {
  const random = new SeededRandom(42);
  for (let round = 0; round < 300; round += 1) {
    const bytes = Uint8Array.from({ length: 1 + random.int(200) }, () => random.int(256));
    await using client =
      round % 3 === 0 ? await RawClient.dial(address) : await RawClient.open(address);
    if (round % 3 === 0) client.write(bytes);
    else {
      // A header that is whole: the body is garbage.
      const opcode = random.int(120);
      client.send(round, opcode, (writer) => writer.raw(bytes));
    }
    await witness.exists("/a");
  }
});

test("a client that takes no answers is not read from, and loses none when it does", async () => {
  const large = new Uint8Array(900_000).fill(7);
  await witness.set("/a", large);
  await using client = await RawClient.open(address);
  client.pause();
  const count = 200;
  const many = Array.from({ length: count }, (_, xid) =>
    requestOf(xid, OPCODES.getData, get("/a")),
  );
  const before = process.memoryUsage().arrayBuffers;
  client.write(Buffer.concat(many));
  for (let round = 0; round < 50; round += 1) await witness.exists("/a");
  // All answers together have 180 MB.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40_000_000);
  client.resume();
  for (let xid = 0; xid < count; xid += 1) {
    const answer = await client.next();
    expect(new JuteReader(answer ?? new Uint8Array(4)).int()).toBe(xid);
  }
  await witness.delete("/a");
  await witness.create("/a");
});

test("a watcher that takes no events is dropped before they fill the memory", async () => {
  const path = `/${"x".repeat(90_000)}`;
  await witness.create(path);
  await using client = await RawClient.open(address);
  client.send(1, OPCODES.addWatch, (writer) => {
    writer.text(path);
    writer.int(0);
  });
  await client.until(1);
  client.pause();
  for (let round = 0; round < 1_000; round += 1) await witness.set(path, null);
  client.resume();
  await client.until(2); // There is no such answer: the connection ends.
  await client.closed;
});

test("more than connectionsMax clients are turned away, and one may come when one goes", async () => {
  await using small = await EmbeddedZooKeeper.start({ connectionsMax: 2 });
  const place = small.connectString;
  await using first = await RawClient.open(place);
  await using second = await RawClient.open(place);
  await using third = await RawClient.dial(place);
  await third.closed;
  second.send(1, OPCODES.closeSession);
  await second.until(1);
  await second.closed;
  await using fourth = await RawClient.open(place);
  expect(fourth.timeoutMs).toBe(10_000);
  expect(first.sessionId).not.toBe(fourth.sessionId);
});

test("a connection that asks for no session is closed in time, whole or half a packet", async () => {
  const clock = new VirtualClock();
  await using timed = await EmbeddedZooKeeper.start({ clock });
  const place = timed.connectString;
  await using mute = await RawClient.dial(place);
  await using half = await RawClient.dial(place);
  half.write(handshakeOf({}).subarray(0, 20));
  await using known = await RawClient.open(place, { timeoutMs: 40_000 });
  await clock.advance(14_000);
  await Promise.all([mute.closed, half.closed]);
  expect(await known.settled()).toHaveLength(1);
});

test("a session that is taken over ends its old connection, and its watches there", async () => {
  await using first = await RawClient.open(address);
  first.send(1, OPCODES.exists, (writer) => {
    writer.text("/b");
    writer.bool(true);
  });
  await first.until(1);
  const { sessionId, password } = first;
  await using second = await RawClient.open(address, { sessionId, password });
  await first.closed;
  const events = witness.watch("/b");
  await events.next();
  await witness.create("/b");
  expect(await nextEvent(events)).toMatchObject({ type: "created" });
  expect(await second.settled()).toHaveLength(1);
  await events.return(undefined);
});

test("clients that know nothing of read-only servers get the shorter answer", async () => {
  await using client = await RawClient.dial(address);
  client.write(handshakeOf({ isOld: true }));
  expect((await client.next())?.length).toBe(36);
});

test("a client that has seen more than this server is sent away", async () => {
  await using client = await RawClient.dial(address);
  client.write(handshakeOf({ lastZxid: 1_000_000n }));
  expect(await client.next()).toBeUndefined();
});
