/** The random sorter: entries are drawn without replacement, by weight. */
import { mix } from "./accounts";
import { get, H } from "./header";
import {
  activeBits,
  f64At,
  hasBit,
  nActive,
  nClientCount,
  nClientStart,
  nKidCount,
  nKidStart,
  nLeafActive,
  nWeight,
  order,
  putU32,
  u32At,
} from "./memory";
import { now } from "./state";

/** Start the stream of chance of this visit. */
export function seedVisit(): void {
  now.dice = mix(get(H.salt) ^ mix(now.agent + 1) ^ now.stage);
}

function roll(): f64 {
  now.dice += 0x9e3779b9;
  return <f64>mix(now.dice) / 4294967296.0;
}

/** List the kids that have an active client, by name, from `region` on; answers how many. */
export function listKids(node: u32, region: u32): u32 {
  const start = u32At(nKidStart, node);
  const all = u32At(nKidCount, node);
  let count: u32 = 0;
  for (let i: u32 = 0; i < all; i++) {
    const kid = u32At(order, start + i);
    if (u32At(kid === node ? nLeafActive : nActive, kid) === 0) continue;
    putU32(order, region + count, kid);
    count++;
  }
  return count;
}

/** List the active clients of a role, by framework id, from `region` on; answers how many. */
export function listClients(role: u32, region: u32): u32 {
  const start = u32At(nClientStart, role);
  const all = u32At(nClientCount, role);
  let count: u32 = 0;
  for (let i: u32 = 0; i < all; i++) {
    const client = u32At(order, start + i);
    if (!hasBit(activeBits, client)) continue;
    putU32(order, region + count, client);
    count++;
  }
  return count;
}

/** Draw the kid that comes `i`-th, with chance by weight. */
export function drawKid(node: u32, region: u32, i: u32, count: u32): void {
  let sum: f64 = 0;
  for (let j = i; j < count; j++) sum += kidWeight(node, u32At(order, region + j));
  let rest = roll() * sum;
  let drawn = i;
  for (; drawn < count - 1; drawn++) {
    rest -= kidWeight(node, u32At(order, region + drawn));
    if (rest < 0) break;
  }
  swap(region + i, region + drawn);
}

/** Draw the client that comes `i`-th. */
export function drawClient(region: u32, i: u32, count: u32): void {
  const drawn = i + <u32>(roll() * <f64>(count - i));
  swap(region + i, region + min(drawn, count - 1));
}

// @ts-ignore: decorator
@inline
function kidWeight(node: u32, kid: u32): f64 {
  return kid === node ? 1 : f64At(nWeight, kid);
}

function swap(a: u32, b: u32): void {
  const first = order + ((<usize>a) << 2);
  const second = order + ((<usize>b) << 2);
  const kept = load<u32>(first);
  store<u32>(first, load<u32>(second));
  store<u32>(second, kept);
}
