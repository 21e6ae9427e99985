import type { AgentSpec, AllocatorOptions } from "../../../src/allocator/mod.ts";
import { Cluster, held, type Kernel } from "./cluster.ts";

/**
 * Roles with one framework each (of the role's name), on a pool that is never offered: only what
 * they hold of it decides, and `order` shows how they stand.
 */
export class Sorter extends Cluster {
  constructor(kernel: Kernel, pool: string, options: AllocatorOptions = {}) {
    super(kernel, { minAllocatable: [], ...options });
    this.agent("pool", pool, { active: false });
  }

  /** A role comes, holding something already. */
  add(role: string, resources = ""): void {
    this.framework(role, role, {
      capabilities: ["SHARED_RESOURCES", "REVOCABLE_RESOURCES", "RESERVATION_REFINEMENT"],
    });
    this.hold(role, resources);
  }

  /** It holds more, which no grant of ours gave. */
  hold(role: string, resources: string): void {
    this.allocator.addResourceProvider("pool", "", [held(role, role, resources)]);
  }

  release(role: string, resources: string): void {
    this.allocator.release({ agentId: "pool", frameworkId: role, role, resources });
  }

  resize(pool: string): void {
    this.allocator.updateAgent("pool", { resources: pool });
  }

  remove(role: string): void {
    this.allocator.removeFramework(role);
  }

  /**
   * Active roles in their order, as one visit walks them: a probe has a port for each, and quota
   * sees to it that each gets one. Ports do not count in shares.
   */
  order(): string[] {
    const roles = this.#active();
    const wanted = new Map<string, number>();
    for (const role of roles) {
      for (let path = role; path !== ""; path = path.slice(0, Math.max(0, path.lastIndexOf("/")))) {
        wanted.set(path, (wanted.get(path) ?? 0) + 1);
      }
    }
    const paths = [...wanted.keys()].sort();
    for (const path of paths) {
      this.quota(path, `ports:${wanted.get(path)}`);
    }
    const probe: AgentSpec = { id: "probe", resources: `ports:[1-${roles.length}]` };
    if (roles.length > 0) this.allocator.addAgent(probe);
    this.run();
    const order = this.offers.map(({ role }) => role);
    if (roles.length > 0) this.allocator.removeAgent("probe");
    for (const path of paths.reverse()) this.allocator.removeQuota(path);
    return order;
  }

  #active(): string[] {
    const shares = this.allocator.shares();
    const roles = shares.filter(({ frameworks }) => frameworks.length > 0);
    return roles.map(({ role }) => role).filter((role) => this.#takesPart(role));
  }

  #takesPart(role: string): boolean {
    const { code } = this.why(role, "pool");
    return code !== "role_suppressed" && code !== "framework_inactive";
  }
}
