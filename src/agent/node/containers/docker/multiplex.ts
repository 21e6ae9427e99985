/** Two streams on one: eight bytes before each piece say whose and how long it is. */

const HEADER_BYTES = 8;
const STDERR = 2;

/** A piece of output. */
export interface Piece {
  readonly stream: "stdout" | "stderr";
  readonly bytes: Buffer;
}

/** Takes a multiplexed stream apart; pieces come as soon as they are there, also in parts. */
export class Demultiplexer {
  #header = Buffer.alloc(0);
  #stream: Piece["stream"] = "stdout";
  #leftBytes = 0;

  push(chunk: Buffer): Piece[] {
    const pieces: Piece[] = [];
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#leftBytes > 0) {
        const bytes = rest.subarray(0, this.#leftBytes);
        pieces.push({ stream: this.#stream, bytes });
        this.#leftBytes -= bytes.length;
        rest = rest.subarray(bytes.length);
        continue;
      }
      const missing = HEADER_BYTES - this.#header.length;
      this.#header = Buffer.concat([this.#header, rest.subarray(0, missing)]);
      rest = rest.subarray(missing);
      if (this.#header.length < HEADER_BYTES) break;
      this.#stream = this.#header[0] === STDERR ? "stderr" : "stdout";
      this.#leftBytes = this.#header.readUInt32BE(4);
      this.#header = Buffer.alloc(0);
    }
    return pieces;
  }
}
