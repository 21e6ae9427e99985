import type { AgentSpec, AgentUpdate, Allocated } from "../../../src/allocator/types.ts";
import { FairleadError } from "../../../src/base/mod.ts";
import { Resources, validateRole } from "../../../src/resources/mod.ts";
import { addUsed, checkKinds, learnKinds, removeUsed, setTotal, withdrawAll } from "./accounts.ts";
import { clearAgentFilters } from "./filters.ts";
import { findAgent } from "./find.ts";
import { checkWindow, readResources } from "./read.ts";
import { ensureClient } from "./roles.ts";
import { checkDistinct, freeOf, identityContent, volumesIdle } from "./shape.ts";
import type { Agent, ModelState } from "./state.ts";

const CAPABILITIES = ["MULTI_ROLE", "HIERARCHICAL_ROLE", "RESERVATION_REFINEMENT"] as const;

/** See `AllocatorApi.addAgent`. */
export function addAgent(state: ModelState, spec: AgentSpec): void {
  if (state.agents.has(spec.id)) {
    throw new FairleadError("duplicate_agent", `Cannot add agent "${spec.id}": it is there`);
  }
  const total = readResources(spec.resources);
  const used = readUsed(spec.used ?? []);
  checkKinds(state, total, ...used.map(({ resources }) => resources));
  checkDistinct(total);
  checkWindow(spec.unavailability);
  const agent = blankAgent(spec, state.freedHandles.pop() ?? state.nextAgentHandle++);
  state.agents.set(spec.id, agent);
  if (state.recovery !== undefined) state.recovery.added += 1;
  gain(state, agent, total, used);
  agent.content = identityContent(freeOf(agent));
}

function blankAgent(spec: AgentSpec, handle: number): Agent {
  return {
    id: spec.id,
    handle,
    total: Resources.EMPTY,
    hostname: spec.hostname ?? spec.id,
    attributes: spec.attributes ?? {},
    domain: spec.domain,
    capabilities: new Set(spec.capabilities ?? CAPABILITIES),
    active: spec.active ?? true,
    unavailability: spec.unavailability,
    used: new Map(),
    offers: new Set(),
    slices: [],
    epoch: 0,
    content: Resources.EMPTY,
    dirty: false,
    filters: new Map(),
    inverse: new Map(),
  };
}

function readUsed(used: readonly Allocated[]): Allocated[] {
  return used.map(({ frameworkId, role, resources }) => {
    validateRole(role);
    return { frameworkId, role, resources: resources.unallocate() };
  });
}

function gain(
  state: ModelState,
  agent: Agent,
  resources: Resources,
  used: readonly Allocated[],
): void {
  learnKinds(state, resources, ...used.map((held) => held.resources));
  setTotal(state, agent, agent.total.add(resources));
  for (const held of used) {
    if (held.resources.isEmpty) continue;
    addUsed(agent, ensureClient(state, held.frameworkId, held.role), held.resources);
  }
}

/** See `AllocatorApi.updateAgent`. */
export function updateAgent(state: ModelState, id: string, update: AgentUpdate): number[] {
  const agent = findAgent(state, id);
  const total = update.resources === undefined ? undefined : readResources(update.resources);
  if (total !== undefined) {
    checkKinds(state, total);
    checkDistinct(total);
  }
  const before = factsOf(agent);
  if (update.hostname !== undefined) agent.hostname = update.hostname;
  if (update.attributes !== undefined) agent.attributes = update.attributes;
  if (update.domain !== undefined) agent.domain = update.domain ?? undefined;
  if (update.capabilities !== undefined) agent.capabilities = new Set(update.capabilities);
  if (factsOf(agent) !== before) clearAgentFilters(agent);
  if (total === undefined) return [];
  const rescinded = withdrawAll(state, agent.offers);
  learnKinds(state, total);
  setTotal(state, agent, total);
  agent.dirty = true;
  return rescinded;
}

/** What filters depend on, as text. */
function factsOf({ hostname, attributes, domain }: Agent): string {
  const sorted = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([hostname, sorted, domain?.region, domain?.zone]);
}

/** See `AllocatorApi.removeAgent`. */
export function removeAgent(state: ModelState, id: string): number[] {
  const agent = findAgent(state, id);
  const rescinded = withdrawAll(state, agent.offers);
  for (const [client, used] of [...agent.used]) removeUsed(state, agent, client, used);
  clearAgentFilters(agent);
  setTotal(state, agent, Resources.EMPTY);
  state.agents.delete(id);
  state.freedHandles.push(agent.handle);
  return rescinded;
}

/** See `AllocatorApi.addResourceProvider`. */
export function addProvider(
  state: ModelState,
  id: string,
  resources: Resources | string,
  used: readonly Allocated[] = [],
): void {
  const agent = findAgent(state, id);
  const more = readResources(resources);
  const held = readUsed(used);
  checkKinds(state, more, ...held.map((part) => part.resources));
  checkDistinct(agent.total.add(more));
  gain(state, agent, more, held);
  agent.dirty = true;
}

/** See `AllocatorApi.removeResourceProvider`. */
export function removeProvider(state: ModelState, id: string, resources: Resources | string): void {
  const agent = findAgent(state, id);
  const less = readResources(resources);
  checkFree(agent, less);
  setTotal(state, agent, agent.total.subtract(less));
  agent.dirty = true;
}

/** Refuse unless nobody holds any of it. @throws {FairleadError} `resources_not_available`. */
export function checkFree(agent: Agent, resources: Resources): void {
  if (freeOf(agent).contains(resources) && volumesIdle(agent, resources)) return;
  throw new FairleadError(
    "resources_not_available",
    `Cannot take ${resources} from agent "${agent.id}": not all of it is free`,
  );
}
