import {
  type MasterChange,
  MasterCore,
  type MasterEffect,
  type MasterInput,
  type MasterOptions,
  type OperatorCall,
  type RegistryNode,
  type RegistryOp,
} from "../../../src/master/mod.ts";
import type {
  AgentMessage,
  FrameworkInfo,
  MasterMessage,
  Offer,
  OfType,
  Operation,
  SchedulerCall,
  SchedulerEvent,
  Task,
  TaskInfo,
  TaskState,
  TaskStatus,
} from "../../../src/model/mod.ts";
import { Resources } from "../../../src/resources/mod.ts";

export const masterInfo = { id: "m1", ip: 2130706433, port: 5050, hostname: "localhost" };

/** A clock that moves when it is told to. */
export class Time {
  #ms: number;

  constructor(ms: number) {
    this.#ms = ms;
  }

  nowMs(): number {
    return this.#ms;
  }

  move(toMs: number): void {
    this.#ms = Math.max(this.#ms, toMs);
  }
}

type Reply = Extract<MasterEffect, { readonly type: "reply" }>;
/** Every call but SUBSCRIBE, without its framework id. */
export type Call = DistributiveOmit<
  Exclude<SchedulerCall, { readonly type: "SUBSCRIBE" }>,
  "framework_id"
>;
interface CallOptions {
  readonly stream?: string | null;
  readonly id?: string;
}
type DistributiveOmit<T, Key extends string> = T extends unknown ? Omit<T, Key> : never;

/** No two statuses have the same, whichever master they are for. */
let uuids = 0;

/** The registry of a test: what was written, durable once `write` was called. */
export class Registry {
  readonly nodes = new Map<string, Uint8Array>();

  apply(ops: readonly RegistryOp[]): void {
    for (const op of ops) {
      if (op.op === "put") this.nodes.set(op.path, op.value);
      else this.nodes.delete(op.path);
    }
  }

  list(): RegistryNode[] {
    return Array.from(this.nodes, ([path, value]) => ({ path, value }));
  }

  read(path: string): unknown {
    const bytes = this.nodes.get(path);
    return bytes && JSON.parse(new TextDecoder().decode(bytes)).value;
  }
}

/** One stream of a framework and what came on it. */
export class FakeFramework {
  readonly #cluster: Cluster;
  readonly connection: string;
  readonly events: SchedulerEvent[] = [];
  ended = false;
  principal: string | undefined;

  constructor(cluster: Cluster, connection: string) {
    this.#cluster = cluster;
    this.connection = connection;
  }

  get id(): string {
    const [subscribed] = this.of("SUBSCRIBED");
    return subscribed?.subscribed.framework_id.value ?? "";
  }

  of<Type extends SchedulerEvent["type"]>(type: Type): OfType<SchedulerEvent, Type>[] {
    return this.events.filter(
      (event): event is OfType<SchedulerEvent, Type> => event.type === type,
    );
  }

  /** All offers made on this stream and not rescinded or used in a call since. */
  get offers(): Offer[] {
    return this.of("OFFERS")
      .flatMap(({ offers }) => offers.offers ?? [])
      .filter(({ id }) => this.#cluster.core.state.offers.has(id.value));
  }

  get statuses(): TaskStatus[] {
    return this.of("UPDATE").map(({ update }) => update.status);
  }

  /** States told for a task, in order. */
  statesOf(taskId: string): TaskState[] {
    return this.statuses
      .filter(({ task_id }) => task_id.value === taskId)
      .map(({ state }) => state);
  }

  get errors(): string[] {
    return this.of("ERROR").map(({ error }) => error.message);
  }

  /** Make a call; `stream: null` leaves the stream id out. */
  call(call: Call, { stream = this.connection, id = this.id }: CallOptions = {}): Reply {
    const full = { ...call, framework_id: { value: id } } as Exclude<
      SchedulerCall,
      { type: "SUBSCRIBE" }
    >;
    return this.#cluster.request((request) => ({
      type: "framework_call",
      request,
      stream: stream ?? undefined,
      principal: this.principal,
      call: full,
    }));
  }

  accept(offers: readonly Offer[], operations: Operation[], refuse_seconds?: number): Reply {
    return this.call({
      type: "ACCEPT",
      accept: {
        offer_ids: offers.map(({ id }) => id),
        operations,
        ...(refuse_seconds !== undefined && { filters: { refuse_seconds } }),
      },
    });
  }

  launch(offers: readonly Offer[], tasks: TaskInfo[], refuse_seconds?: number): Reply {
    return this.accept(offers, [{ type: "LAUNCH", launch: { task_infos: tasks } }], refuse_seconds);
  }

  acknowledge(status: TaskStatus): Reply {
    return this.call({
      type: "ACKNOWLEDGE",
      acknowledge: { agent_id: status.agent_id!, task_id: status.task_id, uuid: status.uuid! },
    });
  }

  /** Acknowledge what came since the last time and wants it. */
  acknowledgeAll(): void {
    const { statuses } = this;
    for (const status of statuses.slice(this.#acknowledged)) {
      if (status.uuid !== undefined) this.acknowledge(status);
    }
    this.#acknowledged = statuses.length;
  }
  #acknowledged = 0;

  disconnect(): void {
    this.#cluster.step({ type: "framework_disconnected", connection: this.connection });
  }
}

