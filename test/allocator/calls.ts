import type { Allocated, Offer } from "../../src/allocator/types.ts";
import { Resources } from "../../src/resources/mod.ts";
import type { Event, UsedText } from "./events.ts";
import type { AllocationApi, AllocatorApi, RoleShare } from "./model/api.ts";

/** Events that need nothing but what they say. */
export type PlainEvent = Exclude<
  Event,
  {
    do:
      | "run"
      | "shares"
      | "advance"
      | "decline"
      | "accept"
      | "rescind"
      | "release"
      | "useTooMuch"
      | "convert"
      | "answerInverse";
  }
>;

/** Make the call that an event stands for. */
export function call(api: AllocatorApi, event: PlainEvent): unknown {
  switch (event.do) {
    case "addAgent":
      return api.addAgent({ ...event.spec, used: (event.spec.used ?? []).map(heldBy) });
    case "updateAgent":
      return api.updateAgent(event.id, event.update);
    case "removeAgent":
    case "activateAgent":
    case "deactivateAgent":
    case "removeFramework":
    case "activateFramework":
    case "deactivateFramework":
      return api[event.do](event.id);
    case "setWhitelist":
      return api.setWhitelist(event.ids);
    case "addProvider":
      return api.addResourceProvider(event.id, event.resources);
    case "removeProvider":
      return api.removeResourceProvider(event.id, event.resources);
    case "addFramework":
      return api.addFramework(event.spec);
    case "updateFramework":
      return api.updateFramework(event.id, event.update);
    case "suppress":
    case "revive":
      return api[event.do](event.id, event.roles);
    case "setWeight":
      return api.setWeight(event.role, event.weight);
    case "setQuota":
      return api.setQuota(event.role, event.quota);
    case "removeQuota":
      return api.removeQuota(event.role);
    case "setUnavailability":
      return api.setUnavailability(event.id, event.window);
    default:
      return api.expectAgents({ count: event.count, timeoutMs: event.timeoutMs });
  }
}

function heldBy({ resources, ...holder }: UsedText): Allocated {
  return { ...holder, resources: Resources.parse(resources) };
}

/** What a run came to, without handles. */
export function allocationText(allocation: AllocationApi): unknown {
  const { cycle, size, inverseOffers } = allocation;
  const asked = inverseOffers.map(({ agentId, frameworkId, unavailability }) => {
    const { startMs, durationMs = "open" } = unavailability;
    return `${agentId} ${frameworkId} ${startMs} ${durationMs}`;
  });
  return { cycle, size, offers: allocation.offers().map(offerText), inverse: asked.sort() };
}

function offerText({ agentId, frameworkId, role, resources }: Offer): string {
  const whole = [...resources].every(({ allocationRole }) => allocationRole === role);
  return `${agentId} ${frameworkId} ${role}${whole ? "" : " (not allocated to it)"}: ${resources.unallocate()}`;
}

/** A row of `shares()`; numbers with all their digits. */
export function shareText(row: RoleShare): unknown {
  const { role, share, count, allocated, consumed, frameworks } = row;
  return {
    role: `${role} ${share} x${count}`,
    held: `${allocated} (consumed ${consumed})`,
    frameworks: frameworks.map((one) => `${one.id} ${one.share} x${one.count}: ${one.allocated}`),
  };
}

/** The lines in which two texts differ. */
export function differences(expected: string, actual: string): string {
  const [left, right] = [expected.split("\n"), actual.split("\n")];
  const only = (own: string[], other: string[], mark: string) =>
    own.filter((line) => !other.includes(line)).map((line) => `${mark} ${line}`);
  const lines = [...only(left, right, "-"), ...only(right, left, "+")];
  return lines.length > 0 ? lines.join("\n") : `another order:\n${expected}\n${actual}`;
}

/** Whether a call gave back handles of offers. */
export function isHandles(result: unknown): result is number[] {
  return Array.isArray(result) && result.every((handle) => typeof handle === "number");
}
