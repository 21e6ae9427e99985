/** The beginning and the end of a leadership, and what is forgotten in between. */
import { Quantities } from "../../resources/mod.ts";
import { machineKey } from "../validate/machines.ts";
import type { Context } from "./context.ts";
import type { MasterInput } from "./events.ts";
import { failoverTimeoutMsOf } from "./framework_spec.ts";
import { recoverFramework } from "./frameworks.ts";
import { applyQuotas } from "./quota.ts";
import type { FrameworkNode, RegistryContent } from "./registry.ts";
import { deleteNode, readRegistry } from "./registry.ts";

/**
 * Read what the masters before this one have written, and lead.
 *
 * @throws {FairleadError} `invalid_registry`; then it does not lead.
 */
export function recover(core: Context, input: MasterInput & { readonly type: "recovered" }): void {
  const content = readRegistry(input.nodes);
  const { books, options } = core;
  books.status = "leading";
  books.recoveredMs = core.nowMs;
  core.lastAllocationMs = core.nowMs;
  for (const id of content.completed) books.completedIds.add(id);
  for (const [id, sinceMs] of content.gone) books.goneAgents.set(id, sinceMs);
  for (const [id, node] of content.unreachable) books.unreachableAgents.set(id, { id, ...node });
  for (const [id, node] of content.agents) books.recoveredAgents.set(id, { id, ...node });
  for (const machine of content.machines) books.machines.set(machineKey(machine.id), machine);
  recoverQuotas(core, content);
  for (const [id, node] of content.frameworks) recoverOne(core, id, node);
  if (content.agents.size > 0) {
    core.returned();
    core.timers.set(core.nowMs + options.agentReregisterTimeoutMs, "recovered", "");
    // Without quotas nothing can be passed, and nobody has to wait.
    if (books.quotas.size > 0) {
      const timeoutMs = options.agentReregisterTimeoutMs;
      core.allocator.expectAgents({ count: content.agents.size, timeoutMs });
    }
  }
  core.timers.set(core.nowMs + options.registryGcMs, "gc", "");
  core.log("info", "Recovered the registry", {
    agents: content.agents.size,
    frameworks: content.frameworks.size,
  });
}

function recoverQuotas(core: Context, { quotas, weights }: RegistryContent): void {
  const { books, allocator } = core;
  for (const [role, weight] of weights) {
    books.weights.set(role, weight);
    allocator.setWeight(role, weight);
  }
  applyQuotas(
    core,
    quotas.map(({ role, guarantees, limits }) => {
      return { role, guarantees: Quantities.ofMillis(guarantees), limits };
    }),
  );
}

function recoverOne(core: Context, id: string, node: FrameworkNode): void {
  const timeoutMs = failoverTimeoutMsOf(node.info, core.options.failoverTimeoutMs);
  // While no master was there it could not come back: it has some time for that.
  const graceMs = Math.min(timeoutMs, core.options.agentReregisterTimeoutMs);
  const dueMs = Math.max(
    core.nowMs + (node.disconnectedMs === undefined ? timeoutMs : graceMs),
    (node.disconnectedMs ?? 0) + timeoutMs,
  );
  recoverFramework(core, {
    id,
    info: node.info,
    suppressed: node.suppressedRoles,
    ...(node.constraints && { constraints: node.constraints }),
    registeredMs: node.registeredMs,
    dueMs,
  });
}

/** Forget agents that were unreachable or gone for long, and the oldest when there are too many. */
export function collectGarbage(core: Context): void {
  const { registryAgeMaxMs, registryCountMax, registryGcMs } = core.options;
  core.timers.set(core.nowMs + registryGcMs, "gc", "");
  const { unreachableAgents, unreachableTasks, goneAgents } = core.books;
  const isOld = (sinceMs: number) => sinceMs + registryAgeMaxMs <= core.nowMs;
  const ops = [];
  for (const [id, { sinceMs }] of unreachableAgents) {
    if (!isOld(sinceMs) && unreachableAgents.size <= registryCountMax) break;
    if (core.transitions.has(id)) continue;
    unreachableAgents.delete(id);
    unreachableTasks.delete(id);
    ops.push(deleteNode("unreachable", id));
  }
  for (const [id, sinceMs] of goneAgents) {
    if (!isOld(sinceMs) && goneAgents.size <= registryCountMax) break;
    goneAgents.delete(id);
    ops.push(deleteNode("gone", id));
  }
  if (ops.length > 0) core.persist(ops);
}

/**
 * Stop: whoever is connected looks for the next leader.
 *
 * @param fault Why this master cannot go on by itself; undefined when another one leads.
 */
export function endLeadership(core: Context, fault: string | undefined): void {
  core.books.status = "ended";
  const message = fault ?? "Master is not the leader any more";
  for (const connection of core.streams.keys()) {
    core.effects.push({ type: "end_framework", connection });
  }
  for (const link of core.links.keys()) core.effects.push({ type: "end_link", link, message });
  for (const { request } of core.asks.waiting.values()) core.reply(request, 503, message);
  for (const { request } of core.operators.waiting) core.reply(request, 503, message);
  core.operators.waiting.length = 0;
  core.streams.clear();
  core.links.clear();
  core.asks.waiting.clear();
  core.timers.clear();
  core.forgetWrites();
  if (fault !== undefined) core.effects.push({ type: "step_down", message });
}
