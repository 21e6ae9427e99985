import { type Resource, Resources, shrink } from "../../../src/resources/mod.ts";
import { book } from "./accounts.ts";
import {
  type Amounts,
  addAmount,
  addAmounts,
  amountOf,
  amountsOf,
  containsAmounts,
  hasSomething,
} from "./amounts.ts";
import { isExcluded } from "./constraints.ts";
import { isFiltered } from "./filters.ts";
import { type Consumption, consumed, guaranteeLeft, limitLeft, requiredHeadroom } from "./quota.ts";
import { countGrant, pathOf } from "./roles.ts";
import type { FreeSlice } from "./shape.ts";
import type { Agent, Client, ModelState, RoleNode } from "./state.ts";

/** What is free on one agent in a run; grants take from it. */
export interface FreeAgent {
  readonly agent: Agent;
  /** The main row as it was when the run began; who gets which part is settled at the end. */
  main: Resources;
  /** What is left of the main row. */
  readonly row: Amounts;
  /** Without those taken and the shared ones that this run offered to someone. */
  slices: FreeSlice[];
}

/** One run while it goes on. */
export interface Run {
  readonly state: ModelState;
  readonly salt: number;
  readonly consumption: Consumption;
  /** What eligible agents have free in main rows and lone disks. */
  readonly headroom: Amounts;
  readonly guaranteedKinds: ReadonlySet<string>;
  readonly free: ReadonlyMap<Agent, FreeAgent>;
  /** By agent and client, in the order of the first grant. */
  readonly grants: Map<string, Grant>;
}

/** What one client was given on one agent in a run. */
export interface Grant {
  readonly free: FreeAgent;
  readonly client: Client;
  readonly main: Amounts;
  sliced: Resources;
}

/** Who is to be given something of what. */
export interface Try {
  readonly free: FreeAgent;
  readonly node: RoleNode;
  readonly client: Client;
  readonly guaranteed: boolean;
}

interface Take {
  readonly main: Amounts;
  readonly slices: readonly FreeSlice[];
  /** Whether something of it meets a guarantee. */
  readonly meets: boolean;
}

/** Try to give a client what is there for it: section 6. */
export function attempt(run: Run, attempted: Try): void {
  const { free, client, guaranteed } = attempted;
  if (isExcluded(run.state, free.agent, client)) return;
  const take = takeOf(run, attempted);
  if (guaranteed && !take.meets) return;
  const sliced: Amounts = new Map();
  for (const { amounts } of take.slices) addAmounts(sliced, amounts);
  const all: Amounts = new Map(take.main);
  addAmounts(all, sliced);
  if (!hasSomething(all) || !meetsMinimum(run.state, client, all)) return;
  const counts = [...take.main.keys()].some((kind) => isCountable(run.state, kind));
  const hasIdentity = counts || take.slices.length > 0;
  if (isFiltered(free.agent, client, { main: take.main, sliced, hasIdentity })) return;
  grant(run, attempted, take);
}

function takeOf(run: Run, { free, node, client, guaranteed }: Try): Take {
  const kinds = new Map<string, KindTake>();
  const { row } = free;
  for (const [kind, millis] of row) {
    kinds.set(kind, takeOfKind(run, { node, kind, millis, guaranteed }));
  }
  followScalars(run.state, row, kinds);
  const main: Amounts = new Map();
  for (const [kind, { taken }] of kinds) addAmount(main, kind, taken);
  const rests = new Map<string, Rest>();
  let meets = [...kinds.values()].some((kind) => kind.guaranteed > 0);
  const slices: FreeSlice[] = [];
  for (const slice of free.slices) {
    if (!isVisible(run.state, slice, client)) continue;
    if (slice.indivisible) {
      const part = loneDiskPart(run, { node, slice, kinds, rests, guaranteed });
      if (part === undefined) continue;
      if (part > 0) meets = true;
    }
    slices.push(slice);
  }
  return { main, slices, meets };
}

/** What is taken of one kind of the main row. */
interface KindTake {
  readonly guaranteed: number;
  taken: number;
}

/** What a kind's bounds are after what was taken of it. */
interface Rest {
  guarantee: number;
  limit: number;
  surplus: number;
}

function takeOfKind(
  run: Run,
  asked: { node: RoleNode; kind: string; millis: number; guaranteed: boolean },
): KindTake {
  const { kind, millis } = asked;
  const { guarantee, limit, surplus } = boundsOf(run, asked);
  const guaranteed = Math.min(millis, guarantee, limit);
  let taken = guaranteed + Math.min(millis - guaranteed, limit - guaranteed, surplus);
  if (isCountable(run.state, kind)) taken = Math.floor(taken / 1000) * 1000;
  return { guaranteed, taken };
}

function boundsOf(
  { state, consumption, headroom, guaranteedKinds }: Run,
  { node, kind, guaranteed }: { node: RoleNode; kind: string; guaranteed: boolean },
): Rest {
  const named = guaranteedKinds.has(kind);
  const required = named ? requiredHeadroom(state, consumption, kind) : 0;
  return {
    guarantee: named && guaranteed ? guaranteeLeft(consumption, node, kind) : 0,
    limit: limitLeft(consumption, node, kind),
    surplus: Math.max(0, amountOf(headroom, kind) - required),
  };
}

