/** The states of agents, frameworks and tasks: a word, a tone and a shape for each. */
import { html, type TemplateResult } from "lit";
import type { ConsoleAgentState, ConsoleFrameworkState, TaskState } from "../../model/mod.ts";
import { type IconName, icon } from "./icons.ts";

/** How a state is shown. The shape says the same as the colour, for those who see none. */
export interface Look {
  readonly label: string;
  readonly tone: "good" | "busy" | "warn" | "bad" | "plain";
  readonly icon: IconName;
}

const AGENT: Readonly<Record<ConsoleAgentState, Look>> = {
  active: { label: "Active", tone: "good", icon: "dot" },
  inactive: { label: "Disconnected", tone: "warn", icon: "pause" },
  unreachable: { label: "Unreachable", tone: "bad", icon: "alert" },
  draining: { label: "Draining", tone: "warn", icon: "down" },
  drained: { label: "Drained", tone: "plain", icon: "hollow" },
  deactivated: { label: "Deactivated", tone: "plain", icon: "ban" },
  recovered: { label: "Expected back", tone: "busy", icon: "hourglass" },
};

const FRAMEWORK: Readonly<Record<ConsoleFrameworkState, Look>> = {
  active: { label: "Active", tone: "good", icon: "dot" },
  inactive: { label: "Disconnected", tone: "warn", icon: "pause" },
  recovered: { label: "Expected back", tone: "busy", icon: "hourglass" },
  completed: { label: "Completed", tone: "plain", icon: "check" },
};

const TASK: Readonly<Record<TaskState, Look>> = {
  TASK_STAGING: { label: "Staging", tone: "busy", icon: "hollow" },
  TASK_STARTING: { label: "Starting", tone: "busy", icon: "half" },
  TASK_RUNNING: { label: "Running", tone: "good", icon: "dot" },
  TASK_KILLING: { label: "Killing", tone: "warn", icon: "down" },
  TASK_FINISHED: { label: "Finished", tone: "good", icon: "check" },
  TASK_FAILED: { label: "Failed", tone: "bad", icon: "cross" },
  TASK_KILLED: { label: "Killed", tone: "plain", icon: "square" },
  TASK_ERROR: { label: "Invalid", tone: "bad", icon: "alert" },
  TASK_LOST: { label: "Lost", tone: "bad", icon: "question" },
  TASK_DROPPED: { label: "Dropped", tone: "warn", icon: "minus" },
  TASK_UNREACHABLE: { label: "Unreachable", tone: "warn", icon: "alert" },
  TASK_GONE: { label: "Gone", tone: "bad", icon: "minus" },
  TASK_GONE_BY_OPERATOR: { label: "Gone by operator", tone: "plain", icon: "ban" },
  TASK_UNKNOWN: { label: "Unknown", tone: "warn", icon: "question" },
};

/** In the order in which they are shown. */
export const AGENT_STATES = Object.keys(AGENT) as readonly ConsoleAgentState[];

/** In the order of a task's life. */
export const TASK_STATES = Object.keys(TASK) as readonly TaskState[];

/** Masters newer than this console may know more states. */
const unknown = (state: string): Look => ({ label: state, tone: "plain", icon: "question" });

export function agentLook(state: ConsoleAgentState): Look {
  return AGENT[state] ?? unknown(state);
}

export function frameworkLook(state: ConsoleFrameworkState): Look {
  return FRAMEWORK[state] ?? unknown(state);
}

export function taskLook(state: TaskState): Look {
  return TASK[state] ?? unknown(state);
}

/** Shape and word. */
export function stateOf({ label, tone, icon: name }: Look): TemplateResult {
  return html`<span class="state ${tone}">${icon(name)}<span>${label}</span></span>`;
}
