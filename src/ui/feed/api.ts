import { FairleadError } from "../../base/mod.ts";
import type {
  ConsoleAgent,
  ConsoleExplanations,
  ConsoleFileChunk,
  ConsoleFiles,
  ConsoleMaintenance,
  ConsoleOffers,
  ConsoleSummary,
  ConsoleTask,
  ConsoleTaskSort,
  ConsoleTasks,
} from "../../model/mod.ts";
import {
  readAgent,
  readExplanations,
  readFileChunk,
  readFiles,
  readMaintenance,
  readOffers,
  readSummary,
  readTask,
  readTasks,
} from "./read.ts";

/** Options of {@linkcode ConsoleApi}. */
export interface ConsoleApiOptions {
  /** Where the master's console API is: `/api/fairlead`, or a whole URL. */
  readonly src: string;
  /** Value of the Authorization header, if any. */
  readonly authorization?: string | undefined;
  /** @default the platform's `fetch` */
  readonly fetch?: typeof fetch | undefined;
}

/** Which tasks, in which order; absent fields do not narrow. */
export interface TaskQuery {
  readonly framework?: string | undefined;
  readonly agent?: string | undefined;
  readonly role?: string | undefined;
  /** `active`, `completed`, or one state of Mesos. */
  readonly state?: string | undefined;
  /** Text that the name or the id has. */
  readonly q?: string | undefined;
  readonly sort?: ConsoleTaskSort | undefined;
  readonly desc?: boolean | undefined;
}

/** Which offers. */
export interface OfferQuery {
  readonly framework?: string | undefined;
  readonly agent?: string | undefined;
}

/** One page of a list that the master holds. */
export interface Page {
  readonly offset: number;
  readonly limit: number;
}

/** Something that ends a wait. */
export interface Waiting {
  readonly signal?: AbortSignal | undefined;
}

type Parameters = Readonly<Record<string, string | number | boolean | undefined>>;

/** How much of an error answer is shown. */
const MESSAGE_CHARS_MAX = 500;

/**
 * The master's console API and the operator's acts, over `fetch`.
 *
 * Every method throws a {@linkcode FairleadError}: `master_unreachable` (no answer, or 5xx),
 * `not_leading` (it would send one to the leader, whose answers a browser does not let the page
 * see), `master_unauthorized` (401 and 403), `master_refused` (any other status; the message is the
 * master's) or `invalid_answer` (not the JSON that was asked for).
 */
export class ConsoleApi {
  readonly src: string;
  authorization: string | undefined;
  readonly #fetch: typeof fetch;

  constructor(options: ConsoleApiOptions) {
    this.src = options.src.replace(/\/+$/, "");
    this.authorization = options.authorization;
    this.#fetch = options.fetch ?? ((...args) => fetch(...args));
  }

