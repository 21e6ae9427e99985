/** Where a client stands: the last frame that it took. */
export interface StreamPosition {
  readonly epoch: string;
  readonly seq: number;
}

/** Limits of a {@linkcode FrameLog}. */
export interface FrameLogLimits {
  /** @default 64 */
  readonly framesMax?: number;
  /** @default 4_194_304 */
  readonly bytesMax?: number;
}

/** The latest deltas of an epoch, for clients that missed some. */
export class FrameLog {
  readonly #framesMax: number;
  readonly #bytesMax: number;
  #epoch = "";
  #frames: Uint8Array[] = [];
  #bytes = 0;
  #seq = 0;

  constructor({ framesMax = 64, bytesMax = 4_194_304 }: FrameLogLimits = {}) {
    this.#framesMax = framesMax;
    this.#bytesMax = bytesMax;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** An epoch begins with a state that no delta leads to. */
  begin({ epoch, seq }: StreamPosition): void {
    this.#epoch = epoch;
    this.#seq = seq;
    this.#frames = [];
    this.#bytes = 0;
  }

  /** Keep the delta that leads to the next state. */
  push(frame: Uint8Array): void {
    this.#frames.push(frame);
    this.#bytes += frame.length;
    this.#seq += 1;
    while (this.#frames.length > this.#framesMax || this.#bytes > this.#bytesMax) {
      this.#bytes -= this.#frames.shift()?.length ?? 0;
    }
  }

  /** The deltas behind a position; undefined when some are gone, or it is of another epoch. */
  since({ epoch, seq }: StreamPosition): readonly Uint8Array[] | undefined {
    const missed = this.#seq - seq;
    if (epoch !== this.#epoch || missed < 0 || missed > this.#frames.length) return undefined;
    return missed === 0 ? [] : this.#frames.slice(-missed);
  }
}
