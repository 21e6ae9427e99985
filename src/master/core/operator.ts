/** Calls of operators that change something: one after the other, each answered when it is durable. */
import type { Context } from "./context.ts";
import type { MasterInput, OperatorCall } from "./events.ts";
import { removeFramework } from "./frameworks.ts";
import { startMaintenance, stopMaintenance, updateSchedule } from "./maintenance.ts";
import { operateOnAgent } from "./operator_resources.ts";
import { type Answer, updateQuotas, updateWeights } from "./quota.ts";
import { markGone } from "./removal.ts";
import { deactivateAgent, drainAgent, reactivateAgent } from "./standing.ts";

type Input = Extract<MasterInput, { readonly type: "operator_call" }>;

/** How many calls may wait for the one that is being written. */
const WAITING_MAX = 1_000;

/** Make a call, or let it wait: each is checked against what the ones before it have changed. */
export function operatorCall(core: Context, input: Input): void {
  const { operators } = core;
  if (operators.waiting.length >= WAITING_MAX) {
    core.reply(input.request, 503, "Too many operator calls wait");
    return;
  }
  operators.waiting.push(input);
  if (operators.isBusy) return;
  next(core);
}

function next(core: Context): void {
  const { operators } = core;
  for (let input = operators.waiting.shift(); input; input = operators.waiting.shift()) {
    const { request } = input;
    let isAnswered = false;
    let isLater = false;
    operators.isBusy = true;
    make(core, input, ({ status, message }) => {
      isAnswered = true;
      operators.isBusy = false;
      core.reply(request, status, message);
      if (isLater) next(core);
    });
    isLater = true;
    if (!isAnswered) return;
  }
}

function make(core: Context, { call, principal }: Input, answer: (answer: Answer) => void): void {
  const forbidden = forbiddenOf(core, call, principal);
  if (forbidden !== undefined) {
    answer({ status: 403, message: forbidden });
    return;
  }
  switch (call.type) {
    case "UPDATE_WEIGHTS":
      updateWeights(core, call, principal, answer);
      break;
    case "UPDATE_QUOTA":
    case "SET_QUOTA":
    case "REMOVE_QUOTA":
      updateQuotas(core, call, principal, answer);
      break;
    case "UPDATE_MAINTENANCE_SCHEDULE":
      updateSchedule(core, call, answer);
      break;
    case "START_MAINTENANCE":
      startMaintenance(core, call, answer);
      break;
    case "STOP_MAINTENANCE":
      stopMaintenance(core, call, answer);
      break;
    case "DRAIN_AGENT":
      drainAgent(core, call, answer);
      break;
    case "DEACTIVATE_AGENT":
      deactivateAgent(core, call, answer);
      break;
    case "REACTIVATE_AGENT":
      reactivateAgent(core, call, answer);
      break;
    case "TEARDOWN":
      teardown(core, call, principal, answer);
      break;
    case "MARK_AGENT_GONE":
      markAgentGone(core, call.mark_agent_gone.agent_id.value, answer);
      break;
    default:
      answer(operateOnAgent(core, call, principal));
  }
}

/** The actions whose object is not looked at, or is the agent or machine as such. */
const ACTIONS: Partial<Record<OperatorCall["type"], string>> = {
  UPDATE_MAINTENANCE_SCHEDULE: "update_maintenance_schedules",
  START_MAINTENANCE: "start_maintenances",
  STOP_MAINTENANCE: "stop_maintenances",
  DRAIN_AGENT: "drain_agents",
  DEACTIVATE_AGENT: "deactivate_agents",
  REACTIVATE_AGENT: "reactivate_agents",
  MARK_AGENT_GONE: "mark_agents_gone",
};

function forbiddenOf(
  core: Context,
  call: OperatorCall,
  principal: string | undefined,
): string | undefined {
  const needs = [ACTIONS[call.type]];
  if (call.type === "DRAIN_AGENT" && call.drain_agent.mark_gone) needs.push("mark_agents_gone");
  const action = needs.find((each) => each && !core.options.authorize(principal, each));
  return action && `Not authorized to ${action.replaceAll("_", " ")}`;
}

function teardown(
  core: Context,
  { teardown }: OperatorCall & { readonly type: "TEARDOWN" },
  principal: string | undefined,
  answer: (answer: Answer) => void,
): void {
  const framework = core.books.frameworks.get(teardown.framework_id.value);
  if (framework === undefined) {
    answer({ status: 400, message: "No framework found with specified ID" });
    return;
  }
  const { principal: owner } = framework.record.info;
  if (!core.options.authorize(principal, "teardown_frameworks", owner)) {
    answer({ status: 403, message: "Not authorized to teardown frameworks" });
    return;
  }
  removeFramework(core, framework, () => answer({ status: 200 }));
}

function markAgentGone(core: Context, id: string, answer: (answer: Answer) => void): void {
  const { agents, recoveredAgents, unreachableAgents, goneAgents } = core.books;
  if (goneAgents.has(id)) {
    answer({ status: 200 });
  } else if (!agents.has(id) && !recoveredAgents.has(id) && !unreachableAgents.has(id)) {
    answer({ status: 404, message: `Agent ${id} is not known` });
  } else if (core.transitions.has(id)) {
    answer({ status: 503, message: `Agent ${id} is being written to the registry: try again` });
  } else {
    markGone(core, id, () => answer({ status: 200 }));
  }
}