/** Of ranges and sets no greater part is taken than of the scalars. */
function followScalars(state: ModelState, row: Amounts, kinds: Map<string, KindTake>): void {
  const parts: number[] = [];
  for (const [kind, { taken }] of kinds) {
    if (!isCountable(state, kind)) parts.push(taken / amountOf(row, kind));
  }
  const rho = parts.length === 0 ? 1 : Math.max(...parts);
  for (const [kind, take] of kinds) {
    if (!isCountable(state, kind)) continue;
    take.taken = Math.min(take.taken, Math.ceil((amountOf(row, kind) / 1000) * rho) * 1000);
  }
}

/** How much of a lone disk meets a guarantee; undefined when it cannot be taken. */
function loneDiskPart(
  run: Run,
  asked: {
    node: RoleNode;
    slice: FreeSlice;
    kinds: ReadonlyMap<string, KindTake>;
    rests: Map<string, Rest>;
    guaranteed: boolean;
  },
): number | undefined {
  const { node, slice, kinds, rests, guaranteed } = asked;
  const [[kind, millis] = ["", 0]] = slice.amounts;
  const rest = rests.get(kind) ?? boundsOf(run, { node, kind, guaranteed });
  if (!rests.has(kind)) {
    const main = kinds.get(kind) ?? { guaranteed: 0, taken: 0 };
    rest.guarantee -= main.guaranteed;
    rest.limit -= main.taken;
    rest.surplus -= main.taken - main.guaranteed;
    rests.set(kind, rest);
  }
  const part = Math.max(0, Math.min(millis, rest.guarantee));
  if (millis > rest.limit || millis - part > rest.surplus) return undefined;
  rest.guarantee -= part;
  rest.limit -= millis;
  rest.surplus -= millis - part;
  return part;
}

/** Whether a client may see a slice: reservation and capabilities. */
function isVisible(state: ModelState, slice: FreeSlice, client: Client): boolean {
  if (!isOpenTo(slice, client.role)) return false;
  const capabilities = state.frameworks.get(client.frameworkId)?.capabilities;
  if (slice.revocable && !capabilities?.has("REVOCABLE_RESOURCES")) return false;
  if (slice.shared && !capabilities?.has("SHARED_RESOURCES")) return false;
  return !slice.refined || capabilities?.has("RESERVATION_REFINEMENT") === true;
}

/** Whether a slice is unreserved, or reserved to the role or a role above it. */
export function isOpenTo({ owner }: FreeSlice, role: string): boolean {
  return owner === undefined || owner === role || role.startsWith(`${owner}/`);
}

function isCountable(state: ModelState, kind: string): boolean {
  return state.kindTypes.get(kind) !== "SCALAR";
}

function meetsMinimum(state: ModelState, { frameworkId, role }: Client, take: Amounts): boolean {
  const own = state.frameworks.get(frameworkId)?.minimums.get(role);
  const minimums = own ?? state.options.minimums;
  return minimums.length === 0 || minimums.some((minimum) => containsAmounts(take, minimum));
}

function grant(run: Run, { free, node, client }: Try, take: Take): void {
  const { agent } = free;
  const sliced = take.slices.reduce((sum, { resources }) => sum.add(resources), Resources.EMPTY);
  addAmounts(free.row, take.main, -1);
  free.slices = free.slices.filter((slice) => !take.slices.includes(slice));
  addAmounts(client.allocated, take.main);
  addAmounts(client.unreserved, take.main);
  book(client, agent, sliced, 1);
  countGrant(node, client);
  const unreserved = new Map(take.main);
  for (const { indivisible, amounts } of take.slices) {
    if (indivisible) addAmounts(unreserved, amounts);
  }
  addAmounts(run.headroom, unreserved, -1);
  for (const above of pathOf(node)) addAmounts(consumed(run.consumption, above), unreserved);
  const key = JSON.stringify([agent.id, client.frameworkId, client.role]);
  const given = run.grants.get(key) ?? { free, client, main: new Map(), sliced: Resources.EMPTY };
  addAmounts(given.main, take.main);
  given.sliced = given.sliced.add(sliced);
  run.grants.set(key, given);
}

/** Settle what a grant is made of; grants of an agent must be settled in their order. */
export function settle({ free, main, sliced }: Grant): Resources {
  const pieces = cut(free.main, main);
  free.main = free.main.subtract(pieces);
  return pieces.add(sliced);
}

/** Cut amounts out of a main row: resources in their own order, members from the first on. */
function cut(row: Resources, amounts: Amounts): Resources {
  const rest = new Map(amounts);
  const pieces: Resource[] = [];
  for (const resource of row) {
    const piece = shrink(resource, amountOf(rest, resource.name));
    if (piece === undefined) continue;
    pieces.push(piece);
    addAmounts(rest, amountsOf(Resources.of([piece])), -1);
  }
  return Resources.of(pieces);
}
