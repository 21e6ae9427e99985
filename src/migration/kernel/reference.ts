/** The reference of the diff kernel: always right, always there. */
import { DIFFERS, type DiffColumns, type DiffKernel } from "./contract.ts";
import { layOut } from "./layout.ts";

/** A column of 64-bit words as pairs of halves; low ones stand at even places. */
const halves = (column: BigUint64Array) =>
  new Uint32Array(column.buffer, column.byteOffset, column.length * 2);

/** The typed implementation of the kernel contract. */
export class ReferenceKernel implements DiffKernel {
  readonly name = "typed";
  #columns: DiffColumns = layOut(undefined, 0, 0).views;

  open(lefts: number, rights: number): DiffColumns {
    this.#columns = layOut(undefined, lefts, rights).views;
    return this.#columns;
  }

  merge(lefts: number, rights: number, countsMask: bigint): number {
    const { outLeft, outRight, outKind } = this.#columns;
    const leftKey = halves(this.#columns.leftKey);
    const rightKey = halves(this.#columns.rightKey);
    const leftState = halves(this.#columns.leftState);
    const rightState = halves(this.#columns.rightState);
    const leftCounts = halves(this.#columns.leftCounts);
    const rightCounts = halves(this.#columns.rightCounts);
    const maskLow = Number(countsMask & 0xffff_ffffn) | 0;
    const maskHigh = Number(countsMask >> 32n) | 0;
    let told = 0;
    const tell = (left: number, right: number, kind: number) => {
      outLeft[told] = left;
      outRight[told] = right;
      outKind[told] = kind;
      told += 1;
    };
    let left = 0;
    let right = 0;
    while (left < lefts && right < rights) {
      const l = left * 2;
      const r = right * 2;
      const lHigh = leftKey[l + 1]!;
      const rHigh = rightKey[r + 1]!;
      const lLow = leftKey[l]!;
      const rLow = rightKey[r]!;
      if (lHigh === rHigh && lLow === rLow) {
        let kind = 0;
        if (leftState[l] !== rightState[r] || leftState[l + 1] !== rightState[r + 1]) {
          kind = DIFFERS.state;
        }
        const low = (leftCounts[l]! ^ rightCounts[r]!) & maskLow;
        const high = (leftCounts[l + 1]! ^ rightCounts[r + 1]!) & maskHigh;
        if ((low | high) !== 0) kind |= DIFFERS.counts;
        if (kind !== 0) tell(left, right, kind);
        left += 1;
        right += 1;
      } else if (lHigh < rHigh || (lHigh === rHigh && lLow < rLow)) {
        tell(left, -1, DIFFERS.onlyLeft);
        left += 1;
      } else {
        tell(-1, right, DIFFERS.onlyRight);
        right += 1;
      }
    }
    for (; left < lefts; left += 1) tell(left, -1, DIFFERS.onlyLeft);
    for (; right < rights; right += 1) tell(-1, right, DIFFERS.onlyRight);
    return told;
  }

  hash(bytes: Uint8Array, lengths: Uint32Array): BigUint64Array {
    const hashes = new BigUint64Array(lengths.length);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    for (const [index, length] of lengths.entries()) {
      hashes[index] = xxh64(view, at, length);
      at += length;
    }
    return hashes;
  }
}

const P1 = 0x9e3779b185ebca87n;
const P2 = 0xc2b2ae3d27d4eb4fn;
const P3 = 0x165667b19e3779f9n;
const P4 = 0x85ebca77c2b2ae63n;
const P5 = 0x27d4eb2f165667c5n;

const u64 = (value: bigint) => BigInt.asUintN(64, value);
const rotl = (value: bigint, bits: bigint) => u64((value << bits) | (value >> (64n - bits)));
const round = (acc: bigint, input: bigint) => u64(rotl(u64(acc + input * P2), 31n) * P1);
const mergeRound = (acc: bigint, value: bigint) => u64((acc ^ round(0n, value)) * P1 + P4);

/** XXH64 with seed 0, as Yann Collet defined it. */
function xxh64(view: DataView, start: number, length: number): bigint {
  const end = start + length;
  let at = start;
  let hash = P5;
  if (length >= 32) {
    const lanes = [u64(P1 + P2), P2, 0n, u64(-P1)];
    for (; at + 32 <= end; at += 32) {
      for (let lane = 0; lane < 4; lane += 1) {
        lanes[lane] = round(lanes[lane]!, view.getBigUint64(at + lane * 8, true));
      }
    }
    const [v1 = 0n, v2 = 0n, v3 = 0n, v4 = 0n] = lanes;
    hash = u64(rotl(v1, 1n) + rotl(v2, 7n) + rotl(v3, 12n) + rotl(v4, 18n));
    for (const lane of lanes) hash = mergeRound(hash, lane);
  }
  hash = u64(hash + BigInt(length));
  for (; at + 8 <= end; at += 8) {
    hash = u64(rotl(hash ^ round(0n, view.getBigUint64(at, true)), 27n) * P1 + P4);
  }
  if (at + 4 <= end) {
    hash = u64(rotl(hash ^ u64(BigInt(view.getUint32(at, true)) * P1), 23n) * P2 + P3);
    at += 4;
  }
  for (; at < end; at += 1) {
    hash = u64(rotl(hash ^ u64(BigInt(view.getUint8(at)) * P5), 11n) * P1);
  }
  hash = u64((hash ^ (hash >> 33n)) * P2);
  hash = u64((hash ^ (hash >> 29n)) * P3);
  return hash ^ (hash >> 32n);
}
