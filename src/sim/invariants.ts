/** What must be true: at any moment, and once everything has come to rest. */
import type { MasterCore } from "../master/mod.ts";
import { isTerminal } from "../model/mod.ts";
import { Quantities } from "../resources/mod.ts";
import type { AgentNode } from "./agent_node.ts";
import type { MasterNode } from "./master_node.ts";
import type { Processes, TaskTruth } from "./processes.ts";
import type { SchedulerNode } from "./scheduler_node.ts";
import type { World } from "./world.ts";

/** Everybody in a simulation. */
export interface Cast {
  readonly world: World;
  readonly masters: readonly MasterNode[];
  readonly agents: readonly AgentNode[];
  readonly schedulers: readonly SchedulerNode[];
  readonly processes: Processes;
}

/** Faults of books told at most at once. */
const TOLD_MAX = 5;

/** At any moment. */
export function checkNow({ world, masters }: Cast): void {
  const leading = masters.filter((master) => master.leading !== undefined);
  if (leading.length > 1) {
    world.fail("one_leader", `${leading.map(({ id }) => id).join(" and ")} lead`);
  }
  for (const { id, leading: core } of leading) {
    if (core === undefined) continue;
    const faults = core.check();
    for (const fault of faults.slice(0, TOLD_MAX)) world.fail("books_agree", `${id}: ${fault}`);
    checkQuotas(world, core);
  }
}

/** Nobody holds more than the limits of its role, unless an agent has brought tasks back. */
function checkQuotas(world: World, core: MasterCore): void {
  const { quotas, frameworks, agents, offers } = core.state;
  if (quotas.size === 0) return;
  const held = new Map<string, Quantities>();
  const add = (role: string, amount: Quantities) => {
    held.set(role, (held.get(role) ?? Quantities.EMPTY).add(amount));
  };
  for (const { tasks } of frameworks.values()) {
    for (const task of tasks.values()) {
      if (!task.released) add(task.role, task.resources.quantities());
    }
  }
  for (const { role, resources } of offers.values()) add(role, resources.quantities());
  const hasReturned = [...agents.values()].some(
    ({ record }) => record.reregisteredMs !== undefined,
  );
  if (hasReturned) return;
  for (const { role, limits } of quotas.values()) {
    const amount = held.get(role) ?? Quantities.EMPTY;
    for (const [kind, limit] of Object.entries(limits)) {
      const holds = amount.get(kind);
      if (holds <= limit) continue;
      world.fail("quota_kept", `role ${role} holds ${holds} of ${kind}, its limit is ${limit}`);
    }
  }
}

/** Once all is healed and had its time. */
export function checkAtRest(cast: Cast): void {
  checkNow(cast);
  const { world, masters, schedulers } = cast;
  const core = masters.find((master) => master.leading !== undefined)?.leading;
  if (core === undefined) {
    world.fail("comes_to_rest", "no master leads");
    return;
  }
  for (const agent of cast.agents) checkAgent(cast, core, agent);
  for (const scheduler of schedulers) checkScheduler(cast, core, scheduler);
}

/** Master, agent and machine say the same. */
function checkAgent({ world, processes }: Cast, core: MasterCore, agent: AgentNode): void {
  const own = agent.core;
  const { agentId } = own?.state ?? {};
  if (own === undefined || agentId === undefined) {
    world.fail("comes_to_rest", `${agent.id} is not registered`);
    return;
  }
  const view = core.state.agents.get(agentId);
  if (view?.record.connection.status !== "connected") {
    world.fail("comes_to_rest", `${agent.id} (${agentId}) is not connected to the master`);
    return;
  }
  const master = new Set<string>();
  for (const [frameworkId, taskIds] of view.tasks) {
    for (const taskId of taskIds) {
      const task = core.state.frameworks.get(frameworkId)?.tasks.get(taskId);
      if (task !== undefined && !isTerminal(task.state)) master.add(`${frameworkId}/${taskId}`);
    }
  }
  const agents = new Set<string>();
  for (const [frameworkId, { tasks, streams }] of own.state.frameworks) {
    for (const [taskId, { state }] of tasks) {
      if (!isTerminal(state)) agents.add(`${frameworkId}/${taskId}`);
    }
    for (const { taskId, pending } of streams.values()) {
      if (pending.length === 0 || isGone(core, frameworkId)) continue;
      const states = pending.map(({ state }) => state).join(", ");
      world.fail("updates_delivered", `${agent.id} still tells ${states} of ${taskId}`);
    }
  }
  const real = new Set<string>();
  for (const { frameworkId, taskId } of agent.alive()) {
    if (taskId !== undefined) real.add(`${frameworkId}/${taskId}`);
  }
  differ(world, `the master knows on ${agent.id}`, master, "the agent", agents);
  differ(world, `${agent.id} knows`, agents, "the machine", real);
  if (processes.running < 0) world.fail("comes_to_rest", "more processes ended than began");
}

function differ(
  world: World,
  one: string,
  ones: ReadonlySet<string>,
  other: string,
  others: ReadonlySet<string>,
): void {
  for (const id of ones) {
    if (!others.has(id)) world.fail("all_agree", `${one} task ${id}, ${other} does not`);
  }
  for (const id of others) {
    if (!ones.has(id)) world.fail("all_agree", `${other} has task ${id}, unlike what ${one}`);
  }
}

/** Its framework is over, or waits for its scheduler. */
function isGone(core: MasterCore, frameworkId: string): boolean {
  const framework = core.state.frameworks.get(frameworkId);
  return framework?.record.connection.status !== "connected";
}

/** What the scheduler was told is what happened. */
function checkScheduler({ world, processes }: Cast, core: MasterCore, node: SchedulerNode): void {
  const { frameworkId, id } = node;
  if (frameworkId === undefined) {
    if (node.fault === undefined) world.fail("comes_to_rest", `${id} was never subscribed`);
    return;
  }
  const truths = new Map<string, TaskTruth>();
  for (const truth of processes.tasks.values()) {
    if (truth.frameworkId === frameworkId) truths.set(truth.taskId, truth);
  }
  if (!core.state.frameworks.has(frameworkId)) {
    for (const { taskId, alive } of truths.values()) {
      if (alive) world.fail("no_orphans", `${id} is over, and task ${taskId} runs`);
    }
    return;
  }
  if (node.core?.session.status !== "subscribed") {
    world.fail("comes_to_rest", `${id} is not subscribed: ${node.fault ?? "it waits"}`);
    return;
  }
  for (const [taskId, { state, isOver }] of node.heard) {
    const truth = truths.get(taskId);
    if (isOver || truth?.alive) continue;
    // A launch that never came to an agent, of which no master knows: so it is told.
    if (truth === undefined && state === "TASK_UNKNOWN") continue;
    const what = truth === undefined ? "never ran" : "has ended";
    world.fail("no_task_lost", `${id}: task ${taskId} ${what}, and ${state ?? "nothing"} was told`);
  }
  for (const { taskId, alive } of truths.values()) {
    const heard = node.heard.get(taskId);
    if (heard === undefined) world.fail("no_task_lost", `${id} never heard of task ${taskId}`);
    else if (heard.isOver && alive) {
      world.fail("no_task_lost", `${id} was told ${heard.state} of task ${taskId}, which runs`);
    }
  }
}
