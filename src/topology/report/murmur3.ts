const MASK = 0xffff_ffff_ffff_ffffn;
const C1 = 0x87c3_7b91_1142_53d5n;
const C2 = 0x4cf5_ad43_2745_937fn;

/**
 * The first 64 bits of MurmurHash3 x64 128 with seed 0 of a text's UTF-8, in hex without leading
 * zeros: what Go prints of `murmur3.Sum64`.
 */
export function murmur3(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blocks = Math.floor(bytes.length / 16);
  let [h1, h2] = [0n, 0n];
  for (let block = 0; block < blocks; block += 1) {
    h1 ^= mix(view.getBigUint64(block * 16, true), C1, C2, 31n);
    h1 = (((rotate(h1, 27n) + h2) & MASK) * 5n + 0x52dc_e729n) & MASK;
    h2 ^= mix(view.getBigUint64(block * 16 + 8, true), C2, C1, 33n);
    h2 = (((rotate(h2, 31n) + h1) & MASK) * 5n + 0x3849_5ab5n) & MASK;
  }
  const tail = new Uint8Array(16);
  tail.set(bytes.subarray(blocks * 16));
  const rest = new DataView(tail.buffer);
  h2 ^= mix(rest.getBigUint64(8, true), C2, C1, 33n);
  h1 ^= mix(rest.getBigUint64(0, true), C1, C2, 31n);
  const length = BigInt(bytes.length);
  h1 = ((h1 ^ length) + (h2 ^ length)) & MASK;
  h2 = ((h2 ^ length) + h1) & MASK;
  return ((finish(h1) + finish(h2)) & MASK).toString(16);
}

function mix(block: bigint, first: bigint, second: bigint, bits: bigint): bigint {
  return (rotate((block * first) & MASK, bits) * second) & MASK;
}

function rotate(value: bigint, bits: bigint): bigint {
  return ((value << bits) | (value >> (64n - bits))) & MASK;
}

function finish(value: bigint): bigint {
  let mixed = value ^ (value >> 33n);
  mixed = (mixed * 0xff51_afd7_ed55_8ccdn) & MASK;
  mixed ^= mixed >> 33n;
  mixed = (mixed * 0xc4ce_b9fe_1a85_ec53n) & MASK;
  return mixed ^ (mixed >> 33n);
}
