/** Operations other than launches: how they are kept, told of, acknowledged and reconciled. */
import type {
  AgentMessage,
  Id,
  OfType,
  Operation,
  OperationState,
  OperationStatus,
  SchedulerCall,
} from "../../model/mod.ts";
import { Resources } from "../../resources/mod.ts";
import { operationGauges } from "../metrics/names.ts";
import type { OperationContext } from "../validate/types.ts";
import { setAgentResources } from "./agents.ts";
import type { AgentBook, FrameworkBook } from "./books.ts";
import type { Context } from "./context.ts";
import type { OperationRecord } from "./records.ts";

const TERMINAL: ReadonlySet<OperationState> = new Set([
  "OPERATION_FINISHED",
  "OPERATION_FAILED",
  "OPERATION_ERROR",
  "OPERATION_DROPPED",
  "OPERATION_GONE_BY_OPERATOR",
]);

/** What an operation is held against. */
export function operationContext(
  framework: FrameworkBook | undefined,
  agent: AgentBook,
  now: {
    readonly role: string;
    readonly total: Resources;
    readonly used: Iterable<Resources>;
    readonly principal?: string | undefined;
  },
): OperationContext {
  const { capabilities } = agent.record;
  const { role, total, used } = now;
  return {
    principal: framework ? framework.record.info.principal : now.principal,
    ...(framework && {
      framework: {
        id: framework.id,
        roles: new Set(framework.record.roles),
        capabilities: framework.record.capabilities,
        role,
      },
    }),
    agent: {
      id: agent.id,
      total,
      used,
      ...(capabilities.length > 0 && { capabilities: new Set(capabilities) }),
    },
  };
}

/** Base64 of 16 bytes that a seed decides. */
export function newUuid(core: Context): string {
  let binary = "";
  for (let word = 0; word < 4; word++) {
    const bits = core.random.u32();
    for (let shift = 0; shift < 32; shift += 8) {
      binary += String.fromCharCode((bits >>> shift) & 255);
    }
  }
  return btoa(binary);
}

/** Keep an operation whose framework, or whose operator, wants to hear of it. */
export function enterOperation(
  core: Context,
  {
    framework,
    agent,
    uuid,
    operation,
  }: {
    framework: FrameworkBook | undefined;
    agent: AgentBook;
    uuid: string;
    operation: Operation;
  },
): void {
  const id = operation.id?.value;
  if (id === undefined) return;
  countOperation(core, operation, "OPERATION_PENDING", 1);
  put(core, {
    uuid,
    frameworkId: framework?.id,
    agentId: agent.id,
    id,
    info: operation,
    status: {
      operation_id: { value: id },
      state: "OPERATION_PENDING",
      agent_id: { value: agent.id },
    },
    statuses: [],
  });
}

/** Enter an operation, in place of what was known of it. */
export function put(core: Context, operation: OperationRecord): void {
  const { uuid, frameworkId, agentId, id } = operation;
  const { books } = core;
  const before = books.operations.get(uuid);
  const agent = books.agents.get(agentId);
  if (before) agent?.operations.delete(before);
  agent?.operations.add(operation);
  books.operations.set(uuid, operation);
  if (frameworkId !== undefined && id !== undefined) {
    books.frameworks.get(frameworkId)?.operations.set(id, operation);
  }
}

export function removeOperation(core: Context, operation: OperationRecord): void {
  const { uuid, frameworkId, agentId, id } = operation;
  core.books.operations.delete(uuid);
  core.books.agents.get(agentId)?.operations.delete(operation);
  if (frameworkId === undefined || id === undefined) return;
  core.books.frameworks.get(frameworkId)?.operations.delete(id);
}

/** An operation that cannot be: its framework hears of it when it named it. */
export function dropOperation(
  core: Context,
  framework: FrameworkBook,
  operation: Operation,
  message: string,
  agentId?: string,
): void {
  core.log("warning", `Dropped ${operation.type} of framework ${framework.id}: ${message}`);
  if (operation.id === undefined) return;
  tell(core, framework, {
    operation_id: operation.id,
    state: "OPERATION_ERROR",
    message,
    ...(agentId !== undefined && { agent_id: { value: agentId } }),
  });
}

function tell(core: Context, framework: FrameworkBook, status: OperationStatus): boolean {
  return core.tell(framework, {
    type: "UPDATE_OPERATION_STATUS",
    update_operation_status: { status },
  });
}

/** An agent tells how an operation went, again and again until it is acknowledged. */
export function operationUpdate(
  core: Context,
  agent: AgentBook,
  { uuid, status, resources }: OfType<AgentMessage, "operation_update">,
): void {
  if (resources !== undefined) setAgentResources(core, agent, Resources.fromJson(resources));
  const known = core.books.operations.get(uuid);
  const framework =
    known?.frameworkId === undefined ? undefined : core.books.frameworks.get(known.frameworkId);
  if (known === undefined || framework === undefined || known.id === undefined) {
    acknowledgeFor(core, agent, { uuid, status });
    if (known && TERMINAL.has(status.state)) removeOperation(core, known);
    core.mayBeDrained(agent);
    return;
  }
  const full = { ...status, operation_id: { value: known.id }, agent_id: { value: agent.id } };
  const last = known.statuses[known.statuses.length - 1];
  const isAgain = last !== undefined && last.uuid?.value === status.uuid?.value;
  put(core, {
    ...known,
    status: TERMINAL.has(known.status.state) ? known.status : full,
    statuses: isAgain ? known.statuses : [...known.statuses, full],
  });
  if (!TERMINAL.has(known.status.state)) {
    countOperation(core, known.info, known.status.state, -1);
    countOperation(core, known.info, status.state, 1);
  }
  tell(core, framework, full);
  if (TERMINAL.has(status.state) && status.uuid === undefined) {
    removeOperation(core, core.books.operations.get(uuid)!);
  }
}

