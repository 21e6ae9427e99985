/**
 * A master's console API over a made-up world, on loopback: the contract of the console, answer by
 * answer, with switches for what goes wrong.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type {
  ConsoleDelta,
  ConsoleExplanations,
  ConsoleFile,
  ConsoleTaskRow,
} from "fairlead/model";
import { type ConsoleHandler, consoleHandler } from "fairlead/ui/node";
import { MASTER_ID, World, type WorldOptions } from "./world.ts";

type Call = { readonly type: string } & Readonly<Record<string, unknown>>;

const TERMINAL = new Set([
  "TASK_FINISHED",
  "TASK_FAILED",
  "TASK_KILLED",
  "TASK_LOST",
  "TASK_ERROR",
]);

/** The server, to be stopped by its scope. */
export class ConsoleServer implements AsyncDisposable {
  world: World;
  /** Calls of the operator API, in order. */
  readonly calls: Call[] = [];
  /** Paths asked for, without the stream. */
  readonly asked: string[] = [];
  /** Last-Event-ID of each stream opened. */
  readonly resumed: string[] = [];
  /** The file `stdout` of every sandbox. */
  stdout = "";
  /** Value that Authorization must have. */
  authorization: string | undefined;
  /** What the next operator call is refused with. */
  refusal: { status: number; text: string } | undefined;
  /** Every call is answered 503, as by a master that recovers. */
  away = false;
  /** Every call is sent to another master, as by one that stands by. */
  standsBy = false;
  readonly #server: Server;
  readonly #page: ConsoleHandler;
  readonly #streams = new Set<ServerResponse>();
  readonly #extra: string;
  readonly #options: WorldOptions;

