/** Clients of an application: they write, lose connections, and go where they are sent. */
import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { FairleadError, type Random } from "fairlead/base";
import { ZooKeeper } from "fairlead/zookeeper/node";
import { type Call, type SideName, textOf } from "./history.ts";
import {
  type Behaviour,
  bytes,
  churn,
  counter,
  group,
  isRefusal,
  member,
  type Place,
  queue,
  register,
  type Turn,
} from "./lanes.ts";
import type { Recorder } from "./recorder.ts";

const SESSION_MS = 4_000;
const REQUEST_MS = 2_500;
const PAUSE_MS = 25;

/** Where the nodes of an application are. */
export function layoutOf(root: string) {
  const many = (parent: string, count: number) =>
    Array.from({ length: count }, (_, index) => `${root}/${parent}/${index}`);
  return {
    counters: many("counters", 2),
    groups: [many("pair", 2), many("few", 7), many("hundred", 95)],
    queue: `${root}/queue`,
    slots: `${root}/slots`,
    churn: `${root}/churn`,
    members: `${root}/members`,
    locks: `${root}/locks`,
    leaders: `${root}/leaders`,
    critical: `${root}/critical`,
    storm: many("storm", 8),
  };
}

/** Clients are sent elsewhere by ending their stay. */
export interface Stay {
  readonly side: SideName;
  readonly ending: AbortController;
}

/** What lanes of all kinds share. */
export interface Options {
  readonly root: string;
  /** Where the migration keeps its cursor. */
  readonly cursorPath: string;
  readonly random: Random;
  /** Connect strings of clients, by side. */
  readonly places: Readonly<Record<SideName, string>>;
  readonly recorder: Recorder;
}

/** A stay; many wait for its end. */
function stayOn(side: SideName): Stay {
  const ending = new AbortController();
  setMaxListeners(0, ending.signal);
  return { side, ending };
}

/** The lanes that write by themselves; holders of locks are in `holders.ts`. */
export class Application {
  readonly #options: Options;
  readonly #lanes: Promise<void>[] = [];
  #stay: Stay = stayOn("a");
  readonly #leaving = new Map<Promise<unknown>, SideName>();
  /** Lanes that write by themselves. */
  readonly #writers: Promise<void>[] = [];
  #isFinishing = false;
  #isOver = false;

