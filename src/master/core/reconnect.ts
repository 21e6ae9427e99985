/** An agent comes back to a master that has it: the books are right, but for what was on its way. */
import { type AgentMessage, isTerminal, type OfType } from "../../model/mod.ts";
import { Resources } from "../../resources/mod.ts";
import { refuse, sameInfo, welcome } from "./admission.ts";
import { agentFacts, agentSpec, setActive, setAgentResources, usedOn } from "./agents.ts";
import type { AgentBook } from "./books.ts";
import type { Context, LinkRecord } from "./context.ts";
import { announce, sameWindow, windowOf } from "./maintenance.ts";
import { dropOffers, removeInverseOffer } from "./offers.ts";
import { isOperationOver, removeOperation } from "./operations.ts";
import { putNode } from "./registry.ts";
import { keyOf, takeOver, unwantedOf } from "./take_over.ts";
import { removeExecutor, removeTask } from "./tasks.ts";
import { tried } from "./tried.ts";

type Reregistration = OfType<AgentMessage, "reregister">;

/** Its old link ends, the new one is it; what either side does not know of the other is said. */
export function reconnect(
  core: Context,
  agent: AgentBook,
  link: LinkRecord,
  message: Reregistration,
): void {
  const resources = Resources.fromJson(message.agent_info.resources ?? []);
  const fault = tried(() => setAgentResources(core, agent, resources));
  if (fault !== undefined) {
    refuse(core, link, { reason: "invalid", message: fault });
    return;
  }
  renew(core, agent, link, message);
  setActive(core, agent);
  const unwanted = unwantedOf(core, message);
  welcome(core, agent, unwanted);
  reconcileWith(core, agent, message, unwanted);
  core.timers.set(core.nowMs + core.options.agentPingMs, "ping", agent.id);
  core.mayBeDrained(agent);
  core.log("info", `Agent ${agent.id} is back (${message.agent_info.hostname})`);
}

/** The record is what the agent says of itself now. */
function renew(core: Context, agent: AgentBook, link: LinkRecord, message: Reregistration): void {
  const { connection, info } = agent.record;
  const window = windowOf(core, agent);
  if (connection.status === "connected" && connection.link !== link.link) {
    core.links.delete(connection.link);
    const text = "A newer link of this agent has come";
    core.effects.push({ type: "end_link", link: connection.link, message: text });
  }
  agent.heardMs = core.nowMs;
  agent.pings = 0;
  agent.record = {
    ...agent.record,
    info: message.agent_info,
    version: message.version,
    capabilities: message.capabilities,
    address: link.address,
    connection: { status: "connected", link: link.link },
    reregisteredMs: core.nowMs,
  };
  if (!sameInfo(info, message.agent_info)) {
    const { standing } = agent.record;
    core.persist([putNode("agents", agent.id, { info: message.agent_info, standing })]);
    dropOffers(core, core.allocator.updateAgent(agent.id, agentFacts(agent.record)));
  }
  // Under another name or address it may be on a machine of the schedule, or no more.
  if (!sameWindow(window, windowOf(core, agent))) announce(core, agent);
}

/** What the master has and the agent has not, and the other way round. */
function reconcileWith(
  core: Context,
  agent: AgentBook,
  message: Reregistration,
  unwanted: readonly string[],
): void {
  const told = new Set(
    message.tasks.map((task) => keyOf(task.framework_id.value, task.task_id.value)),
  );
  const missing: { framework_id: string; task_id: string }[] = [];
  for (const [frameworkId, ids] of agent.tasks) {
    for (const id of ids) {
      if (!told.has(keyOf(frameworkId, id)))
        missing.push({ framework_id: frameworkId, task_id: id });
    }
  }
  if (missing.length > 0) core.send(agent, { type: "reconcile", tasks: missing });
  dropMissingExecutors(core, agent, message);
  adoptUnknown(core, agent, message, unwanted);
  killAgain(core, agent, message);
  reconcileOperationsWith(core, agent, message);
}