  private constructor(
    options: WorldOptions,
    { server, page, extra }: { server: Server; page: ConsoleHandler; extra: string },
  ) {
    this.#options = options;
    this.world = new World(options);
    this.stdout = logOf(400);
    this.#server = server;
    this.#page = page;
    this.#extra = extra;
    server.on("request", (request, response) => {
      this.#answer(request, response).catch((error) => {
        response.writeHead(500).end(String(error));
      });
    });
  }

  /** @param extra HTML of a page at `/alone`, which loads the console's script. */
  static async start(options: WorldOptions, extra = ""): Promise<ConsoleServer> {
    const server = createServer();
    const made = new ConsoleServer(options, { server, page: await consoleHandler(), extra });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return made;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** How many pages follow the stream. */
  get streams(): number {
    return this.#streams.size;
  }

  /** Send a delta to everyone who follows. */
  publish(delta: ConsoleDelta): void {
    const text = eventOf("delta", delta.sequence, delta);
    for (const stream of this.#streams) stream.write(text);
  }

  /** Everything as it was at the start: for the next test. */
  reset(): void {
    this.world = new World(this.#options);
    this.calls.length = 0;
    this.asked.length = 0;
    this.resumed.length = 0;
    this.stdout = logOf(400);
    this.authorization = undefined;
    this.refusal = undefined;
    this.away = false;
    this.standsBy = false;
  }

  /** End every stream, as a master does that stops. */
  cut(): void {
    for (const stream of this.#streams) stream.destroy();
    this.#streams.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.url);
    if (url.pathname.startsWith("/api/")) return this.#api(url, request, response);
    if (url.pathname === "/alone") return alone(response, this.#extra, await this.#script());
    const page = await this.#page(new Request(url, { method: request.method ?? "GET" }));
    response.writeHead(page.status, Object.fromEntries(page.headers));
    response.end(Buffer.from(await page.arrayBuffer()));
  }

  async #script(): Promise<string> {
    const page = await this.#page(new Request(`${this.url}/console/`));
    return /main-[0-9a-f]+\.js/.exec(await page.text())?.[0] ?? "";
  }

  async #api(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.away) return void response.writeHead(503).end("The master is recovering");
    if (this.standsBy) {
      return void response.writeHead(307, { location: "//leader.example:5050/" }).end();
    }
    if (this.authorization !== undefined && request.headers.authorization !== this.authorization) {
      response.writeHead(401, { "www-authenticate": 'Bearer realm="mesos"' });
      return void response.end("Unauthenticated");
    }
    if (url.pathname === "/api/v1") return this.#operate(request, response);
    const path = url.pathname.slice("/api/fairlead".length);
    if (path === "/stream") return this.#stream(request, response);
    this.asked.push(`${path}${url.search}`);
    const answer = this.#read(path, url.searchParams);
    if (answer === undefined) {
      response.writeHead(404, { "content-type": "application/problem+json" });
      return void response.end(JSON.stringify({ status: 404, detail: `Nothing at ${path}` }));
    }
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer));
  }

  #stream(request: IncomingMessage, response: ServerResponse): void {
    this.resumed.push(String(request.headers["last-event-id"] ?? ""));
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.write(eventOf("snapshot", this.world.sequence, this.world.snapshot()));
    this.#streams.add(response);
    response.on("close", () => this.#streams.delete(response));
  }

  #read(path: string, query: URLSearchParams): unknown {
    const { world } = this;
    const parts = path.split("/").slice(1).map(decodeURIComponent);
    const [head, first = "", second = "", third = ""] = parts;
    if (head === "summary") return world.summary();
    if (head === "tasks") return first === "" ? this.#tasks(query) : world.task(first, second);
    if (head === "offers") return this.#offers(query);
    if (head === "explain") return explain(world, query);
    if (head === "maintenance") return { windows: world.windows, down: world.down, draining: [] };
    if (head !== "agents") return undefined;
    if (second === "files" && third === "read") return this.#file(query);
    if (second === "files") return { files: filesOf(query.get("path") ?? "", this.stdout.length) };
    const row = world.agents.get(first);
    if (row === undefined) return undefined;
    const tasks = world.tasks.filter(({ agentId }) => agentId === first);
    return {
      ...row,
      resources: `cpus:${row.total.cpus};mem:${row.total.mem};disk:${row.total.disk};ports:[31000-32000]`,
      reservations: row.reserved.cpus > 0 ? [{ role: "stateful", amounts: row.reserved }] : [],
      executors: [],
      frameworks: [...new Set(tasks.map(({ frameworkId }) => frameworkId))],
      version: "0.1.0",
      capabilities: ["MULTI_ROLE", "HIERARCHICAL_ROLE", "RESERVATION_REFINEMENT", "AGENT_DRAINING"],
    };
  }

  #tasks(query: URLSearchParams): unknown {
    const given = (name: string) => query.get(name) ?? "";
    const state = given("state");
    const found = this.world.tasks.filter(
      (task) =>
        (given("framework") === "" || task.frameworkId === given("framework")) &&
        (given("agent") === "" || task.agentId === given("agent")) &&
        (given("role") === "" || task.role === given("role")) &&
        (state === "" ||
          (state === "active"
            ? !TERMINAL.has(task.state)
            : state === "completed"
              ? TERMINAL.has(task.state)
              : task.state === state)) &&
        task.name.includes(given("q")),
    );
    const sort = given("sort") || "name";
    const key = (task: ConsoleTaskRow) =>
      sort === "started"
        ? String(task.startedMs ?? 0).padStart(16, "0")
        : sort === "agent"
          ? task.hostname
          : sort === "state"
            ? task.state
            : task.name;
    const sign = query.get("desc") === "1" ? -1 : 1;
    found.sort((a, b) => (key(a) < key(b) ? -sign : key(a) > key(b) ? sign : 0));
    return {
      total: found.length,
      tasks: pageOf(found, query).map(({ statuses: _, ...row }) => row),
    };
  }

  #offers(query: URLSearchParams): unknown {
    const framework = query.get("framework") ?? "";
    const agent = query.get("agent") ?? "";
    const found = this.world.offers.filter(
      ({ frameworkId, agentId }) =>
        (framework === "" || frameworkId === framework) && (agent === "" || agentId === agent),
    );
    return { total: found.length, offers: pageOf(found, query) };
  }

  #file(query: URLSearchParams): unknown {
    const path = query.get("path") ?? "";
    const bytes = Buffer.from(path.endsWith("/stderr") ? "warning: low on rope\n" : this.stdout);
    const offset = Number(query.get("offset"));
    if (offset < 0) return { offset: bytes.length, data: "", size: bytes.length };
    const data = bytes.subarray(offset, offset + Number(query.get("length") ?? 65_536));
    return { offset, data: data.toString(), length: data.length, size: bytes.length };
  }

  async #operate(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const call: Call = JSON.parse(Buffer.concat(chunks).toString());
    this.calls.push(call);
    if (this.refusal !== undefined) {
      const { status, text } = this.refusal;
      this.refusal = undefined;
      return void response.writeHead(status, { "content-type": "text/plain" }).end(text);
    }
    this.#act(call);
    response.writeHead(202).end();
  }

  /** What shows up in the console is done; the rest is only noted. */
  #act(call: Call): void {
    const { world } = this;
    const states = {
      DRAIN_AGENT: "draining",
      DEACTIVATE_AGENT: "deactivated",
      REACTIVATE_AGENT: "active",
    } as const;
    for (const [type, state] of Object.entries(states)) {
      if (call.type !== type) continue;
      const id = Object(call[type.toLowerCase()]).agent_id.value;
      world.agents.set(id, { ...world.agents.get(id)!, state });
      this.publish(world.delta([id], []));
    }
    if (call.type === "TEARDOWN") {
      const id = Object(call.teardown).framework_id.value;
      world.frameworks.set(id, { ...world.frameworks.get(id)!, state: "completed" });
      this.publish(world.delta([], [id]));
    }
    if (call.type === "UPDATE_WEIGHTS") {
      for (const { role, weight } of Object(call.update_weights).weight_infos) {
        world.weights.set(role, weight);
      }
      world.recount();
      this.publish(world.delta([], []));
    }
    if (call.type === "UPDATE_MAINTENANCE_SCHEDULE") {
      const { windows } = Object(call.update_maintenance_schedule).schedule;
      world.windows = windows.map((window: Record<string, never>) => windowOf(window));
    }
    if (call.type === "START_MAINTENANCE") {
      world.down = Object(call.start_maintenance).machines;
    }
    if (call.type === "STOP_MAINTENANCE") {
      world.down = [];
      world.windows = [];
    }
  }
}

