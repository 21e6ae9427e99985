/** One ACCEPT in the making: everything is checked before anything is changed. */
import type {
  ExecutorInfo,
  MasterMessage,
  Operation,
  TaskInfo,
  TaskLaunch,
  TaskReason,
} from "../../model/mod.ts";
import { Resources } from "../../resources/mod.ts";
import { userOfTask } from "../acl/subjects.ts";
import { unallocated } from "../operations/conversions.ts";
import { OfferedResources } from "../operations/offered.ts";
import { readOperation } from "../operations/operation.ts";
import { validateTaskGroup } from "../validate/group.ts";
import { faultOfLaunch } from "../validate/launch.ts";
import { validateTask } from "../validate/task.ts";
import type { LaunchContext, ResourceConversion, TaskGrant } from "../validate/types.ts";
import { mayOperate } from "./authorize.ts";
import type { AgentBook, FrameworkBook } from "./books.ts";
import type { Context } from "./context.ts";
import { removeOffer, rescindOffers } from "./offers.ts";
import { dropOperation, enterOperation, newUuid, operationContext } from "./operations.ts";
import type { OfferRecord, TaskRecord } from "./records.ts";
import { addExecutor, addTask, countTerminal, masterStatus, plain, tellStatus } from "./tasks.ts";
import { tried } from "./tried.ts";

interface PlannedExecutor {
  readonly info: ExecutorInfo;
  readonly resources: Resources;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Takes operations one after the other, and then makes them all. */
export class AcceptPlan {
  readonly #core: Context;
  readonly #framework: FrameworkBook;
  readonly #agent: AgentBook;
  readonly #offers: readonly OfferRecord[];
  readonly #role: string;
  readonly #offered: OfferedResources;
  readonly #context: Writable<LaunchContext>;
  readonly #tasks = new Map<string, TaskRecord>();
  readonly #executors = new Map<string, PlannedExecutor>();
  readonly #messages: MasterMessage[] = [];
  readonly #operations: { readonly uuid: string; readonly operation: Operation }[] = [];
  /** The launches that go with the next message. */
  #launches: TaskLaunch[] = [];
  /** What the agent has after the operations so far. */
  #total: Resources;
  /** What the launches use, shared volumes beyond the offered copies included; held for nobody. */
  #used: Resources = Resources.EMPTY;

  constructor(core: Context, framework: FrameworkBook, offers: readonly OfferRecord[]) {
    const first = offers[0]!;
    this.#core = core;
    this.#framework = framework;
    this.#agent = core.books.agents.get(first.agentId)!;
    this.#offers = offers;
    this.#role = first.role;
    const sum = (held: Resources, offer: OfferRecord) => held.add(offer.resources);
    const held = offers.slice(1).reduce(sum, first.resources);
    this.#offered = new OfferedResources(held.allocate(first.role));
    this.#total = this.#agent.record.resources;
    this.#context = this.#launchContext();
  }

  #launchContext(): LaunchContext {
    const [framework, agent] = [this.#framework, this.#agent];
    const executors = agent.executors.get(framework.id);
    const { capabilities } = agent.record;
    return {
      frameworkId: framework.id,
      agentId: agent.id,
      role: this.#role,
      available: this.#offered.available,
      tasks: { has: (id) => framework.tasks.has(id) || this.#tasks.has(id) },
      unreachableTasks: framework.unreachableTasks,
      executorOf: (id) => executors?.get(id)?.info ?? this.#executors.get(id)?.info,
      containersUnder: (id) => this.#containersUnder(id),
      agentTakesLimits: capabilities.length === 0 || capabilities.includes("TASK_RESOURCE_LIMITS"),
    };
  }

  *#containersUnder(executorId: string): Iterable<TaskInfo["container"]> {
    for (const id of this.#agent.tasks.get(this.#framework.id) ?? []) {
      const task = this.#framework.tasks.get(id);
      if (task?.executorId === executorId) yield task.info.container;
    }
    for (const task of this.#tasks.values()) {
      if (task.executorId === executorId) yield task.info.container;
    }
  }

  take(operation: Operation): void {
    if (operation.type === "LAUNCH") this.#launch(operation);
    else if (operation.type === "LAUNCH_GROUP") this.#launchGroup(operation);
    else this.#operate(operation);
  }

