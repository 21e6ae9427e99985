/** Agents come: for the first time, or again with all that runs on them. */
import {
  type AgentInfo,
  type AgentMessage,
  type ExecutorInfo,
  type FrameworkInfo,
  isTerminal,
  LINK_VERSION,
  type MasterMessage,
  type OfType,
  type Registration,
  type Task,
} from "../../model/mod.ts";
import { Resources } from "../../resources/mod.ts";
import { faultOfRegistration, faultOfReregistration } from "../validate/agent.ts";
import { agentSpec, setActive, setAgentResources, usedOn } from "./agents.ts";
import { AgentBook, type FrameworkBook } from "./books.ts";
import type { Context, LinkRecord } from "./context.ts";
import { recoverFramework } from "./frameworks.ts";
import { announce, sameWindow, windowOf } from "./maintenance.ts";
import { dropOffers, machineOf, removeInverseOffer } from "./offers.ts";
import { isOperationOver, put, removeOperation } from "./operations.ts";
import type { AgentRecord, AgentStanding, TaskRecord } from "./records.ts";
import { deleteNode, putNode } from "./registry.ts";
import {
  addExecutor,
  addTask,
  forgetUnreachable,
  masterStatus,
  plain,
  removeExecutor,
  removeTask,
  tellStatus,
} from "./tasks.ts";
import { tried } from "./tried.ts";

type Reregistration = OfType<AgentMessage, "reregister">;
type Refusal = Omit<OfType<MasterMessage, "refused">, "type">;

const STANDING: AgentStanding = { deactivated: false };
/** What an agent waits whose registration meets something that is being written. */
const RETRY_MS = 1_000;

/** An agent without an id: it gets one, durably, and then it is in. */
export function register(
  core: Context,
  link: LinkRecord,
  message: OfType<AgentMessage, "register">,
): void {
  core.count("master/messages_register_slave");
  const refusal = refusalOf(core, link, message);
  if (refusal) {
    refuse(core, link, refusal);
    return;
  }
  const id = core.nextAgentId();
  link.agentId = id;
  core.transitions.set(id, "registering");
  const info = { ...message.agent_info, id: { value: id } };
  const node = { info, standing: STANDING };
  core.persist([putNode("agents", id, node)], () => {
    core.transitions.delete(id);
    if (core.links.get(link.link) !== link) {
      // It comes again and gets another id: nobody will ask for this one.
      core.persist([deleteNode("agents", id)]);
      return;
    }
    const record = recordOf(
      core,
      { id, link, message: { ...message, agent_info: info } },
      STANDING,
    );
    const fault = admit(core, new AgentBook(record, core.nowMs), []);
    if (fault !== undefined) {
      core.persist([deleteNode("agents", id)]);
      refuse(core, link, { reason: "invalid", message: fault });
      return;
    }
    core.count("master/slave_registrations");
    welcome(core, core.books.agents.get(id)!);
    core.log("info", `Registered agent ${id} (${info.hostname})`);
  });
}

function recordOf(
  core: Context,
  { id, link, message }: { id: string; link: LinkRecord; message: Registration },
  standing: AgentStanding,
): AgentRecord {
  return {
    id,
    info: message.agent_info,
    version: message.version,
    capabilities: message.capabilities,
    address: link.address,
    ...(link.principal !== undefined && { principal: link.principal }),
    resources: Resources.fromJson(message.agent_info.resources ?? []),
    connection: { status: "connected", link: link.link },
    standing,
    registeredMs: core.nowMs,
  };
}

/** Enter an agent in the allocator and in the books; a sentence when the allocator refuses it. */
function admit(
  core: Context,
  agent: AgentBook,
  used: ReturnType<typeof usedOn>,
): string | undefined {
  const fault = tried(() => core.allocator.addAgent(agentSpec(core, agent.record, used)));
  if (fault !== undefined) return fault;
  core.books.agents.set(agent.id, agent);
  core.timers.set(core.nowMs + core.options.agentPingMs, "ping", agent.id);
  core.allocate();
  core.agentChanged(agent.id);
  core.publish({ type: "agent_added", agent: agent.record });
  return undefined;
}

function welcome(core: Context, agent: AgentBook, unwanted: readonly string[] = []): void {
  const { drain } = agent.record.standing;
  core.send(agent, {
    type: "registered",
    agent_id: agent.id,
    master_info: core.options.masterInfo,
    heartbeat_ms: core.options.agentPingMs,
    ...(unwanted.length > 0 && { unwanted_frameworks: unwanted }),
    ...(drain && { drain: drain.config }),
  });
}

