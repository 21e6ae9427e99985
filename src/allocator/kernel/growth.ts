/** Moving columns from one layout to a larger one, in which records may be wider. */

type Column = Uint8Array | Uint32Array | Float64Array;

/** A column before and after, and the elements that a record of it has then and now. */
export interface ColumnMove {
  /** Useless when the memory has grown since: that is why its place is told apart. */
  readonly from: Column;
  readonly fromByte: number;
  readonly bytes: number;
  readonly to: Column;
  readonly stride: number;
  readonly wider: number;
}

/** Copy a column into a buffer that holds zeros. */
export function copyColumn({ from, to, stride, wider }: ColumnMove): void {
  if (stride === wider) {
    to.set(from);
    return;
  }
  for (let first = 0, at = 0; first < from.length; first += stride, at += wider) {
    to.set(from.subarray(first, first + stride), at);
  }
}

/**
 * Move columns to their places in a larger layout of the same memory; all else up to `end` is
 * zeroed.
 *
 * No column moves down, so from the last one to the first none is overwritten before it has moved.
 */
export function moveUp(buffer: ArrayBufferLike, moves: readonly ColumnMove[], end: number): void {
  const memory = new Uint8Array(buffer);
  let above = end;
  for (const move of moves.toReversed()) {
    const at = move.to.byteOffset;
    memory.copyWithin(at, move.fromByte, move.fromByte + move.bytes);
    memory.fill(0, at + move.bytes, above);
    if (move.stride !== move.wider) spread(memory.subarray(at, above), move);
    above = at;
  }
}

/** Draw records apart in place, the last one first. */
function spread(column: Uint8Array, { bytes, to, stride, wider }: ColumnMove): void {
  const narrow = stride * to.BYTES_PER_ELEMENT;
  const wide = wider * to.BYTES_PER_ELEMENT;
  for (let record = bytes / narrow - 1; record >= 0; record--) {
    column.copyWithin(record * wide, record * narrow, (record + 1) * narrow);
    column.fill(0, record * wide + narrow, (record + 1) * wide);
  }
}
