/**
 * Which agents a client may not be offered at all, whatever is free: a bit for each class of agents.
 *
 * Agents that look the same to every rule (gpus, region, capabilities, the attributes that some
 * constraint names) form a class; a rule is worked out once for a class, never in a cycle.
 */

import { type Constraints, holds, namesHostname } from "./constraints.ts";
import type { Core } from "./core.ts";
import type { AgentCapability, FaultDomain, FrameworkCapability } from "./types.ts";

/** What the rules look at in an agent. */
export interface AgentFacts {
  readonly hostname: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly domain: FaultDomain | undefined;
  readonly capabilities: ReadonlySet<AgentCapability>;
  readonly hasGpus: boolean;
}

/** What the rules look at in a client. */
export interface ClientFacts {
  readonly role: string;
  capabilities: ReadonlySet<FrameworkCapability>;
  constraints: Constraints | undefined;
}

interface AgentClass {
  readonly index: number;
  readonly key: string;
  readonly facts: AgentFacts;
  members: number;
}

/** Why a client is excluded from an agent. */
export type Exclusion =
  | "gpu_capability"
  | "region_capability"
  | "agent_multi_role"
  | "agent_hierarchical_role"
  | "constraint";

/** Keeps the classes and their bits. */
export class Exclusions {
  readonly #core: Core;
  readonly #classes = new Map<string, AgentClass>();
  readonly #byIndex: (AgentClass | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #clients = new Map<number, ClientFacts>();
  /** How many clients' constraints look at each attribute. */
  readonly #attributes = new Map<string, number>();
  #hostnameUsers = 0;
  /** Told when classes have to be made anew: the owner classes every agent again. */
  onReclass: () => void = () => {};

  constructor(core: Core) {
    this.#core = core;
  }

  /** Put an agent into its class and take it out of `before`, its class so far. */
  classify(agent: number, facts: AgentFacts, before: number | undefined): number {
    const key = this.#keyOf(facts);
    const known = this.#classes.get(key);
    const found = known ?? this.#make(key, facts);
    found.members++;
    this.#core.v.aClass[agent] = found.index;
    if (before !== undefined) this.leave(before);
    return found.index;
  }

