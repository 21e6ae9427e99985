import { Packr } from "msgpackr";
import { MemoryTree, type Store } from "../../../src/coordination/mod.ts";
import { type MessageSocket, RecordIoReader } from "../../../src/http/mod.ts";
import { connectWebSocket } from "../../../src/http/node/mod.ts";
import {
  type CreateMasterOptions,
  createMaster,
  type Master,
  socketPair,
} from "../../../src/master/mod.ts";
import { type ServeMasterOptions, serveMaster } from "../../../src/master/node/mod.ts";
import {
  type AgentMessage,
  LINK_PATH,
  LINK_PROTOCOL,
  type MasterMessage,
  type Offer,
  type OfType,
  readMasterMessages,
  readSchedulerEvent,
  type SchedulerEvent,
  type TaskInfo,
  type TaskState,
  type TaskStatus,
} from "../../../src/model/mod.ts";
import { Resources } from "../../../src/resources/mod.ts";

export const INFO = { ip: 16_777_343, port: 5050, hostname: "master.example" };

/** A master that a test speaks to, in its process or over sockets. */
export interface Reached extends AsyncDisposable {
  readonly master: Master;
  readonly store: Store;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** A socket on which agents speak; rejects when the handshake is refused. */
  link(options?: { headers?: Record<string, string> }): Promise<MessageSocket>;
}

type Options = Partial<Omit<CreateMasterOptions, "core">> & {
  readonly core?: Partial<NonNullable<CreateMasterOptions["core"]>>;
};

/** How a test reaches a master: conformance suites run with each. */
export type Reach = (options?: Options) => Promise<Reached>;

const CORE = { allocationDelayMs: 0, offerTimeoutMs: 0 };

/** In one process, without a socket. */
export const inProcess: Reach = async (options = {}) => {
  const store = options.store ?? new MemoryTree().connect();
  const master = createMaster({
    info: INFO,
    ...options,
    store,
    core: { ...CORE, ...options.core },
  });
  return {
    master,
    store,
    fetch: async (path, init = {}) =>
      await master.handler(new Request(`http://master.example:5050${path}`, init)),
    link: async ({ headers = {} } = {}) => {
      const request = new Request(`http://master.example:5050${LINK_PATH}`, {
        headers: { "sec-websocket-protocol": LINK_PROTOCOL, ...headers },
      });
      const answer = await master.upgrade(request);
      if (answer instanceof Response) throw new Error(`refused: ${answer.status}`);
      const [ours, theirs] = socketPair(LINK_PROTOCOL);
      answer.accept(theirs);
      return ours;
    },
    [Symbol.asyncDispose]: async () => {
      await master.stop();
      if (options.store === undefined) await store.close();
    },
  };
};

/** Over sockets of this machine. */
export const overSockets: Reach = async (options = {}) => {
  const { info: _, ...rest } = options;
  const store = options.store ?? new MemoryTree().connect();
  const served = await serveMaster({
    ...(rest satisfies Partial<ServeMasterOptions>),
    store,
    core: { ...CORE, ...options.core },
    port: 0,
    closeTimeoutMs: 500,
  });
  const { master, url } = served;
  return {
    master,
    store,
    fetch: (path, init = {}) => fetch(url + path, { redirect: "manual", ...init }),
    link: ({ headers = {} } = {}) =>
      connectWebSocket(url.replace("http", "ws") + LINK_PATH, {
        protocols: [LINK_PROTOCOL],
        headers,
      }),
    [Symbol.asyncDispose]: async () => {
      await served.close();
      if (options.store === undefined) await store.close();
    },
  };
};

export const JSON_TYPE = { "content-type": "application/json" };
export const FRAMEWORK = {
  user: "me",
  name: "test",
  roles: ["web"],
  capabilities: [{ type: "MULTI_ROLE" }, { type: "PARTITION_AWARE" }],
};

/** POST a value as JSON. */
export function post(
  reached: Reached,
  path: string,
  value: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return reached.fetch(path, {
    method: "POST",
    headers: { ...JSON_TYPE, ...headers },
    body: JSON.stringify(value),
  });
}

