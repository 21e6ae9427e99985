/** Something that moves from here to there in a few screens. */

/** One motion at a time; a new one takes the place of that before. */
export class Motion {
  #asked = 0;

  /** Call `step` with what part is done, eased, from 0 to 1; the last call is always with 1. */
  start(durationMs: number, step: (part: number) => void): void {
    this.stop();
    if (durationMs <= 0) {
      step(1);
      return;
    }
    let begunMs = -1;
    const next = (nowMs: number) => {
      if (begunMs < 0) begunMs = nowMs;
      const part = Math.min(1, (nowMs - begunMs) / durationMs);
      this.#asked = part < 1 ? requestAnimationFrame(next) : 0;
      step(1 - (1 - part) ** 3);
    };
    this.#asked = requestAnimationFrame(next);
  }

  /** Whether something is moving. */
  get isActive(): boolean {
    return this.#asked !== 0;
  }

  /** Stop where it is. */
  stop(): void {
    cancelAnimationFrame(this.#asked);
    this.#asked = 0;
  }
}
