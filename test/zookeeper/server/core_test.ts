import { OPCODES } from "fairlead/zookeeper";
import { expect, test } from "vitest";
import { Bench } from "./harness.ts";

test("every write takes the next zxid, failed ones and sessions too; reads take none", () => {
  const bench = new Bench();
  const client = bench.client();
  expect(bench.core.zxid).toBe(1n);
  client.create("/a");
  client.create("/a");
  expect(bench.core.zxid).toBe(3n);
  client.ask(OPCODES.getData, (writer) => {
    writer.text("/a");
    writer.bool(false);
  });
  client.ask(OPCODES.ping);
  expect(bench.core.zxid).toBe(3n);
  client.ask(OPCODES.closeSession);
  expect(bench.core.zxid).toBe(4n);
});

test("takeChanges() gives each change once, and the last state of a node", () => {
  const bench = new Bench();
  const client = bench.client();
  expect(bench.core.takeChanges().nodes.size).toBe(4);
  expect(bench.core.isDirty).toBe(false);
  client.create("/a");
  client.create("/b");
  client.delete("/a");
  const { nodes, zxid, sessions } = bench.core.takeChanges();
  expect(zxid).toBe(4n);
  expect(sessions.size).toBe(0);
  expect([...nodes.values()].map((node) => node?.path).toSorted()).toEqual(["/", "/b", undefined]);
  expect(bench.core.isDirty).toBe(false);
  client.create("/none/c");
  expect(bench.core.isDirty).toBe(true);
  expect(bench.core.takeChanges()).toMatchObject({ zxid: 5n, nodes: new Map() });
});

test("a core that is made of what another wrote down goes on where that was", () => {
  const bench = new Bench();
  const client = bench.client();
  client.create("/a", 2);
  client.create("/e", 1);
  const { session } = client.connection;
  const { tree, sessions, zxid } = bench.core;
  const lastSessionId = sessions.lastId;
  const next = new Bench({ tree, zxid, lastSessionId, sessions: [...sessions.all()] });
  next.steadyMs = 5_000;
  const { id: sessionId = 0n, password = new Uint8Array(0) } = session ?? {};
  expect(next.client({ sessionId, password }).verdict).toBe("open");
  const other = next.client();
  expect(other.connection.session?.id).toBeGreaterThan(sessionId);
  expect(next.core.zxid).toBe(zxid + 1n);
});

test("silence ends a session and its ephemerals in one transaction, and its connection", () => {
  const bench = new Bench();
  const owner = bench.client({ timeoutMs: 2_000 });
  const watcher = bench.client({ timeoutMs: 9_000 });
  owner.create("/e1", 1);
  owner.create("/e2", 1);
  watcher.ask(OPCODES.addWatch, (writer) => {
    writer.text("/");
    writer.int(1);
  });
  const before = bench.core.zxid;
  bench.steadyMs = 1_999;
  bench.core.expire();
  expect(owner.isEnded).toBe(false);
  bench.steadyMs = 2_000;
  bench.core.expire();
  expect(owner.isEnded).toBe(true);
  expect(bench.core.zxid).toBe(before + 1n);
  expect(watcher.take()).toEqual(["2 /e1", "2 /e2"]);
  expect(bench.core.tree.get("/")?.facts.pzxid).toBe(before + 1n);
});

test("any packet keeps a session, and a time given back keeps all", () => {
  const bench = new Bench();
  const [one, other] = [bench.client({ timeoutMs: 2_000 }), bench.client({ timeoutMs: 2_000 })];
  bench.steadyMs = 1_500;
  one.ask(OPCODES.ping);
  bench.steadyMs = 2_500;
  bench.core.sessions.spare(600);
  bench.core.expire();
  expect([one.isEnded, other.isEnded]).toEqual([false, false]);
  bench.steadyMs = 2_600;
  bench.core.expire();
  expect([one.isEnded, other.isEnded]).toEqual([false, true]);
});

test("a connection that is gone leaves its session and takes its watches", () => {
  const bench = new Bench();
  const client = bench.client();
  client.ask(OPCODES.addWatch, (writer) => {
    writer.text("/");
    writer.int(1);
  });
  expect(bench.core.watches.count).toBe(2);
  bench.core.detach(client.connection);
  expect(bench.core.watches.count).toBe(0);
  expect(bench.core.sessions.size).toBe(1);
});

test("equal packets give equal states: nothing reads a clock or rolls dice", () => {
  const run = () => {
    const bench = new Bench();
    const client = bench.client();
    for (let index = 0; index < 50; index += 1) {
      client.create(`/n${index % 7}-`, index % 4);
      client.delete(`/n${index % 7}-`);
    }
    return bench.core.takeChanges();
  };
  expect(run()).toEqual(run());
});

test("a connection that proves to be a thousand people is refused the next one", () => {
  const bench = new Bench();
  const client = bench.client();
  const prove = (name: string) =>
    client.ask(OPCODES.auth, (writer) => {
      writer.int(0);
      writer.text("digest");
      writer.buffer(new TextEncoder().encode(name));
    });
  const codes = Array.from({ length: 1_000 }, (_, index) => prove(`user-${index}:x`));
  expect(codes.filter((code) => code !== 0)).toEqual([-115]);
  expect(client.connection.identities).toHaveLength(1_000);
  const other = bench.client();
  expect(other.create("/a")).toBe(0);
});

test("super may do everything, and is told by its digest alone", () => {
  const bench = new Bench();
  const client = bench.client();
  const set = () =>
    client.ask(OPCODES.setData, (writer) => {
      writer.text("/zookeeper/config");
      writer.buffer(null);
      writer.int(-1);
    });
  const prove = (auth: string) =>
    client.ask(OPCODES.auth, (writer) => {
      writer.int(0);
      writer.text("digest");
      writer.buffer(new TextEncoder().encode(auth));
    });
  expect([prove("super:wrong"), set()]).toEqual([0, -102]);
  expect([prove("super:secret"), set()]).toEqual([0, 0]);
});