export interface AgentOptions {
  readonly hostname?: string;
  readonly resources?: string;
  readonly address?: string;
  readonly principal?: string;
}

/** An agent that runs what it is told and says what the test wants it to. */
export class FakeAgent {
  readonly #cluster: Cluster;
  readonly options: AgentOptions;
  link = 0;
  id = "";
  isOpen = false;
  readonly messages: MasterMessage[] = [];
  /** What it has; operations change it. */
  resources: Resources;

  constructor(cluster: Cluster, options: AgentOptions) {
    this.#cluster = cluster;
    this.options = options;
    this.resources = Resources.parse(
      options.resources ?? "cpus:8;mem:8000;disk:8000;ports:[31000-31009]",
    );
  }

  of<Type extends MasterMessage["type"]>(type: Type): OfType<MasterMessage, Type>[] {
    return this.messages.filter((each): each is OfType<MasterMessage, Type> => each.type === type);
  }

  get launched(): TaskInfo[] {
    return [
      ...this.of("launch").flatMap(({ launches }) => launches.map(({ task }) => task)),
      ...this.of("launch_group").flatMap(({ tasks }) => tasks),
    ];
  }

  get info() {
    const { hostname = "a.example" } = this.options;
    return {
      hostname,
      port: 5051,
      resources: this.resources.toJson() as NonNullable<Task["resources"]>,
      attributes: [{ name: "rack", type: "TEXT" as const, text: { value: "r1" } }],
      ...(this.id !== "" && { id: { value: this.id } }),
    };
  }

  get registration() {
    return { link_version: 1, agent_info: this.info, version: "1.0.0", capabilities: [] };
  }

  open(): void {
    this.link = this.#cluster.nextLink(this);
    this.isOpen = true;
    this.#cluster.step({
      type: "link_opened",
      link: this.link,
      address: this.options.address ?? "10.0.0.1",
      principal: this.options.principal,
    });
  }

  register(): this {
    this.open();
    this.say({ type: "register", ...this.registration });
    return this;
  }

  /** Come again with these tasks. */
  reregister(what: Partial<Omit<OfType<AgentMessage, "reregister">, "type">> = {}): this {
    this.open();
    this.say({
      type: "reregister",
      ...this.registration,
      tasks: [],
      executors: [],
      frameworks: [],
      operations: [],
      ...what,
    });
    return this;
  }

  say(...messages: AgentMessage[]): void {
    this.#cluster.step({ type: "agent_messages", link: this.link, messages });
  }

  /** Send a status update of a task. */
  update(
    framework: FakeFramework | string,
    taskId: string,
    state: TaskState,
    more: Partial<TaskStatus> & { latest?: TaskState } = {},
  ): TaskStatus {
    const { latest, ...rest } = more;
    const status: TaskStatus = {
      task_id: { value: taskId },
      state,
      source: "SOURCE_AGENT",
      agent_id: { value: this.id },
      uuid: btoa(`uuid-${String(uuids++).padStart(11, "0")}`),
      timestamp: this.#cluster.clock.nowMs() / 1000,
      ...rest,
    };
    this.say({
      type: "update",
      framework_id: typeof framework === "string" ? framework : framework.id,
      status,
      ...(latest && { latest_state: latest }),
    });
    return status;
  }

  close(): void {
    this.isOpen = false;
    this.#cluster.step({ type: "link_closed", link: this.link });
  }
}

/** A core with a registry that writes at once (or when told), and whoever is connected to it. */
export class Cluster {
  readonly clock: Time;
  readonly registry: Registry;
  readonly core: MasterCore;
  readonly changes: MasterChange[] = [];
  readonly logs: string[] = [];
  readonly effects: MasterEffect[] = [];
  /** Whether writes wait for `write()`. */
  holdWrites = false;
  readonly held: Extract<MasterEffect, { readonly type: "persist" }>[] = [];
  steppedDown = false;
  /** Whether faults of the master's own, or of agents, may be logged. */
  mayFail = false;
  #links = 0;
  #requests = 0;
  #connections = 0;
  readonly #byLink = new Map<number, FakeAgent>();
  readonly #streams = new Map<string, FakeFramework>();
  readonly #replies = new Map<number, Reply>();

  constructor(
    options: Partial<MasterOptions> = {},
    { registry = new Registry(), clock = new Time(1_000_000), recover = true } = {},
  ) {
    this.clock = clock;
    this.registry = registry;
    this.core = new MasterCore({ masterInfo, clock, offerTimeoutMs: 0, ...options });
    if (recover) this.step({ type: "recovered", nodes: registry.list() });
  }

