/** What every ZooKeeper server and our client must do together: a suite as a function of a maker. */

import { FairleadError } from "fairlead/base";
import { type Acl, OPEN_ACL, PERMISSIONS, type WatchEvent } from "fairlead/zookeeper";
import { TcpProxy, ZooKeeper, type ZooKeeperOptions } from "fairlead/zookeeper/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** A server under test. */
export interface ServerFixture {
  /** `host:port` */
  readonly address: string;
  /** `user:password` of a superuser. */
  readonly superAuth: string;
  /** Whether it answers `reconfig` and has `/zookeeper/config` of an ensemble. */
  readonly isEnsemble?: boolean;
  stop(): Promise<void>;
}

const text = new TextEncoder();
const bytes = (value: string) => text.encode(value);

export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "";
  } catch (error) {
    return error instanceof FairleadError ? error.code : `not ours: ${String(error)}`;
  }
}

/** Waits for the next event that is no `resync`. */
export async function nextEvent(events: AsyncGenerator<WatchEvent, undefined>) {
  for (;;) {
    const { value, done } = await events.next();
    if (done) throw new Error("the watch ended");
    if (value.type !== "resync") return value;
  }
}

let folder = 0;

/** Run the suite on one server. */
export function clientConformance(name: string, start: () => Promise<ServerFixture>): void {
  describe(`${name}: every request`, () => {
    let fixture: ServerFixture;
    let zk: ZooKeeper;
    let root: string;

    beforeAll(async () => {
      fixture = await start();
      zk = await ZooKeeper.connect(fixture.address);
    }, 60_000);
    afterAll(async () => {
      await zk?.close();
      await fixture?.stop();
    });

    /** A client whose root is a folder of this test alone. */
    async function open(options: ZooKeeperOptions = {}): Promise<ZooKeeper> {
      folder += 1;
      root = `/conformance-${folder}`;
      await zk.create(root);
      return await ZooKeeper.connect(`${fixture.address}${root}`, options);
    }

    test("create() and get() give back the bytes, and a stat of the node", async () => {
      await using client = await open();
      const created = await client.create("/a", bytes("one"));
      expect(created.path).toBe("/a");
      const { data, stat } = await client.get("/a");
      expect(data).toEqual(bytes("one"));
      expect(stat).toEqual(created.stat);
      expect(stat).toMatchObject({ version: 0, cversion: 0, aversion: 0, dataBytes: 3 });
      expect(stat.czxid).toBe(stat.mzxid);
      expect(stat.ephemeralOwner).toBe(0n);
      expect(Math.abs(stat.ctimeMs - Date.now())).toBeLessThan(600_000);
    });

    test("null data and empty data are kept apart", async () => {
      await using client = await open();
      await client.create("/null", null);
      await client.create("/empty", new Uint8Array(0));
      expect((await client.get("/null")).data).toBeNull();
      expect((await client.get("/empty")).data).toEqual(new Uint8Array(0));
      await client.set("/empty", null);
      await client.set("/null", new Uint8Array(0));
      expect((await client.get("/empty")).data).toBeNull();
      expect((await client.get("/null")).data).toEqual(new Uint8Array(0));
    });

    test("names of all of Unicode that ZooKeeper takes", async () => {
      await using client = await open();
      await client.create("/größe-日本", bytes("x"));
      expect((await client.children("/")).names).toEqual(["größe-日本"]);
    });

    test("create() says what stands in the way", async () => {
      await using client = await open();
      await client.create("/a");
      await client.create("/e", bytes("x"), { lifetime: { type: "ephemeral" } });
      expect(await codeOf(client.create("/a"))).toBe("node_exists");
      expect(await codeOf(client.create("/b/c"))).toBe("no_node");
      expect(await codeOf(client.create("/e/c"))).toBe("no_children_for_ephemerals");
      expect(await codeOf(client.create("/b", bytes("x"), { acl: [] }))).toBe("invalid_acl");
      const unknown: Acl = { permissions: 31, scheme: "nonsense", id: "x" };
      expect(await codeOf(client.create("/b", bytes("x"), { acl: [unknown] }))).toBe("invalid_acl");
      expect(await codeOf(client.create("b"))).toBe("invalid_path");
      expect(await codeOf(client.create("/b/../c"))).toBe("invalid_path");
      expect((await client.children("/")).names.toSorted()).toEqual(["a", "e"]);
    });

    test("sequential names count on, whatever was deleted", async () => {
      await using client = await open();
      const first = await client.create("/n-", null, { sequential: true });
      await client.delete(first.path);
      const second = await client.create("/n-", null, {
        sequential: true,
        lifetime: { type: "ephemeral" },
      });
      expect([first.path, second.path]).toEqual(["/n-0000000000", "/n-0000000001"]);
      const { stat } = await client.children("/");
      expect(stat.cversion).toBe(3);
      expect(stat.childrenCount).toBe(1);
      expect((await client.create("/", null, { sequential: true })).path).toBe("/0000000002");
    });

    test("set() and delete() act on the version that is named, 0 included", async () => {
      await using client = await open();
      await client.create("/a", bytes("0"));
      expect((await client.set("/a", bytes("1"), { version: 0 })).version).toBe(1);
      expect(await codeOf(client.set("/a", bytes("2"), { version: 0 }))).toBe("bad_version");
      expect(await codeOf(client.delete("/a", { version: 0 }))).toBe("bad_version");
      expect((await client.set("/a", bytes("2"))).version).toBe(2);
      await client.delete("/a", { version: 2 });
      expect(await codeOf(client.set("/a", bytes("3")))).toBe("no_node");
      expect(await codeOf(client.delete("/a"))).toBe("no_node");
      expect(await client.exists("/a")).toBeUndefined();
    });

    test("delete() refuses a node with children", async () => {
      await using client = await open();
      await client.create("/a");
      await client.create("/a/b");
      expect(await codeOf(client.delete("/a"))).toBe("not_empty");
    });

    test("containers and nodes with a time to live are made as what they are", async () => {
      await using client = await open();
      await client.create("/container", null, { lifetime: { type: "container" } });
      await client.create("/ttl", null, { lifetime: { type: "ttl", ttlMs: 3_600_000 } });
      const named = await client.create("/ttl-", null, {
        lifetime: { type: "ttl", ttlMs: 3_600_000 },
        sequential: true,
      });
      expect(named.path).toBe("/ttl-0000000002");
      const inside = await client.create("/container/e", null, { lifetime: { type: "ephemeral" } });
      expect(inside.stat.ephemeralOwner).toBe(client.session.id);
      expect((await client.get("/container")).stat.ephemeralOwner).toBe(0n);
    });

    test("ephemerals() and countBelow() tell of the session's nodes and of all", async () => {
      await using client = await open();
      await client.create("/a");
      await client.create("/a/e", null, { lifetime: { type: "ephemeral" } });
      await client.create("/f", null, { lifetime: { type: "ephemeral" } });
      expect((await client.ephemerals("/")).toSorted()).toEqual(["/a/e", "/f"]);
      expect(await client.ephemerals("/a")).toEqual(["/a/e"]);
      expect(await client.countBelow("/")).toBe(3);
      expect(await codeOf(client.countBelow("/none"))).toBe("no_node");
    });

    test("getAcl() and setAcl() act on the aversion", async () => {
      await using client = await open();
      await client.create("/a");
      expect((await client.getAcl("/a")).acl).toEqual(OPEN_ACL);
      const readOnly: Acl[] = [{ permissions: PERMISSIONS.read, scheme: "world", id: "anyone" }];
      expect((await client.setAcl("/a", readOnly, { version: 0 })).aversion).toBe(1);
      expect(await codeOf(client.setAcl("/a", readOnly, { version: 0 }))).toBe("no_auth");
      expect(await codeOf(client.set("/a", bytes("x")))).toBe("no_auth");
      expect(await codeOf(client.create("/a/b"))).toBe("no_auth");
      expect((await client.getAcl("/a")).acl).toEqual(readOnly);
      expect(await codeOf(client.getAcl("/none"))).toBe("no_node");
    });

    test("credentials open what the ACL keeps for their owner", async () => {
      await using client = await open({
        credentials: [{ scheme: "digest", auth: "ada:lovelace" }],
      });
      const mine: Acl[] = [{ permissions: 31, scheme: "auth", id: "" }];
      await client.create("/mine", bytes("x"), { acl: mine });
      const { acl } = await client.getAcl("/mine");
      expect(acl).toMatchObject([{ permissions: 31, scheme: "digest" }]);
      expect(acl[0]?.id).toMatch(/^ada:.{28}$/);
      const place = `${fixture.address}${root}`;
      await using stranger = await ZooKeeper.connect(place);
      expect(await codeOf(stranger.get("/mine"))).toBe("no_auth");
      await stranger.authenticate({ scheme: "digest", auth: "ada:lovelace" });
      expect((await stranger.get("/mine")).data).toEqual(bytes("x"));
      await using root_ = await ZooKeeper.connect(place, {
        credentials: [{ scheme: "digest", auth: fixture.superAuth }],
      });
      expect((await root_.get("/mine")).data).toEqual(bytes("x"));
    });

    test("whoAmI() names the credentials", async () => {
      await using client = await open({ credentials: [{ scheme: "digest", auth: "ada:x" }] });
      const identities = await client.whoAmI();
      expect(identities).toContainEqual({ scheme: "digest", user: "ada" });
      expect(identities.map(({ scheme }) => scheme)).toContain("ip");
    });

    test("an unknown scheme of credentials ends the client", async () => {
      const use = async () => {
        await using client = await open({ credentials: [{ scheme: "nonsense", auth: "x" }] });
        await client.get("/");
      };
      expect(await codeOf(use())).toBe("auth_failed");
    });

    test("multi() does all or nothing, and checks version 0", async () => {
      await using client = await open();
      const results = await client.multi([
        { type: "create", path: "/a", data: bytes("0") },
        { type: "create", path: "/a/s-", sequential: true },
        { type: "set", path: "/a", data: bytes("1"), version: 0 },
        { type: "check", path: "/a", version: 1 },
        { type: "create", path: "/c", lifetime: { type: "container" } },
        { type: "create", path: "/t", lifetime: { type: "ttl", ttlMs: 60_000 } },
        { type: "create", path: "/d" },
        { type: "delete", path: "/d", version: 0 },
      ]);
      expect(results.map(({ type }) => type)).toEqual([
        "create",
        "create",
        "set",
        "check",
        "create",
        "create",
        "create",
        "delete",
      ]);
      expect(results[1]).toMatchObject({ path: "/a/s-0000000000" });
      expect(results[2]).toMatchObject({ stat: { version: 1 } });
      for (const operation of [
        { type: "set", path: "/a", data: bytes("2"), version: 0 },
        { type: "check", path: "/a", version: 0 },
        { type: "delete", path: "/a/s-0000000000", version: 7 },
      ] as const) {
        const failing = client.multi([{ type: "create", path: "/never" }, operation]);
        await expect(failing).rejects.toMatchObject({
          code: "bad_version",
          details: { index: 1, path: operation.path },
        });
      }
      expect(await codeOf(client.multi([{ type: "create", path: "/a" }]))).toBe("node_exists");
      expect(await client.exists("/never")).toBeUndefined();
      expect(await client.multi([])).toEqual([]);
    });

    test("all of a multi has one zxid", async () => {
      await using client = await open();
      await client.multi([
        { type: "create", path: "/a" },
        { type: "create", path: "/b" },
      ]);
      const [a, b] = [await client.get("/a"), await client.get("/b")];
      expect(a.stat.czxid).toBe(b.stat.czxid);
    });

    test("getMany() reads many at once, and says which are not there", async () => {
      await using client = await open();
      await client.create("/a", bytes("1"));
      await client.create("/n", null);
      const results = await client.getMany(["/a", "/none", "/n"]);
      expect(results[0]).toMatchObject({ path: "/a", data: bytes("1"), stat: { version: 0 } });
      expect(results[1]).toMatchObject({ path: "/none", error: { code: "no_node" } });
      expect(results[2]).toMatchObject({ path: "/n", data: null });
      expect(await client.getMany([])).toEqual([]);
    });

    test("answers come in the order of the requests", async () => {
      await using client = await open();
      await client.create("/a", bytes("0"));
      const sets = Array.from({ length: 500 }, (_, index) =>
        client.set("/a", bytes(String(index)), { version: index }),
      );
      const stats = await Promise.all(sets);
      expect(stats.at(-1)?.version).toBe(500);
      expect((await client.get("/a")).data).toEqual(bytes("499"));
    });

    test("sync() and lastZxid() let another client see what was written", async () => {
      await using writer = await open();
      await using reader = await ZooKeeper.connect(`${fixture.address}${root}`);
      await writer.create("/a");
      await reader.sync("/");
      const stat = await reader.exists("/a");
      expect(stat?.czxid).toBe(writer.lastZxid);
    });

    test("a persistent watch tells of its node and its children", async () => {
      await using client = await open();
      const events = client.watch("/a");
      expect(await events.next()).toMatchObject({ value: { type: "resync", cause: "armed" } });
      await client.create("/a");
      await client.create("/a/b");
      await client.set("/a", bytes("x"));
      await client.set("/a/b", bytes("x"));
      await client.delete("/a/b");
      await client.delete("/a");
      const told = [];
      for (let count = 0; count < 5; count += 1) told.push((await nextEvent(events)).type);
      expect(told).toEqual(["created", "children", "changed", "children", "deleted"]);
      await events.return(undefined);
    });

    test("a recursive watch tells of every node below", async () => {
      await using client = await open();
      const events = client.watch("/", { recursive: true });
      await events.next();
      await client.create("/a");
      await client.create("/a/b");
      await client.set("/a/b", bytes("x"));
      await client.delete("/a/b");
      const told = [];
      for (let count = 0; count < 4; count += 1) {
        const event = await nextEvent(events);
        told.push(`${event.type} ${event.path}`);
      }
      expect(told).toEqual(["created /a", "created /a/b", "changed /a/b", "deleted /a/b"]);
      await events.return(undefined);
    });

    test("a watch that is left is removed from the server, another on the path stays", async () => {
      await using client = await open();
      const kept = client.watch("/a", { recursive: true });
      const left = client.watch("/a");
      await kept.next();
      await left.next();
      expect(await client.isWatched("/a")).toBe(true);
      await left.return(undefined);
      await client.create("/a");
      expect(await nextEvent(kept)).toMatchObject({ type: "created", path: "/a" });
      await kept.return(undefined);
      expect(await client.isWatched("/a")).toBe(false);
    });

    test("a watch that nobody reads keeps so many events and then a resync", async () => {
      await using client = await open();
      const events = client.watch("/", { recursive: true, bufferMax: 4 });
      await events.next();
      for (let index = 0; index < 20; index += 1) await client.create(`/n${index}`);
      await client.sync();
      const told = [];
      for (let count = 0; count < 5; count += 1) told.push((await events.next()).value);
      expect(told.map((event) => event?.type)).toEqual([
        "created",
        "created",
        "created",
        "created",
        "resync",
      ]);
      expect(told[4]).toMatchObject({ cause: "overflow" });
      await events.return(undefined);
    });

    test("changed() tells one event of each kind", async () => {
      await using client = await open();
      const made = await client.changed("/a", "exists");
      await client.create("/a");
      expect(await made.event).toMatchObject({ type: "created", path: "/a" });
      const data = await client.changed("/a", "data");
      const children = await client.changed("/a", "children");
      await client.create("/a/b");
      expect(await children.event).toMatchObject({ type: "children", path: "/a" });
      await client.set("/a", bytes("x"));
      expect(await data.event).toMatchObject({ type: "changed", path: "/a" });
      await client.delete("/a/b");
      const gone = await client.changed("/a", "children");
      await client.delete("/a");
      expect(await gone.event).toMatchObject({ type: "deleted", path: "/a" });
      expect(await codeOf(client.changed("/a", "data"))).toBe("no_node");
    });

    test("close() takes the session's ephemerals with it at once", async () => {
      const client = await open();
      await client.create("/e", null, { lifetime: { type: "ephemeral" } });
      await using other = await ZooKeeper.connect(`${fixture.address}${root}`);
      await other.sync();
      expect(await other.exists("/e")).toBeDefined();
      await client.close();
      await client.close();
      await other.sync();
      expect(await other.exists("/e")).toBeUndefined();
      expect(await codeOf(client.get("/"))).toBe("client_closed");
    });

    test("a session is taken over by its ticket", async () => {
      const client = await open();
      await client.create("/e", null, { lifetime: { type: "ephemeral" } });
      const ticket = client.session;
      client.abandon();
      await using heir = await ZooKeeper.connect(`${fixture.address}${root}`, { session: ticket });
      expect(heir.session.id).toBe(ticket.id);
      expect((await heir.get("/e")).stat.ephemeralOwner).toBe(ticket.id);
    });

    test("a session that is not known is expired", async () => {
      const session = { id: 0x1234n, password: new Uint8Array(16) };
      const connecting = ZooKeeper.connect(fixture.address, { session });
      expect(await codeOf(connecting)).toBe("session_expired");
    });

    test("the server's own nodes stay, and are no place for a null byte's worth of trouble", async () => {
      for (const path of ["/", "/zookeeper", "/zookeeper/config", "/zookeeper/quota"]) {
        expect(await codeOf(zk.delete(path))).toBe("bad_arguments");
      }
      expect(await codeOf(zk.create("/"))).toBe("node_exists");
      expect(await codeOf(zk.set("/zookeeper/config", bytes("x")))).toBe("no_auth");
      expect((await zk.children("/zookeeper")).names.toSorted()).toEqual(["config", "quota"]);
    });

    test("getAcl() hides the hashes from whom may read and not administer", async () => {
      await using client = await open({ credentials: [{ scheme: "digest", auth: "ada:x" }] });
      const acl: Acl[] = [
        { permissions: PERMISSIONS.all, scheme: "auth", id: "" },
        { permissions: PERMISSIONS.read, scheme: "world", id: "anyone" },
      ];
      await client.create("/a", null, { acl });
      await using stranger = await ZooKeeper.connect(`${fixture.address}${root}`);
      expect((await stranger.getAcl("/a")).acl).toContainEqual({
        ...acl[0],
        scheme: "digest",
        id: "ada:x",
      });
      expect((await client.getAcl("/a")).acl[0]?.id).toMatch(/^ada:.{28}$/);
    });

    test("an ACL by address lets in whom it names", async () => {
      await using client = await open();
      const by = (id: string): Acl[] => [{ permissions: PERMISSIONS.all, scheme: "ip", id }];
      await client.create("/here", null, { acl: by("127.0.0.1") });
      await client.create("/near", null, { acl: by("127.0.0.0/8") });
      await client.create("/far", null, { acl: by("10.0.0.0/8") });
      const codes = ["/here", "/near", "/far"].map((path) => codeOf(client.get(path)));
      expect(await Promise.all(codes)).toEqual(["", "", "no_auth"]);
      expect(await codeOf(client.create("/b", null, { acl: by("127.0.0.1/33") }))).toBe(
        "invalid_acl",
      );
    });

    test("to delete a node is its parent's permission", async () => {
      await using client = await open();
      const without = (permission: number): Acl[] => [
        { permissions: PERMISSIONS.all - permission, scheme: "world", id: "anyone" },
      ];
      await client.create("/kept", null, { acl: without(PERMISSIONS.delete) });
      await client.create("/kept/a");
      expect(await codeOf(client.delete("/kept/a"))).toBe("no_auth");
      await client.create("/open");
      await client.create("/open/a", null, { acl: without(PERMISSIONS.delete) });
      await client.delete("/open/a");
      await client.create("/hidden", null, { acl: without(PERMISSIONS.read) });
      const hidden = [
        client.get("/hidden"),
        client.children("/hidden"),
        client.countBelow("/hidden"),
      ];
      for (const each of hidden) expect(await codeOf(each)).toBe("no_auth");
      expect(await client.exists("/hidden")).toBeDefined();
      const check = { type: "check", path: "/hidden", version: 0 } as const;
      expect(await codeOf(client.multi([check]))).toBe("no_auth");
      expect((await client.getMany(["/hidden"]))[0]).toMatchObject({ error: { code: "no_auth" } });
    });

    test("a multi that fails late takes back creations, changes and deletions", async () => {
      await using client = await open();
      await client.create("/a", bytes("0"));
      await client.create("/a/b");
      const before = await client.get("/a");
      const failing = client.multi([
        { type: "delete", path: "/a/b" },
        { type: "set", path: "/a", data: bytes("1") },
        { type: "create", path: "/a/s-", sequential: true, lifetime: { type: "ephemeral" } },
        { type: "check", path: "/none" },
      ]);
      await expect(failing).rejects.toMatchObject({ code: "no_node", details: { index: 3 } });
      expect(await client.get("/a")).toEqual(before);
      expect((await client.children("/a")).names).toEqual(["b"]);
      expect(await client.ephemerals("/")).toEqual([]);
      const { path } = await client.create("/a/s-", null, { sequential: true });
      expect(path).toBe("/a/s-0000000001");
    });

    test("classic watches that are armed again tell what was missed", async () => {
      await using other = await open();
      await using proxy = await TcpProxy.open(fixture.address);
      await using client = await ZooKeeper.connect(`${proxy.address}${root}`);
      for (const path of ["/data", "/children", "/gone", "/same"]) await other.create(path);
      await client.sync();
      const missed = [
        await client.changed("/data", "data"),
        await client.changed("/children", "children"),
        await client.changed("/gone", "data"),
        await client.changed("/new", "exists"),
      ];
      const later = await client.changed("/same", "data");
      proxy.refuse();
      for await (const { status } of client.states()) if (status === "suspended") break;
      await other.set("/data", bytes("x"));
      await other.create("/children/a");
      await other.delete("/gone");
      await other.create("/new");
      proxy.heal();
      const told = await Promise.all(missed.map(async ({ event }) => (await event).type));
      expect(told).toEqual(["changed", "children", "deleted", "created"]);
      await other.set("/same", bytes("x"));
      expect(await later.event).toMatchObject({ type: "changed", path: "/same" });
    });

    test("isWatched() tells kinds of watches apart", async () => {
      await using client = await open();
      await client.create("/a");
      await client.changed("/a", "data");
      expect(await client.isWatched("/a", "data")).toBe(true);
      expect(await client.isWatched("/a", "children")).toBe(false);
      await client.changed("/a", "children");
      expect(await client.isWatched("/a", "children")).toBe(true);
      expect(await client.isWatched("/b")).toBe(false);
    });

    test("a session whose client is silent expires, and its ephemerals go with it", async () => {
      await using other = await open();
      const place = `${fixture.address}${root}`;
      const client = await ZooKeeper.connect(place, { sessionTimeoutMs: 100 });
      await client.create("/e", null, { lifetime: { type: "ephemeral" } });
      const ticket = client.session;
      const gone = other.watch("/e");
      await gone.next();
      client.abandon();
      expect(await nextEvent(gone)).toMatchObject({ type: "deleted", path: "/e" });
      await gone.return(undefined);
      const heir = ZooKeeper.connect(place, { session: ticket });
      expect(await codeOf(heir)).toBe("session_expired");
    });

    test("a session is not taken over with another password", async () => {
      await using client = await open();
      const session = { id: client.session.id, password: new Uint8Array(16) };
      const thief = ZooKeeper.connect(fixture.address, { session });
      expect(await codeOf(thief)).toBe("session_expired");
      // A real server closes the owner's connection before it looks at the password: a write that
      // is under way just then is lost, the session is not.
      await expect.poll(() => codeOf(client.create("/a"))).toMatch(/^(node_exists)?$/);
    });

    test("reconfigure() is nothing for a server that stands alone", async ({ skip }) => {
      if (fixture.isEnsemble === true) skip();
      await using client = await open({
        credentials: [{ scheme: "digest", auth: fixture.superAuth }],
      });
      expect(await codeOf(client.reconfigure({ leaving: [1] }))).toBe("unimplemented");
    });

    test("a request that is aborted, late or too large is refused, and the next one goes on", async () => {
      await using client = await open({ requestBytesMax: 10_000, requestsMax: 3 });
      const signal = AbortSignal.abort(new FairleadError("aborted", "Cannot go on: enough"));
      expect(await codeOf(client.get("/", { signal }))).toBe("aborted");
      const large = client.create("/a", new Uint8Array(10_001));
      expect(await codeOf(large)).toBe("request_too_large");
      const codes = await Promise.all(Array.from({ length: 4 }, () => codeOf(client.exists("/"))));
      expect(codes).toEqual(["", "", "", "too_many_requests"]);
      expect(await client.exists("/a")).toBeUndefined();
    });

    test("the largest node that a server takes is written and read", async () => {
      await using client = await open();
      const large = new Uint8Array(990_000).map((_, index) => index % 251);
      await client.create("/large", large);
      const { data } = await client.get("/large");
      expect(Buffer.compare(data ?? large.subarray(1), large)).toBe(0);
    });

    test("a node of 5,000 children is listed", async () => {
      await using client = await open();
      const names = Array.from({ length: 5_000 }, (_, index) => `child-${index}`);
      await client.multi(names.map((name) => ({ type: "create", path: `/${name}` }) as const));
      const { names: listed, stat } = await client.children("/");
      expect(listed.toSorted()).toEqual(names.toSorted());
      expect(stat).toMatchObject({ childrenCount: 5_000, cversion: 5_000 });
    });
  });
}
