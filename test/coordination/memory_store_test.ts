import { SeededRandom, VirtualClock } from "fairlead/base";
import { type MemoryStore, MemoryTree, type SessionState } from "fairlead/coordination";
import { describe, expect, test } from "vitest";
import { codeOf, reader } from "./conformance.ts";

const TIMEOUT_MS = 6_000;

/** A tree and stores on virtual time; every message takes 5 ms each way. */
function simulated() {
  const clock = new VirtualClock();
  const tree = new MemoryTree({ clock });
  const connect = () =>
    tree.connect({ sessionTimeoutMs: TIMEOUT_MS, latencyMs: { min: 5, max: 5 } });
  /** Let an act end, moving time by at most `withinMs`. */
  async function finish<T>(act: Promise<T>, withinMs = 60_000): Promise<T> {
    let isDone = false;
    const settled = () => {
      isDone = true;
    };
    act.then(settled, settled);
    for (let waitedMs = 0; !isDone && waitedMs <= withinMs; waitedMs += 5) await clock.advance(5);
    if (!isDone) throw new Error(`Not done within ${withinMs} ms`);
    return act;
  }
  return { clock, tree, connect, finish };
}

/** Collects the states of a session. */
function statesOf(store: MemoryStore): SessionState["status"][] {
  const states: SessionState["status"][] = [];
  void (async () => {
    for await (const { status } of store.session.changes()) states.push(status);
  })();
  return states;
}

