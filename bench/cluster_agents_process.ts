/**
 * Many agents in one process, on real WebSockets: they say RUNNING at once to whatever is launched.
 *
 * `node cluster_agents_process.js '{"url":…,"count":…}'`; commands come as lines of JSON on stdin,
 * answers leave as lines of JSON on stdout.
 */
import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline";
import type { MessageSocket } from "fairlead/http";
import { connectWebSocket } from "fairlead/http/node";
import {
  type AgentMessage,
  LINK_PATH,
  LINK_PROTOCOL,
  LINK_VERSION,
  type MasterMessage,
  type Task,
  type TaskInfo,
  type TaskStatus,
} from "fairlead/model";
import { Resources } from "fairlead/resources";
import { Packr } from "msgpackr";

interface Settings {
  readonly url: string;
  readonly count: number;
  readonly first: number;
  readonly resources: string;
}

interface Running {
  readonly info: TaskInfo;
  readonly frameworkId: string;
  state: Task["state"];
  /** Of the update that is not acknowledged yet. */
  uuid: string | undefined;
}

const settings: Settings = JSON.parse(process.argv[2] ?? "{}");
const packr = new Packr({ useRecords: false });
const resources = Resources.parse(settings.resources).toJson() as NonNullable<
  TaskInfo["resources"]
>;
const CONNECTING_MAX = 1_000;

/** Counts over all agents of this process. */
const counts = { launched: 0, twice: 0, acknowledged: 0, registered: 0, killed: 0 };
/** When each agent said that its task had ended, ms since 1970, in order. */
const frees: [agentId: string, atMs: number][] = [];

function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

class SimulatedAgent {
  readonly index: number;
  id: string | undefined;
  readonly tasks = new Map<string, Running>();
  readonly seen = new Set<string>();
  #socket: MessageSocket | undefined;
  #outgoing: AgentMessage[] = [];

  constructor(index: number) {
    this.index = index;
  }

  async connect(): Promise<void> {
    for (;;) {
      try {
        const url = settings.url.replace("http", "ws") + LINK_PATH;
        const socket = await connectWebSocket(url, { protocols: [LINK_PROTOCOL] });
        this.#socket = socket;
        await new Promise<void>((resolve) => {
          socket.onClose(() => {
            if (this.#socket !== socket) return;
            this.#socket = undefined;
            online.delete(this);
            resolve();
            setTimeout(() => void enqueue(this), 50 + Math.random() * 200);
          });
          socket.onMessage((frame) => {
            if (typeof frame === "string") return;
            for (const message of packr.unpack(frame)) this.#take(message, resolve);
          });
          this.#register();
        });
        if (this.#socket === socket) return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 200));
      }
    }
  }

  #register(): void {
    const registration = {
      link_version: LINK_VERSION,
      version: "1.0.0",
      capabilities: ["MULTI_ROLE", "HIERARCHICAL_ROLE", "RESERVATION_REFINEMENT"],
      agent_info: {
        hostname: `sim-${this.index}`,
        port: 5_051,
        resources,
        ...(this.id === undefined ? {} : { id: { value: this.id } }),
      },
    };
    if (this.id === undefined) this.say({ type: "register", ...registration });
    else {
      const id = this.id;
      this.say({
        type: "reregister",
        ...registration,
        tasks: [...this.tasks.values()].map((task) => taskOf(task, id)),
        executors: [],
        frameworks: [
          ...new Set([...this.tasks.values()].map(({ frameworkId }) => frameworkId)),
        ].map((frameworkId) => infos.get(frameworkId) as never),
        operations: [],
      });
    }
  }

  #take(message: MasterMessage, registered: () => void): void {
    switch (message.type) {
      case "registered":
        this.id = message.agent_id;
        counts.registered += 1;
        cameOnline(this);
        for (const task of this.tasks.values()) if (task.uuid !== undefined) this.#update(task);
        registered();
        break;
      case "ping":
        this.say({ type: "pong", sequence: message.sequence });
        break;
      case "launch": {
        const frameworkId = message.framework.id?.value ?? "";
        infos.set(frameworkId, message.framework);
        for (const { task } of message.launches) this.#launch(task, frameworkId);
        break;
      }
      case "ack": {
        const task = this.tasks.get(message.task_id);
        if (task === undefined || task.uuid !== message.uuid) break;
        task.uuid = undefined;
        counts.acknowledged += 1;
        if (task.state === "TASK_FINISHED") this.tasks.delete(message.task_id);
        break;
      }
      case "kill":
        counts.killed += 1;
        break;
    }
  }