  async summary({ signal }: Waiting = {}): Promise<ConsoleSummary> {
    return readSummary(await this.#get("/summary", {}, signal));
  }

  async agent(id: string, { signal }: Waiting = {}): Promise<ConsoleAgent> {
    return readAgent(await this.#get(`/agents/${encodeURIComponent(id)}`, {}, signal));
  }

  async tasks(query: TaskQuery & Page, { signal }: Waiting = {}): Promise<ConsoleTasks> {
    const { desc, ...rest } = query;
    return readTasks(await this.#get("/tasks", { ...rest, ...(desc ? { desc: 1 } : {}) }, signal));
  }

  async task(frameworkId: string, taskId: string, { signal }: Waiting = {}): Promise<ConsoleTask> {
    const path = `/tasks/${encodeURIComponent(frameworkId)}/${encodeURIComponent(taskId)}`;
    return readTask(await this.#get(path, {}, signal));
  }

  async offers(query: OfferQuery & Page, { signal }: Waiting = {}): Promise<ConsoleOffers> {
    return readOffers(await this.#get("/offers", { ...query }, signal));
  }

  async explain(
    query: { readonly framework: string; readonly agent?: string | undefined; limit?: number },
    { signal }: Waiting = {},
  ): Promise<ConsoleExplanations> {
    return readExplanations(await this.#get("/explain", { ...query }, signal));
  }

  async maintenance({ signal }: Waiting = {}): Promise<ConsoleMaintenance> {
    return readMaintenance(await this.#get("/maintenance", {}, signal));
  }

  async files(agentId: string, path: string, { signal }: Waiting = {}): Promise<ConsoleFiles> {
    return readFiles(
      await this.#get(`/agents/${encodeURIComponent(agentId)}/files`, { path }, signal),
    );
  }

  /** A piece of a file; an offset of -1 asks for its size alone. */
  async read(
    agentId: string,
    part: { readonly path: string; readonly offset: number; readonly length?: number },
    { signal }: Waiting = {},
  ): Promise<ConsoleFileChunk> {
    const path = `/agents/${encodeURIComponent(agentId)}/files/read`;
    return readFileChunk(await this.#get(path, { ...part }, signal));
  }

  /** One call of the operator API, beside the console's: `POST /api/v1`. */
  async operate(call: Readonly<Record<string, unknown>>, { signal }: Waiting = {}): Promise<void> {
    const url = this.src.replace(/\/[^/]*$/, "/v1");
    await this.#send(url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify(call),
      signal: signal ?? null,
    });
  }

  /** The live stream, open; its body is not read yet. */
  stream(lastEventId: string, signal: AbortSignal): Promise<Response> {
    const headers: Record<string, string> = { accept: "text/event-stream" };
    if (lastEventId !== "") headers["last-event-id"] = lastEventId;
    return this.#send(`${this.src}/stream`, { headers, signal, cache: "no-store" });
  }

  async #get(path: string, parameters: Parameters, signal?: AbortSignal): Promise<unknown> {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters)) {
      if (value !== undefined && value !== "") query.set(name, String(value));
    }
    const text = query.toString();
    const url = `${this.src}${path}${text === "" ? "" : `?${text}`}`;
    const response = await this.#send(url, {
      headers: { accept: "application/json" },
      signal: signal ?? null,
    });
    try {
      return await response.json();
    } catch (cause) {
      signal?.throwIfAborted();
      throw new FairleadError("invalid_answer", "Cannot read the master's answer: it is no JSON", {
        cause,
        details: { url },
      });
    }
  }

  async #send(url: string, init: RequestInit & { headers: Record<string, string> }) {
    const headers = { ...init.headers };
    if (this.authorization !== undefined) headers.authorization = this.authorization;
    let response: Response;
    try {
      response = await this.#fetch(url, { ...init, headers, redirect: "manual" });
    } catch (cause) {
      init.signal?.throwIfAborted();
      throw new FairleadError("master_unreachable", "Cannot reach the master: no answer", {
        cause,
        details: { url },
      });
    }
    if (response.ok) return response;
    if (response.type === "opaqueredirect" || response.status === 307) {
      throw new FairleadError("not_leading", "Cannot ask this master: another one leads", {
        details: { url },
      });
    }
    throw await refusal(url, response);
  }
}

async function refusal(url: string, response: Response): Promise<FairleadError> {
  const { status } = response;
  const message = await messageOf(response);
  const details = { url, status, message };
  if (status === 401 || status === 403) {
    const state = status === 401 ? "it wants to know who you are" : "you may not";
    return new FairleadError(
      "master_unauthorized",
      `Cannot ask the master: ${message || state} (${status})`,
      { details },
    );
  }
  return new FairleadError(
    status >= 500 ? "master_unreachable" : "master_refused",
    `Cannot go on: ${message || "the master refused"} (${status})`,
    { details },
  );
}

/** What an error answer says: plain text, or the detail of a problem. */
async function messageOf(response: Response): Promise<string> {
  try {
    const text = (await response.text()).trim();
    const isJson = /\bjson\b/.test(response.headers.get("content-type") ?? "");
    const value: unknown = isJson ? JSON.parse(text) : text;
    if (typeof value === "string") return value.slice(0, MESSAGE_CHARS_MAX);
    for (const field of ["detail", "message", "title"]) {
      const told: unknown = Object(value)[field];
      if (typeof told === "string") return told.slice(0, MESSAGE_CHARS_MAX);
    }
    return "";
  } catch {
    // An answer whose text cannot be had still has its status.
    return "";
  }
}
