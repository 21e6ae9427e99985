import {
  type Acceptance,
  type AgentSpec,
  Allocator,
  type AllocatorOptions,
  type FrameworkSpec,
  type Offer,
  type OfferHandle,
} from "../../../src/allocator/mod.ts";
import { FairleadError, VirtualClock } from "../../../src/base/mod.ts";
import { Resources } from "../../../src/resources/mod.ts";

/** Every behaviour holds with either kernel. */
export const KERNELS = ["typed", "wasm"] as const;
export type Kernel = (typeof KERNELS)[number];

/** Longer than any test looks. */
export const A_YEAR_MS = 365 * 24 * 3_600_000;

/** An allocator on virtual time, told things in few words. */
export class Cluster {
  readonly clock = new VirtualClock();
  readonly allocator: Allocator;
  /** Offers of the last run, in the order of decision. */
  offers: Offer[] = [];

  constructor(kernel: Kernel, options: AllocatorOptions = {}) {
    this.allocator = new Allocator({ clock: this.clock, ...options, kernel });
  }

  agent(id: string, resources: string, more: Partial<AgentSpec> = {}): void {
    this.allocator.addAgent({ id, resources, ...more });
  }

  framework(id: string, roles: string | string[], more: Partial<FrameworkSpec> = {}): void {
    this.allocator.addFramework({ id, roles: [roles].flat(), ...more });
  }

  /** A framework with a quota of its role, guarantee and limit alike: what Mesos's tests call one. */
  quota(role: string, amounts: string): void {
    this.allocator.setQuota(role, { guarantees: amounts, limits: amounts });
  }

  /** One run; each offer as "framework role agent resources", in the order of decision. */
  run(): string[] {
    this.offers = this.allocator.run().offers();
    return this.offers.map(told);
  }

  /** The handle of the only offer of the last run, or of the one to a framework. */
  handle(frameworkId?: string): OfferHandle {
    const found = this.offers.filter((offer) => {
      return frameworkId === undefined || offer.frameworkId === frameworkId;
    });
    if (found.length !== 1) throw new Error(`${found.length} offers, not one: ${found.map(told)}`);
    return found[0]!.handle;
  }

  /** Decline all offers of the last run. */
  declineAll(refuseMs: number): void {
    const handles = this.offers.map(({ handle }) => handle);
    this.allocator.decline(handles, { refuseMs });
  }

  /** Accept all offers of the last run whole. */
  acceptAll(): void {
    for (const { handle, resources } of this.offers) {
      this.allocator.accept(handle, { used: resources });
    }
  }

  accept(acceptance: Acceptance = {}): void {
    this.allocator.accept(this.handle(), acceptance);
  }

  /** A role's standing; a role that does not exist is an error. */
  role(name: string) {
    const found = this.allocator.shares().find(({ role }) => role === name);
    if (found === undefined) throw new Error(`no role ${name}`);
    return found;
  }

  /** What explain says of one framework and agent, in its first role. */
  why(frameworkId: string, agentId: string) {
    return this.allocator.explain(frameworkId, agentId)[0]!;
  }
}

/** An offer in one line. */
export function told({ frameworkId, role, agentId, resources }: Offer): string {
  return `${frameworkId} ${role} ${agentId} ${plain(resources.unallocate())}`;
}

/** Resources or quantities as text without spaces between items. */
export function plain(amounts: { toString(): string }): string {
  return amounts.toString().replaceAll("; ", ";");
}

/** What used resources look like in an agent's spec. */
export function held(frameworkId: string, role: string, resources: string) {
  return { frameworkId, role, resources: Resources.parse(resources) };
}

/** The code of the error that a call throws. */
export function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof FairleadError) return error.code;
    throw error;
  }
  return "no error";
}

/** A MOUNT disk: offered whole or not at all. */
export const mount = (name: string, megabytes: number): string =>
  `disk:${megabytes} {"disk":{"source":{"type":"MOUNT","mount":{"root":"/${name}"}}}}`;

/** A shared persistent volume of a role. */
export const shared = (role: string, id: string, megabytes: number): string =>
  `disk(${role},):${megabytes} {"disk":{"persistence":{"id":"${id}"}},"shared":{}}`;

/** Revocable resources. */
export const revocable = (kind: string, amount: number): string =>
  `${kind}:${amount} {"revocable":{}}`;