  /** Take an agent out of a class. */
  leave(index: number): void {
    const left = this.#byIndex[index]!;
    left.members--;
    if (left.members > 0) return;
    if (this.#classes.get(left.key) === left) this.#classes.delete(left.key);
    this.#byIndex[index] = undefined;
    this.#free.push(index);
  }

  /** A client is new, or its capabilities or constraints changed. */
  renewClient(client: ClientFacts & { readonly handle: number }): void {
    const before = this.#clients.get(client.handle);
    const facts = {
      role: client.role,
      capabilities: client.capabilities,
      constraints: client.constraints,
    };
    this.#clients.set(client.handle, facts);
    const changed = this.#count(facts.constraints, 1);
    this.#count(before?.constraints, -1);
    if (changed) this.#reclass();
    for (const agents of this.#byIndex) if (agents) this.#write(agents, client.handle, facts);
  }

  removeClient(handle: number): void {
    const facts = this.#clients.get(handle);
    this.#clients.delete(handle);
    this.#count(facts?.constraints, -1);
    const words = this.#words;
    const { excludedBits } = this.#core.v;
    for (const agents of this.#byIndex) {
      if (!agents) continue;
      const word = agents.index * words + (handle >>> 5);
      excludedBits[word] = excludedBits[word]! & ~(1 << (handle & 31));
    }
  }

  /** What a snapshot has to keep beside the columns; clients come back with their frameworks. */
  get state() {
    return {
      classes: this.#byIndex.flatMap((agents) => (agents ? [this.#save(agents)] : [])),
      free: [...this.#free],
      high: this.#byIndex.length,
    };
  }

  #save({ index, key, members, facts }: AgentClass) {
    return {
      index,
      key,
      members,
      hostname: facts.hostname,
      attributes: [...facts.attributes],
      domain: facts.domain,
      capabilities: [...facts.capabilities],
      hasGpus: facts.hasGpus,
      current: this.#classes.get(key)?.index === index,
    };
  }

  restore(state: Exclusions["state"]): void {
    this.#byIndex.length = state.high;
    this.#free.push(...state.free);
    for (const { index, key, members, current, ...saved } of state.classes) {
      const facts = {
        hostname: saved.hostname,
        attributes: new Map(saved.attributes),
        domain: saved.domain,
        capabilities: new Set(saved.capabilities),
        hasGpus: saved.hasGpus,
      };
      const agents: AgentClass = { index, key, facts, members };
      this.#byIndex[index] = agents;
      if (current) this.#classes.set(key, agents);
    }
  }

  /** Know a client again whose bits came back with the columns. */
  restoreClient(client: ClientFacts & { readonly handle: number }, configured: boolean): void {
    const { role, capabilities, constraints } = client;
    if (!configured) return;
    this.#clients.set(client.handle, { role, capabilities, constraints });
    this.#count(constraints, 1);
  }

  /** The first rule that excludes the client from agents with these facts. */
  reason(facts: AgentFacts, client: ClientFacts): Exclusion | undefined {
    const { region, filterGpuResources } = this.#core.options;
    const { capabilities } = client;
    if (filterGpuResources && facts.hasGpus && !capabilities.has("GPU_RESOURCES")) {
      return "gpu_capability";
    }
    const away = facts.domain && region !== undefined && facts.domain.region !== region;
    if (away && !capabilities.has("REGION_AWARE")) return "region_capability";
    if (capabilities.has("MULTI_ROLE") && !facts.capabilities.has("MULTI_ROLE")) {
      return "agent_multi_role";
    }
    if (client.role.includes("/") && !facts.capabilities.has("HIERARCHICAL_ROLE")) {
      return "agent_hierarchical_role";
    }
    if (client.constraints && !holds(client.constraints, facts)) return "constraint";
    return undefined;
  }

  get #words(): number {
    return this.#core.memory.capacities.clients / 32;
  }

  #make(key: string, facts: AgentFacts): AgentClass {
    const index = this.#free.pop() ?? this.#byIndex.length;
    this.#core.ensure("classes", index + 1);
    // A copy: the facts handed in are those of one agent, and change with it.
    const { hostname, attributes, domain, capabilities, hasGpus } = facts;
    const own = { hostname, attributes, domain, capabilities, hasGpus };
    const made: AgentClass = { index, key, facts: own, members: 0 };
    this.#byIndex[index] = made;
    this.#classes.set(key, made);
    const words = this.#words;
    this.#core.v.excludedBits.fill(0, index * words, (index + 1) * words);
    for (const [handle, client] of this.#clients) this.#write(made, handle, client);
    return made;
  }

  #write(agents: AgentClass, handle: number, client: ClientFacts): void {
    const { excludedBits } = this.#core.v;
    const word = agents.index * this.#words + (handle >>> 5);
    const bit = 1 << (handle & 31);
    const excluded = this.reason(agents.facts, client) !== undefined;
    excludedBits[word] = excluded ? excludedBits[word]! | bit : excludedBits[word]! & ~bit;
  }

  #keyOf(facts: AgentFacts): string {
    const { domain, capabilities } = facts;
    let key = `${facts.hasGpus ? "g" : "-"}${capabilities.has("MULTI_ROLE") ? "m" : "-"}`;
    key += capabilities.has("HIERARCHICAL_ROLE") ? "h" : "-";
    if (domain) key += JSON.stringify([domain.region, domain.zone]);
    if (this.#hostnameUsers > 0) key += JSON.stringify([facts.hostname]);
    for (const name of this.#attributes.keys()) {
      key += JSON.stringify([name, facts.attributes.get(name)]);
    }
    return key;
  }

  /** Count what constraints look at up or down; true when the classes depend on other facts now. */
  #count(constraints: Constraints | undefined, by: number): boolean {
    if (!constraints) return false;
    let changed = false;
    for (const name of constraints.attributes) {
      const users = (this.#attributes.get(name) ?? 0) + by;
      if (users === 0) this.#attributes.delete(name);
      else this.#attributes.set(name, users);
      // Fewer facts would only merge classes, which can wait for the next that come.
      if (by > 0 && users === by) changed = true;
    }
    if (namesHostname(constraints)) {
      this.#hostnameUsers += by;
      if (by > 0 && this.#hostnameUsers === by) changed = true;
    }
    return changed;
  }

  #reclass(): void {
    this.#classes.clear();
    this.onReclass();
  }
}
