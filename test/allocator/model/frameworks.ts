import type { FrameworkSpec, FrameworkUpdate } from "../../../src/allocator/types.ts";
import { FairleadError } from "../../../src/base/mod.ts";
import { removeUsed, withdrawAll } from "./accounts.ts";
import { clearClientFilters } from "./filters.ts";
import { findFramework } from "./find.ts";
import { forgetInverse } from "./inverse.ts";
import { readFramework } from "./read.ts";
import { clientsOf, ensureClient, findClient, pruneClient } from "./roles.ts";
import type { Framework, ModelState } from "./state.ts";

/** See `AllocatorApi.addFramework`. */
export function addFramework(state: ModelState, spec: FrameworkSpec): void {
  if (state.frameworks.has(spec.id)) {
    throw new FairleadError("duplicate_framework", `Cannot add "${spec.id}": it is there`);
  }
  const framework = readFramework(spec);
  state.frameworks.set(spec.id, framework);
  for (const role of framework.roles) ensureClient(state, spec.id, role);
}

/** See `AllocatorApi.updateFramework`. */
export function updateFramework(state: ModelState, id: string, update: FrameworkUpdate): number[] {
  const framework = findFramework(state, id);
  const roles = update.roles ?? [...framework.roles];
  const kept = [...framework.suppressed].filter((role) => roles.includes(role));
  const read = readFramework({
    ...update,
    id,
    roles,
    suppressedRoles: update.suppressedRoles ?? kept,
  });
  framework.roles = read.roles;
  framework.suppressed = read.suppressed;
  if (update.capabilities !== undefined) framework.capabilities = read.capabilities;
  if (update.minAllocatable !== undefined) framework.minimums = read.minimums;
  if (update.offerConstraints !== undefined) framework.constraints = read.constraints;
  framework.minimums = onlyFor(framework.roles, framework.minimums);
  framework.constraints = onlyFor(framework.roles, framework.constraints);
  for (const role of framework.roles) ensureClient(state, id, role);
  const dropped = clientsOf(state, id).filter(({ role }) => !framework.roles.has(role));
  const rescinded = withdrawAll(
    state,
    offersOf(state, id).filter(({ client }) => dropped.includes(client)),
  );
  for (const client of dropped) {
    clearClientFilters(client);
    pruneClient(state, client);
  }
  return rescinded;
}

function onlyFor<T>(roles: ReadonlySet<string>, byRole: ReadonlyMap<string, T>): Map<string, T> {
  return new Map([...byRole].filter(([role]) => roles.has(role)));
}

function offersOf(state: ModelState, frameworkId: string) {
  return [...state.offers.values()].filter(({ client }) => client.frameworkId === frameworkId);
}

/** See `AllocatorApi.deactivateFramework`. */
export function deactivateFramework(state: ModelState, id: string): number[] {
  findFramework(state, id).active = false;
  for (const client of clientsOf(state, id)) clearClientFilters(client);
  forgetInverse(state, id);
  return withdrawAll(state, offersOf(state, id));
}

/** See `AllocatorApi.removeFramework`. */
export function removeFramework(state: ModelState, id: string): number[] {
  const rescinded = deactivateFramework(state, id);
  const clients = clientsOf(state, id);
  state.frameworks.delete(id);
  for (const client of clients) {
    for (const agent of [...client.usedOn]) {
      removeUsed(state, agent, client, agent.used.get(client)!);
      agent.dirty = true;
    }
    pruneClient(state, client);
  }
  return rescinded;
}

/** Take roles out of the sort. */
export function suppress(
  state: ModelState,
  id: string,
  roles: readonly string[] | undefined,
): void {
  const framework = findFramework(state, id);
  for (const role of listed(framework, roles)) framework.suppressed.add(role);
}

/** Put roles back into the sort, without their filters. */
export function revive(state: ModelState, id: string, roles: readonly string[] | undefined): void {
  const framework = findFramework(state, id);
  for (const role of listed(framework, roles)) {
    framework.suppressed.delete(role);
    const client = findClient(state, id, role);
    if (client !== undefined) clearClientFilters(client);
  }
}

function listed(framework: Framework, roles: readonly string[] | undefined): readonly string[] {
  for (const role of roles ?? []) {
    if (framework.roles.has(role)) continue;
    throw new FairleadError(
      "unknown_role",
      `Cannot find role "${role}": framework "${framework.id}" does not list it`,
    );
  }
  return roles ?? [...framework.roles];
}
