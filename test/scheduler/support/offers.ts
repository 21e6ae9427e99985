/** Offers as a master makes them. */
import type { Offer, ResourceJson } from "../../../src/model/mod.ts";

export interface OfferSpec {
  readonly cpus?: number;
  readonly mem?: number;
  readonly disk?: number;
  readonly gpus?: number;
  /** Ranges as [begin, end]. */
  readonly ports?: readonly (readonly [number, number])[];
  readonly role?: string;
  readonly hostname?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly executorIds?: readonly string[];
  readonly resources?: readonly ResourceJson[];
}

export function scalar(
  name: string,
  value: number,
  more: Partial<ResourceJson> = {},
): ResourceJson {
  return { name, type: "SCALAR", scalar: { value }, allocation_info: { role: "*" }, ...more };
}

export function offerOf(id: string, agentId: string, spec: OfferSpec = {}): Offer {
  const { role = "*", ports = [], resources = [] } = spec;
  const allocation_info = { role };
  const amounts = (["cpus", "mem", "disk", "gpus"] as const).flatMap((name) => {
    const value = spec[name];
    return value === undefined ? [] : [scalar(name, value, { allocation_info })];
  });
  const range = ports.map(([begin, end]) => ({ begin, end }));
  const ranges: ResourceJson[] =
    range.length === 0
      ? []
      : [{ name: "ports", type: "RANGES", ranges: { range }, allocation_info }];
  return {
    id: { value: id },
    framework_id: { value: "f1" },
    agent_id: { value: agentId },
    hostname: spec.hostname ?? `${agentId}.example`,
    allocation_info,
    resources: [...amounts, ...ranges, ...resources],
    attributes: Object.entries(spec.attributes ?? {}).map(([name, value]) => ({
      name,
      type: "TEXT" as const,
      text: { value },
    })),
    executor_ids: (spec.executorIds ?? []).map((value) => ({ value })),
  };
}
