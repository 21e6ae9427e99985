/** One hour of faults on virtual time: what must hold is that nothing stops publishing. */
import { describe, expect, test } from "vitest";
import { type Clock, type Random, SeededRandom, VirtualClock } from "../../src/base/mod.ts";
import { makeReport, Probe, Publisher, type Reporter } from "../../src/probe/mod.ts";
import { plainCodec } from "./support/plain_codec.ts";
import { SimCollector } from "./support/sim_collector.ts";

const HOUR_MS = 3_600_000;
const INTERVAL_MS = 3_000;

/** A clock whose time of day is set by hours, while what sleeps is woken in time. */
class SetClock implements Clock {
  readonly #clock: VirtualClock;
  offsetMs = 0;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  nowMs(): number {
    return this.#clock.nowMs() + this.offsetMs;
  }

  sleep(ms: number, options?: { readonly signal?: AbortSignal | undefined }): Promise<void> {
    return this.#clock.sleep(ms, options);
  }
}

interface Period {
  readonly fromMs: number;
  readonly toMs: number;
}

interface World {
  readonly clock: VirtualClock;
  readonly dice: Random;
  readonly endMs: number;
}

/** Something goes wrong and right again, at times that the seed decides. */
async function disturb(
  { clock, dice, endMs }: World,
  set: (isWrong: boolean) => void,
): Promise<Period[]> {
  const periods: Period[] = [];
  for (;;) {
    await clock.sleep(60_000 + dice.next() * 600_000);
    const fromMs = clock.nowMs();
    if (fromMs >= endMs) return periods;
    set(true);
    await clock.sleep(1_000 + dice.next() * 240_000);
    set(false);
    periods.push({ fromMs, toMs: clock.nowMs() });
  }
}

async function runHour(seed: number) {
  const clock = new VirtualClock(10 * HOUR_MS);
  const startMs = clock.nowMs();
  const machine = new SetClock(clock);
  const world = { clock, dice: new SeededRandom(seed), endMs: startMs + HOUR_MS };
  const [collector, stranger] = [
    new SimCollector(clock, "right"),
    new SimCollector(clock, "wrong"),
  ];
  stranger.mood = "down";
  let dns: "right" | "wrong" | "broken" = "right";
  let [isDiskFull, isSocketHung] = [false, false];
  const resolve = async () => {
    if (dns === "broken") throw new Error("server failure");
    return [dns === "right" ? collector : stranger];
  };
  const random = new SeededRandom(seed + 1);
  const addresses = ["collector"];
  const publisher = new Publisher({ addresses, resolve, clock: machine, random });
  const docker: Reporter = {
    name: "docker",
    report: async ({ signal }) => {
      if (!isSocketHung) return makeReport({});
      return new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason)),
      );
    },
  };
  const disk: Reporter = {
    name: "disk",
    report: async () => {
      if (isDiskFull) throw new Error("ENOSPC: no space left on device");
      return makeReport({});
    },
  };
  const probe = new Probe({
    hostId: "h",
    reporters: [docker, disk],
    publisher,
    ...plainCodec(),
    clock: machine,
    random,
    onTrouble: () => {
      if (isDiskFull) throw new Error("ENOSPC: no space left on device");
    },
  });
  const down = disturb(world, (isWrong) => {
    const silent = world.dice.next() < 0.3;
    collector.mood = isWrong ? (silent ? "silent" : "down") : "up";
  });
  const lost = disturb(world, (isWrong) => {
    dns = isWrong ? (world.dice.next() < 0.5 ? "wrong" : "broken") : "right";
  });
  const others = [
    disturb(world, (isWrong) => {
      isDiskFull = isWrong;
    }),
    disturb(world, (isWrong) => {
      isSocketHung = isWrong;
    }),
    disturb(world, () => {
      machine.offsetMs = (world.dice.next() < 0.5 ? -1 : 1) * HOUR_MS;
    }),
  ];
  await clock.advance(HOUR_MS + 900_000);
  const faults = [...(await down), ...(await lost)];
  await Promise.all(others);
  await probe[Symbol.asyncDispose]();
  return { startMs, faults, received: collector.received.map(({ atMs }) => atMs), clock };
}

/** The intervals in which a collector was there all the time, and how many got no report. */
function missed(startMs: number, faults: readonly Period[], received: readonly number[]) {
  const counts = { intervals: 0, missed: 0 };
  for (let fromMs = startMs; fromMs < startMs + HOUR_MS; fromMs += INTERVAL_MS) {
    const toMs = fromMs + INTERVAL_MS;
    if (faults.some((fault) => fault.fromMs < toMs && fault.toMs > fromMs)) continue;
    counts.intervals += 1;
    if (!received.some((atMs) => atMs >= fromMs && atMs < toMs)) counts.missed += 1;
  }
  return counts;
}

describe("an hour of faults", () => {
  test("publishes in 99.9 % of the intervals in which a collector is there", async () => {
    const sum = { intervals: 0, missed: 0, faults: 0 };
    for (let seed = 1; seed <= 4; seed += 1) {
      const { startMs, faults, received, clock } = await runHour(seed);
      const counts = missed(startMs, faults, received);
      sum.intervals += counts.intervals;
      sum.missed += counts.missed;
      sum.faults += faults.length;
      expect(clock.sleeping, `seed ${seed}`).toBe(0);
    }
    expect(sum.faults).toBeGreaterThan(30);
    expect(sum.intervals).toBeGreaterThan(2_000);
    expect(1 - sum.missed / sum.intervals, JSON.stringify(sum)).toBeGreaterThanOrEqual(0.999);
  }, 300_000);
});
