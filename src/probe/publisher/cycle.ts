/** Every third report is whole; those between say only what changed since. */
import { requireInteger } from "../../base/mod.ts";
import type { Report } from "../../topology/mod.ts";

/** What a probe needs to do with reports; `fairlead/topology` has it all. */
export interface ReportCodec {
  /** One report that says what all of these say. */
  merge(reports: readonly Report[]): Report;
  /** What a report says that an earlier one does not. */
  unmerge(report: Report, base: Report): Report;
  /** The body of a publication: compressed MessagePack. */
  encode(report: Report): Promise<Uint8Array>;
}

/** A report on its way, in either form; each is encoded when it is first asked for. */
export interface Publication {
  readonly sequence: number;
  readonly isShortcut: boolean;
  /** Whether all have to get it whole: those that follow refer to it. */
  readonly isFull: boolean;
  /** The whole report to which the short form refers; 0 when there is none. */
  readonly base: number;
  whole(): Promise<Uint8Array>;
  /** The short form; only where `base` is not 0. */
  delta(): Promise<Uint8Array>;
}

/** Options of {@linkcode DeltaCycle}. */
export interface DeltaCycleOptions {
  readonly codec: ReportCodec;
  /** One report in so many is whole; from 1 to 1,000. @default 3 */
  readonly fullEvery?: number;
}

interface Base {
  readonly sequence: number;
  readonly report: Report;
}

const FULL_EVERY = { min: 1, max: 1_000 };

/** Makes publications of reports, in their order. */
export class DeltaCycle {
  readonly #codec: ReportCodec;
  readonly #fullEvery: number;
  #base: Base | undefined;
  #sequence = 0;
  #published = 0;

  constructor({ codec, fullEvery = 3 }: DeltaCycleOptions) {
    this.#codec = codec;
    this.#fullEvery = requireInteger("fullEvery", fullEvery, FULL_EVERY);
  }

  /** The next regular report. */
  next(report: Report): Publication {
    const isFull = this.#published % this.#fullEvery === 0;
    this.#published += 1;
    this.#sequence += 1;
    if (isFull) this.#base = { sequence: this.#sequence, report };
    return this.#publication(report, isFull, isFull ? undefined : this.#base);
  }

  /** A report between the regular ones: always whole, and nothing refers to it. */
  shortcut(report: Report): Publication {
    this.#sequence += 1;
    return this.#publication(report, false, undefined);
  }

  #publication(report: Report, isFull: boolean, base: Base | undefined): Publication {
    const codec = this.#codec;
    const whole = once(() => codec.encode(report));
    return {
      sequence: this.#sequence,
      isShortcut: report.isShortcut,
      isFull,
      base: base?.sequence ?? 0,
      whole,
      delta:
        base === undefined ? whole : once(() => codec.encode(codec.unmerge(report, base.report))),
    };
  }
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