function windowOf(window: Record<string, never>) {
  const { start, duration } = Object(window.unavailability);
  return {
    machines: Object(window.machine_ids),
    startMs: start.nanoseconds / 1e6,
    ...(duration === undefined ? {} : { durationMs: duration.nanoseconds / 1e6 }),
  };
}

function pageOf<Row>(rows: readonly Row[], query: URLSearchParams): readonly Row[] {
  const offset = Number(query.get("offset") ?? 0);
  return rows.slice(offset, offset + Number(query.get("limit") ?? 200));
}

function eventOf(event: string, id: number, data: unknown): string {
  return `event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** A log of so many lines, as a server writes one. */
export function logOf(lines: number): string {
  const verbs = ["GET /", "GET /health", "POST /orders", "GET /items/42", "PUT /cart"];
  return Array.from({ length: lines }, (_, index) => {
    const second = String(index % 60).padStart(2, "0");
    const minute = String(Math.floor(index / 60) % 60).padStart(2, "0");
    const level = index % 37 === 36 ? "WARN slow answer:" : "INFO";
    const verb = verbs[index % verbs.length];
    return `2026-03-01T13:${minute}:${second}.${String((index * 37) % 1000).padStart(3, "0")}Z ${level} ${verb} 200 ${(index * 7) % 90} ms\n`;
  }).join("");
}

function filesOf(path: string, stdoutBytes: number): ConsoleFile[] {
  const at = path.replace(/\/+$/, "");
  const file = (name: string, size: number, directory = false): ConsoleFile => ({
    path: `${at}/${name}`,
    name,
    directory,
    size,
    mtimeMs: Date.UTC(2026, 2, 1, 13, 59),
    mode: directory ? "drwxr-xr-x" : "-rw-r--r--",
  });
  if (at.endsWith("/data")) return [file("segment-0001.log", 52_428_800)];
  return [file("stdout", stdoutBytes), file("stderr", 21), file("data", 4_096, true)];
}

function explain(world: World, query: URLSearchParams): ConsoleExplanations | undefined {
  const frameworkId = query.get("framework") ?? "";
  const framework = world.frameworks.get(frameworkId);
  if (framework === undefined) return undefined;
  const offered = new Set(
    world.offers.filter((offer) => offer.frameworkId === frameworkId).map(({ agentId }) => agentId),
  );
  const agents: { agentId: string; role: string; code: string; message: string }[] = [];
  const counts: Record<string, number> = {};
  let index = 0;
  for (const { id, state, total, used } of world.agents.values()) {
    index += 1;
    const [code, message] = offered.has(id)
      ? ["offered", "it holds an offer of cpus:4; mem:4096; disk:10240"]
      : state !== "active"
        ? ["agent_ineligible", "the agent is deactivated"]
        : total.gpus > 0
          ? ["gpu_capability", "the agent has gpus, and the framework lacks GPU_RESOURCES"]
          : index % 3 === 0
            ? [
                "filter",
                `it refused cpus:8; mem:16384 there; the filter stands for another ${(index % 50) * 100} ms`,
              ]
            : index % 7 === 0
              ? ["quota_limit", "the role's limit leaves cpus:0.5, less than cpus:1"]
              : index % 2 === 0
                ? [
                    "share_order",
                    `"${MASTER_ID}-0002" (role "analytics") came first in run 4711; now the share of role "analytics" is 0.1204, that of role "batch" is 0.1377 (by weight)`,
                  ]
                : ["nothing_free", `everything is in use: cpus:${used.cpus}; mem:${used.mem}`];
    counts[code!] = (counts[code!] ?? 0) + 1;
    agents.push({ agentId: id, role: framework.roles[0]!, code: code!, message: message! });
  }
  return { frameworkId, counts, agents: agents.slice(0, Number(query.get("limit") ?? 1_000)) };
}

/** A page of a user, with one of the elements in it. */
function alone(response: ServerResponse, body: string, script: string): void {
  response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
  response.end(
    `<!doctype html><html lang="en"><head><title>alone</title><meta charset="utf-8">` +
      `<script type="module" src="/console/${script}"></script></head><body>${body}</body></html>`,
  );
}
