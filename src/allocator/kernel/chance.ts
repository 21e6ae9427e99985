/**
 * The random sorter: entries are drawn without replacement, by weight.
 *
 * Source: docs/allocator_semantics.md, section 8.
 */
import { mix } from "./accounts.ts";
import { H, type Views } from "./layout.ts";
import type { Visit } from "./state.ts";

/** Start the stream of chance of this visit. */
export function seedVisit(v: Views, visit: Visit): void {
  visit.dice = mix(v.header[H.salt]! ^ mix(visit.agent + 1) ^ visit.stage);
}

function roll(visit: Visit): number {
  visit.dice = (visit.dice + 0x9e3779b9) >>> 0;
  return mix(visit.dice) / 4_294_967_296;
}

/** Is the client active? 1 or 0. */
export function isActive(v: Views, client: number): number {
  return (v.activeBits[client >>> 5]! >>> (client & 31)) & 1;
}

/** List the kids that have an active client, by name, from `region` on; answers how many. */
export function listKids(v: Views, node: number, region: number): number {
  const start = v.nKidStart[node]!;
  const all = v.nKidCount[node]!;
  let count = 0;
  for (let i = 0; i < all; i++) {
    const kid = v.order[start + i]!;
    const active = kid === node ? v.nLeafActive[kid]! : v.nActive[kid]!;
    if (active > 0) v.order[region + count++] = kid;
  }
  return count;
}

/** List the active clients of a role, by framework id, from `region` on; answers how many. */
export function listClients(v: Views, role: number, region: number): number {
  const start = v.nClientStart[role]!;
  const all = v.nClientCount[role]!;
  let count = 0;
  for (let i = 0; i < all; i++) {
    const client = v.order[start + i]!;
    if (isActive(v, client)) v.order[region + count++] = client;
  }
  return count;
}

/** Draw one of the kids of `node` that stand from `from` up to `end`, by weight, to the front. */
export function drawKid(v: Views, visit: Visit, node: number, from: number, end: number): void {
  const { order, nWeight } = v;
  let sum = 0;
  for (let at = from; at < end; at++) {
    const kid = order[at]!;
    sum += kid === node ? 1 : nWeight[kid]!;
  }
  let rest = roll(visit) * sum;
  let drawn = from;
  for (; drawn < end - 1; drawn++) {
    const kid = order[drawn]!;
    rest -= kid === node ? 1 : nWeight[kid]!;
    if (rest < 0) break;
  }
  swap(order, from, drawn);
}

/** Draw one of the clients that stand from `from` up to `end` to the front. */
export function drawClient(v: Views, visit: Visit, from: number, end: number): void {
  const drawn = from + Math.floor(roll(visit) * (end - from));
  swap(v.order, from, Math.min(drawn, end - 1));
}

function swap(order: Uint32Array, a: number, b: number): void {
  const kept = order[a]!;
  order[a] = order[b]!;
  order[b] = kept;
}