function dropMissingExecutors(core: Context, agent: AgentBook, message: Reregistration): void {
  const told = new Set(
    message.executors.map((each) => keyOf(each.framework_id, each.executor_info.executor_id.value)),
  );
  for (const [frameworkId, executors] of [...agent.executors]) {
    for (const executor of [...executors.values()]) {
      if (told.has(keyOf(frameworkId, executor.id))) continue;
      removeExecutor(core, core.books.frameworks.get(frameworkId), executor);
    }
  }
}

/**
 * Tasks that run and that the master does not have: it has seen them end, or never heard of them.
 * They count again, as they use what they use; what is over by now only waits for acknowledgement.
 */
function adoptUnknown(
  core: Context,
  agent: AgentBook,
  message: Reregistration,
  unwanted: readonly string[],
): void {
  const unknown = message.tasks.filter(({ framework_id, task_id, state }) => {
    const known = core.books.frameworks.get(framework_id.value)?.tasks.get(task_id.value);
    return known === undefined && !isTerminal(state) && !unwanted.includes(framework_id.value);
  });
  const executors = message.executors.filter(({ framework_id, executor_info }) => {
    const known = agent.executors.get(framework_id)?.has(executor_info.executor_id.value);
    return known !== true && !unwanted.includes(framework_id);
  });
  if (unknown.length === 0 && executors.length === 0) return;
  const adopted = { ...message, tasks: unknown, executors };
  const fault = tried(() => takeOver(core, agent, adopted)) ?? countAnew(core, agent);
  if (fault === undefined) return;
  core.log("warning", `Agent ${agent.id} has tasks that cannot be counted: ${fault}`);
  giveUp(core, agent, adopted);
}

/** Let the allocator forget the agent and count it again, with all that it runs now. */
function countAnew(core: Context, agent: AgentBook): string | undefined {
  const spec = agentSpec(core, agent.record, usedOn(core, agent));
  const before = core.allocator.used(agent.id);
  dropOffers(core, core.allocator.removeAgent(agent.id));
  for (const offer of [...agent.inverseOffers]) removeInverseOffer(core, offer, { rescind: true });
  const fault = tried(() => core.allocator.addAgent(spec));
  if (fault !== undefined) core.allocator.addAgent({ ...spec, used: before });
  return fault;
}

/** What was taken over leaves the books again, and is to end: the allocator never had it. */
function giveUp(core: Context, agent: AgentBook, { tasks, executors }: Reregistration): void {
  for (const { framework_id, task_id } of tasks) {
    const framework = core.books.frameworks.get(framework_id.value);
    const task = framework?.tasks.get(task_id.value);
    if (!framework || task?.agentId !== agent.id) continue;
    removeTask(core, framework, task);
    core.send(agent, { type: "kill", framework_id: framework.id, task_id: task.id });
  }
  for (const { framework_id, executor_info } of executors) {
    const executor = agent.executors.get(framework_id)?.get(executor_info.executor_id.value);
    const framework = core.books.frameworks.get(framework_id);
    if (executor) removeExecutor(core, framework, executor, { released: true });
  }
}

/** What was to be killed while the link was down. */
function killAgain(core: Context, agent: AgentBook, message: Reregistration): void {
  for (const { framework_id, task_id, state } of message.tasks) {
    if (isTerminal(state)) continue;
    if (!agent.killed.get(framework_id.value)?.has(task_id.value)) continue;
    core.send(agent, {
      type: "kill",
      framework_id: framework_id.value,
      task_id: task_id.value,
    });
  }
}

function reconcileOperationsWith(core: Context, agent: AgentBook, message: Reregistration): void {
  const told = new Set(message.operations.map(({ uuid }) => uuid));
  for (const operation of [...agent.operations]) {
    if (told.has(operation.uuid) || isOperationOver(operation.status.state)) continue;
    const framework =
      operation.frameworkId === undefined
        ? undefined
        : core.books.frameworks.get(operation.frameworkId);
    removeOperation(core, operation);
    if (framework === undefined || operation.id === undefined) continue;
    core.tell(framework, {
      type: "UPDATE_OPERATION_STATUS",
      update_operation_status: {
        status: {
          operation_id: { value: operation.id },
          state: "OPERATION_DROPPED",
          message: "The agent does not know the operation",
          agent_id: { value: agent.id },
        },
      },
    });
  }
}
