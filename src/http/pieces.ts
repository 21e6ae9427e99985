/** So many pieces are made one when they are small. */
const PIECES_MAX = 1_024;
/** Pieces longer than this on average may stay: what each costs beside its bytes is little. */
const SMALL_BYTES = 4_096;

/**
 * Bytes that come in pieces, until they are whole.
 *
 * A sender decides how small its pieces are: a body in chunks of one byte would cost hundreds of
 * times its size, so small ones are put together on the way. Cost: each byte is copied twice at
 * most, or not at all where one piece is everything.
 */
export class Pieces {
  readonly #limitBytes: number;
  #pieces: Uint8Array[] = [];
  /** The pieces before this one are large. */
  #settled = 0;
  #freshBytes = 0;
  #size = 0;

  /** @param limitBytes See {@linkcode Pieces.add}. */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Add a piece; false: with it they are too many bytes, and nothing is kept. */
  add(piece: Uint8Array): boolean {
    this.#size += piece.length;
    if (this.#size > this.#limitBytes) {
      this.clear();
      return false;
    }
    this.#pieces.push(piece);
    this.#freshBytes += piece.length;
    if (this.#pieces.length - this.#settled >= PIECES_MAX) this.#settle();
    return true;
  }

  /** All of them. */
  whole(): Uint8Array {
    const [only] = this.#pieces;
    if (this.#pieces.length === 1 && only !== undefined) return only;
    return join(this.#pieces, this.#size);
  }

  /** Forget them. */
  clear(): void {
    this.#pieces = [];
    this.#settled = 0;
    this.#freshBytes = 0;
  }

  #settle(): void {
    if (this.#freshBytes < PIECES_MAX * SMALL_BYTES) {
      const fresh = this.#pieces.splice(this.#settled);
      this.#pieces.push(join(fresh, this.#freshBytes));
    }
    this.#settled = this.#pieces.length;
    this.#freshBytes = 0;
  }
}

function join(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
