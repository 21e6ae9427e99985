import type {
  AttributeConstraint,
  ConstraintSelector,
  OfferConstraints,
} from "../../../src/allocator/types.ts";
import { unreachable } from "../../../src/base/mod.ts";
import type { Agent, Client, ModelState } from "./state.ts";

/** Whether a client must not see an agent at all: section 9. */
export function isExcluded(state: ModelState, agent: Agent, client: Client): boolean {
  const framework = state.frameworks.get(client.frameworkId);
  if (framework === undefined) return true;
  const { capabilities, constraints } = framework;
  const { region, filterGpuResources } = state.options;
  const hasGpus = agent.total.quantities().get("gpus") > 0;
  if (filterGpuResources && hasGpus && !capabilities.has("GPU_RESOURCES")) return true;
  const remote = agent.domain !== undefined && agent.domain.region !== region;
  if (region !== undefined && remote && !capabilities.has("REGION_AWARE")) return true;
  if (!agent.capabilities.has("MULTI_ROLE") && capabilities.has("MULTI_ROLE")) return true;
  if (!agent.capabilities.has("HIERARCHICAL_ROLE") && client.role.includes("/")) return true;
  const asked = constraints.get(client.role);
  return asked !== undefined && !qualifies(agent, asked);
}

/** Whether one of the groups holds whole. */
export function qualifies(agent: Agent, { groups }: OfferConstraints): boolean {
  return groups.some((group) => group.every((constraint) => holds(agent, constraint)));
}

function holds(agent: Agent, constraint: AttributeConstraint): boolean {
  const text = selected(agent, constraint.selector);
  switch (constraint.type) {
    case "exists":
      return text !== undefined;
    case "not_exists":
      return text === undefined;
    case "text_equals":
      return text === constraint.value;
    case "text_not_equals":
      return text !== constraint.value;
    case "text_matches":
      return text !== undefined && wholePattern(constraint.pattern).test(text);
    case "text_not_matches":
      return text === undefined || !wholePattern(constraint.pattern).test(text);
    default:
      return unreachable(constraint);
  }
}

function selected(agent: Agent, selector: ConstraintSelector): string | undefined {
  if ("attribute" in selector) {
    const { attributes } = agent;
    return Object.hasOwn(attributes, selector.attribute)
      ? attributes[selector.attribute]
      : undefined;
  }
  if (selector.pseudo === "HOSTNAME") return agent.hostname;
  return selector.pseudo === "REGION" ? agent.domain?.region : agent.domain?.zone;
}

/** A pattern that must match the whole text. @throws {SyntaxError} when it is none. */
export function wholePattern(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`, "u");
}
