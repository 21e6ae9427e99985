/**
 * The visit of one agent in one stage: walk the roles in order and grant what may be granted.
 *
 * Source: docs/allocator_semantics.md, sections 5 to 8.
 */
import { charge, chargeSlice, consume, countGrant, meetsNoDefault, mix } from "./accounts.ts";
import {
  CAN_SHARED,
  L_INDIVISIBLE,
  N_CHAIN_GUARANTEE,
  N_CHAIN_LIMIT,
  N_SUBTREE_GUARANTEE,
  O_LIVE,
} from "./flags.ts";
import { H, type Views } from "./layout.ts";
import { reposition } from "./order.ts";

/** What walking a part of the tree came to. */
const GRANTED = 1;
const EXHAUSTED = 2;

/** One visit at a time; the fields are what the WASM kernel keeps in globals. */
export class Visit {
  readonly #v: Views;
  #agent = 0;
  #guaranteed = false;
  /** the agent's main row has something free */
  #hasMain = false;
  /** some slice of the agent has something free */
  #hasSlices = false;
  /** some role needs its guarantee, so headroom binds */
  #needy = false;
  #surplusSpent = false;
  /** roles whose limit is spent may be passed over unseen */
  #maySkip = false;
  #filterWords = 0;
  #classWords = 0;
  #touched = 0;
  #dice = 0;
  #takeTotal = 0;
  #guaranteedTotal = 0;
  #slicesTaken = 0;
  #sliceGuaranteed = false;

  constructor(views: Views) {
    this.#v = views;
  }

