/** Amounts as the console reads them: cores and megabytes of four kinds. */
import type { ConsoleAmounts } from "../../model/mod.ts";
import type { Quantities } from "../../resources/mod.ts";
import type { Holding } from "../operator/amounts.ts";

export const NOTHING: ConsoleAmounts = { cpus: 0, mem: 0, disk: 0, gpus: 0 };

/** Adds up in thousandths, so that sums of decimals stay exact. */
export class Tally {
  #cpus = 0;
  #mem = 0;
  #disk = 0;
  #gpus = 0;

  add(quantities: Quantities): void {
    this.#cpus += quantities.get("cpus");
    this.#mem += quantities.get("mem");
    this.#disk += quantities.get("disk");
    this.#gpus += quantities.get("gpus");
  }

  get amounts(): ConsoleAmounts {
    return {
      cpus: this.#cpus / 1000,
      mem: this.#mem / 1000,
      disk: this.#disk / 1000,
      gpus: this.#gpus / 1000,
    };
  }
}

export function amountsOf(quantities: Quantities): ConsoleAmounts {
  const tally = new Tally();
  tally.add(quantities);
  return tally.amounts;
}

/** The sum of what is held. */
export function amountsHeld(holdings: Iterable<Pick<Holding, "resources">>): ConsoleAmounts {
  const tally = new Tally();
  for (const { resources } of holdings) tally.add(resources.quantities());
  return tally.amounts;
}

const KINDS = ["cpus", "mem", "disk", "gpus"] as const;

/** Limits by kind, of which some are absent. */
export function limitsOf(millis: Readonly<Record<string, number>>): Partial<ConsoleAmounts> {
  const known = KINDS.filter((kind) => millis[kind] !== undefined);
  return Object.fromEntries(known.map((kind) => [kind, (millis[kind] ?? 0) / 1000]));
}