function refuse(core: Context, link: LinkRecord, refusal: Refusal): void {
  link.agentId = undefined;
  core.effects.push(
    { type: "send_agent", link: link.link, message: { type: "refused", ...refusal } },
    { type: "end_link", link: link.link, message: refusal.message },
  );
  core.links.delete(link.link);
  core.log("warning", `Refused agent at ${link.address}: ${refusal.message}`);
}

function refusalOf(
  core: Context,
  link: LinkRecord,
  message: OfType<AgentMessage, "register"> | Reregistration,
): Refusal | undefined {
  const { agent_info: info, link_version } = message;
  if (Math.floor(link_version) !== LINK_VERSION) {
    const text = `Link version ${link_version} is not spoken here: it must be ${LINK_VERSION}`;
    return { reason: "invalid", message: text };
  }
  if (!core.options.authorize(link.principal, "register_agents")) {
    const who = link.principal === undefined ? "without a principal" : `'${link.principal}'`;
    return { reason: "unauthorized", message: `Not authorized to register agent ${who}` };
  }
  if (core.options.requireAgentDomain && info.domain === undefined) {
    const text = "Agent has no domain, but this master requires agent domains";
    return { reason: "invalid", message: text };
  }
  if (machineOf(core, info.hostname, link.address)?.mode === "DOWN") {
    return { reason: "retry", message: "Machine is `DOWN`", retry_after_ms: DOWN_RETRY_MS };
  }
  const fault =
    message.type === "reregister" ? faultOfReregistration(message) : faultOfRegistration(message);
  return fault === undefined ? undefined : { reason: "invalid", message: fault };
}

/** An agent on a machine that is down for maintenance need not ask often. */
const DOWN_RETRY_MS = 30_000;

/** An agent with an id: known, away for a while, from before a failover, or from anywhere. */
export function reregister(core: Context, link: LinkRecord, message: Reregistration): void {
  core.count("master/messages_reregister_slave");
  const id = message.agent_info.id?.value;
  if (id === undefined || id === "") {
    refuse(core, link, { reason: "invalid", message: "Agent re-registers without an id" });
    return;
  }
  if (core.books.goneAgents.has(id)) {
    refuse(core, link, { reason: "gone", message: "Agent has been marked gone" });
    return;
  }
  if (core.transitions.has(id)) {
    const text = "Agent is being written to the registry";
    refuse(core, link, { reason: "retry", message: text, retry_after_ms: RETRY_MS });
    return;
  }
  const refusal = refusalOf(core, link, message);
  if (refusal) {
    refuse(core, link, refusal);
    return;
  }
  link.agentId = id;
  const known = core.books.agents.get(id);
  if (known) reconnect(core, known, link, message);
  else readmit(core, { id, link, message });
}

/** The agent was here, and so was this master: the books are right, but for what was on its way. */
function reconnect(
  core: Context,
  agent: AgentBook,
  link: LinkRecord,
  message: Reregistration,
): void {
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
    const {
      id: _,
      resources: __,
      used: ___,
      active: ____,
      unavailability: _____,
      ...facts
    } = agentSpec(core, agent.record, []);
    dropOffers(core, core.allocator.updateAgent(agent.id, facts));
  }
  // Under another name or address it may be on a machine of the schedule, or no more.
  if (!sameWindow(window, windowOf(core, agent))) announce(core, agent);
  setActive(core, agent);
  const unwanted = unwantedOf(core, message);
  welcome(core, agent, unwanted);
  reconcileWith(core, agent, message, unwanted);
  setAgentResources(core, agent, Resources.fromJson(message.agent_info.resources ?? []));
  core.timers.set(core.nowMs + core.options.agentPingMs, "ping", agent.id);
  core.mayBeDrained(agent);
  core.log("info", `Agent ${agent.id} is back (${message.agent_info.hostname})`);
}