/** A framework that reads its stream by hand. */
export class RawFramework {
  readonly #reached: Reached;
  readonly response: Response;
  readonly stream: string;
  readonly #headers: Record<string, string>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #records = new RecordIoReader({ recordBytesMax: 64 * 1_024 * 1_024 });
  /** Read and not asked for yet. */
  readonly #events: SchedulerEvent[] = [];
  id = "";

  constructor(reached: Reached, response: Response, headers: Record<string, string>) {
    this.#reached = reached;
    this.response = response;
    this.#headers = headers;
    this.stream = response.headers.get("mesos-stream-id") ?? "";
    this.#reader = response.body!.getReader();
  }

  /** Subscribe and wait for SUBSCRIBED. */
  static async subscribe(
    reached: Reached,
    {
      info = {},
      headers = {},
      more = {},
    }: { info?: object; headers?: Record<string, string>; more?: object } = {},
  ): Promise<RawFramework> {
    const framework_info = { ...FRAMEWORK, ...info };
    const response = await post(
      reached,
      "/api/v1/scheduler",
      { type: "SUBSCRIBE", subscribe: { framework_info }, ...more },
      headers,
    );
    if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
    const framework = new RawFramework(reached, response, headers);
    const { subscribed } = await framework.next("SUBSCRIBED");
    framework.id = subscribed.framework_id.value;
    return framework;
  }