/** Gauges of Mesos: how many operations of a kind are in a state, those that ended included. */
function countOperation(
  core: Context,
  { type }: Operation,
  state: OperationState,
  by: number,
): void {
  for (const name of operationGauges(type, state)) {
    // An operation that changes its state is one operation still.
    if (!name.endsWith("/total")) core.count(name, by);
    else if (state === "OPERATION_PENDING" && by > 0) core.count(name, by);
  }
}

function acknowledgeFor(
  core: Context,
  agent: AgentBook,
  { uuid, status }: { uuid: string; status: OperationStatus },
): void {
  if (status.uuid === undefined) return;
  core.send(agent, { type: "operation_ack", uuid, status_uuid: status.uuid.value });
}

/** ACKNOWLEDGE_OPERATION_STATUS. */
export function acknowledgeOperation(
  core: Context,
  framework: FrameworkBook,
  {
    operation_id,
    uuid,
  }: OfType<SchedulerCall, "ACKNOWLEDGE_OPERATION_STATUS">["acknowledge_operation_status"],
): void {
  core.count("master/messages_operation_status_update_acknowledgement");
  const operation = framework.operations.get(operation_id.value);
  const agent = operation && core.books.agents.get(operation.agentId);
  if (operation === undefined || !agent?.isConnected) return;
  core.send(agent, { type: "operation_ack", uuid: operation.uuid, status_uuid: uuid });
  const last = operation.statuses[operation.statuses.length - 1];
  if (last?.uuid?.value !== uuid || !TERMINAL.has(last.state)) return;
  removeOperation(core, operation);
  core.mayBeDrained(agent);
}

/** RECONCILE_OPERATIONS: an empty list asks for all that are known. */
export function reconcileOperations(
  core: Context,
  framework: FrameworkBook,
  operations: readonly { readonly operation_id: Id; readonly agent_id?: Id | undefined }[],
): void {
  core.count("master/messages_reconcile_operations");
  if (operations.length === 0) {
    for (const operation of framework.operations.values()) {
      tell(core, framework, latestOf(operation));
    }
    return;
  }
  for (const { operation_id, agent_id } of operations) {
    const known = framework.operations.get(operation_id.value);
    const status = known
      ? latestOf(known)
      : {
          operation_id,
          ...answerOf(core, agent_id?.value),
          ...(agent_id && { agent_id }),
        };
    tell(core, framework, status);
  }
}

/** Not told reliably, so without a uuid. */
function latestOf({ status, statuses }: OperationRecord): OperationStatus {
  const { uuid: _, ...latest } = statuses[statuses.length - 1] ?? status;
  return latest;
}

function answerOf(
  core: Context,
  agentId: string | undefined,
): { readonly state: OperationState; readonly message: string } {
  const { books } = core;
  const answer = (state: OperationState, message: string) => {
    return { state, message: `Reconciliation: ${message}` };
  };
  if (agentId === undefined) {
    const message = "Operation is unknown and no 'agent_id' was provided";
    return answer("OPERATION_UNKNOWN", message);
  }
  if (books.recoveredAgents.has(agentId)) {
    const message = "Agent is recovered but has not re-registered";
    return answer("OPERATION_RECOVERING", message);
  }
  if (books.agents.has(agentId)) return answer("OPERATION_UNKNOWN", "Operation is unknown");
  if (books.unreachableAgents.has(agentId)) {
    return answer("OPERATION_UNREACHABLE", "Agent is unreachable");
  }
  if (books.goneAgents.has(agentId)) {
    return answer("OPERATION_GONE_BY_OPERATOR", "Agent marked gone by operator");
  }
  return answer("OPERATION_UNKNOWN", "Both operation and agent are unknown");
}

/** An agent goes: frameworks hear where their operations stand, and the books forget them. */
export function endOperations(
  core: Context,
  agent: AgentBook,
  { state, message }: { readonly state: OperationState; readonly message: string },
): void {
  for (const operation of [...agent.operations]) {
    const { frameworkId, id } = operation;
    const framework =
      frameworkId === undefined ? undefined : core.books.frameworks.get(frameworkId);
    if (framework && id !== undefined) {
      tell(core, framework, {
        operation_id: { value: id },
        state,
        message,
        agent_id: { value: agent.id },
      });
    }
    if (!TERMINAL.has(operation.status.state)) {
      countOperation(core, operation.info, operation.status.state, -1);
      countOperation(core, operation.info, state, 1);
    }
    removeOperation(core, operation);
    agent.operations.delete(operation);
  }
}

/** Whether an operation is over. */
export function isOperationOver(state: OperationState): boolean {
  return TERMINAL.has(state);
}