  constructor(options: Options) {
    this.#options = options;
    const { root, random } = options;
    const at = layoutOf(root);
    const behaviours: [string, Behaviour][] = [
      ...[0, 1, 2].map((index): [string, Behaviour] => [`register-${index}`, register]),
      ...[0, 1, 2].map((it): [string, Behaviour] => [
        `counter-${it}`,
        counter(at.counters, random),
      ]),
      ...at.groups.map((paths, index): [string, Behaviour] => [`group-${index}`, group(paths)]),
      ...[0, 1].map((index): [string, Behaviour] => [`queue-${index}`, queue(at.queue)]),
      ...[0, 1].map((index): [string, Behaviour] => {
        return [`churn-${index}`, churn(`${at.churn}/${index}`, random)];
      }),
      ...[0, 1].map((it): [string, Behaviour] => [`member-${it}`, member(`${at.members}/${it}`)]),
    ];
    for (const [lane, behaviour] of behaviours) {
      const running = new Lane(lane, behaviour, this.#options);
      const visit = (place: Place) => running.run(place, () => this.#isFinishing);
      this.#writers.push(this.#live(lane, visit));
    }
  }

  get stay(): Stay {
    return this.#stay;
  }

  get side(): SideName {
    return this.#stay.side;
  }

  /** Take part: `visit` is called for each stay, until the application ends. */
  run(lane: string, visit: (place: Place) => Promise<void>): void {
    const stays = async (place: Place) => {
      await visit(place);
      return false;
    };
    this.#lanes.push(this.#live(lane, stays));
  }

  /** Send all clients elsewhere; resolves when each has left where it was. Twice is harmless. */
  async move(side: SideName): Promise<void> {
    if (side !== this.#stay.side) {
      const { ending } = this.#stay;
      this.#stay = stayOn(side);
      ending.abort(new FairleadError("connection_loss", "Cannot go on: the client moves"));
    }
    // Told twice, it finds visits of this side, too: they last.
    const others = [...this.#leaving].filter(([, place]) => place !== side);
    await Promise.all(others.map(([visiting]) => visiting));
  }

  /** Let every lane find out what became of its last write, then end all of them. */
  async finish(): Promise<void> {
    this.#isFinishing = true;
    await Promise.all(this.#writers);
    this.#isOver = true;
    this.#stay.ending.abort(new FairleadError("connection_loss", "Cannot go on: it is over"));
    await Promise.all(this.#lanes);
  }

  /** Visits until one says that it was the last. */
  async #live(lane: string, visit: (place: Place) => Promise<boolean>): Promise<void> {
    for (let isLast = false; !isLast && !this.#isOver; ) {
      const { side, ending } = this.#stay;
      const visiting = this.#visit(side, ending.signal, visit);
      this.#leaving.set(visiting, side);
      isLast = await visiting.catch((error: unknown) => {
        throw new Error(`lane ${lane} ended`, { cause: error });
      });
      this.#leaving.delete(visiting);
    }
  }

  /** With one client: until the stay ends, or the session. */
  async #visit(
    side: SideName,
    signal: AbortSignal,
    visit: (place: Place) => Promise<boolean>,
  ): Promise<boolean> {
    const zk = ZooKeeper.open(this.#options.places[side], {
      sessionTimeoutMs: SESSION_MS,
      requestTimeoutMs: REQUEST_MS,
    });
    const isLast = await visit({ zk, side, signal });
    await zk.close();
    return isLast;
  }
}

/** One lane: every write of it sets its own slot too, which tells what became of it. */
class Lane {
  readonly #name: string;
  readonly #behaviour: Behaviour;
  readonly #options: Options;
  readonly #slot: string;
  /** No two writes of a lane ask for the same text. */
  #count = 0;

  constructor(name: string, behaviour: Behaviour, options: Options) {
    this.#name = name;
    this.#behaviour = behaviour;
    this.#options = options;
    this.#slot = `${layoutOf(options.root).slots}/${name}`;
  }

  /** Resolves to whether it is done for good: then nothing of it is unknown. */
  async run(place: Place, isFinishing: () => boolean): Promise<boolean> {
    const { random } = this.#options;
    while (!place.signal.aborted && place.zk.state.status !== "ended") {
      try {
        await this.#resolve(place);
        if (isFinishing()) return true;
        const turn = await this.#behaviour(place, this.#next());
        if (turn !== undefined) await this.#write(place, turn);
      } catch (error) {
        if (!(error instanceof FairleadError)) throw error;
        await sleep(PAUSE_MS, undefined, { signal: place.signal }).catch(() => undefined);
      }
      const pauseMs = random.int(PAUSE_MS * 2);
      await sleep(pauseMs, undefined, { signal: place.signal }).catch(() => undefined);
    }
    return false;
  }

  #numbers() {
    const { numbers } = this.#options.recorder;
    const found = numbers.get(this.#name) ?? { told: 0, asked: 0 };
    numbers.set(this.#name, found);
    return found;
  }

  #next(): string {
    return `${this.#name}:${this.#count + 1}`;
  }

  async #write({ zk, side, signal }: Place, { kind, operations, writes, made }: Turn) {
    const { calls } = this.#options.recorder;
    const text = this.#next();
    const numbers = this.#numbers();
    this.#count += 1;
    numbers.asked = this.#count;
    const slot = { type: "set", path: this.#slot, data: bytes(text) } as const;
    const all = [...writes, { path: this.#slot, text }];
    const calledMs = performance.now();
    const told = { lane: this.#name, kind, side, calledMs, writes: all };
    try {
      const results = await zk.multi([...operations, slot], { signal });
      const set = results.at(-1);
      const zxid = set?.type === "set" ? set.stat.mzxid : undefined;
      calls.push({ ...told, answeredMs: performance.now(), outcome: "ok", zxid });
      numbers.told = numbers.asked;
      made?.(results.flatMap((each) => (each.type === "create" ? [each.path] : [])));
    } catch (error) {
      const outcome = isRefusal(error) ? "failed" : "unknown";
      calls.push({ ...told, answeredMs: performance.now(), outcome });
      if (outcome === "failed") numbers.asked = numbers.told;
      throw error;
    }
  }

  /** Find out what became of the last write, if its answer was lost: the slot says it. */
  async #resolve({ zk, signal }: Place): Promise<void> {
    const { calls } = this.#options.recorder;
    const index = calls.findLastIndex(({ lane }) => lane === this.#name);
    const last = calls[index];
    if (last?.outcome !== "unknown" || last.isDone !== undefined) return;
    await zk.sync("/", { signal });
    const { data } = await zk.get(this.#slot, { signal });
    const asked = last.writes.at(-1)?.text;
    const isDone = textOf(data) === asked;
    const found: Call = { ...last, isDone, answeredMs: performance.now() };
    calls[index] = found;
    const numbers = this.#numbers();
    if (isDone) numbers.told = numbers.asked;
    else numbers.asked = numbers.told;
  }
}
