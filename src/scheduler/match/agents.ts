/** What is known of the agents that offers come from. */
import type { Attribute, Offer } from "../../model/mod.ts";

/** An agent as constraints see it; keep it with a task that runs there. */
export interface AgentFacts {
  readonly agentId: string;
  readonly hostname: string;
  /** By name; the fault domain is there as `@region` and `@zone`. */
  readonly attributes: Readonly<Record<string, string | number>>;
}

/** An instance that runs already: constraints that count count it. */
export interface RunningInstance extends AgentFacts {
  readonly group: string;
}

/** What an offer says of its agent. */
export function agentFacts(offer: Offer): AgentFacts {
  const attributes: Record<string, string | number> = {};
  for (const attribute of offer.attributes ?? []) {
    const value = attributeValue(attribute);
    if (value !== undefined) attributes[attribute.name] = value;
  }
  const { fault_domain } = offer.domain ?? {};
  if (fault_domain !== undefined) {
    attributes["@region"] = fault_domain.region.name;
    attributes["@zone"] = fault_domain.zone.name;
  }
  return { agentId: offer.agent_id.value, hostname: offer.hostname, attributes };
}

/** Scalars are numbers, the other kinds are text as Mesos writes it: `[1-3,5-5]`, `{a,b}`. */
function attributeValue({ text, scalar, ranges, set }: Attribute): string | number | undefined {
  if (text !== undefined) return text.value;
  if (scalar !== undefined) return scalar.value;
  if (set !== undefined) return `{${(set.item ?? []).join(",")}}`;
  if (ranges === undefined) return undefined;
  return `[${(ranges.range ?? []).map(({ begin, end }) => `${begin}-${end}`).join(",")}]`;
}

/** The role that an offer is made to. */
export function roleOf(offer: Offer): string {
  return offer.allocation_info?.role ?? "*";
}
