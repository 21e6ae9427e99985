/** Who asks for operations, and on what, for the tests. */
import { readOperation } from "../../../src/master/operations/operation.ts";
import type { OperationContext } from "../../../src/master/validate/types.ts";
import type { Operation, ResourceJson } from "../../../src/model/mod.ts";
import { Resources } from "../../../src/resources/mod.ts";
import { scalar } from "../validate/launches.ts";

export const TOTAL = "cpus:8;mem:8192;disk:1000";

export const DYNAMIC = { type: "DYNAMIC", role: "web", principal: "ops" } as const;

/** Disk that is reserved for web. */
export function reserved(megabytes: number, more: Partial<ResourceJson> = {}): ResourceJson {
  return scalar("disk", megabytes, { reservations: [DYNAMIC], ...more });
}

export function operator(total: Resources, more: Partial<OperationContext> = {}): OperationContext {
  return { principal: "ops", agent: { id: "a1", total, used: [] }, ...more };
}

export function framework(
  total: Resources,
  more: Partial<NonNullable<OperationContext["framework"]>> = {},
): OperationContext {
  return {
    principal: "ops",
    framework: {
      id: "f1",
      roles: new Set(["web"]),
      capabilities: new Set(["SHARED_RESOURCES", "RESERVATION_REFINEMENT"]),
      role: "web",
      ...more,
    },
    agent: { id: "a1", total, used: [] },
  };
}

/** The message of the refusal; undefined when it is granted. */
export function faultOf(operation: Operation, context: OperationContext): string | undefined {
  const verdict = readOperation(operation, context);
  return verdict.ok ? undefined : verdict.message;
}

export function typed(...list: ResourceJson[]): Resources {
  return Resources.fromJson(list);
}
