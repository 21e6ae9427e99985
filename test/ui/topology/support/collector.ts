/**
 * A collector over a made-up datacenter, on loopback: the topology API, answer by answer, with real
 * HTTP and real WebSockets, and switches for what goes wrong.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type NodeSummary, StreamEncoder } from "fairlead/topology";
import { type WebSocket, WebSocketServer } from "ws";
import { TopologyWorld, type TopologyWorldOptions } from "./world.ts";

/** Serves what is not the API: the page. */
export type PageHandler = (request: Request) => Promise<Response>;

interface Follower {
  readonly socket: WebSocket;
  readonly topologyId: string;
  readonly query: Readonly<Record<string, string>>;
  known: ReadonlyMap<string, string>;
}

/** The server, to be stopped by its scope. */
export class TestCollector implements AsyncDisposable {
  world: TopologyWorld;
  /** Whether it keeps history: asked for a moment, it answers with fewer containers. */
  hasHistory = true;
  /** It has no compact stream, as a real Scope app. */
  isScope = true;
  /** Every call is answered 503. */
  away = false;
  /** Value that Authorization must have. */
  authorization: string | undefined;
  /** What the next control is refused with. */
  refusal: string | undefined;
  /** Paths of the API that were asked for. */
  readonly asked: string[] = [];
  /** Controls that ran: probe, node, control, arguments. */
  readonly controls: (readonly [string, string, string, unknown])[] = [];
  /** What was typed into pipes. */
  typed = "";
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true });
  readonly #followers = new Set<Follower>();
  readonly #streams = new Map<WebSocket, () => void>();
  readonly #pipes = new Set<WebSocket>();
  readonly #options: TopologyWorldOptions;
  readonly #page: PageHandler;

  private constructor(options: TopologyWorldOptions, server: Server, page: PageHandler) {
    this.#options = options;
    this.world = new TopologyWorld(options);
    this.#server = server;
    this.#page = page;
    server.on("request", (request, response) => {
      this.#answer(request, response).catch((error) => response.writeHead(500).end(String(error)));
    });
    server.on("upgrade", (request, socket, head) => {
      if (this.away) return void socket.destroy();
      this.#sockets.handleUpgrade(request, socket, head, (opened) => this.#accept(opened, request));
    });
  }

  static async start(options: TopologyWorldOptions, page: PageHandler): Promise<TestCollector> {
    const server = createServer();
    const made = new TestCollector(options, server, page);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return made;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** How many follow a topology. */
  get followers(): number {
    return this.#followers.size + this.#streams.size;
  }

  /** Send everybody what changed. */
  publish(): void {
    for (const follower of this.#followers) this.#send(follower, false);
    for (const send of this.#streams.values()) send();
  }

  /** Everything as it was at the start: for the next test. */
  reset(): void {
    this.world = new TopologyWorld(this.#options);
    this.hasHistory = true;
    this.isScope = true;
    this.away = false;
    this.authorization = undefined;
    this.refusal = undefined;
    this.asked.length = 0;
    this.controls.length = 0;
    this.typed = "";
    this.cut();
  }

  /** End every WebSocket. */
  cut(): void {
    for (const { socket } of this.#followers) socket.terminate();
    for (const socket of [...this.#pipes, ...this.#streams.keys()]) socket.terminate();
    this.#followers.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.url);
    if (url.pathname.startsWith("/api")) return this.#api(url, request, response);
    const page = await this.#page(new Request(url, { method: request.method ?? "GET" }));
    response.writeHead(page.status, Object.fromEntries(page.headers));
    response.end(Buffer.from(await page.arrayBuffer()));
  }

  async #api(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.asked.push(`${request.method} ${url.pathname}${url.search}`);
    if (this.away) return void response.writeHead(503).end("starting");
    if (this.authorization !== undefined && request.headers.authorization !== this.authorization) {
      return void response.writeHead(401).end("Unauthorized");
    }
    const [, , kind = "", id, nodeId, control] = url.pathname.split("/").map(decodeURIComponent);
    const query = Object.fromEntries(url.searchParams);
    const json = (value: unknown) => {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
    };
    if (kind === "") return json(this.#info());
    if (kind === "topology" && id === undefined) return json(this.world.list());
    if (kind === "topology" && nodeId === undefined) {
      return json({ nodes: Object.fromEntries(this.#nodes(id ?? "", query)) });
    }
    if (kind === "topology") {
      const node = this.world.node(id ?? "", nodeId ?? "");
      if (node === undefined) return void response.writeHead(404).end("404 page not found");
      return json({ node });
    }
    if (kind === "report") return json({ ID: "1", Host: { nodes: {} } });
    if (kind === "control") {
      const body = await textOf(request);
      const args: unknown = body === "" ? null : JSON.parse(body);
      this.controls.push([id ?? "", nodeId ?? "", control ?? "", args]);
      return this.#control({ nodeId: nodeId ?? "", control: control ?? "" }, response);
    }
    if (kind === "pipe") return void response.writeHead(204).end();
    response.writeHead(404).end("404 page not found");
  }

  #info() {
    return {
      id: "test",
      version: "1.0.0",
      hostname: "collector.example",
      plugins: [
        { id: "iowait", label: "IO wait", description: "Disk", interfaces: [], status: "ok" },
      ],
      capabilities: { historic_reports: this.hasHistory },
    };
  }

  #control(
    { nodeId, control }: { nodeId: string; control: string },
    response: ServerResponse,
  ): void {
    if (this.refusal !== undefined) {
      response.writeHead(400, { "content-type": "application/json" });
      return void response.end(JSON.stringify(this.refusal));
    }
    const json = (value: unknown) => void response.writeHead(200).end(JSON.stringify(value));
    if (/exec|attach/.test(control)) {
      json({ pipe: "pipe-1", raw_tty: true, resize_tty_control: "docker_resize_exec_tty" });
      return;
    }
    if (control === "docker_pause_container") this.world.setState(nodeId, "paused");
    if (control === "docker_unpause_container") this.world.setState(nodeId, "running");
    if (control === "docker_stop_container") this.world.setState(nodeId, "exited");
    if (control === "docker_remove_container") {
      this.world.remove(nodeId);
      json({ removedNode: nodeId });
    } else json({});
    this.publish();
  }

  /** The past has every second container. */
  #nodes(id: string, query: Readonly<Record<string, string>>): ReadonlyMap<string, NodeSummary> {
    const nodes = this.world.nodes(id, query);
    if (query.timestamp === undefined || !this.hasHistory) return nodes;
    return new Map([...nodes].filter((_, at) => at % 2 === 0));
  }

  #accept(socket: WebSocket, request: IncomingMessage): void {
    const url = new URL(request.url ?? "/", this.url);
    this.asked.push(`WS ${url.pathname}${url.search}`);
    const [, , kind, id = ""] = url.pathname.split("/").map(decodeURIComponent);
    const query = Object.fromEntries(url.searchParams);
    if (kind === "pipe") this.#pipe(socket);
    else if (kind === "stream" && this.isScope) socket.terminate();
    else if (kind === "stream") this.#stream(socket, { topologyId: id, query });
    else this.#follow(socket, { topologyId: id, query });
  }

  #follow(socket: WebSocket, asked: Pick<Follower, "topologyId" | "query">): void {
    const follower: Follower = { socket, ...asked, known: new Map() };
    this.#followers.add(follower);
    socket.on("close", () => this.#followers.delete(follower));
    this.#send(follower, true);
  }

  /** The compact stream; it keeps no deltas, so it goes on only where nothing was missed. */
  #stream(socket: WebSocket, asked: Pick<Follower, "topologyId" | "query">): void {
    const encoder = new StreamEncoder(`epoch-${this.#streams.size}`);
    const send = (): void => {
      const isFirst = encoder.seq === 0;
      const nodes = this.world.nodes(asked.topologyId, asked.query);
      const delta = encoder.update(nodes, Date.now());
      const frames = isFirst ? encoder.full() : delta === undefined ? [] : [delta];
      for (const frame of frames) socket.send(frame);
    };
    this.#streams.set(socket, send);
    socket.on("close", () => this.#streams.delete(socket));
    send();
  }

  /** A shell that says back what it is told. */
  #pipe(socket: WebSocket): void {
    this.#pipes.add(socket);
    socket.on("close", () => this.#pipes.delete(socket));
    socket.send(
      Buffer.from("\u001b[32mwelcome\u001b[0m to \u001b[38;2;200;100;50mthe shell\u001b[0m\r\n$ "),
    );
    socket.on("message", (data) => {
      this.typed += String(data);
      socket.send(Buffer.from(String(data).replaceAll("\r", "\r\n$ ")));
    });
  }

  #send(follower: Follower, reset: boolean): void {
    const { socket, topologyId, query } = follower;
    const nodes = this.world.nodes(topologyId, query);
    const texts = new Map([...nodes].map(([id, node]) => [id, JSON.stringify(node)]));
    const { known } = follower;
    const pick = (test: (id: string, text: string) => boolean) =>
      [...texts].filter(([id, text]) => test(id, text)).map(([id]) => nodes.get(id));
    const add = pick((id) => !known.has(id));
    const update = pick((id, text) => known.has(id) && known.get(id) !== text);
    const remove = [...known.keys()].filter((id) => !texts.has(id));
    follower.known = texts;
    const orNull = (list: readonly unknown[]) => (list.length === 0 ? null : list);
    socket.send(
      JSON.stringify({
        add: orNull(add),
        update: orNull(update),
        remove: orNull(remove),
        ...(reset ? { reset } : {}),
      }),
    );
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}
