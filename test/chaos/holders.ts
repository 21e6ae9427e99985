/** Clients that hold locks and leaderships, switch servers in place, read, and write in storms. */
import { setTimeout as sleep } from "node:timers/promises";
import { FairleadError, type Random } from "fairlead/base";
import { acquireLock, elect, type Holding as Held, type Store } from "fairlead/coordination";
import { ZooKeeperStore } from "fairlead/coordination/node";
import { ZooKeeper } from "fairlead/zookeeper/node";
import { type Application, layoutOf, type Options } from "./application.ts";
import { type Call, readCursor, textOf } from "./history.ts";
import { bytes, isRefusal, type Place } from "./lanes.ts";

const SESSION_MS = 4_000;
const SAMPLE_MS = 4;
const EXPIRY_MAX_MS = 5_000;
const STORM_WRITES = 1_500;

/** A way to come to hold something. */
interface Recipe {
  readonly resource: string;
  readonly holdMs: (random: Random) => number;
  take(store: Store, lane: string, signal: AbortSignal): Promise<Held>;
}

function recipes(root: string): Recipe[] {
  const at = layoutOf(root);
  return [
    {
      resource: at.locks,
      holdMs: (random) => random.int(60),
      take: (store, lane, signal) => acquireLock(store, at.locks, { data: bytes(lane), signal }),
    },
    {
      resource: at.leaders,
      holdMs: (random) => 300 + random.int(2_000),
      take: (store, lane, signal) => elect(store, at.leaders, { data: bytes(lane), signal }),
    },
  ];
}

/** Where holders of a lock and leaders write what only they may write. */
export function criticalPaths(root: string): string[] {
  return recipes(root).map(({ resource }) => `${root}/critical${resource.slice(root.length)}`);
}

/** Add to an application what holds, switches, reads and storms. */
export function addHolders(application: Application, options: Options): void {
  for (const [index, recipe] of recipes(options.root).entries()) {
    for (const number of [0, 1, 2]) {
      const lane = `${index === 0 ? "lock" : "leader"}-${number}`;
      const holder = new Holder(lane, recipe, options);
      application.run(lane, (place) => holder.run(place));
    }
  }
  application.run("switcher", (place) => switchOver(place, options));
  application.run("reader", (place) => readGroups(place, options));
}

/** Takes what it can, writes while it has it, gives it up. */
class Holder {
  readonly #lane: string;
  readonly #recipe: Recipe;
  readonly #options: Options;
  #turns = 0;

  constructor(lane: string, recipe: Recipe, options: Options) {
    this.#lane = lane;
    this.#recipe = recipe;
    this.#options = options;
  }

  async run(place: Place): Promise<void> {
    const { places } = this.#options;
    const { signal } = place;
    try {
      const options = { sessionTimeoutMs: SESSION_MS, signal };
      await using store = await ZooKeeperStore.connect(places[place.side], options);
      while (!signal.aborted) {
        await this.#turn(store, place).catch(later);
        await sleep(20, undefined, { signal }).catch(() => undefined);
      }
    } catch (error) {
      later(error);
    }
  }

