import { FairleadError, requireInteger } from "../../base/mod.ts";
import type { Instant } from "./report.ts";

/** What a report may cost whoever reads it. */
export interface ReportLimits {
  /** Bytes of the report when inflated. @default 67108864 */
  readonly bytesMax?: number;
  /** Maps and lists inside each other. @default 24 */
  readonly depthMax?: number;
  /** Nodes in all, children too. @default 500000 */
  readonly nodesMax?: number;
  /** Entries of maps and lists in all, whatever they are of. @default 2000000 */
  readonly valuesMax?: number;
  /** Length of one text. @default 1048576 */
  readonly textMax?: number;
}

/** Limits with nothing left open. */
export type Limits = Required<ReportLimits>;

/**
 * The limits with their defaults.
 *
 * @throws {FairleadError} `invalid_option` when one is out of range.
 */
export function limitsOf(limits: ReportLimits = {}): Limits {
  const { bytesMax = 67_108_864, depthMax = 24, textMax = 1_048_576 } = limits;
  const { nodesMax = 500_000, valuesMax = 2_000_000 } = limits;
  return {
    bytesMax: requireInteger("bytesMax", bytesMax, { min: 1, max: 2 ** 31 - 1 }),
    depthMax: requireInteger("depthMax", depthMax, { min: 8, max: 256 }),
    nodesMax: requireInteger("nodesMax", nodesMax, { min: 1, max: 100_000_000 }),
    valuesMax: requireInteger("valuesMax", valuesMax, { min: 1, max: 1_000_000_000 }),
    textMax: requireInteger("textMax", textMax, { min: 1, max: 2 ** 29 }),
  };
}

/**
 * A syntax that reports are written in, read from front to back: the value that comes next is taken
 * by exactly one of the calls below.
 *
 * Nil is an empty map, an empty list, "", 0, false and no instant, as Go writes them.
 */
export interface Source {
  /** Where the reading stands, for messages. */
  readonly place: Place;
  /** Call `entry` for each key; it takes the value. */
  entries(entry: (key: string) => void): void;
  /** Call `item` for each value; it takes it. */
  items(item: () => void): void;
  text(): string;
  number(): number;
  flag(): boolean;
  /** The year 1 comes as it is. */
  instant(): Instant;
  /** Take the value and forget it. */
  skip(): void;
}

/** Where a reading stands, and what it may still take. */
export class Place {
  readonly #limits: Limits;
  readonly #path: (string | number)[] = [];
  #nodes = 0;
  #values = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Step into an entry of a map or list. */
  enter(step: string | number): void {
    this.#values += 1;
    if (this.#values > this.#limits.valuesMax) {
      throw this.#tooLarge("valuesMax", this.#values, this.#limits.valuesMax);
    }
    if (this.#path.push(step) > this.#limits.depthMax) {
      throw this.#tooLarge("depthMax", this.#path.length, this.#limits.depthMax);
    }
  }

  /** Step out again. */
  leave(): void {
    this.#path.pop();
  }

  /** Count a node. */
  countNode(): void {
    this.#nodes += 1;
    if (this.#nodes > this.#limits.nodesMax) {
      throw this.#tooLarge("nodesMax", this.#nodes, this.#limits.nodesMax);
    }
  }

  /** Hold a text's length against the limit. */
  checkText(length: number): void {
    const { textMax } = this.#limits;
    if (length > textMax) throw this.#tooLarge("textMax", length, textMax);
  }

  /** The error that says what stands here, and what should. */
  wrong(what: string, wanted: string): FairleadError {
    const field = this.toString();
    return new FairleadError(
      "invalid_report",
      `Cannot read the report: ${field} is ${what}, and must be ${wanted}`,
      { details: { field, wanted } },
    );
  }

  #tooLarge(limit: string, value: number, max: number): FairleadError {
    const field = this.toString();
    return new FairleadError(
      "report_too_large",
      `Cannot read the report: at ${field} it has ${value}, and ${limit} is ${max}`,
      { details: { field, limit, value, max } },
    );
  }

  toString(): string {
    if (this.#path.length === 0) return "the report";
    const steps = this.#path.slice(0, 24).map((step) => String(step).slice(0, 64));
    return steps.join(".");
  }
}
