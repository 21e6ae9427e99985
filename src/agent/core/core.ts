import { FairleadError, unreachable } from "../../base/mod.ts";
import type { ExecutorCall, MasterMessage, OfType } from "../../model/mod.ts";
import { look, looked } from "./checks.ts";
import { applyDrain, checkDrained, endDrain } from "./drain.ts";
import {
  containerOfTaskEnded,
  forceKill,
  graceMsOf,
  killTask,
  launchOfTaskFailed,
  removeFrameworkIfDone,
  removeTask,
} from "./ending.ts";
import type { AgentEffect, AgentInput } from "./events.ts";
import {
  containerOfExecutorEnded,
  endIfUseless,
  executorLaunched,
  executorSubscribed,
  executorUpdated,
  forceShutdown,
  launchOfExecutorFailed,
  registrationTimedOut,
  sendEvent,
  shutdownExecutor,
} from "./executors.ts";
import { frameworkOf, updateFramework } from "./frameworks.ts";
import {
  closeLink,
  closeSilentLink,
  linkClosed,
  linkOpened,
  refused,
  registered,
  silenceDueMs,
} from "./link.ts";
import { operate, operationAcknowledged, sendStatus } from "./operations.ts";
import type { AgentCoreOptions } from "./options.ts";
import type {
  CompletedTask,
  ExecutorRecord,
  FrameworkRecord,
  OperationRecord,
  TaskRecord,
} from "./records.ts";
import { containerRecovered, recover } from "./recovery.ts";
import { changeResources } from "./resources.ts";
import { AgentState } from "./state.ts";
import { checkStopped, finishStop, shutdownAll, shutdownFramework } from "./stopping.ts";
import { completionTimePassed, launch, launchGroup, taskLaunched } from "./tasks.ts";
import type { Alarm } from "./timers.ts";
import { acknowledge, closeStream, reportUnknown, sendFirst } from "./updates.ts";

/** What of an agent's core may be looked at. */
export type AgentView = Pick<
  AgentState,
  "info" | "base" | "agentId" | "connection" | "drain" | "stopped"
> & {
  readonly completed: readonly CompletedTask[];
  readonly counts: ReadonlyMap<string, number> | undefined;
  readonly operations: ReadonlyMap<string, OperationRecord>;
  readonly frameworks: ReadonlyMap<string, FrameworkRecord>;
  readonly containers: ReadonlyMap<string, TaskRecord | ExecutorRecord>;
};

/**
 * An agent without a machine: told what happens, it says what to do, in the order of doing.
 *
 * It reads no clock but the one it is given and rolls no dice but its own: the same events give
 * the same effects. The first event is `recovered`.
 */
export class AgentCore {
  readonly #agent: AgentState;

  constructor(options: AgentCoreOptions) {
    this.#agent = new AgentState(options);
  }

  /** Live: it changes with every step. */
  get state(): AgentView {
    return this.#agent;
  }

  /** When `tick` is wanted next; undefined: not before something happens. */
  nextDueMs(): number | undefined {
    const timerMs = this.#agent.timers.nextDueMs;
    const silenceMs = silenceDueMs(this.#agent);
    if (timerMs === undefined || silenceMs === undefined) return timerMs ?? silenceMs;
    return Math.min(timerMs, silenceMs);
  }

  /** Whether a custom executor of these ids may subscribe. */
  knowsExecutor(frameworkId: string, executorId: string): boolean {
    return this.#executor(frameworkId, executorId)?.kind === "custom";
  }

  /**
   * What follows from one event.
   *
   * @throws {FairleadError} `incompatible_reconfiguration`, for `recovered` only.
   */
  step(input: AgentInput): AgentEffect[] {
    const agent = this.#agent;
    const effects: AgentEffect[] = [];
    agent.effects = effects;
    this.#take(input);
    if (agent.drain !== undefined) checkDrained(agent);
    if (agent.stopping !== undefined) checkStopped(agent);
    return effects;
  }

  #take(input: AgentInput): void {
    const agent = this.#agent;
    switch (input.type) {
      case "messages":
        this.#hearAll(input.messages);
        return;
      case "tick":
        this.#tick();
        return;
      case "container_launched":
      case "container_failed":
      case "container_ended":
      case "check_result":
        this.#container(input);
        return;
      case "executor_subscribed": {
        const executor = this.#executorOf(input.call);
        if (executor?.kind !== "custom") return;
        executorSubscribed(agent, executor, input.connection, input.call);
        return;
      }
      case "executor_call":
        this.#executorCall(input.call);
        return;
      case "executor_disconnected":
        this.#disconnected(input.connection);
        return;
      case "link_opened":
        linkOpened(agent);
        return;
      case "link_closed":
        linkClosed(agent);
        return;
      case "recovered":
        recover(agent, input.checkpoints);
        this.#maybeRecovered();
        return;
      case "container_recovered":
        containerRecovered(agent, input);
        this.#maybeRecovered();
        return;
      case "answered":
        agent.send({
          type: "answer",
          id: input.id,
          ...(input.body === undefined ? {} : { body: input.body }),
          ...(input.error === undefined ? {} : { error: input.error }),
        });
        return;
      case "resources":
        changeResources(agent, input.resources);
        return;
      case "shutdown":
        shutdownAll(agent, input.message, input.unregister ?? false);
        return;
      default:
        unreachable(input);
        return;
    }
  }

