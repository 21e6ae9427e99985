/** Asks the agents of this host for their tasks. */
import { FairleadError } from "../../../base/mod.ts";
import type { AgentResponse, Task } from "../../../model/mod.ts";
import type { Report } from "../../../topology/mod.ts";
import type { Reporter, SpyContext } from "../../reporter.ts";
import { type TaskFacts, taskReport } from "../../reporters/tasks.ts";

/** Options of {@linkcode AgentReporter}. */
export interface AgentReporterOptions {
  /** Addresses of agents on this host: `http://127.0.0.1:5051`. */
  readonly agents: readonly string[];
  /** Whether a runtime reports a container with that first process itself. */
  readonly hasContainer: (pid: number) => boolean;
  /** For `Authorization`. @default none */
  readonly authorization?: string;
}

const ANSWER_BYTES_MAX = 64 * 2 ** 20;

/** Reports tasks by `GET_TASKS` and `GET_FRAMEWORKS`; also knows which process is a task's first. */
export class AgentReporter implements Reporter {
  readonly name = "agent";
  readonly #options: AgentReporterOptions;
  #tasks = new Map<number, TaskFacts>();

  constructor(options: AgentReporterOptions) {
    this.#options = options;
  }

  /** The task whose first process that is. */
  taskOf(pid: number): TaskFacts | undefined {
    return this.#tasks.get(pid);
  }

  async report({ nowMs, signal }: SpyContext): Promise<Report> {
    const { agents, hasContainer } = this.#options;
    const found = await Promise.all(agents.map((agent) => this.#tasksOf(agent, signal)));
    const tasks = found.flat();
    this.#tasks = new Map(tasks.filter(({ pid }) => pid > 0).map((task) => [task.pid, task]));
    return taskReport(nowMs, tasks, { hasContainer });
  }

  async #tasksOf(agent: string, signal: AbortSignal): Promise<TaskFacts[]> {
    const [tasks, frameworks] = await Promise.all([
      this.#call(agent, "GET_TASKS", signal),
      this.#call(agent, "GET_FRAMEWORKS", signal),
    ]);
    if (tasks.type !== "GET_TASKS" || frameworks.type !== "GET_FRAMEWORKS") {
      throw failed(agent, "it answered another call");
    }
    const names = new Map(
      (frameworks.get_frameworks.frameworks ?? []).map(({ framework_info: info }) => [
        info.id?.value ?? "",
        info.name,
      ]),
    );
    return (tasks.get_tasks.launched_tasks ?? []).map((task) =>
      factsOf(task, names.get(task.framework_id.value) ?? ""),
    );
  }

  async #call(
    agent: string,
    type: "GET_TASKS" | "GET_FRAMEWORKS",
    signal: AbortSignal,
  ): Promise<AgentResponse> {
    const { authorization } = this.#options;
    const response = await fetch(new URL("/api/v1", agent), {
      method: "POST",
      headers: {
        "content-type": "application/json",
        accept: "application/json",
        ...(authorization === undefined ? {} : { authorization }),
      },
      body: JSON.stringify({ type }),
      signal,
    }).catch((cause: unknown) => {
      if (signal.aborted) throw signal.reason;
      throw failed(agent, "nobody answers", cause);
    });
    const text = await response.text();
    if (response.status !== 200) throw failed(agent, `it answered ${response.status}`);
    if (text.length > ANSWER_BYTES_MAX) throw failed(agent, "its answer is too long");
    const { readAgentResponse } = await import("../../../model/mod.ts");
    return readAgentResponse(JSON.parse(text));
  }
}

function factsOf(task: Task, frameworkName: string): TaskFacts {
  const statuses = task.statuses ?? [];
  const found = statuses.findLast(({ container_status: status }) => status !== undefined);
  const started = statuses.find(({ state }) => state === "TASK_RUNNING")?.timestamp;
  const { container_id: container, executor_pid: pid = 0 } = found?.container_status ?? {};
  const labels = (task.labels?.labels ?? []).map(({ key, value }) => [key, value ?? ""]);
  return {
    taskId: task.task_id.value,
    taskName: task.name,
    state: task.state ?? "TASK_STAGING",
    frameworkId: task.framework_id.value,
    frameworkName,
    executorId: task.executor_id?.value ?? "",
    agentId: task.agent_id.value,
    role: task.resources?.[0]?.reservations?.[0]?.role ?? "",
    containerId: container?.value ?? task.task_id.value,
    pid,
    startedMs: started === undefined ? undefined : started * 1_000,
    labels: Object.fromEntries(labels),
  };
}

function failed(agent: string, state: string, cause?: unknown): FairleadError {
  const { host } = new URL(agent);
  return new FairleadError("agent_unreachable", `Cannot ask the agent at ${host}: ${state}`, {
    ...(cause === undefined ? {} : { cause }),
  });
}
