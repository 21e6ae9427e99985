const encoder = new TextEncoder();

/** A secret that guesses are compared with in a time that does not tell how much was right. */
export class Secret {
  readonly #bytes: Uint8Array;

  constructor(secret: string) {
    this.#bytes = encoder.encode(secret);
  }

  /** The time depends on the guess's length only. */
  equals(guess: string): boolean {
    const guessed = encoder.encode(guess);
    const own = this.#bytes;
    let difference = guessed.length ^ own.length;
    for (let index = 0; index < guessed.length; index += 1) {
      difference |= (guessed[index] ?? 0) ^ (own[index % Math.max(own.length, 1)] ?? 0);
    }
    return difference === 0;
  }
}
