/** The 32-bit finaliser of section 8; the result is unsigned. */
export function mix(word: number): number {
  let x = word | 0;
  x ^= x >>> 16;
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  x ^= x >>> 16;
  return x >>> 0;
}

/** What makes one cycle's order differ from the next one's. */
export function saltOf(seed: number, cycle: number): number {
  return mix(seed ^ Math.imul(cycle, 0x9e3779b1));
}

/** The numbers of one visit, from 0, included, to 1, excluded. */
export function visitStream(salt: number, handle: number, stage: 1 | 2): () => number {
  let state = mix(salt ^ mix(handle + 1) ^ stage);
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    return mix(state) / 2 ** 32;
  };
}

/**
 * Draw entries without replacement, with chance proportional to weight, each when it is asked for.
 *
 * @param entries In name order.
 */
export function* drawn<Entry extends { readonly weight: number }>(
  entries: readonly Entry[],
  number: () => number,
): Generator<Entry> {
  const rest = [...entries];
  for (let first = 0; first < rest.length; first += 1) {
    let sum = 0;
    for (let at = first; at < rest.length; at += 1) sum += rest[at]!.weight;
    let r = number() * sum;
    let chosen = rest.length - 1;
    for (let at = first; at < rest.length; at += 1) {
      r -= rest[at]!.weight;
      if (r >= 0) continue;
      chosen = at;
      break;
    }
    const entry = rest[chosen]!;
    rest[chosen] = rest[first]!;
    rest[first] = entry;
    yield entry;
  }
}