  #launch(operation: Operation): void {
    const fault = faultOfLaunch(operation);
    for (const task of operation.launch?.task_infos ?? []) {
      if (fault !== undefined) {
        this.#refuse(task, { reason: "REASON_TASK_INVALID", message: fault });
        continue;
      }
      const unauthorized = this.#faultOfUser(task, task.executor);
      if (unauthorized !== undefined) {
        this.#refuse(task, { reason: "REASON_TASK_UNAUTHORIZED", message: unauthorized });
        continue;
      }
      const verdict = validateTask(task, this.#context, this.#core.reader);
      if (verdict.ok) this.#grant(verdict);
      else this.#refuse(task, verdict);
    }
  }

  #grant({ task, resources, executor, executorResources, total }: TaskGrant): void {
    const executorId = task.executor?.executor_id.value;
    if (executor !== undefined) this.#planExecutor(executor, executorResources);
    this.#planTask(task, executorId, resources);
    this.#use(total);
    this.#launches.push(task.executor ? { task, executor: task.executor } : { task });
  }

  #launchGroup(operation: Operation): void {
    const { launch_group: launch } = operation;
    const tasks = launch?.task_group.tasks ?? [];
    if (launch === undefined) return;
    const refuseAll = (reason: TaskReason, message: string) => {
      for (const task of tasks) this.#refuse(task, { reason, message });
    };
    const fault = faultOfLaunch(operation);
    if (fault !== undefined) {
      refuseAll("REASON_TASK_GROUP_INVALID", fault);
      return;
    }
    for (const task of tasks) {
      const unauthorized = this.#faultOfUser(task, launch.executor);
      if (unauthorized === undefined) continue;
      refuseAll("REASON_TASK_GROUP_UNAUTHORIZED", unauthorized);
      return;
    }
    const verdict = validateTaskGroup(launch, this.#context, this.#core.reader);
    if (!verdict.ok) {
      refuseAll(verdict.reason, verdict.message);
      return;
    }
    const { executorInfo, executor, executorResources, total } = verdict;
    if (executor !== undefined) this.#planExecutor(executor, executorResources);
    for (const { task, resources } of verdict.tasks) {
      this.#planTask(task, executorInfo.executor_id.value, resources);
    }
    this.#use(total);
    this.#flush();
    this.#messages.push({
      type: "launch_group",
      framework: this.#framework.record.info,
      executor: executorInfo,
      tasks: verdict.tasks.map(({ task }) => task),
    });
  }

  #use(total: Resources): void {
    this.#offered.use(total);
    this.#used = this.#used.add(plain(total));
    this.#context.available = this.#offered.available;
  }

  #planExecutor(info: ExecutorInfo, resources: Resources): void {
    this.#executors.set(info.executor_id.value, { info, resources: plain(resources) });
  }

  #planTask(info: TaskInfo, executorId: string | undefined, resources: Resources): void {
    const id = info.task_id.value;
    this.#tasks.set(id, {
      id,
      frameworkId: this.#framework.id,
      agentId: this.#agent.id,
      executorId,
      role: this.#role,
      resources: plain(resources),
      info,
      state: "TASK_STAGING",
      pending: undefined,
      statuses: [],
      released: false,
      isLost: false,
      launchedMs: this.#core.nowMs,
    });
  }

  /** RESERVE, CREATE and the like: checked, applied to the offers, and passed on. */
  #operate(asked: Operation): void {
    const [core, framework] = [this.#core, this.#framework];
    const context = operationContext(framework, this.#agent, {
      role: this.#role,
      total: this.#total,
      used: this.#usedOnAgent(),
    });
    const verdict = readOperation(asked, context);
    const fault = verdict.ok
      ? (mayOperate(core, framework.record.info.principal, verdict.operation) ??
        this.#convert(verdict.conversions))
      : verdict.message;
    if (!verdict.ok || fault !== undefined) {
      dropOperation(core, framework, asked, fault ?? "", this.#agent.id);
      return;
    }
    const { operation } = verdict;
    if (operation.type === "DESTROY") this.#takeBack(verdict.conversions);
    const uuid = newUuid(core);
    this.#operations.push({ uuid, operation });
    this.#flush();
    this.#messages.push({
      type: "operation",
      framework_id: framework.id,
      uuid,
      operation,
      feedback: operation.id !== undefined,
    });
  }

  #convert(conversions: readonly ResourceConversion[]): string | undefined {
    const fault = this.#offered.convert(conversions);
    if (fault !== undefined) return fault;
    for (const { from, to } of conversions.map(unallocated)) {
      this.#total = this.#total.subtract(from).add(to);
    }
    this.#context.available = this.#offered.available;
    return undefined;
  }

  /** Other offers that hold a volume that is destroyed. */
  #takeBack(conversions: readonly ResourceConversion[]): void {
    const volumes = conversions.map(({ from }) => from.unallocate().shared());
    const held = [...this.#agent.offers].filter(
      (offer) =>
        !this.#offers.includes(offer) &&
        volumes.some((volume) => !offer.resources.intersect(volume).isEmpty),
    );
    rescindOffers(this.#core, held);
  }

  *#usedOnAgent(): Iterable<Resources> {
    for (const [frameworkId, ids] of this.#agent.tasks) {
      const framework = this.#core.books.frameworks.get(frameworkId);
      for (const id of ids) {
        const task = framework?.tasks.get(id);
        if (task && !task.released) yield task.resources;
      }
    }
    for (const executors of this.#agent.executors.values()) {
      for (const { resources } of executors.values()) yield resources;
    }
    yield this.#used;
  }

  #flush(): void {
    if (this.#launches.length === 0) return;
    const framework = this.#framework.record.info;
    this.#messages.push({ type: "launch", framework, launches: this.#launches });
    this.#launches = [];
  }

  #faultOfUser(task: TaskInfo, executor: ExecutorInfo | undefined): string | undefined {
    const { info } = this.#framework.record;
    const user = userOfTask({ ...task, executor: task.executor ?? executor }, info);
    if (this.#core.options.authorize(info.principal, "run_tasks", user)) return undefined;
    return `Principal '${info.principal ?? ""}' is not authorized to launch task as user '${user}'`;
  }

  #refuse(
    { task_id, agent_id }: TaskInfo,
    { reason, message }: { readonly reason: TaskReason; readonly message: string },
  ): void {
    const status = masterStatus(
      this.#core,
      { id: task_id.value, agentId: agent_id.value },
      { state: "TASK_ERROR", message, reason },
    );
    countTerminal(this.#core, status);
    tellStatus(this.#core, this.#framework, status);
  }

  /** Tell the allocator; a sentence when it will not have it, and then nothing has changed. */
  #account(refuseMs: number): string | undefined {
    const { conversions } = this.#offered;
    const handles = this.#offers.map(({ handle }) => handle);
    const converted = conversions.map(unallocated).map(({ from, to }) => ({ from, to }));
    return tried(() =>
      this.#core.allocator.accept(handles.length === 1 ? handles[0]! : handles, {
        used: this.#used,
        refuseMs,
        converted,
      }),
    );
  }

  /** Such as a volume that another offer holds: the offers go back, and all of it is an error. */
  #giveUp(message: string): void {
    const [core, framework] = [this.#core, this.#framework];
    core.log("error", `Cannot account for an ACCEPT of framework ${framework.id}: ${message}`);
    rescindOffers(core, this.#offers);
    for (const { info } of this.#tasks.values()) {
      this.#refuse(info, { reason: "REASON_TASK_INVALID", message });
    }
    for (const { operation } of this.#operations) {
      dropOperation(core, framework, operation, message, this.#agent.id);
    }
  }

  /** Change the allocator and the books, and tell the agent. */
  commit(refuseMs: number): void {
    this.#flush();
    const [core, framework, agent] = [this.#core, this.#framework, this.#agent];
    const { conversions } = this.#offered;
    const fault = this.#account(refuseMs);
    if (fault !== undefined) {
      this.#giveUp(fault);
      return;
    }
    core.count(`${framework.metrics}offers/accepted`, this.#offers.length);
    for (const offer of this.#offers) removeOffer(core, offer);
    if (conversions.length > 0) agent.record = { ...agent.record, resources: this.#total };
    for (const executor of this.#executors.values()) {
      addExecutor({ framework, agent }, { ...executor, role: this.#role });
    }
    for (const task of this.#tasks.values()) addTask(core, { framework, agent, task });
    for (const { uuid, operation } of this.#operations) {
      enterOperation(core, { framework, agent, uuid, operation });
    }
    for (const message of this.#messages) core.send(agent, message);
    core.allocate();
  }
}
