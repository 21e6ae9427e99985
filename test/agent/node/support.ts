/** What the agent's shell is tested with: a master that does as it is told, containers by hand. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { pack, unpack } from "msgpackr";
import { type WebSocket, WebSocketServer } from "ws";
import {
  type Container,
  type Containerizer,
  type ContainerSpec,
  killedBy,
  type Recovered,
  type Termination,
} from "../../../src/agent/mod.ts";
import { asyncDispose } from "../../../src/base/mod.ts";
import type {
  AgentMessage,
  FrameworkInfo,
  MasterMessage,
  TaskInfo,
  TaskStatus,
} from "../../../src/model/mod.ts";
import { MASTER } from "../core/bench.ts";

type Of<Type extends AgentMessage["type"]> = Extract<AgentMessage, { type: Type }>;

/** The master's end of the link, played by a test. */
export class PlayedMaster implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  readonly heard: AgentMessage[] = [];
  readonly requests: IncomingMessage[] = [];
  #socket: WebSocket | undefined;
  #wake: (() => void)[] = [];
  /** Answer registrations and acknowledge updates by itself. */
  admits = true;
  acknowledges = true;
  /** Instead of taking the upgrade. */
  refuses: { readonly status: number; readonly location?: string } | undefined;
  heartbeatMs = 15_000;

  private constructor(server: Server) {
    this.#server = server;
    this.#sockets = new WebSocketServer({ noServer: true });
    server.on("upgrade", (request, socket, head) => {
      this.requests.push(request);
      if (this.refuses !== undefined) {
        // Who was refused may hang up first.
        socket.on("error", () => undefined);
        const { status, location } = this.refuses;
        const where = location === undefined ? "" : `Location: ${location}\r\n`;
        socket.end(`HTTP/1.1 ${status} No\r\n${where}Content-Length: 0\r\n\r\n`);
        this.#stir();
        return;
      }
      this.#sockets.handleUpgrade(request, socket, head, (client) => this.#take(client));
    });
  }

  static async open(port = 0): Promise<PlayedMaster> {
    const server = createServer((_request, response) => response.writeHead(404).end());
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    return new PlayedMaster(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  #take(client: WebSocket): void {
    this.#socket = client;
    client.on("message", (data: Buffer) => {
      for (const message of unpack(data) as AgentMessage[]) this.#hear(message);
      this.#stir();
    });
    client.on("close", () => this.#stir());
  }

  #hear(message: AgentMessage): void {
    this.heard.push(message);
    if (this.admits && (message.type === "register" || message.type === "reregister")) {
      this.say({
        type: "registered",
        agent_id: message.agent_info.id?.value ?? "m1-S0",
        master_info: MASTER,
        heartbeat_ms: this.heartbeatMs,
      });
    }
    if (this.acknowledges && message.type === "update") {
      const { task_id, uuid } = message.status;
      if (uuid === undefined) return;
      const { framework_id } = message;
      this.say({ type: "ack", framework_id, task_id: task_id.value, uuid });
    }
  }

  say(...messages: MasterMessage[]): void {
    this.#socket?.send(pack(messages));
  }

  /** Anything, such as what is no message. */
  sayRaw(frame: Buffer | string): void {
    this.#socket?.send(frame);
  }

  launch(framework: FrameworkInfo, ...tasks: TaskInfo[]): void {
    this.say({ type: "launch", framework, launches: tasks.map((task) => ({ task })) });
  }

  kill(taskId: string, frameworkId = "f1"): void {
    this.say({ type: "kill", framework_id: frameworkId, task_id: taskId });
  }

  /** Cut the link. */
  drop(): void {
    this.#socket?.terminate();
  }

  #stir(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  /** Wait until what was heard satisfies. */
  async until<T>(find: () => T | undefined | false, timeoutMs = 20_000): Promise<T> {
    const deadlineMs = Date.now() + timeoutMs;
    for (;;) {
      const found = find();
      if (found !== undefined && found !== false) return found;
      const leftMs = deadlineMs - Date.now();
      if (leftMs <= 0) throw new Error(`Not heard: ${JSON.stringify(this.heard.slice(-5))}`);
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#wake.push(resolve);
        timer = setTimeout(resolve, Math.min(leftMs, 20));
      });
      clearTimeout(timer);
    }
  }

  /** The messages of one type, in order. */
  all<Type extends AgentMessage["type"]>(type: Type): Of<Type>[] {
    return this.heard.filter((message): message is Of<Type> => message.type === type);
  }

  statuses(taskId: string): TaskStatus[] {
    return this.all("update")
      .map(({ status }) => status)
      .filter(({ task_id }) => task_id.value === taskId);
  }

  /** Wait until a task has come to a state. */
  reached(taskId: string, state: TaskStatus["state"]): Promise<TaskStatus> {
    return this.until(() => this.statuses(taskId).find((status) => status.state === state));
  }

  registrations(count: number): Promise<true> {
    return this.until(
      () => this.all("register").length + this.all("reregister").length >= count,
    ).then(() => true);
  }

  async [asyncDispose](): Promise<void> {
    this.#stir();
    for (const client of this.#sockets.clients) client.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** A containerizer whose containers do nothing until a test ends them. */
export class HandContainerizer implements Containerizer {
  readonly name = "hand";
  readonly launched: ContainerSpec[] = [];
  readonly signals: string[] = [];
  readonly destroyed = new Set<string>();
  readonly #ends = new Map<string, (termination: Termination) => void>();
  readonly #live = new Map<string, Container>();
  #pid = 1_000;
  /** Thrown by the next launch. */
  failure: Error | undefined;
  ignoresTerm = false;

  supports(): undefined {
    return undefined;
  }

  async launch(spec: ContainerSpec): Promise<Container> {
    this.launched.push(spec);
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw failure;
    return this.#make(spec.id, ++this.#pid);
  }

  #make(id: string, pid: number): Container {
    const ended = new Promise<Termination>((resolve) => this.#ends.set(id, resolve));
    const container: Container = {
      id,
      pid,
      ipAddresses: [],
      ended,
      signal: async (signal) => {
        this.signals.push(signal);
        if (signal === "SIGKILL" || !this.ignoresTerm)
          this.end(id, { waitStatus: killedBy(signal) });
      },
      destroy: async () => {
        this.destroyed.add(id);
        this.end(id, { waitStatus: killedBy("SIGKILL") });
      },
      usage: async () => ({ timestamp: 1, mem_rss_bytes: 1_024 }),
      exec: async () => {
        throw new Error("not by hand");
      },
      update: async () => undefined,
      checkpoint: { id, pid },
    };
    this.#live.set(id, container);
    return container;
  }

  end(id: string, termination: Termination = { waitStatus: 0 }): void {
    this.#live.delete(id);
    this.#ends.get(id)?.(termination);
    this.#ends.delete(id);
  }

  /** The container of a task. */
  of(taskId: string): string {
    const spec = this.launched.findLast(({ environment }) => environment.MESOS_TASK_ID === taskId);
    return spec?.id ?? "";
  }

  async recover(checkpoint: unknown): Promise<Recovered> {
    const { id } = checkpoint as { id: string };
    const container = this.#live.get(id);
    if (container !== undefined) return { status: "running", container };
    return { status: "gone", termination: { waitStatus: 0 } };
  }

  async [asyncDispose](): Promise<void> {}
}
