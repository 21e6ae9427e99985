/**
 * `npm run -s soak:probe -- --minutes 10`: a real probe and a real collector, while the collector is
 * killed and frozen, a name does not resolve, the runtime's socket hangs, the log's disk is full and
 * the clock is set by an hour.
 *
 * Exit codes: 0 it published in 99.9 % of the intervals in which a collector was there; 1 it did
 * not, or it died.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Command, InvalidArgumentError } from "commander";
import { type Random, SeededRandom } from "fairlead/base";
import { CollectorProcess, openGate, openRuntime, startProbeProcess } from "./processes.ts";
import { scoreOf } from "./score.ts";

interface Flags {
  readonly minutes: number;
  readonly seed: number;
}

const INTERVAL_MS = 3_000;
const HOUR_MS = 3_600_000;
const RATIO_MIN = 0.999;
const WARM_MS = 6_000;

function numberOf(text: string): number {
  const number = Number(text);
  if (text !== "" && number >= 0.5 && number <= 10_000) return number;
  throw new InvalidArgumentError("it must be a number from 0.5 to 10,000.");
}

const flags = new Command("soak:probe")
  .description("Run a probe while everything around it fails, and count what it published.")
  .option("--minutes <n>", "how long", numberOf, 10)
  .option("--seed <n>", "decides which faults there are", numberOf, 1)
  .parse()
  .opts<Flags>();

/** Go wrong and right again until time is over. */
async function disturb(
  dice: Random,
  untilMs: number,
  fault: { readonly everyMs: number; readonly forMs: number },
  act: () => Promise<() => unknown>,
): Promise<number> {
  for (let faults = 0; ; faults += 1) {
    const waitMs = fault.everyMs * (0.5 + dice.next());
    if (performance.now() + waitMs + fault.forMs >= untilMs) {
      await sleep(Math.max(0, untilMs - performance.now()));
      return faults;
    }
    await sleep(waitMs);
    const undo = await act();
    await sleep(fault.forMs * (0.3 + 0.7 * dice.next()));
    await undo();
  }
}

/** The time of a process on the processor, and its memory. */
function useOf(pid: number) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const resident = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]) * 4_096;
  return { seconds: (Number(fields[11]) + Number(fields[12])) / 100, mb: resident / 2 ** 20 };
}

async function soak({ minutes, seed }: Flags) {
  const dice = new SeededRandom(seed);
  const folder = mkdtempSync(join(tmpdir(), "fairlead-soak-"));
  const takenMs: number[] = [];
  const up: { fromMs: number; toMs: number }[] = [];
  const collector = new CollectorProcess();
  await collector.start();
  const gate = await openGate(collector, () => takenMs.push(performance.now()));
  const runtime = await openRuntime(join(folder, "engine.sock"));
  const names = [`127.0.0.1:${gate.port}`, "nobody.invalid:4040"];
  const probe = await startProbeProcess(names, join(folder, "engine.sock"));
  await sleep(WARM_MS);
  let sinceMs = performance.now();
  const untilMs = sinceMs + minutes * 60_000;
  const down = () => up.push({ fromMs: sinceMs, toMs: performance.now() });
  const back = () => {
    sinceMs = performance.now();
  };
  const work = [
    disturb(dice, untilMs, { everyMs: 40_000, forMs: 20_000 }, async () => {
      down();
      if (dice.next() < 0.5) {
        collector.freeze(true);
        return () => {
          collector.freeze(false);
          back();
        };
      }
      await collector.kill();
      return async () => {
        await collector.start();
        back();
      };
    }),
    disturb(dice, untilMs, { everyMs: 30_000, forMs: 30_000 }, async () => {
      runtime.hang(true);
      return () => runtime.hang(false);
    }),
    disturb(dice, untilMs, { everyMs: 20_000, forMs: 20_000 }, async () => {
      probe.setClock(dice.next() < 0.5 ? HOUR_MS : -HOUR_MS);
      return () => probe.setClock(0);
    }),
  ];
  let isAlive = true;
  void probe.gone.then(() => {
    isAlive = false;
  });
  const [kills = 0, hangs = 0, clocks = 0] = await Promise.all(work);
  down();
  const use = isAlive ? useOf(probe.pid) : { seconds: 0, mb: 0 };
  const survived = isAlive;
  probe.kill();
  await collector.kill();
  gate.close();
  runtime.close();
  rmSync(folder, { recursive: true });
  return {
    ...scoreOf({ intervalMs: INTERVAL_MS, up, takenMs }),
    survived,
    reports: takenMs.length,
    faults: { collector: kills, runtime: hangs, clock: clocks },
    cpuSeconds: use.seconds,
    residentMb: Math.round(use.mb),
    seed,
  };
}

const result = await soak(flags);
console.log(JSON.stringify(result));
const isGood = result.survived && result.ratio >= RATIO_MIN && result.intervals > 0;
console.log(
  `${result.intervals - result.missed} of ${result.intervals} intervals published ` +
    `(${(100 * result.ratio).toFixed(2)} %), the probe ${result.survived ? "lived" : "DIED"}: ` +
    (isGood ? "good" : `below ${100 * RATIO_MIN} %`),
);
process.exit(isGood ? 0 : 1);