  /** Grant what stage 1 (guarantees) or 2 (fair share) gives of this agent. */
  run(agent: number, stage: number): void {
    const v = this.#v;
    this.#agent = agent;
    this.#guaranteed = stage === 1;
    this.#hasMain = mainFree(v, agent);
    this.#hasSlices = v.aSliceHead[agent] !== 0 && slicesFree(v, agent);
    if (!this.#hasMain && !this.#hasSlices) return;
    const words = v.header[H.bitWords]!;
    this.#filterWords = v.aFilterRow[agent]! * words;
    this.#classWords = v.aClass[agent]! * words;
    if (!this.#someClientMay(words)) return;
    const random = v.header[H.randomSorter]! !== 0;
    if (random) this.#dice = mix(v.header[H.salt]! ^ mix(agent + 1) ^ stage);
    this.#maySkip = !random && !this.#hasSlices && v.header[H.minOverrides] === 0;
    this.#touched = 0;
    this.#measureSurplus();
    if (!this.#isOver()) this.#walk(0, false);
    if (!random) this.#settle();
  }

  #someClientMay(words: number): boolean {
    const { activeBits, excludedBits, blockedBits } = this.#v;
    const excluded = this.#classWords;
    const blocked = this.#filterWords;
    for (let w = 0; w < words; w++) {
      if (activeBits[w]! & ~excludedBits[excluded + w]! & ~blockedBits[blocked + w]!) return true;
    }
    return false;
  }

  /** Surplus headroom, where it binds: some guarantee is still to be met. */
  #measureSurplus(): void {
    const v = this.#v;
    this.#needy = false;
    this.#surplusSpent = false;
    if (v.header[H.guaranteeNodes] === 0) return;
    const kinds = v.header[H.kinds]!;
    for (let k = 0; k < kinds; k++) {
      const need = v.nKidNeed[k]!;
      if (need > 0) this.#needy = true;
      v.sSurplus[k] = Math.max(0, v.kHeadroom[k]! - need);
      v.sCharge[k] = 0;
    }
    this.#surplusSpent = this.#needy && meetsNoDefault(v, v.sSurplus, 0, v.sCharge, 0);
  }

  /** Can nobody get anything of the agent any more? Stage 1: what is free is not what is needed. */
  #isOver(): boolean {
    const v = this.#v;
    if (!this.#guaranteed) return this.#surplusSpent && this.#maySkip;
    if (this.#hasSlices) return false;
    const kinds = v.header[H.kinds]!;
    const free = this.#agent * v.header[H.rowStride]!;
    for (let k = 0; k < kinds; k++) {
      if (v.aFree[free + k]! > 0 && v.nKidNeed[k]! > 0) return false;
    }
    return true;
  }

  /** Walk the kids of a node in order; `chain`: an ancestor or the node misses its guarantee. */
  #walk(node: number, chain: boolean): number {
    const v = this.#v;
    const start = v.nKidStart[node]!;
    const random = this.#isRandom;
    const region = random ? start + v.nKidMax[node]! : start;
    const count = random ? this.#listKids(node, region) : v.nKidCount[node]!;
    let outcome = 0;
    for (let i = chain || !this.#maySkip ? 0 : this.#firstKid(node); i < count; i++) {
      if (random) this.#drawKid(node, region, i, count);
      const kid = v.order[region + i]!;
      const result = this.#walkKid(node, kid, chain);
      if (result & GRANTED) {
        outcome |= GRANTED;
        this.#touch(node, start, i);
      }
      if (result & EXHAUSTED) return outcome | EXHAUSTED;
    }
    return outcome;
  }

  #walkKid(node: number, kid: number, chain: boolean): number {
    const v = this.#v;
    if (kid === node) return v.nLeafActive[node]! > 0 ? this.#visitRole(node) : 0;
    if (v.nActive[kid] === 0) return 0;
    if (this.#maySkip && v.nSpent[kid]) return 0;
    let left = chain;
    if (this.#guaranteed) {
      left = left || v.nLeft[kid] !== 0;
      if (!left && (v.nKidCount[kid] === 0 || this.#mayPassOver(kid))) return 0;
    }
    return v.nKidCount[kid] === 0 ? this.#visitRole(kid) : this.#walk(kid, left);
  }

  /**
   * Where the first kid stands that this stage may still give something to; none before it gets
   * anything any more, as a run makes guarantees and limits only tighter.
   */
  #firstKid(node: number): number {
    const v = this.#v;
    const start = v.nKidStart[node]!;
    const count = v.nKidCount[node]!;
    let i = v.nKidSkip[node]!;
    while (i < count && this.#isDone(node, v.order[start + i]!)) i++;
    v.nKidSkip[node] = i;
    return i;
  }

  #isDone(node: number, kid: number): boolean {
    const v = this.#v;
    if (kid === node) return v.nLeafActive[node] === 0;
    if (v.nActive[kid] === 0 || v.nSpent[kid] !== 0) return true;
    if (!this.#guaranteed || v.nLeft[kid] !== 0) return false;
    return v.nKidCount[kid] === 0 || this.#mayPassOver(kid);
  }

  /** Where the first active client of the role stands. */
  #firstClient(role: number): number {
    const v = this.#v;
    const start = v.nClientStart[role]!;
    const count = v.nClientCount[role]!;
    let i = v.nClientSkip[role]!;
    while (i < count && isActive(v, v.order[start + i]!) === 0) i++;
    v.nClientSkip[role] = i;
    return i;
  }

  #mayPassOver(kid: number): boolean {
    return !this.#isRandom && (this.#v.nFlags[kid]! & N_SUBTREE_GUARANTEE) === 0;
  }

  /** Offer to the clients of one role. */
  #visitRole(role: number): number {
    const v = this.#v;
    if (this.#guaranteed && !this.#measureGuarantee(role)) return 0;
    if (!this.#hasMain && !(this.#hasSlices && this.#someSliceVisible(role))) return 0;
    const start = v.nClientStart[role]!;
    const random = this.#isRandom;
    const region = random ? start + v.nClientMax[role]! : start;
    const count = random ? this.#listClients(role, region) : v.nClientCount[role]!;
    let measured = false;
    let outcome = 0;
    for (let i = random ? 0 : this.#firstClient(role); i < count; i++) {
      if (random) this.#drawClient(region, i, count);
      const client = v.order[region + i]!;
      if (!this.#mayHave(client)) continue;
      if (!measured) {
        this.#measureLimit(role);
        this.#measureTake(role);
      }
      measured = true;
      if (!this.#try(role, client)) continue;
      outcome |= GRANTED;
      this.#touch(-1 - role, start, i);
      this.#hasMain = mainFree(v, this.#agent);
      if (this.#hasSlices) this.#hasSlices = slicesFree(v, this.#agent);
      if (!this.#hasMain && !this.#hasSlices) return outcome | EXHAUSTED;
      this.#measureSurplus();
      if (this.#isOver()) return outcome | EXHAUSTED;
      // The random sorter goes on: the contract counts its draws.
      if (this.#guaranteed && !this.#measureGuarantee(role) && !this.#isRandom) return outcome;
      measured = false;
    }
    return outcome;
  }

  #mayHave(client: number): boolean {
    const v = this.#v;
    const word = client >>> 5;
    const may =
      v.activeBits[word]! &
      ~v.excludedBits[this.#classWords + word]! &
      ~v.blockedBits[this.#filterWords + word]!;
    return ((may >>> (client & 31)) & 1) === 1;
  }

  /** `sGuaranteeLeft` of the role; false when nothing is left to guarantee. */
  #measureGuarantee(role: number): boolean {
    const v = this.#v;
    if (!(v.nFlags[role]! & N_CHAIN_GUARANTEE)) return false;
    const row = v.header[H.rowStride]!;
    const kinds = v.header[H.kinds]!;
    let some = false;
    for (let k = 0; k < kinds; k++) {
      v.sGuaranteeLeft[k] = 0;
      v.sCharge[k] = 0;
    }
    // `sCharge` sums up what all children that branch off the path still need.
    let below = 0;
    for (let node = role; node !== 0; below = node, node = v.nParent[node]!) {
      const owed = v.nLeft[node] !== 0;
      for (let k = 0; k < kinds; k++) {
        const at = node * row + k;
        v.sCharge[k] = v.sCharge[k]! + v.nKidNeed[at]! - v.nNeed[below * row + k]!;
        if (!owed) continue;
        const left = Math.max(0, v.nGuarantee[at]! - v.nConsumed[at]!) - v.sCharge[k]!;
        if (left > v.sGuaranteeLeft[k]!) v.sGuaranteeLeft[k] = left;
        if (left > 0) some = true;
      }
    }
    return some;
  }

  /** `sLimitLeft` of the role; infinite where nothing limits. */
  #measureLimit(role: number): void {
    const v = this.#v;
    const kinds = v.header[H.kinds]!;
    const row = v.header[H.rowStride]!;
    for (let k = 0; k < kinds; k++) v.sLimitLeft[k] = Number.POSITIVE_INFINITY;
    if (!(v.nFlags[role]! & N_CHAIN_LIMIT)) return;
    for (let node = role; node !== 0; node = v.nParent[node]!) {
      for (let k = 0; k < kinds; k++) {
        const left = Math.max(0, v.nLimit[node * row + k]! - v.nConsumed[node * row + k]!);
        if (left < v.sLimitLeft[k]!) v.sLimitLeft[k] = left;
      }
    }
  }

  /** `sTake` and `sGuaranteed`: what the main row gives to any client of the role. */
  #measureTake(role: number): void {
    const v = this.#v;
    const kinds = v.header[H.kinds]!;
    const free = this.#agent * v.header[H.rowStride]!;
    const bound = this.#guaranteed || this.#needy || (v.nFlags[role]! & N_CHAIN_LIMIT) !== 0;
    if (!bound) {
      for (let k = 0; k < kinds; k++) {
        v.sTake[k] = v.aFree[free + k]!;
        v.sGuaranteed[k] = 0;
      }
      return;
    }
    const countable = v.header[H.countableMask]!;
    for (let k = 0; k < kinds; k++) {
      const has = v.aFree[free + k]!;
      const limit = v.sLimitLeft[k]!;
      const sure = this.#guaranteed ? Math.min(has, v.sGuaranteeLeft[k]!, limit) : 0;
      let more = Math.min(has - sure, limit - sure);
      if (this.#needy) more = Math.min(more, v.sSurplus[k]!);
      let take = sure + more;
      if ((countable >>> k) & 1) take = Math.floor(take / 1000) * 1000;
      v.sGuaranteed[k] = sure;
      v.sTake[k] = take;
    }
    this.#followScalars(free, countable);
  }

  /** Countable kinds go along in proportion to the scalars. */
  #followScalars(free: number, countable: number): void {
    if (countable === 0) return;
    const v = this.#v;
    const kinds = v.header[H.kinds]!;
    let rho = -1;
    for (let k = 0; k < kinds; k++) {
      const has = v.aFree[free + k]!;
      if (((countable >>> k) & 1) === 0 && has > 0) rho = Math.max(rho, v.sTake[k]! / has);
    }
    if (rho < 0) return;
    for (let k = 0; k < kinds; k++) {
      if (((countable >>> k) & 1) === 0) continue;
      const part = Math.ceil((v.aFree[free + k]! / 1000) * rho) * 1000;
      v.sTake[k] = Math.min(v.sTake[k]!, part);
    }
  }

  #try(role: number, client: number): boolean {
    const v = this.#v;
    const kinds = v.header[H.kinds]!;
    this.#takeTotal = 0;
    this.#guaranteedTotal = 0;
    this.#slicesTaken = 0;
    this.#sliceGuaranteed = false;
    for (let k = 0; k < kinds; k++) {
      this.#takeTotal += v.sTake[k]!;
      this.#guaranteedTotal += v.sGuaranteed[k]!;
      v.sExtra[k] = 0;
    }
    if (this.#hasSlices) this.#chooseSlices(role, v.cFlags[client]!);
    if (this.#guaranteed && this.#guaranteedTotal === 0 && !this.#sliceGuaranteed) return false;
    if (this.#takeTotal === 0 && this.#slicesTaken === 0) return false;
    if (!this.#meetsMinimum(client)) return false;
    if (this.#isFiltered(client)) return false;
    this.#grant(role, client);
    return true;
  }

  #someSliceVisible(role: number): boolean {
    const v = this.#v;
    for (let slice = v.aSliceHead[this.#agent]!; slice !== 0; slice = v.lNext[slice]!) {
      if (this.#isVisible(slice, role)) return true;
    }
    return false;
  }

  #isVisible(slice: number, role: number): boolean {
    const v = this.#v;
    const owner = v.lNode[slice]!;
    if (owner !== 0) {
      let node = role;
      while (node !== 0 && node !== owner) node = v.nParent[node]!;
      if (node === 0) return false;
    }
    return sliceFree(v, slice);
  }

  /** Mark the slices that go with the offer in `lTaken`, and sum them up in `sExtra`. */
  #chooseSlices(role: number, can: number): void {
    const v = this.#v;
    const row = v.header[H.rowStride]!;
    const kinds = v.header[H.kinds]!;
    for (let slice = v.aSliceHead[this.#agent]!; slice !== 0; slice = v.lNext[slice]!) {
      v.lTaken[slice] = 0;
      const flags = v.lFlags[slice]!;
      if ((flags & 7 & ~can) !== 0 || !this.#isVisible(slice, role)) continue;
      if (flags & L_INDIVISIBLE && !this.#fitsBounds(slice)) continue;
      v.lTaken[slice] = 1;
      this.#slicesTaken++;
      for (let k = 0; k < kinds; k++) {
        v.sExtra[k] = v.sExtra[k]! + v.lFree[slice * row + k]!;
      }
    }
  }

  /**
   * Does an unreserved MOUNT disk stay within limit and headroom? `sExtra` does not tell what
   * earlier ones took of the bounds (it counts reserved slices too), so they are summed here.
   */
  #fitsBounds(slice: number): boolean {
    const v = this.#v;
    const row = v.header[H.rowStride]!;
    const kinds = v.header[H.kinds]!;
    for (let k = 0; k < kinds; k++) {
      const amount = v.lFree[slice * row + k]!;
      if (amount === 0) continue;
      const sureNow = v.sGuaranteed[k]!;
      let limitRest = v.sLimitLeft[k]! - v.sTake[k]!;
      let sureRest = this.#guaranteed ? v.sGuaranteeLeft[k]! - sureNow : 0;
      let surplusRest = this.#needy
        ? v.sSurplus[k]! - (v.sTake[k]! - sureNow)
        : Number.POSITIVE_INFINITY;
      for (let other = v.aSliceHead[this.#agent]!; other !== slice; other = v.lNext[other]!) {
        if (v.lTaken[other] === 0 || !(v.lFlags[other]! & L_INDIVISIBLE)) continue;
        const before = v.lFree[other * row + k]!;
        const surely = Math.min(before, sureRest);
        limitRest -= before;
        sureRest -= surely;
        surplusRest -= before - surely;
      }
      const sure = Math.min(amount, sureRest);
      if (amount > limitRest || amount - sure > surplusRest) return false;
      if (sure > 0) this.#sliceGuaranteed = true;
    }
    return true;
  }

  #meetsMinimum(client: number): boolean {
    const v = this.#v;
    const row = v.header[H.rowStride]!;
    const kinds = v.header[H.kinds]!;
    const count = v.cMinCount[client]!;
    const start = v.cMinStart[client]!;
    for (let i = 0; i < count; i++) {
      const base = (start + i) * row;
      let meets = true;
      for (let k = 0; k < kinds && meets; k++) {
        if (v.sTake[k]! + v.sExtra[k]! < v.minimums[base + k]!) meets = false;
      }
      if (meets) return true;
    }
    return count === 0;
  }

  #isFiltered(client: number): boolean {
    const v = this.#v;
    const bits = v.activeFilterBits[this.#filterWords + (client >>> 5)]!;
    if (((bits >>> (client & 31)) & 1) === 0) return false;
    for (let f = v.aFilterHead[this.#agent]!; f !== 0; f = v.fNext[f]!) {
      if (v.fClient[f] === client && covers(v, f, this.#agent, v.sTake, 0, this.#slicesTaken > 0)) {
        return true;
      }
    }
    return false;
  }

  #grant(role: number, client: number): void {
    const v = this.#v;
    const kinds = v.header[H.kinds]!;
    const row = v.header[H.rowStride]!;
    const agent = this.#agent;
    const offer = openOffer(v, agent, client);
    if (this.#slicesTaken > 0) this.#grantSlices(offer, client);
    for (let k = 0; k < kinds; k++) {
      const take = v.sTake[k]!;
      v.sCharge[k] = take;
      v.oMain[offer * row + k] = v.oMain[offer * row + k]! + take;
      v.aFree[agent * row + k] = v.aFree[agent * row + k]! - take;
      v.kHeadroom[k] = v.kHeadroom[k]! - take;
    }
    charge(v, client, 1);
    consume(v, role, 1);
    countGrant(v, client);
  }

  #grantSlices(offer: number, client: number): void {
    const v = this.#v;
    const kinds = v.header[H.kinds]!;
    const row = v.header[H.rowStride]!;
    for (let slice = v.aSliceHead[this.#agent]!; slice !== 0; slice = v.lNext[slice]!) {
      if (v.lTaken[slice] === 0) continue;
      v.lTaken[slice] = 0;
      v.lCycle[slice] = v.header[H.cycle]!;
      const part = v.header[H.partsFree]!;
      v.header[H.partsFree] = v.tNext[part]!;
      v.header[H.partsFreeCount] = v.header[H.partsFreeCount]! - 1;
      v.tSlice[part] = slice;
      v.tNext[part] = v.oParts[offer]!;
      v.oParts[offer] = part;
      for (let k = 0; k < kinds; k++) v.tAmounts[part * row + k] = v.lFree[slice * row + k]!;
      chargeSlice(v, slice, v.tAmounts, part * row, client, 1);
      if (v.lFlags[slice]! & CAN_SHARED) continue;
      for (let k = 0; k < kinds; k++) {
        const amount = v.tAmounts[part * row + k]!;
        v.lFree[slice * row + k] = 0;
        if (v.lFlags[slice]! & L_INDIVISIBLE) v.kHeadroom[k] = v.kHeadroom[k]! - amount;
      }
    }
  }

  get #isRandom(): boolean {
    return this.#v.header[H.randomSorter] !== 0;
  }

  /** Random sorter: list the kids that have an active client, by name; answers how many. */
  #listKids(node: number, region: number): number {
    const v = this.#v;
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

  /** Random sorter: list the active clients of a role, by framework id; answers how many. */
  #listClients(role: number, region: number): number {
    const v = this.#v;
    const start = v.nClientStart[role]!;
    const all = v.nClientCount[role]!;
    let count = 0;
    for (let i = 0; i < all; i++) {
      const client = v.order[start + i]!;
      if (isActive(v, client)) v.order[region + count++] = client;
    }
    return count;
  }

  #roll(): number {
    this.#dice = (this.#dice + 0x9e3779b9) >>> 0;
    return mix(this.#dice) / 4_294_967_296;
  }

  /** Draw the kid that comes `i`-th, with chance by weight. */
  #drawKid(node: number, region: number, i: number, count: number): void {
    const { order, nWeight } = this.#v;
    let sum = 0;
    for (let j = i; j < count; j++) {
      const kid = order[region + j]!;
      sum += kid === node ? 1 : nWeight[kid]!;
    }
    let rest = this.#roll() * sum;
    let drawn = i;
    for (; drawn < count - 1; drawn++) {
      const kid = order[region + drawn]!;
      rest -= kid === node ? 1 : nWeight[kid]!;
      if (rest < 0) break;
    }
    swap(order, region + i, region + drawn);
  }

  /** Draw the client that comes `i`-th. */
  #drawClient(region: number, i: number, count: number): void {
    const { order } = this.#v;
    const drawn = i + Math.floor(this.#roll() * (count - i));
    swap(order, region + i, region + Math.min(drawn, count - 1));
  }

  /** Remember an entry that has to be moved when the visit ends; a visit meets each once. */
  #touch(group: number, start: number, position: number): void {
    const { touched } = this.#v;
    const end = this.#touched * 3;
    touched[end] = group >>> 0;
    touched[end + 1] = start;
    touched[end + 2] = position;
    this.#touched++;
  }

  /**
   * Move what the visit granted to. A region's entries were touched from front to back; from the
   * back their positions hold.
   */
  #settle(): void {
    const v = this.#v;
    const { touched } = v;
    for (let entry = (this.#touched - 1) * 3; entry >= 0; entry -= 3) {
      const group = touched[entry]! | 0;
      const position = touched[entry + 2]!;
      const count = group < 0 ? v.nClientCount[-1 - group]! : v.nKidCount[group]!;
      reposition(v, group, touched[entry + 1]!, count, position);
      if (group >= 0 && position < v.nKidSkip[group]!) v.nKidSkip[group] = position;
    }
  }
}

/** Is something free in the agent's main row? */
export function mainFree(v: Views, agent: number): boolean {
  const kinds = v.header[H.kinds]!;
  const base = agent * v.header[H.rowStride]!;
  for (let k = 0; k < kinds; k++) if (v.aFree[base + k]! > 0) return true;
  return false;
}

/** Is something free in a slice that was not offered in this run? */
export function slicesFree(v: Views, agent: number): boolean {
  for (let slice = v.aSliceHead[agent]!; slice !== 0; slice = v.lNext[slice]!) {
    if (sliceFree(v, slice)) return true;
  }
  return false;
}

function sliceFree(v: Views, slice: number): boolean {
  if (v.lFlags[slice]! & CAN_SHARED && v.lCycle[slice] === v.header[H.cycle]) return false;
  const kinds = v.header[H.kinds]!;
  const base = slice * v.header[H.rowStride]!;
  for (let k = 0; k < kinds; k++) if (v.lFree[base + k]! > 0) return true;
  return false;
}

/**
 * Does the filter refuse a take of these main amounts together with `sExtra`?
 *
 * Source: docs/allocator_semantics.md, section 7.
 */
export function covers(
  v: Views,
  filter: number,
  agent: number,
  main: Float64Array,
  mainBase: number,
  withSlices: boolean,
): boolean {
  const kinds = v.header[H.kinds]!;
  const refused = v.fSnap[filter]! * v.header[H.rowStride]!;
  const countable = v.header[H.countableMask]!;
  let identity = withSlices;
  for (let k = 0; k < kinds; k++) {
    const amount = main[mainBase + k]!;
    if (amount > v.pMain[refused + k]! || v.sExtra[k]! > v.pExtra[refused + k]!) return false;
    if ((countable >>> k) & 1 && amount > 0) identity = true;
  }
  return !identity || v.fToken[filter] === v.aToken[agent];
}

/** The offer of this run to the client on the agent; a new one when there is none. */
function openOffer(v: Views, agent: number, client: number): number {
  const cycle = v.header[H.cycle]!;
  for (let o = v.aOfferHead[agent]!; o !== 0 && v.oCycle[o] === cycle; o = v.oNext[o]!) {
    if (v.oClient[o] === client) return o;
  }
  const row = v.header[H.rowStride]!;
  const offer = v.header[H.offersFree]!;
  v.header[H.offersFree] = v.oNext[offer]!;
  v.header[H.offersFreeCount] = v.header[H.offersFreeCount]! - 1;
  v.header[H.outstanding] = v.header[H.outstanding]! + 1;
  v.oMain.fill(0, offer * row, offer * row + row);
  v.oAgent[offer] = agent;
  v.oClient[offer] = client;
  v.oParts[offer] = 0;
  v.oToken[offer] = v.aToken[agent]!;
  v.oCycle[offer] = cycle;
  v.oFlags[offer] = O_LIVE;
  v.oNext[offer] = v.aOfferHead[agent]!;
  v.aOfferHead[agent] = offer;
  v.results[v.header[H.resultCount]!] = offer;
  v.header[H.resultCount] = v.header[H.resultCount]! + 1;
  return offer;
}

function isActive(v: Views, client: number): number {
  return (v.activeBits[client >>> 5]! >>> (client & 31)) & 1;
}

function swap(order: Uint32Array, a: number, b: number): void {
  const kept = order[a]!;
  order[a] = order[b]!;
  order[b] = kept;
}