  async #turn(store: Store, { side, signal }: Place): Promise<void> {
    const { random, recorder, root } = this.#options;
    const { resource, holdMs, take } = this.#recipe;
    const held = await take(store, this.#lane, signal);
    this.#turns += 1;
    const turn = `${this.#lane}#${this.#turns}`;
    const path = `${root}/critical${resource.slice(root.length)}`;
    const fromMs = performance.now();
    const giveUpMs = fromMs + holdMs(random);
    let untilMs = fromMs;
    try {
      while (held.held && !signal.aborted && performance.now() < giveUpMs) {
        untilMs = performance.now();
        const write = { type: "set", path, value: bytes(turn) } as const;
        await Promise.race([store.multi([held.fence, write], { signal }), sleep(SAMPLE_MS)]);
      }
      if (held.held) untilMs = performance.now();
    } finally {
      recorder.holdings.push({ resource, lane: this.#lane, side, fromMs, untilMs });
      const leaving = Promise.resolve(held[Symbol.asyncDispose]());
      // Who is sent away does not wait for servers that are shut: its session goes with its client.
      if (signal.aborted) leaving.catch(() => undefined);
      else await leaving;
    }
  }
}

/** What goes wrong on the way is met again; what is no error of the store's is a fault of ours. */
function later(error: unknown): void {
  if (!(error instanceof FairleadError)) throw error;
}

/** A client whose servers become others under it: its session must be told to be expired. */
async function switchOver(place: Place, { places, recorder }: Options): Promise<void> {
  const { zk, side, signal } = place;
  await zk.connected({ signal }).catch(later);
  await gone(signal);
  if (zk.state.status !== "connected") return;
  const fromMs = performance.now();
  zk.updateServers(places[side === "a" ? "b" : "a"]);
  zk.reconnect();
  const ended = (async () => {
    for await (const state of zk.states()) if (state.status === "ended") return state.cause.code;
    return "none";
  })();
  const code = await Promise.race([ended, sleep(EXPIRY_MAX_MS, "none")]);
  if (side === "a" && code === "session_expired")
    recorder.expiries.push(performance.now() - fromMs);
}

function gone(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Reads groups of the target in one request each, at any time. */
async function readGroups(place: Place, options: Options): Promise<void> {
  const { signal } = place;
  const zk = ZooKeeper.open(options.places.b, {
    sessionTimeoutMs: SESSION_MS,
    requestTimeoutMs: 2_500,
    // The cursor is shut to clients.
    credentials: [{ scheme: "digest", auth: "super:secret" }],
  });
  while (!signal.aborted && zk.state.status !== "ended") {
    await readGroup(zk, options, signal).catch(later);
    await sleep(5, undefined, { signal }).catch(() => undefined);
  }
  await zk.close();
}

/** A copy is made in more than one step, and says so; behind it no group is ever half there. */
async function readGroup(
  zk: ZooKeeper,
  { recorder, root, random, cursorPath }: Options,
  signal: AbortSignal,
): Promise<void> {
  const { groups } = layoutOf(root);
  const paths = groups[random.int(groups.length)] ?? [];
  const [cursor, ...read] = await zk.getMany([cursorPath, ...paths], { signal });
  if (cursor === undefined || cursor.error !== undefined) return;
  if (readCursor(cursor.data).phase === "bootstrap") return;
  const texts = read.map((node) => (node.error === undefined ? textOf(node.data) : "none"));
  recorder.reads += 1;
  if (new Set(texts).size > 1) recorder.torn.push([...new Set(texts)].join(" and "));
}

/** Writes as fast as they can be sent, again when they are refused: what hits a fence. */
export async function storm(
  place: Place,
  { root, recorder }: Pick<Options, "root" | "recorder">,
): Promise<void> {
  const { zk, side, signal } = place;
  const paths = layoutOf(root).storm;
  const one = async (index: number): Promise<void> => {
    const path = paths[index % paths.length] ?? "";
    const text = `${side} ${index} ${performance.now()}`;
    const told = { lane: "storm", kind: "storm", side, calledMs: performance.now() };
    const done = (rest: Pick<Call, "outcome" | "zxid">) =>
      recorder.calls.push({
        ...told,
        answeredMs: performance.now(),
        writes: [{ path, text }],
        ...rest,
      });
    for (let tries = 0; tries < 3 && !signal.aborted; tries += 1) {
      try {
        const { mzxid: zxid } = await zk.set(path, bytes(text), { signal });
        done({ outcome: "ok", zxid });
        return;
      } catch (error) {
        if (!(error instanceof FairleadError)) throw error;
        done({ outcome: isRefusal(error) ? "failed" : "unknown" });
        if (!isRefusal(error)) return;
      }
    }
  };
  await Promise.all(Array.from({ length: STORM_WRITES }, (_, index) => one(index)));
}
