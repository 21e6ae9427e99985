/** Every call that changes an allocator, as data: what a journal keeps and a replay makes again. */
import type { FairleadError } from "../base/mod.ts";
import type { Resources } from "../resources/mod.ts";
import type { Allocation } from "./allocation.ts";
import type { Allocator } from "./allocator.ts";
import { refusal } from "./read.ts";
import type { ExpectedAgents } from "./recovery.ts";
import type {
  Acceptance,
  AgentSpec,
  AgentUpdate,
  Allocated,
  FrameworkSpec,
  FrameworkUpdate,
  InverseOfferStatus,
  OfferHandle,
  QuotaSpec,
  Unavailability,
} from "./types.ts";

/** One call; `call` is the method's name, the rest are its arguments by name. */
export type AllocatorCall =
  | { readonly call: "addAgent"; readonly spec: AgentSpec }
  | { readonly call: "updateAgent"; readonly id: string; readonly update: AgentUpdate }
  | { readonly call: "removeAgent"; readonly id: string }
  | { readonly call: "activateAgent" | "deactivateAgent"; readonly id: string }
  | { readonly call: "setWhitelist"; readonly ids?: readonly string[] }
  | {
      readonly call: "addResourceProvider";
      readonly agentId: string;
      readonly resources: Resources | string;
      readonly used?: readonly Allocated[];
    }
  | {
      readonly call: "removeResourceProvider";
      readonly agentId: string;
      readonly resources: Resources | string;
    }
  | { readonly call: "addFramework"; readonly spec: FrameworkSpec }
  | { readonly call: "updateFramework"; readonly id: string; readonly update: FrameworkUpdate }
  | { readonly call: "removeFramework" | "deactivateFramework"; readonly id: string }
  | { readonly call: "activateFramework"; readonly id: string }
  | {
      readonly call: "suppress" | "revive";
      readonly id: string;
      readonly roles?: readonly string[];
    }
  | { readonly call: "setWeight"; readonly role: string; readonly weight: number }
  | { readonly call: "setQuota"; readonly role: string; readonly quota: QuotaSpec }
  | { readonly call: "removeQuota"; readonly role: string }
  | { readonly call: "run" }
  | {
      readonly call: "decline";
      readonly handles: readonly OfferHandle[];
      readonly refuseMs?: number;
    }
  | { readonly call: "rescind"; readonly handles: readonly OfferHandle[] }
  | {
      readonly call: "accept";
      readonly handle: OfferHandle | readonly OfferHandle[];
      readonly acceptance: Acceptance;
    }
  | {
      readonly call: "release";
      readonly agentId: string;
      readonly frameworkId: string;
      readonly role: string;
      readonly resources: Resources | string;
    }
  | {
      readonly call: "updateAvailable";
      readonly agentId: string;
      readonly from: Resources | string;
      readonly to: Resources | string;
    }
  | {
      readonly call: "setUnavailability";
      readonly agentId: string;
      readonly unavailability?: Unavailability;
    }
  | {
      readonly call: "answerInverseOffer";
      readonly agentId: string;
      readonly frameworkId: string;
      readonly status: InverseOfferStatus;
      readonly refuseMs?: number;
    }
  | { readonly call: "expectAgents"; readonly expected: ExpectedAgents };

/**
 * Make a call.
 *
 * @returns What the method returns: offers of a run, handles of rescinded offers, or nothing.
 * @throws {FairleadError} what the method throws; `invalid_argument` when there is no such call.
 */
export function applyCall(
  allocator: Allocator,
  call: AllocatorCall,
): Allocation | OfferHandle[] | undefined {
  if (typeof call !== "object" || call === null)
    throw refusal("make a call", "call", "a record", call);
  switch (call.call) {
    case "run":
      return allocator.run();
    case "updateAgent":
      return allocator.updateAgent(call.id, call.update);
    case "removeAgent":
      return allocator.removeAgent(call.id);
    case "updateFramework":
      return allocator.updateFramework(call.id, call.update);
    case "removeFramework":
      return allocator.removeFramework(call.id);
    case "deactivateFramework":
      return allocator.deactivateFramework(call.id);
    default:
      applySilent(allocator, call);
      return undefined;
  }
}

/** The calls that return something. */
type Speaking =
  | "run"
  | "updateAgent"
  | "removeAgent"
  | "updateFramework"
  | "removeFramework"
  | "deactivateFramework";

function applySilent(allocator: Allocator, call: Exclude<AllocatorCall, { call: Speaking }>): void {
  switch (call.call) {
    case "addAgent":
      allocator.addAgent(call.spec);
      return;
    case "activateAgent":
      allocator.activateAgent(call.id);
      return;
    case "deactivateAgent":
      allocator.deactivateAgent(call.id);
      return;
    case "setWhitelist":
      allocator.setWhitelist(call.ids);
      return;
    case "addResourceProvider":
      allocator.addResourceProvider(call.agentId, call.resources, call.used);
      return;
    case "removeResourceProvider":
      allocator.removeResourceProvider(call.agentId, call.resources);
      return;
    case "updateAvailable":
      allocator.updateAvailable(call.agentId, call.from, call.to);
      return;
    case "setUnavailability":
      allocator.setUnavailability(call.agentId, call.unavailability);
      return;
    case "expectAgents":
      allocator.expectAgents(call.expected);
      return;
    case "addFramework":
      allocator.addFramework(call.spec);
      return;
    case "activateFramework":
      allocator.activateFramework(call.id);
      return;
    case "suppress":
      allocator.suppress(call.id, call.roles);
      return;
    case "revive":
      allocator.revive(call.id, call.roles);
      return;
    case "setWeight":
      allocator.setWeight(call.role, call.weight);
      return;
    case "setQuota":
      allocator.setQuota(call.role, call.quota);
      return;
    case "removeQuota":
      allocator.removeQuota(call.role);
      return;
    case "decline":
      allocator.decline(call.handles, refusalOf(call));
      return;
    case "rescind":
      allocator.rescind(call.handles);
      return;
    case "accept":
      allocator.accept(call.handle, call.acceptance);
      return;
    case "release":
      allocator.release(call);
      return;
    case "answerInverseOffer":
      allocator.answerInverseOffer(call.agentId, call.frameworkId, call.status, refusalOf(call));
      return;
    default:
      throw unknownCall(call);
  }
}

function refusalOf({ refuseMs }: { readonly refuseMs?: number }) {
  return refuseMs === undefined ? {} : { refuseMs };
}

/** Calls come from journals too: one that no method answers to is the caller's fault. */
function unknownCall(call: never): FairleadError {
  const { call: name }: { call?: unknown } = call;
  return refusal("make a call", "call", "the name of an allocator's method", name);
}