  /** The next event; undefined at the end of the stream. */
  async read(): Promise<SchedulerEvent | undefined> {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) return event;
      const { done, value } = await this.#reader.read();
      if (done) return undefined;
      for (const record of this.#records.push(value)) {
        this.#events.push(readSchedulerEvent(JSON.parse(new TextDecoder().decode(record))));
      }
    }
  }

  /** The next event of a type; others before it are passed over. */
  async next<Type extends SchedulerEvent["type"]>(
    type: Type,
  ): Promise<OfType<SchedulerEvent, Type>> {
    for (;;) {
      const event = await this.read();
      if (event?.type === "ERROR" && type !== "ERROR") throw new Error(event.error.message);
      if (event === undefined) throw new Error(`The stream ended before ${type}`);
      if (isOfType(event, type)) return event;
    }
  }

  /** All events up to the end of the stream. */
  async rest(): Promise<SchedulerEvent[]> {
    const events: SchedulerEvent[] = [];
    for (let event = await this.read(); event; event = await this.read()) events.push(event);
    return events;
  }

  async offers(): Promise<Offer[]> {
    const { offers } = await this.next("OFFERS");
    return offers.offers ?? [];
  }

  async update(): Promise<TaskStatus> {
    const { update } = await this.next("UPDATE");
    return update.status;
  }

  post(call: object, headers: Record<string, string> = {}): Promise<Response> {
    const full = { framework_id: { value: this.id }, ...call };
    const own = { "mesos-stream-id": this.stream, ...this.#headers, ...headers };
    return post(this.#reached, "/api/v1/scheduler", full, own);
  }

  async call(call: object): Promise<void> {
    const response = await this.post(call);
    const body = await response.text();
    if (response.status !== 202) throw new Error(`${response.status}: ${body}`);
  }

  launch(offers: readonly Offer[], tasks: readonly TaskInfo[]): Promise<void> {
    return this.call({
      type: "ACCEPT",
      accept: {
        offer_ids: offers.map(({ id }) => id),
        operations: [{ type: "LAUNCH", launch: { task_infos: tasks } }],
      },
    });
  }

  acknowledge({ agent_id, task_id, uuid }: TaskStatus): Promise<void> {
    return this.call({ type: "ACKNOWLEDGE", acknowledge: { agent_id, task_id, uuid } });
  }

  /** Go away without a word. */
  async leave(): Promise<void> {
    await this.#reader.cancel();
  }
}

/** A task for an offer. */
export function taskFor({ agent_id }: Offer, id: string, resources = "cpus:1;mem:64"): TaskInfo {
  return {
    name: id,
    task_id: { value: id },
    agent_id,
    resources: Resources.parse(resources).toJson() as NonNullable<TaskInfo["resources"]>,
    command: { value: "true" },
  };
}

/** An agent on a socket: it runs what it is told, and answers pings. */
export class ScriptedAgent {
  readonly #socket: MessageSocket;
  readonly #packr = new Packr({ useRecords: false });
  readonly messages: MasterMessage[] = [];
  readonly #waiting = new Set<() => void>();
  readonly resources: string;
  /** How many frames came. */
  frames = 0;
  ended: { readonly code: number; readonly reason: string } | undefined;
  id = "";
  runs = true;
  #uuids = 0;

  constructor(socket: MessageSocket, { resources = "cpus:8;mem:8000;ports:[31000-31009]" } = {}) {
    this.#socket = socket;
    this.resources = resources;
    socket.onMessage((frame) => {
      if (typeof frame === "string") throw new Error("text");
      this.frames += 1;
      for (const message of readMasterMessages(this.#packr.unpack(frame))) this.#take(message);
      this.#wake();
    });
    socket.onClose((end) => {
      this.ended = end;
      this.#wake();
    });
  }

  static async register(
    reached: Reached,
    options: { resources?: string; headers?: Record<string, string> } = {},
  ): Promise<ScriptedAgent> {
    const agent = new ScriptedAgent(await reached.link(options), options);
    agent.say({ type: "register", ...agent.registration });
    const { agent_id } = await agent.next("registered");
    agent.id = agent_id;
    return agent;
  }

  get registration() {
    return {
      link_version: 1,
      version: "1.0.0",
      capabilities: [],
      agent_info: {
        hostname: "agent.example",
        port: 5051,
        resources: Resources.parse(this.resources).toJson() as NonNullable<TaskInfo["resources"]>,
        ...(this.id !== "" && { id: { value: this.id } }),
      },
    };
  }

  say(...messages: readonly AgentMessage[]): void {
    this.#socket.send(this.#packr.pack(messages));
  }

  send(bytes: Uint8Array | string): void {
    this.#socket.send(bytes);
  }

  close(): void {
    this.#socket.close();
  }

  /** The next message of a type, or the first that has come and was not taken. */
  async next<Type extends MasterMessage["type"]>(type: Type): Promise<OfType<MasterMessage, Type>> {
    for (;;) {
      const index = this.messages.findIndex((message) => message.type === type);
      const [message] = index < 0 ? [] : this.messages.splice(index, 1);
      if (message !== undefined && isOfType(message, type)) return message;
      if (this.ended) throw new Error(`The link ended before ${type}: ${this.ended.reason}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Resolves with how the link ended. */
  async end(): Promise<{ readonly code: number; readonly reason: string }> {
    while (this.ended === undefined) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
    return this.ended;
  }

  update(framework_id: string, taskId: string, state: TaskState): void {
    const uuid = btoa(`${this.id.slice(-4)}${String(this.#uuids++).padStart(12, "0")}`.slice(-16));
    const task_id = { value: taskId };
    const agent_id = { value: this.id };
    const status = { task_id, state, agent_id, source: "SOURCE_AGENT" as const, uuid };
    this.say({ type: "update", framework_id, status });
  }

  #take(message: MasterMessage): void {
    if (message.type === "ping") {
      this.say({ type: "pong", sequence: message.sequence });
      return;
    }
    this.messages.push(message);
    if (message.type === "launch" && this.runs) {
      const frameworkId = message.framework.id?.value ?? "";
      for (const { task } of message.launches) {
        this.update(frameworkId, task.task_id.value, "TASK_RUNNING");
      }
    }
    if (message.type === "kill" && this.runs) {
      this.update(message.framework_id, message.task_id, "TASK_KILLED");
    }
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}

function isOfType<Union extends { readonly type: string }, Type extends Union["type"]>(
  value: Union,
  type: Type,
): value is Extract<Union, { type: Type }> {
  return value.type === type;
}