  #launch(info: TaskInfo, frameworkId: string): void {
    const id = info.task_id.value;
    if (this.seen.has(id)) counts.twice += 1;
    this.seen.add(id);
    counts.launched += 1;
    const task: Running = { info, frameworkId, state: "TASK_RUNNING", uuid: undefined };
    this.tasks.set(id, task);
    this.#tell(task, "TASK_RUNNING");
  }

  /** End a task that runs; whether there was one. */
  finish(): boolean {
    for (const task of this.tasks.values()) {
      if (task.state !== "TASK_RUNNING" || task.uuid !== undefined) continue;
      this.#tell(task, "TASK_FINISHED");
      frees.push([this.id ?? "", nowMs()]);
      return true;
    }
    return false;
  }

  #tell(task: Running, state: Task["state"]): void {
    task.state = state;
    task.uuid = randomBytes(16).toString("base64");
    this.#update(task);
  }

  #update(task: Running): void {
    const status: TaskStatus = {
      task_id: task.info.task_id,
      state: task.state as TaskStatus["state"],
      source: "SOURCE_EXECUTOR",
      agent_id: task.info.agent_id,
      timestamp: nowMs() / 1_000,
      uuid: task.uuid as string,
    };
    this.say({ type: "update", framework_id: task.frameworkId, status });
  }

  say(message: AgentMessage): void {
    this.#outgoing.push(message);
    if (this.#outgoing.length > 1) return;
    queueMicrotask(() => {
      this.#socket?.send(packr.pack(this.#outgoing));
      this.#outgoing = [];
    });
  }
}

/** Agents that a master has registered and whose links are open. */
const online = new Set<SimulatedAgent>();

function cameOnline(agent: SimulatedAgent): void {
  online.add(agent);
  if (online.size === settings.count) answer({ type: "connected", ...counts });
}

const infos = new Map<string, object>();

function taskOf({ info, frameworkId, state, uuid }: Running, agentId: string): Task {
  return {
    name: info.name,
    task_id: info.task_id,
    framework_id: { value: frameworkId },
    agent_id: { value: agentId },
    state,
    resources: info.resources,
    ...(uuid === undefined ? {} : { status_update_state: state, status_update_uuid: uuid }),
  };
}

const agents = Array.from(
  { length: settings.count },
  (_, index) => new SimulatedAgent(settings.first + index),
);
const queue: SimulatedAgent[] = [...agents];
let connecting = 0;

function enqueue(agent: SimulatedAgent): void {
  queue.push(agent);
  pump();
}

function pump(): void {
  while (connecting < CONNECTING_MAX && queue.length > 0) {
    const agent = queue.shift();
    connecting += 1;
    agent?.connect().then(() => {
      connecting -= 1;
      pump();
    });
  }
}

function answer(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

let finishing: NodeJS.Timeout | undefined;
let next = 0;

createInterface({ input: process.stdin }).on("line", (line) => {
  const command: { type: string; perSecond?: number } = JSON.parse(line);
  if (command.type === "counts") answer({ type: "counts", ...counts, running: runningCount() });
  if (command.type === "frees") answer({ type: "frees", frees });
  if (command.type === "stop") clearInterval(finishing);
  if (command.type === "finish") {
    const everyMs = 10;
    let due = 0;
    finishing = setInterval(() => {
      due += ((command.perSecond ?? 0) * everyMs) / 1_000;
      for (; due >= 1; due -= 1) finishOne();
    }, everyMs);
  }
});
process.stdin.on("end", () => process.exit(0));
pump();

function finishOne(): void {
  for (let tries = 0; tries < agents.length; tries += 1) {
    next = (next + 7_919) % agents.length;
    if (agents[next]?.finish()) return;
  }
}

function runningCount(): number {
  let running = 0;
  for (const agent of agents) running += agent.tasks.size;
  return running;
}