/** Let every reader read. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

function idOf(store: MemoryStore): bigint {
  const { state } = store.session;
  if (state.status === "connected" || state.status === "suspended") return state.id;
  throw new Error(`The session is ${state.status}`);
}

describe("without a simulated network", () => {
  test("expire() ends the session and begins another", async () => {
    const tree = new MemoryTree();
    await using store = tree.connect();
    const states = statesOf(store);
    const first = idOf(store);
    await store.create("/mine", undefined, { ephemeral: true });
    store.faults.expire();
    expect(store.session.isAlive(first)).toBe(false);
    expect(idOf(store)).not.toBe(first);
    expect(await store.exists("/mine")).toBeUndefined();
    await turn();
    expect(states).toEqual(["connected", "expired", "connecting", "connected"]);
  });

  test("cut() makes calls wait until heal(); the session lives on", async () => {
    await using store = new MemoryTree().connect();
    const id = idOf(store);
    const watch = reader(store.watch("/a"));
    await watch.next();
    store.faults.cut();
    const created = store.create("/a");
    expect(store.session.state.status).toBe("suspended");
    expect(store.session.isAlive(id)).toBe(true);
    store.faults.heal();
    expect(await created).toBe("/a");
    expect(idOf(store)).toBe(id);
    expect(await watch.take(2)).toEqual(["resync reconnected", "created /a"]);
  });

  test("drop() loses the connection and connects again", async () => {
    await using store = new MemoryTree().connect();
    const states = statesOf(store);
    const watch = reader(store.watch("/a"));
    await watch.next();
    store.faults.drop();
    expect(await watch.next()).toBe("resync reconnected");
    await turn();
    expect(states).toEqual(["connected", "suspended", "connected"]);
  });

  test.each([
    ["done", 1],
    ["not_done", 0],
  ] as const)("failCalls() loses answers of calls that were %s", async (outcome, nodes) => {
    await using store = new MemoryTree().connect();
    store.faults.failCalls(2, outcome);
    expect(await codeOf(store.create("/a"))).toBe("store_unavailable");
    expect(await codeOf(store.get("/a"))).toBe("store_unavailable");
    expect((await store.list("/"))?.length).toBe(nodes);
  });

  test("crash() ends everything without a word", async () => {
    const tree = new MemoryTree();
    const store = tree.connect();
    await store.create("/mine", undefined, { ephemeral: true });
    store.faults.crash();
    expect(tree.sessions).toBe(0);
    expect(tree.tree.size).toBe(1);
    expect(await codeOf(store.get("/mine"))).toBe("store_closed");
  });

  test("a call too many is refused", async () => {
    await using store = new MemoryTree({ limits: { callsMax: 2 } }).connect();
    store.faults.cut();
    const waiting = [store.get("/a"), store.get("/b")];
    expect(await codeOf(store.get("/c"))).toBe("store_busy");
    store.faults.heal();
    await Promise.all(waiting);
    expect(await store.get("/c")).toBeUndefined();
  });
});

describe("over a simulated network", () => {
  test("a call takes a latency each way", async () => {
    const { clock, connect, finish } = simulated();
    const store = connect();
    await finish(store.sync());
    expect(clock.nowMs()).toBe(20);
    await finish(store.close());
    expect(clock.nowMs()).toBe(30);
  });

  test("heartbeats keep a session that says nothing else", async () => {
    const { clock, tree, connect, finish } = simulated();
    const store = connect();
    await finish(store.sync());
    const id = idOf(store);
    await clock.advance(20 * TIMEOUT_MS);
    expect(store.session.isAlive(id)).toBe(true);
    expect(tree.sessions).toBe(1);
    await finish(store.close());
    expect(tree.sessions).toBe(0);
    expect(clock.sleeping).toBe(0);
  });

  test("a short cut delays calls and costs nothing else", async () => {
    const { clock, connect, finish } = simulated();
    const store = connect();
    await finish(store.sync());
    const states = statesOf(store);
    store.faults.cut();
    const created = store.create("/a");
    await clock.advance(TIMEOUT_MS / 3);
    store.faults.heal();
    expect(await finish(created)).toBe("/a");
    expect(states).toEqual(["connected"]);
    await finish(store.close());
  });

  test("a longer cut suspends; what was sent fails, what waits is done later", async () => {
    const { clock, connect, finish } = simulated();
    const store = connect();
    await finish(store.sync());
    const id = idOf(store);
    store.faults.cut();
    const sent = codeOf(store.create("/sent"));
    await clock.advance((TIMEOUT_MS * 5) / 6);
    expect(store.session.state.status).toBe("suspended");
    expect(await sent).toBe("store_unavailable");
    const waiting = store.create("/waiting");
    store.faults.heal();
    expect(await finish(waiting)).toBe("/waiting");
    expect(idOf(store)).toBe(id);
    expect(await finish(store.exists("/sent"))).toBeUndefined();
    await finish(store.close());
  });

  test("an answer that is lost leaves the call done", async () => {
    const { clock, tree, connect, finish } = simulated();
    const store = connect();
    await finish(store.sync());
    const sent = codeOf(store.create("/sent"));
    await clock.advance(5);
    expect(tree.tree.size).toBe(2);
    store.faults.drop();
    expect(await sent).toBe("store_unavailable");
    expect(await finish(store.exists("/sent"))).toBeDefined();
    await finish(store.close());
  });

  test("a session ends at the client before the tree can end it", async () => {
    const { clock, tree, connect, finish } = simulated();
    const store = connect();
    await finish(store.create("/mine", undefined, { ephemeral: true }));
    const id = idOf(store);
    store.faults.cut();
    for (let nowMs = 0; nowMs < 2 * TIMEOUT_MS; nowMs += 1) {
      await clock.advance(1);
      if (tree.tree.size === 1) expect(store.session.isAlive(id)).toBe(false);
    }
    expect(tree.tree.size).toBe(1);
    expect(store.session.state.status).toBe("connecting");
    store.faults.heal();
    await finish(store.sync());
    expect(idOf(store)).not.toBe(id);
    await finish(store.close());
  });

  test("a stopped process knows at once that its session may be over", async () => {
    const { clock, tree, connect, finish } = simulated();
    const store = connect();
    await finish(store.create("/mine", undefined, { ephemeral: true }));
    const id = idOf(store);
    const states = statesOf(store);
    store.faults.pause();
    await clock.advance(TIMEOUT_MS + 10);
    expect(tree.tree.size).toBe(1);
    expect(store.session.isAlive(id)).toBe(false);
    store.faults.resume();
    expect(store.session.isAlive(id)).toBe(false);
    await finish(store.sync());
    expect(states).toContain("expired");
    expect(await finish(store.exists("/mine"))).toBeUndefined();
    await finish(store.close());
  });

  test("calls that wait when the session expires are not done in the next one", async () => {
    const { clock, connect, finish } = simulated();
    const store = connect();
    await finish(store.sync());
    store.faults.cut();
    await clock.advance((TIMEOUT_MS * 5) / 6);
    const waiting = codeOf(store.create("/a"));
    await clock.advance(TIMEOUT_MS);
    expect(await waiting).toBe("session_expired");
    store.faults.heal();
    expect(await finish(store.exists("/a"))).toBeUndefined();
    await finish(store.close());
  });

  test("after a crash the tree finds out by the timeout", async () => {
    const { clock, tree, connect, finish } = simulated();
    const [store, other] = [connect(), connect()];
    await finish(store.create("/mine", undefined, { ephemeral: true }));
    store.faults.crash();
    await clock.advance(TIMEOUT_MS / 2);
    expect(await finish(other.exists("/mine"))).toBeDefined();
    await clock.advance(TIMEOUT_MS);
    expect(await finish(other.exists("/mine"))).toBeUndefined();
    await finish(other.close());
    expect(tree.sessions).toBe(0);
    expect(clock.sleeping).toBe(0);
  });

  test("messages of one connection stay in order, whatever their latencies", async () => {
    const clock = new VirtualClock();
    const tree = new MemoryTree({ clock });
    const random = new SeededRandom(3);
    const latencyMs = { min: 1, max: 50 };
    const store = tree.connect({ sessionTimeoutMs: TIMEOUT_MS, latencyMs, random });
    const made = Array.from({ length: 20 }, () =>
      store.create("/n-", undefined, { sequential: true }),
    );
    await clock.advance(500);
    expect(await Promise.all(made)).toEqual(
      Array.from({ length: 20 }, (_, index) => `/n-${String(index).padStart(10, "0")}`),
    );
    const closed = store.close();
    await clock.advance(500);
    await closed;
  });

  test("a session timeout is checked", () => {
    expect(() => new MemoryTree().connect({ sessionTimeoutMs: 0 })).toThrow("sessionTimeoutMs");
  });
});