function sameInfo(a: AgentInfo, b: AgentInfo): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Frameworks that the agent runs something of and that are over. */
function unwantedOf(core: Context, { frameworks, tasks, executors }: Reregistration): string[] {
  const ids = new Set<string>();
  for (const { id } of frameworks) if (id) ids.add(id.value);
  for (const { framework_id } of tasks) ids.add(framework_id.value);
  for (const { framework_id } of executors) ids.add(framework_id);
  return [...ids].filter((id) => core.books.completedIds.has(id));
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
  takeOver(core, agent, { ...message, tasks: unknown, executors });
  dropOffers(core, core.allocator.removeAgent(agent.id));
  for (const offer of [...agent.inverseOffers]) removeInverseOffer(core, offer, { rescind: true });
  core.allocator.addAgent(agentSpec(core, agent.record, usedOn(core, agent)));
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

/** An agent that this master does not have: what it tells is taken over. */
function readmit(
  core: Context,
  { id, link, message }: { id: string; link: LinkRecord; message: Reregistration },
): void {
  const recovered = core.books.recoveredAgents.get(id);
  const standing = (recovered ?? core.books.unreachableAgents.get(id))?.standing ?? STANDING;
  if (recovered && sameInfo(recovered.info, message.agent_info)) {
    takeIn(core, { id, link, message, standing });
    return;
  }
  core.transitions.set(id, "reregistering");
  const node = { info: message.agent_info, standing };
  core.persist([putNode("agents", id, node), deleteNode("unreachable", id)], () => {
    core.transitions.delete(id);
    if (core.links.get(link.link) === link) {
      takeIn(core, { id, link, message, standing });
      return;
    }
    // Admitted, but away again: it has as long to come back as after a failover.
    core.books.unreachableAgents.delete(id);
    core.books.recoveredAgents.set(id, { id, info: message.agent_info, standing });
    core.timers.set(core.nowMs + core.options.agentReregisterTimeoutMs, "recovered", id);
  });
}

function takeIn(
  core: Context,
  {
    id,
    link,
    message,
    standing,
  }: { id: string; link: LinkRecord; message: Reregistration; standing: AgentStanding },
): void {
  const { books } = core;
  const wasUnreachable = books.unreachableAgents.has(id);
  const wasRecovered = books.recoveredAgents.has(id);
  const unwanted = unwantedOf(core, message);
  const record = { ...recordOf(core, { id, link, message }, standing), reregisteredMs: core.nowMs };
  const agent = new AgentBook(record, core.nowMs);
  const wanted = {
    ...message,
    tasks: message.tasks.filter((task) => !unwanted.includes(task.framework_id.value)),
    executors: message.executors.filter((each) => !unwanted.includes(each.framework_id)),
  };
  const fault =
    tried(() => takeOver(core, agent, wanted, { wasUnreachable })) ??
    admit(core, agent, usedOn(core, agent));
  if (fault !== undefined) {
    undo(core, agent);
    refuse(core, link, { reason: "invalid", message: fault });
    return;
  }
  forgetTasks(core, id, wanted.tasks);
  books.recoveredAgents.delete(id);
  books.unreachableAgents.delete(id);
  core.count("master/slave_reregistrations");
  welcome(core, agent, unwanted);
  if (!wasRecovered) tellReturned(core, agent, { wasUnreachable });
  killLost(core, agent);
  core.mayBeDrained(agent);
  core.log("info", `Re-registered agent ${id} (${record.info.hostname})`);
}

/** What the agent tells replaces what was known of its tasks while it was away. */
function forgetTasks(core: Context, agentId: string, tasks: readonly Task[]): void {
  for (const [frameworkId, ids] of core.books.unreachableTasks.get(agentId) ?? []) {
    const framework = core.books.frameworks.get(frameworkId);
    if (framework) for (const id of ids) forgetUnreachable(framework, id);
  }
  core.books.unreachableTasks.delete(agentId);
  for (const { framework_id, task_id } of tasks) {
    const framework = core.books.frameworks.get(framework_id.value);
    if (framework) forgetUnreachable(framework, task_id.value);
  }
}

/** Enter tasks, executors and operations that an agent tells of, and frameworks that nobody knew. */
function takeOver(
  core: Context,
  agent: AgentBook,
  { frameworks, executors, tasks, operations }: Reregistration,
  { wasUnreachable = false }: { readonly wasUnreachable?: boolean } = {},
): void {
  const infos = new Map<string, FrameworkInfo>();
  for (const info of frameworks) if (info.id) infos.set(info.id.value, info);
  const find = (id: string): FrameworkBook | undefined => {
    const known = core.books.frameworks.get(id);
    const info = infos.get(id);
    return known ?? (info && recoverFramework(core, { id, info }));
  };
  for (const { framework_id, executor_info } of executors) {
    const framework = find(framework_id);
    if (framework) takeExecutor(core, { framework, agent }, executor_info);
  }
  for (const task of tasks) {
    const framework = find(task.framework_id.value);
    if (framework === undefined || framework.tasks.has(task.task_id.value)) continue;
    const isLost = wasUnreachable && !framework.isPartitionAware && !isTerminal(task.state);
    const record = taskOf(core, framework, task, isLost);
    addTask(core, { framework, agent, task: record });
  }
  for (const { framework_id, uuid, operation, latest_status } of operations) {
    if (operation.id === undefined || core.books.operations.has(uuid)) continue;
    put(core, {
      uuid,
      frameworkId: framework_id,
      agentId: agent.id,
      id: operation.id.value,
      info: operation,
      status: latest_status,
      statuses: [],
    });
    agent.operations.add(core.books.operations.get(uuid)!);
  }
}

function takeExecutor(
  core: Context,
  { framework, agent }: { framework: FrameworkBook; agent: AgentBook },
  info: ExecutorInfo,
): void {
  if (agent.executors.get(framework.id)?.has(info.executor_id.value)) return;
  const { role, resources } = heldBy(core, framework, info.resources ?? []);
  addExecutor({ framework, agent }, { info, resources, role });
}

/** What a task or executor holds, and for which role. */
function heldBy(
  core: Context,
  framework: FrameworkBook,
  list: NonNullable<ExecutorInfo["resources"]>,
): { readonly role: string; readonly resources: Resources } {
  const fallback = framework.record.roles[0] ?? "*";
  const role = list.find((each) => each.allocation_info?.role)?.allocation_info?.role ?? fallback;
  const read = core.reader.read(list, role);
  return { role, resources: plain(read.ok ? read.resources : Resources.fromJson(list)) };
}

function taskOf(core: Context, framework: FrameworkBook, task: Task, isLost: boolean): TaskRecord {
  const {
    framework_id,
    executor_id,
    state,
    statuses,
    status_update_state,
    status_update_uuid,
    ...info
  } = task;
  const { role, resources } = heldBy(core, framework, task.resources ?? []);
  return {
    id: task.task_id.value,
    frameworkId: framework_id.value,
    agentId: task.agent_id.value,
    executorId: executor_id?.value,
    role,
    resources,
    info,
    state,
    pending: undefined,
    statuses: (statuses ?? []).slice(-STATUSES_TAKEN),
    released: isTerminal(state),
    isLost,
    launchedMs: core.nowMs,
  };
}

/** How much of a task's past is taken over. */
const STATUSES_TAKEN = 16;

/** Frameworks that were told that these tasks are lost or unreachable hear that they are back. */
function tellReturned(
  core: Context,
  agent: AgentBook,
  { wasUnreachable }: { readonly wasUnreachable: boolean },
): void {
  const message = wasUnreachable
    ? "Unreachable agent re-reregistered"
    : "Unknown agent reregistered";
  for (const [frameworkId, ids] of agent.tasks) {
    const framework = core.books.frameworks.get(frameworkId);
    if (!framework?.isConnected) continue;
    for (const id of ids) {
      const task = framework.tasks.get(id)!;
      if (task.isLost) continue;
      const last = task.statuses[task.statuses.length - 1];
      tellStatus(core, framework, {
        ...masterStatus(core, task, {
          state: task.state,
          message,
          reason: "REASON_AGENT_REREGISTERED",
        }),
        ...(last?.healthy !== undefined && { healthy: last.healthy }),
        ...(last?.container_status && { container_status: last.container_status }),
      });
    }
  }
}

/** Their frameworks have heard TASK_LOST, which is final: so they must end. */
function killLost(core: Context, agent: AgentBook): void {
  for (const [frameworkId, ids] of agent.tasks) {
    const framework = core.books.frameworks.get(frameworkId);
    for (const id of ids) {
      if (!framework?.tasks.get(id)?.isLost) continue;
      core.send(agent, { type: "kill", framework_id: frameworkId, task_id: id });
    }
  }
}

/** The allocator would not have the agent: its tasks leave the books again. */
function undo(core: Context, agent: AgentBook): void {
  for (const [frameworkId, ids] of [...agent.tasks]) {
    const framework = core.books.frameworks.get(frameworkId);
    for (const id of [...ids]) {
      const task = framework?.tasks.get(id);
      if (framework && task) removeTask(core, framework, task);
    }
  }
  for (const [frameworkId, executors] of [...agent.executors]) {
    const framework = core.books.frameworks.get(frameworkId);
    for (const executor of [...executors.values()]) {
      removeExecutor(core, framework, executor, { released: true });
    }
  }
}

function keyOf(frameworkId: string, id: string): string {
  return `${frameworkId}\n${id}`;
}