  /** Take a step, do what it asks for, and see that the books hold together. */
  step(input: MasterInput): void {
    for (const effect of this.core.step(input)) this.#do(effect);
    const faults = this.core.check();
    if (faults.length > 0) throw new Error(`after ${input.type}: ${faults.join("; ")}`);
  }

  #do(effect: MasterEffect): void {
    this.effects.push(effect);
    switch (effect.type) {
      case "send_framework":
        this.#streams.get(effect.connection)?.events.push(effect.event);
        break;
      case "end_framework": {
        const stream = this.#streams.get(effect.connection);
        if (stream) stream.ended = true;
        break;
      }
      case "reply":
        this.#replies.set(effect.request, effect);
        break;
      case "send_agent": {
        const agent = this.#byLink.get(effect.link);
        if (agent?.link !== effect.link) break;
        agent.messages.push(effect.message);
        if (effect.message.type === "registered") agent.id = effect.message.agent_id;
        break;
      }
      case "end_link": {
        const agent = this.#byLink.get(effect.link);
        if (agent?.link === effect.link) agent.isOpen = false;
        break;
      }
      case "persist":
        this.held.push(effect);
        if (!this.holdWrites) this.write();
        break;
      case "publish":
        this.changes.push(effect.change);
        break;
      case "log":
        this.logs.push(effect.message);
        if (effect.level === "error" && !this.mayFail) throw new Error(effect.message);
        break;
      case "step_down":
        this.steppedDown = true;
        break;
    }
  }

  /** Let what was to be written be durable. */
  write(): void {
    for (let next = this.held.shift(); next; next = this.held.shift()) {
      this.registry.apply(next.ops);
      this.step({ type: "persisted", token: next.token });
    }
  }

  request(make: (request: number) => MasterInput): Reply {
    const request = ++this.#requests;
    this.step(make(request));
    return this.#replies.get(request) ?? { type: "reply", request, status: 0 };
  }

  /** What was answered to the last request, by now. */
  get lastReply(): Reply | undefined {
    return this.#replies.get(this.#requests);
  }

  operate(call: OperatorCall, principal?: string): Reply {
    return this.request((request) => ({ type: "operator_call", request, principal, call }));
  }

  nextLink(agent: FakeAgent): number {
    this.#byLink.set(++this.#links, agent);
    return this.#links;
  }

  subscribe(
    info: Partial<FrameworkInfo> = {},
    more: {
      suppressed?: string[];
      constraints?: OfType<SchedulerCall, "SUBSCRIBE">["subscribe"]["offer_constraints"];
      principal?: string;
    } = {},
  ): FakeFramework {
    const connection = `stream-${++this.#connections}`;
    const framework = new FakeFramework(this, connection);
    framework.principal = more.principal;
    this.#streams.set(connection, framework);
    this.step({
      type: "subscribe",
      connection,
      principal: more.principal,
      call: {
        type: "SUBSCRIBE",
        subscribe: {
          framework_info: {
            user: "u",
            name: "f",
            capabilities: [{ type: "PARTITION_AWARE" }],
            ...info,
          },
          ...(more.suppressed && { suppressed_roles: more.suppressed }),
          ...(more.constraints && { offer_constraints: more.constraints }),
        },
      },
    });
    return framework;
  }

  agent(options: AgentOptions = {}): FakeAgent {
    return new FakeAgent(this, options).register();
  }

  /** An agent that is not registered yet. */
  stranger(options: AgentOptions = {}): FakeAgent {
    return new FakeAgent(this, options);
  }

  /** Move time, ticking whenever the core is due. */
  advance(ms: number): void {
    const endMs = this.clock.nowMs() + ms;
    for (;;) {
      const dueMs = this.core.nextDueMs();
      if (dueMs === undefined || dueMs > endMs) break;
      this.clock.move(dueMs);
      this.step({ type: "tick" });
    }
    this.clock.move(endMs);
  }

  /** Let offers be made. */
  settle(): void {
    this.advance(50);
  }

  /** A master that takes over the registry. */
  failover(options: Partial<MasterOptions> = {}): Cluster {
    this.step({ type: "lost_leadership" });
    return new Cluster(
      { masterInfo: { ...masterInfo, id: "m2" }, ...options },
      { registry: this.registry, clock: this.clock },
    );
  }
}

/** A command task. */
export function task(
  agentId: string,
  id: string,
  resources = "cpus:1;mem:100",
  more: Partial<TaskInfo> = {},
): TaskInfo {
  return {
    name: id,
    task_id: { value: id },
    agent_id: { value: agentId },
    resources: Resources.parse(resources).toJson() as NonNullable<Task["resources"]>,
    command: { shell: true, value: "sleep 1" },
    ...more,
  };
}