  #maybeRecovered(): void {
    const agent = this.#agent;
    const { connection } = agent;
    if (connection.status !== "recovering" || agent.recovering > 0) return;
    agent.connection = { status: "disconnected" };
    if (connection.linked) linkOpened(agent);
  }

  /** What a master says that cannot be understood ends the link, and nothing else. */
  #hearAll(messages: readonly MasterMessage[]): void {
    for (const message of messages) {
      try {
        this.#hear(message);
      } catch (error) {
        const { message: why, code } = FairleadError.from(error);
        this.#agent.log("error", `Cannot understand the master: ${why}`, { code });
        closeLink(this.#agent, "a message that cannot be understood");
        return;
      }
    }
  }

  #hear(message: MasterMessage): void {
    const agent = this.#agent;
    agent.heardMs = agent.nowMs();
    switch (message.type) {
      case "ping":
        agent.send({ type: "pong", sequence: message.sequence });
        return;
      case "ack":
        this.#acknowledged(message);
        return;
      case "launch":
        launch(agent, message.framework, message.launches);
        return;
      case "launch_group":
        launchGroup(agent, message.framework, message.executor, message.tasks);
        return;
      case "kill":
        this.#kill(message);
        return;
      case "registered":
        registered(agent, message);
        return;
      case "refused":
        refused(agent, message);
        return;
      case "operation":
        operate(agent, message);
        return;
      case "operation_ack":
        operationAcknowledged(agent, message.uuid, message.status_uuid);
        return;
      case "shutdown_executor":
        this.#shutdownExecutor(message.framework_id, message.executor_id);
        return;
      case "shutdown_framework":
        shutdownFramework(agent, message.framework_id);
        return;
      case "framework":
        if (agent.frameworks.has(message.framework.id?.value ?? "")) {
          updateFramework(agent, message.framework);
        }
        return;
      case "message":
        this.#message(message);
        return;
      case "reconcile":
        for (const task of message.tasks) this.#reconcile(task);
        return;
      case "drain":
        applyDrain(agent, message);
        return;
      case "undrain":
        endDrain(agent);
        return;
      case "ask":
        agent.effects.push({ type: "ask", id: message.id, ask: message.ask });
        return;
      case "shutdown":
        shutdownAll(agent, message.message, true);
        return;
      default:
        unreachable(message);
        return;
    }
  }

  #acknowledged(message: OfType<MasterMessage, "ack">): void {
    const agent = this.#agent;
    const framework = agent.frameworks.get(message.framework_id);
    const stream = framework?.streams.get(message.task_id);
    if (framework === undefined || stream === undefined) return;
    if (!acknowledge(agent, stream, message.uuid)) return;
    const task = framework.tasks.get(message.task_id);
    if (task === undefined) {
      closeStream(agent, framework, stream);
      removeFrameworkIfDone(agent, framework);
    } else if (task.phase === "ended") removeTask(agent, task);
  }

  #kill(message: OfType<MasterMessage, "kill">): void {
    const agent = this.#agent;
    const task = agent.frameworks.get(message.framework_id)?.tasks.get(message.task_id);
    if (task === undefined) {
      this.#reconcile(message);
      return;
    }
    killTask(agent, task, "kill", graceMsOf(agent, task, message.kill_policy));
    endIfUseless(agent, task.executor);
  }

  /** Say of a task that the agent does not know that it does not. */
  #reconcile(asked: { readonly framework_id: string; readonly task_id: string }): void {
    const agent = this.#agent;
    const known = agent.frameworks.get(asked.framework_id);
    if (known?.streams.has(asked.task_id)) return;
    const framework = known ?? frameworkOf(agent, asked.framework_id);
    reportUnknown(agent, framework, asked.task_id, {
      state: "TASK_DROPPED",
      source: "SOURCE_AGENT",
      reason: "REASON_RECONCILIATION",
      message: "The agent does not know this task",
    });
  }

  #message(message: OfType<MasterMessage, "message">): void {
    const executor = this.#executor(message.framework_id, message.executor_id);
    if (executor === undefined) return;
    sendEvent(this.#agent, executor, { type: "MESSAGE", message: { data: message.data } });
  }

  #shutdownExecutor(frameworkId: string, executorId: string): void {
    const agent = this.#agent;
    const executor = this.#executor(frameworkId, executorId);
    if (executor === undefined) return;
    if (executor.kind === "custom") {
      shutdownExecutor(agent, executor, {
        reason: "REASON_EXECUTOR_TERMINATED",
        message: "The executor was asked to shut down",
      });
      return;
    }
    for (const task of [...executor.tasks.values()]) {
      killTask(agent, task, "kill", graceMsOf(agent, task));
    }
  }

  #container(
    input: Extract<
      AgentInput,
      { type: "container_launched" | "container_failed" | "container_ended" | "check_result" }
    >,
  ): void {
    const agent = this.#agent;
    const owner = agent.containers.get(input.container);
    if (owner === undefined) {
      // Its task is forgotten: an agent that starts anew leaves nothing running.
      if (input.type !== "container_launched") return;
      agent.effects.push({ type: "destroy_container", container: input.container });
      return;
    }
    if (owner.type === "task") this.#taskContainer(owner, input);
    else this.#executorContainer(owner, input);
  }

  #taskContainer(task: TaskRecord, input: Parameters<AgentCore["step"]>[0]): void {
    const agent = this.#agent;
    if (input.type === "container_launched") taskLaunched(agent, task, input);
    else if (input.type === "container_ended") containerOfTaskEnded(agent, task, input.termination);
    else if (input.type === "check_result") looked(agent, task, input.check, input.result);
    else if (input.type === "container_failed") {
      const { reason = "REASON_CONTAINER_LAUNCH_FAILED", message } = input;
      launchOfTaskFailed(agent, task, { reason, message });
    }
  }

  #executorContainer(executor: ExecutorRecord, input: Parameters<AgentCore["step"]>[0]): void {
    const agent = this.#agent;
    if (input.type === "container_launched") executorLaunched(agent, executor, input);
    else if (input.type === "container_ended") {
      containerOfExecutorEnded(agent, executor, input.termination);
    } else if (input.type === "container_failed") {
      const { reason = "REASON_CONTAINER_LAUNCH_FAILED", message } = input;
      launchOfExecutorFailed(agent, executor, { reason, message });
    }
  }

  #executorCall(call: Exclude<ExecutorCall, { type: "SUBSCRIBE" }>): void {
    const agent = this.#agent;
    const executor = this.#executorOf(call);
    if (executor === undefined) return;
    if (call.type === "UPDATE") executorUpdated(agent, executor, call.update.status);
    else if (call.type === "MESSAGE") {
      agent.send({
        type: "message",
        framework_id: executor.framework.id,
        executor_id: executor.info.executor_id.value,
        data: call.message.data,
      });
    }
  }

  #disconnected(connection: string | number): void {
    for (const owner of this.#agent.containers.values()) {
      if (owner.type === "executor" && owner.connection === connection) {
        owner.connection = undefined;
        return;
      }
    }
  }

  #executorOf(call: ExecutorCall): ExecutorRecord | undefined {
    return this.#executor(call.framework_id.value, call.executor_id.value);
  }

  #executor(frameworkId: string, executorId: string): ExecutorRecord | undefined {
    return this.#agent.frameworks.get(frameworkId)?.executors.get(executorId);
  }

  #tick(): void {
    const agent = this.#agent;
    const nowMs = agent.nowMs();
    for (;;) {
      const alarm = agent.timers.take(nowMs);
      if (alarm === undefined) break;
      this.#ring(alarm);
    }
    closeSilentLink(agent);
  }

  #ring(alarm: Alarm): void {
    const agent = this.#agent;
    switch (alarm.type) {
      case "update_retry": {
        const framework = agent.frameworks.get(alarm.stream.frameworkId);
        if (framework !== undefined) sendFirst(agent, framework, alarm.stream);
        return;
      }
      case "operation_retry":
        sendStatus(agent, alarm.operation);
        return;
      case "kill":
        forceKill(agent, alarm.task);
        return;
      case "completion":
        completionTimePassed(agent, alarm.task, graceMsOf(agent, alarm.task));
        return;
      case "check":
        look(agent, alarm.task, alarm.check);
        return;
      case "executor_registration":
        registrationTimedOut(agent, alarm.executor);
        return;
      case "executor_shutdown":
        forceShutdown(agent, alarm.executor);
        return;
      case "stop":
        finishStop(agent);
        return;
      default:
        unreachable(alarm);
        return;
    }
  }
}
