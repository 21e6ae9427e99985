import { FairleadError, requireInteger } from "../base/mod.ts";

const NEWLINE = 0x0a;
const ZERO = 0x30;
/** Digits of a length: 2^53 has 16; leading zeros count. */
const HEADER_DIGITS_MAX = 20;
/** What a record that came in pieces gets at first; it grows with what has really come. */
const FIRST_ROOM_BYTES = 64 * 1024;
const RECORD_BYTES_MAX = 2 ** 31 - 1;

const encoder = new TextEncoder();

/** Options of {@linkcode RecordIoReader} and {@linkcode recordIoDecoder}. */
export interface RecordIoReaderOptions {
  /** The longest record that is taken. */
  readonly recordBytesMax: number;
}

/** One record as RecordIO: its length in decimal digits, a newline, its bytes. */
export function encodeRecord(record: Uint8Array | string): Uint8Array<ArrayBuffer> {
  const bytes = typeof record === "string" ? encoder.encode(record) : record;
  const header = String(bytes.length);
  const framed = new Uint8Array(header.length + 1 + bytes.length);
  for (let index = 0; index < header.length; index += 1) framed[index] = header.charCodeAt(index);
  framed[header.length] = NEWLINE;
  framed.set(bytes, header.length + 1);
  return framed;
}

/**
 * Takes RecordIO apart, piece by piece as it comes.
 *
 * Memory: one unfinished record at most, never more than twice what of it has come.
 */
export class RecordIoReader {
  readonly recordBytesMax: number;
  /** Digits of the length so far; 0 of them: between two records. */
  #digits = 0;
  #length = 0;
  /** Whether the length is whole and the bytes of the record are coming. */
  #inRecord = false;
  #held: Uint8Array = new Uint8Array(0);
  #heldBytes = 0;
  #failure: FairleadError | undefined;

  constructor({ recordBytesMax }: RecordIoReaderOptions) {
    const bounds = { min: 1, max: RECORD_BYTES_MAX };
    this.recordBytesMax = requireInteger("recordBytesMax", recordBytesMax, bounds);
  }

  /**
   * Take the next piece; returns the records that it completes, in order.
   *
   * A record that lies whole in the piece is a view of it: copy what you keep.
   *
   * @throws {FairleadError} `invalid_record` when a length is no number, `record_too_large` when it
   * is above the maximum; the reader is of no use then and throws the same again.
   */
  push(piece: Uint8Array): Uint8Array[] {
    if (this.#failure !== undefined) throw this.#failure;
    const records: Uint8Array[] = [];
    let at = 0;
    while (at < piece.length || (this.#inRecord && this.#length === 0)) {
      at = this.#inRecord ? this.#readBytes(piece, at, records) : this.#readLength(piece, at);
    }
    return records;
  }

  /**
   * Say that nothing more comes.
   *
   * @throws {FairleadError} `record_truncated` when a record was begun and not finished.
   */
  end(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#digits === 0 && !this.#inRecord) return;
    throw this.#fail(
      new FairleadError("record_truncated", "Cannot read the last record: the stream ended in it", {
        details: { length: this.#length, receivedBytes: this.#heldBytes },
      }),
    );
  }

  #readLength(piece: Uint8Array, from: number): number {
    for (let at = from; at < piece.length; at += 1) {
      const byte = piece[at];
      if (byte === NEWLINE) {
        if (this.#digits === 0) break;
        this.#inRecord = true;
        return at + 1;
      }
      const digit = (byte ?? 0) - ZERO;
      if (digit < 0 || digit > 9 || this.#digits === HEADER_DIGITS_MAX) break;
      this.#digits += 1;
      this.#length = this.#length * 10 + digit;
      if (this.#length > this.recordBytesMax) throw this.#fail(tooLarge(this.recordBytesMax));
      if (at === piece.length - 1) return piece.length;
    }
    throw this.#fail(
      new FairleadError("invalid_record", "Cannot read a record: its length is no decimal number"),
    );
  }

  #readBytes(piece: Uint8Array, from: number, records: Uint8Array[]): number {
    const missing = this.#length - this.#heldBytes;
    const to = Math.min(piece.length, from + missing);
    const part = piece.subarray(from, to);
    if (part.length === missing) {
      records.push(this.#heldBytes === 0 ? part : this.#hold(part).subarray(0, this.#length));
      this.#digits = 0;
      this.#length = 0;
      this.#inRecord = false;
      this.#held = new Uint8Array(0);
      this.#heldBytes = 0;
    } else {
      this.#hold(part);
    }
    return to;
  }

  #hold(part: Uint8Array): Uint8Array {
    const needed = this.#heldBytes + part.length;
    if (needed > this.#held.length) {
      const room = Math.max(needed, this.#held.length * 2, FIRST_ROOM_BYTES);
      const held = new Uint8Array(Math.min(this.#length, room));
      held.set(this.#held.subarray(0, this.#heldBytes));
      this.#held = held;
    }
    this.#held.set(part, this.#heldBytes);
    this.#heldBytes = needed;
    return this.#held;
  }

  #fail(failure: FairleadError): FairleadError {
    this.#failure = failure;
    return failure;
  }
}

function tooLarge(recordBytesMax: number): FairleadError {
  return new FairleadError(
    "record_too_large",
    `Cannot read a record: it is longer than ${recordBytesMax} bytes`,
    { details: { recordBytesMax } },
  );
}

/** Records in, RecordIO out: each record leaves as exactly one chunk. */
export function recordIoEncoder(): TransformStream<Uint8Array | string, Uint8Array<ArrayBuffer>> {
  return new TransformStream({
    transform: (record, controller) => controller.enqueue(encodeRecord(record)),
  });
}

/**
 * RecordIO in, records out.
 *
 * The stream fails with `invalid_record`, `record_too_large` or `record_truncated`.
 */
export function recordIoDecoder(
  options: RecordIoReaderOptions,
): TransformStream<Uint8Array, Uint8Array> {
  const reader = new RecordIoReader(options);
  return new TransformStream({
    transform: (piece, controller) => {
      for (const record of reader.push(piece)) controller.enqueue(record);
    },
    flush: () => reader.end(),
  });
}
