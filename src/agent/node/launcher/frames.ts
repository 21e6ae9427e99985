/**
 * What travels between an agent and its launcher: frames of four bytes of length (big endian, of
 * what follows), one byte of kind, and a payload.
 */

/** A frame's kind. */
export const FRAME = {
  /** A JSON value. */
  json: 0,
  /** Bytes for a session's standard input; none: its end. */
  input: 1,
  /** Bytes of a session's standard output. */
  output: 2,
  /** Bytes of a session's standard error. */
  errors: 3,
} as const;

/** One frame. */
export interface Frame {
  readonly kind: number;
  readonly payload: Buffer;
}

const HEADER_BYTES = 5;

/** The longest payload that either side takes. */
export const PAYLOAD_BYTES_MAX = 8 * 2 ** 20;

/** Pack bytes. */
export function frame(kind: number, payload: Uint8Array): Buffer {
  const packed = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  packed.writeUInt32BE(payload.length + 1, 0);
  packed.writeUInt8(kind, 4);
  packed.set(payload, HEADER_BYTES);
  return packed;
}

/** Pack a JSON value. */
export function jsonFrame(value: unknown): Buffer {
  return frame(FRAME.json, Buffer.from(JSON.stringify(value)));
}

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /**
   * Take a chunk, and give the frames that it completes.
   *
   * @throws {RangeError} when a frame is longer than {@linkcode PAYLOAD_BYTES_MAX}.
   */
  push(chunk: Buffer): Frame[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: Frame[] = [];
    let at = 0;
    while (bytes.length - at >= HEADER_BYTES) {
      const length = bytes.readUInt32BE(at);
      if (length < 1 || length > PAYLOAD_BYTES_MAX + 1) {
        throw new RangeError(`a frame of ${length} bytes`);
      }
      if (bytes.length - at < 4 + length) break;
      const payload = bytes.subarray(at + HEADER_BYTES, at + 4 + length);
      frames.push({ kind: bytes.readUInt8(at + 4), payload });
      at += 4 + length;
    }
    this.#rest = bytes.subarray(at);
    return frames;
  }
}
