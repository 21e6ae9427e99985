/**
 * `npm run -s chaos -- --minutes 30 --seed 1`: migrations between real ensembles while servers,
 * networks, disks and migrators fail; rounds with one seed after the other until time is over.
 *
 * Exit codes: 0 nothing diverged; 1 something did, or a round did not come to its end.
 */
import { Command, InvalidArgumentError } from "commander";
import { FairleadError } from "fairlead/base";
import { type RoundResult, runRound } from "./round.ts";

interface Flags {
  readonly minutes: number;
  readonly seed: number;
  readonly faults: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

function numberOf(text: string): number {
  const number = Number(text);
  if (text === "" || !Number.isFinite(number) || number < 0) {
    throw new InvalidArgumentError("it must be a number.");
  }
  return number;
}

function readFlags(): Flags {
  return new Command("chaos")
    .description("Move real ensembles while everything fails, and check what came of it.")
    .option("--minutes <n>", "begin rounds for so long", numberOf, 3)
    .option("--seed <n>", "of the first round; the next one has the next", numberOf, 1)
    .option("--faults <n>", "while it follows, a round", numberOf, 5)
    .option("--json", "one line of JSON a round, and one for all")
    .option("--quiet", "no line for each fault")
    .parse()
    .opts<Flags>();
}

const SUMS = ["kills", "operations", "unknown", "resolved", "transactions", "states"] as const;

/** What all rounds came to. */
class Total {
  readonly #sums = new Map<string, number>();
  rounds = 0;
  divergences = 0;
  stuck = 0;

  add(result: RoundResult): void {
    this.rounds += 1;
    this.divergences += result.violations.length;
    for (const name of SUMS) this.#add(name, result[name]);
    this.#add("faults", result.faults.filter((line) => /^T\d/.test(line)).length);
    this.#add("rollbacks", result.wasRolledBack ? 1 : 0);
  }

  get json() {
    const { rounds, divergences, stuck } = this;
    return { rounds, ...Object.fromEntries(this.#sums), divergences, stuck };
  }

  #add(name: string, count: number): void {
    this.#sums.set(name, (this.#sums.get(name) ?? 0) + count);
  }
}

function tell(result: RoundResult): void {
  const { seed, seconds, violations, kills, operations, unknown, resolved, states } = result;
  const { fencedMs, lagP50Ms, expiredMs, cutovers, wasRolledBack } = result;
  const ms = (value: number | undefined) => (value === undefined ? "?" : `${Math.round(value)} ms`);
  console.log(
    `seed ${seed}: ${seconds} s, ${kills} kills, ${operations} operations, ${unknown} unknown ` +
      `(${resolved} resolved), ${states} states equal, ${cutovers} cutovers (fenced ${ms(fencedMs)}, ` +
      `sessions expired in ${ms(expiredMs)}), lag p50 ${ms(lagP50Ms)}` +
      `${wasRolledBack ? ", rolled back" : ""}: ${violations.length} divergences`,
  );
  for (const { checker, message } of violations.slice(0, 20))
    console.log(`  ${checker}: ${message}`);
}

async function main({ minutes, seed: first, faults, json, quiet }: Flags): Promise<void> {
  const untilMs = performance.now() + minutes * 60_000;
  const total = new Total();
  for (let seed = first; seed === first || performance.now() < untilMs; seed += 1) {
    const isTold = json !== true && quiet !== true;
    if (isTold) console.log(`seed ${seed}`);
    try {
      const result = await runRound({
        seed,
        syncFaults: faults,
        soakFaults: 2,
        say: isTold ? (line) => console.log(line) : undefined,
      });
      total.add(result);
      if (json) console.log(JSON.stringify(result));
      else tell(result);
      if (result.violations.length > 0) process.exitCode = 1;
    } catch (error) {
      total.stuck += 1;
      process.exitCode = 1;
      const { message, code } = FairleadError.from(error);
      console.log(
        json ? JSON.stringify({ seed, error: { code, message } }) : `seed ${seed}: ${message}`,
      );
    }
    if (process.exitCode === 1 && !json)
      console.log(`again: npm run -s chaos -- --seed ${seed} --minutes 0`);
  }
  const { json: sums } = total;
  if (json) console.log(JSON.stringify(sums));
  else
    console.log(
      Object.entries(sums)
        .map(([name, count]) => `${count} ${name}`)
        .join(", "),
    );
  process.exit();
}

await main(readFlags());
