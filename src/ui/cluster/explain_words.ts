/** The allocator's reason codes in an operator's words. */

/** What a code means, and what helps. */
export interface ReasonWords {
  readonly title: string;
  readonly help: string;
  /** Good news, neutral, or something that stands in the way. */
  readonly tone: "good" | "plain" | "warn";
}

const WORDS: Readonly<Record<string, ReasonWords>> = {
  offered: {
    title: "It holds an offer there",
    help: "The framework has it in hand: it may launch, or decline.",
    tone: "good",
  },
  eligible: {
    title: "Nothing stands in the way",
    help: "The next run of the allocator offers it, to whoever is first.",
    tone: "good",
  },
  recovering: {
    title: "The allocator waits for agents",
    help: "After a change of leader it waits until most agents are back. It passes by itself.",
    tone: "plain",
  },
  framework_inactive: {
    title: "The framework is not connected",
    help: "It gets offers again as soon as it subscribes.",
    tone: "warn",
  },
  role_suppressed: {
    title: "It asked for no offers",
    help: "It sent SUPPRESS for the role; REVIVE ends that.",
    tone: "warn",
  },
  agent_ineligible: {
    title: "The agent takes no tasks",
    help: "It is deactivated, draining, disconnected, or not on the whitelist.",
    tone: "plain",
  },
  gpu_capability: {
    title: "GPU agent, but no GPU_RESOURCES",
    help: "Agents with GPUs are kept for frameworks that have the capability GPU_RESOURCES.",
    tone: "warn",
  },
  region_capability: {
    title: "Another region, but no REGION_AWARE",
    help: "Agents of other regions are offered to frameworks with the capability REGION_AWARE.",
    tone: "warn",
  },
  agent_multi_role: {
    title: "The agent lacks MULTI_ROLE",
    help: "An old agent cannot serve a framework of several roles.",
    tone: "warn",
  },
  agent_hierarchical_role: {
    title: "The agent lacks HIERARCHICAL_ROLE",
    help: "An old agent cannot serve roles with a slash in their name.",
    tone: "warn",
  },
  constraint: {
    title: "Its offer constraints exclude the agent",
    help: "The framework subscribed with constraints that the agent's attributes do not meet.",
    tone: "warn",
  },
  share_order: {
    title: "Another framework came first",
    help: "The other's share was lower when the agent was given away. It evens out as offers return.",
    tone: "plain",
  },
  nothing_free: {
    title: "Everything there is in use",
    help: "Nothing that this role may have is free. More agents, or fewer tasks, would help.",
    tone: "plain",
  },
  slice_capability: {
    title: "What is free needs a capability",
    help: "It is revocable, shared or a refined reservation, which the framework cannot handle.",
    tone: "warn",
  },
  quota_limit: {
    title: "The role's limit is reached",
    help: "Raise the limit of the role, or free what it holds.",
    tone: "warn",
  },
  minimum: {
    title: "Too little is free there",
    help: "What is left is less than the smallest offer that the framework, or the cluster, wants.",
    tone: "plain",
  },
  headroom: {
    title: "Kept free for guarantees",
    help: "Other roles have guarantees that are not met yet; the rest is kept for them.",
    tone: "warn",
  },
  filter: {
    title: "It declined the agent a moment ago",
    help: "Its own filter (refuse_seconds) still stands; REVIVE removes all of them.",
    tone: "plain",
  },
};

/** The words for a code; a newer master's code stands for itself. */
export function reasonWords(code: string): ReasonWords {
  return WORDS[code] ?? { title: code.replaceAll("_", " "), help: "", tone: "plain" };
}
