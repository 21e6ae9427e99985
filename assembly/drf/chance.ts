/** The random sorter: entries are drawn without replacement, by weight. */
import { mix } from "./accounts";
import { get, H } from "./header";
import { activeBits, f64At, hasBit, nActive, nLeafActive, nWeight, order, u32At } from "./memory";
import { now } from "./state";

/** Start the stream of chance of this visit. */
export function seedVisit(): void {
  now.dice = mix(get(H.salt) ^ mix(now.agent + 1) ^ now.stage);
}

function roll(): f64 {
  now.dice += 0x9e3779b9;
  return <f64>mix(now.dice) / 4294967296.0;
}

/** The region to walk: the order itself, or (random sorter) a fresh copy beside it. */
export function enter(start: u32, count: u32, max: u32): u32 {
  if (!now.random) return start;
  const region = start + max;
  memory.copy(order + (<usize>region << 2), order + (<usize>start << 2), <usize>count << 2);
  return region;
}

/** Draw the kid that comes `i`-th; false when no kid with an active client is left. */
export function drawKid(node: u32, region: u32, i: u32, count: u32): bool {
  let sum: f64 = 0;
  for (let j = i; j < count; j++) sum += kidWeight(node, u32At(order, region + j));
  if (sum === 0) return false;
  let rest = roll() * sum;
  let drawn = i;
  for (let j = i; j < count; j++) {
    const weight = kidWeight(node, u32At(order, region + j));
    if (weight === 0) continue;
    drawn = j;
    rest -= weight;
    if (rest < 0) break;
  }
  swap(region + i, region + drawn);
  return true;
}

/** Draw the client that comes `i`-th; false when none that is active is left. */
export function drawClient(region: u32, i: u32, count: u32): bool {
  let active: u32 = 0;
  for (let j = i; j < count; j++) active += u32(hasBit(activeBits, u32At(order, region + j)));
  if (active === 0) return false;
  let rest = roll() * <f64>active;
  let drawn = i;
  for (let j = i; j < count; j++) {
    if (!hasBit(activeBits, u32At(order, region + j))) continue;
    drawn = j;
    rest -= 1;
    if (rest < 0) break;
  }
  swap(region + i, region + drawn);
  return true;
}

function kidWeight(node: u32, kid: u32): f64 {
  if (kid === node) return u32At(nLeafActive, node) > 0 ? 1 : 0;
  return u32At(nActive, kid) > 0 ? f64At(nWeight, kid) : 0;
}

function swap(a: u32, b: u32): void {
  const first = order + (<usize>a << 2);
  const second = order + (<usize>b << 2);
  const kept = load<u32>(first);
  store<u32>(first, load<u32>(second));
  store<u32>(second, kept);
}
