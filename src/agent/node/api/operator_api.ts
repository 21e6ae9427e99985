/** `POST /api/v1` of the agent: what operators ask and do. */
import { FairleadError } from "../../../base/mod.ts";
import {
  json,
  negotiate,
  parseMediaType,
  principalOf,
  readBody,
  statusOf,
  text,
} from "../../../http/mod.ts";
import {
  type AgentCall,
  type AgentContainer,
  type AgentResponse,
  type ContainerID,
  readAgentCall,
} from "../../../model/mod.ts";
import type { Container } from "../../containerizer.ts";
import type { AgentView } from "../../core/core.ts";
import type { ExecutorRecord, TaskRecord } from "../../core/records.ts";
import { containerStatus } from "../../core/updates.ts";
import type { AuthorizeCall } from "../options.ts";
import type { SandboxFiles } from "./files.ts";
import { answerSession, answerTail, attachInput } from "./process_io.ts";
import { pathOf, type SideContainers } from "./side_containers.ts";
import { executorsOf, frameworksOf, operationsOf, stateOf, tasksOf } from "./views.ts";

/** Options of an {@linkcode OperatorApi}. */
export interface OperatorApiOptions {
  readonly state: AgentView;
  readonly version: string;
  readonly flags: () => Readonly<Record<string, string>>;
  readonly metrics: () => Record<string, number>;
  readonly files: SandboxFiles;
  readonly sides: SideContainers;
  /** Those of tasks and executors. */
  readonly running: () => Iterable<Container>;
  readonly find: (id: string) => Container | undefined;
  readonly sandboxOf: (id: string) => string | undefined;
  readonly authorize: AuthorizeCall;
  readonly bodyBytesMax: number;
  /** Ends what waits and streams. */
  readonly signal: AbortSignal;
}

const JSON_TYPE = "application/json";
const RECORDIO_TYPE = "application/recordio";
const STATUSES: ReadonlyMap<string, number> = new Map([
  ["not_found", 404],
  ["forbidden", 403],
  ["already_there", 409],
  ["still_running", 409],
  ["too_many", 503],
  ["launch_failed", 400],
  ["invalid_launch", 400],
  ["exec_failed", 400],
]);

type Statistics = NonNullable<AgentContainer["resource_statistics"]>;

type Read = Exclude<
  AgentCall["type"],
  | "LAUNCH_CONTAINER"
  | "KILL_CONTAINER"
  | "REMOVE_CONTAINER"
  | "LAUNCH_NESTED_CONTAINER"
  | "KILL_NESTED_CONTAINER"
  | "REMOVE_NESTED_CONTAINER"
  | "LAUNCH_NESTED_CONTAINER_SESSION"
  | "ATTACH_CONTAINER_INPUT"
  | "ATTACH_CONTAINER_OUTPUT"
>;

/** The operators' side of an agent. */
export class OperatorApi {
  readonly #options: OperatorApiOptions;

  constructor(options: OperatorApiOptions) {
    this.#options = options;
  }

  /** Answer one request. */
  async handle(request: Request): Promise<Response> {
    if (request.method !== "POST") {
      return text(405, "Expecting one of { 'POST' }", { headers: { allow: "POST" } });
    }
    const { state } = this.#options;
    if (state.connection.status === "recovering") {
      return text(503, "Agent has not finished recovery");
    }
    const header = request.headers.get("content-type");
    if (header === null) return text(400, "Expecting 'Content-Type' to be present");
    const type = parseMediaType(header)?.type;
    try {
      if (type === RECORDIO_TYPE) return await this.#stream(request);
      if (type !== JSON_TYPE) return text(415, `Expecting 'Content-Type' of ${JSON_TYPE}`);
      return await this.#call(request, await this.#read(request));
    } catch (error) {
      const { code, message } = FairleadError.from(error);
      const status = STATUSES.get(code) ?? statusOf(error);
      if (status >= 500 && code !== "too_many") throw error;
      return text(status, message);
    }
  }

  async #read(request: Request): Promise<AgentCall> {
    const bytes = await readBody(request, { bytesMax: this.#options.bodyBytesMax });
    let value: unknown;
    try {
      value = JSON.parse(new TextDecoder().decode(bytes));
    } catch (error) {
      const { message } = FairleadError.from(error);
      throw new FairleadError("invalid_call", `Failed to parse body into JSON: ${message}`, {
        cause: error,
      });
    }
    return readAgentCall(value);
  }

  #allow(request: Request, type: AgentCall["type"]): void {
    const principal = principalOf(request);
    if (this.#options.authorize(principal, type)) return;
    throw new FairleadError("forbidden", `Cannot ${type}: ${principal ?? "nobody"} may not`, {
      details: { type },
    });
  }

  async #call(request: Request, call: AgentCall): Promise<Response> {
    this.#allow(request, call.type);
    const { sides, signal } = this.#options;
    const wanted = AbortSignal.any([request.signal, signal]);
    switch (call.type) {
      case "LAUNCH_CONTAINER":
        return launched(await sides.launch(call.launch_container, signal));
      case "LAUNCH_NESTED_CONTAINER":
        return launched(await sides.launch(call.launch_nested_container, signal));
      case "KILL_CONTAINER":
        await sides.kill(call.kill_container.container_id, call.kill_container.signal);
        return done();
      case "KILL_NESTED_CONTAINER": {
        const { container_id, signal: number } = call.kill_nested_container;
        await sides.kill(container_id, number);
        return done();
      }
      case "REMOVE_CONTAINER":
        sides.remove(call.remove_container.container_id);
        return done();
      case "REMOVE_NESTED_CONTAINER":
        sides.remove(call.remove_nested_container.container_id);
        return done();
      case "LAUNCH_NESTED_CONTAINER_SESSION": {
        const session = await sides.session(call.launch_nested_container_session, signal);
        return answerSession(session, signal);
      }
      case "ATTACH_CONTAINER_OUTPUT":
        return this.#attachOutput(call.attach_container_output.container_id);
      case "ATTACH_CONTAINER_INPUT":
        return text(415, `Expecting 'Content-Type' of ${RECORDIO_TYPE}`);
      default:
        return this.#answer(request, call, wanted);
    }
  }

  async #stream(request: Request): Promise<Response> {
    const inner = request.headers.get("message-content-type");
    if (inner !== null && parseMediaType(inner)?.type !== JSON_TYPE) {
      return text(415, `Expecting 'Message-Content-Type' of ${JSON_TYPE}`);
    }
    this.#allow(request, "ATTACH_CONTAINER_INPUT");
    await attachInput(request, ({ attach_container_input: input }) => {
      if (input.type !== "CONTAINER_ID") {
        throw new FairleadError("invalid_call", "Cannot attach input: which container?");
      }
      return this.#options.sides.sessionOf(input.container_id);
    });
    return done();
  }

  async #attachOutput(id: ContainerID): Promise<Response> {
    const { find, sandboxOf, signal } = this.#options;
    const path = pathOf(id);
    const container = find(path);
    const sandbox = sandboxOf(path);
    if (container === undefined || sandbox === undefined) {
      return text(404, `Container ${path} cannot be found`);
    }
    return answerTail(sandbox, container.ended, signal);
  }

  async #answer(
    request: Request,
    call: Extract<AgentCall, { type: Read }>,
    signal: AbortSignal,
  ): Promise<Response> {
    if (negotiate(request.headers.get("accept"), [JSON_TYPE]) === undefined) {
      return text(406, `Expecting 'Accept' to allow ${JSON_TYPE}`);
    }
    const response = await this.respond(call, signal);
    return response === undefined
      ? text(501, `${call.type} is not implemented`)
      : json(200, response);
  }

  /**
   * The answer to a call that asks; undefined when nothing here can tell.
   *
   * @throws {FairleadError} `not_found` or `forbidden`.
   */
  async respond(
    call: Extract<AgentCall, { type: Read }>,
    signal: AbortSignal,
  ): Promise<AgentResponse | undefined> {
    const { state, files, sides } = this.#options;
    switch (call.type) {
      case "GET_HEALTH":
        return { type: call.type, get_health: { healthy: true } };
      case "GET_FLAGS": {
        const flags = Object.entries(this.#options.flags());
        return {
          type: call.type,
          get_flags: { flags: flags.map(([name, value]) => ({ name, value })) },
        };
      }
      case "GET_VERSION":
        return {
          type: call.type,
          get_version: { version_info: { version: this.#options.version } },
        };
      case "GET_METRICS": {
        const metrics = Object.entries(this.#options.metrics());
        return {
          type: call.type,
          get_metrics: { metrics: metrics.map(([name, value]) => ({ name, value })) },
        };
      }
      case "GET_LOGGING_LEVEL":
        return { type: call.type, get_logging_level: { level: 0 } };
      case "LIST_FILES":
        return {
          type: call.type,
          list_files: { file_infos: await files.list(call.list_files.path) },
        };
      case "READ_FILE":
        return {
          type: call.type,
          read_file: await files.read(call.read_file.path, call.read_file),
        };
      case "GET_STATE":
        return { type: call.type, get_state: stateOf(state) };
      case "GET_TASKS":
        return { type: call.type, get_tasks: tasksOf(state) };
      case "GET_EXECUTORS":
        return { type: call.type, get_executors: executorsOf(state) };
      case "GET_FRAMEWORKS":
        return { type: call.type, get_frameworks: frameworksOf(state) };
      case "GET_OPERATIONS":
        return { type: call.type, get_operations: { operations: operationsOf(state) } };
      case "GET_AGENT":
        return { type: call.type, get_agent: this.#agent() };
      case "GET_RESOURCE_PROVIDERS":
        return { type: call.type, get_resource_providers: { resource_providers: [] } };
      case "GET_CONTAINERS":
        return {
          type: call.type,
          get_containers: { containers: await this.containers(call.get_containers) },
        };
      case "WAIT_CONTAINER":
        return {
          type: call.type,
          wait_container: await sides.wait(call.wait_container.container_id, signal),
        };
      case "WAIT_NESTED_CONTAINER":
        return {
          type: call.type,
          wait_nested_container: await sides.wait(call.wait_nested_container.container_id, signal),
        };
      default:
        return undefined;
    }
  }

  #agent() {
    const { info, drain } = this.#options.state;
    if (drain === undefined) return { agent_info: info };
    const { max_grace_period_ns: ns, mark_gone } = drain;
    return {
      agent_info: info,
      drain_config: {
        ...(ns === undefined ? {} : { max_grace_period: { nanoseconds: ns } }),
        ...(mark_gone === undefined ? {} : { mark_gone }),
      },
    };
  }

  /** What runs, with what it uses. */
  async containers(
    show: {
      readonly show_nested?: boolean | undefined;
      readonly show_standalone?: boolean | undefined;
    } = {},
  ): Promise<AgentContainer[]> {
    const { state, running, sides } = this.#options;
    const owned = Array.from(running(), (container) => {
      const owner = state.containers.get(container.id);
      return owner === undefined ? undefined : this.#owned(owner, container);
    });
    const alone =
      show.show_standalone === true
        ? Array.from(sides.running(), async (container) => ({
            container_id: { value: container.id },
            ...(await statisticsOf(container)),
          }))
        : [];
    const all = await Promise.all([...owned, ...alone]);
    const there = all.filter((each): each is AgentContainer => each !== undefined);
    return show.show_nested === true ? there : mergeNested(there);
  }

  async #owned(owner: TaskRecord | ExecutorRecord, container: Container): Promise<AgentContainer> {
    const executor = owner.type === "task" ? owner.executor : owner;
    const { info, framework } = executor;
    const status =
      owner.type === "task" ? containerStatus(owner) : { container_id: { value: owner.container } };
    return {
      framework_id: { value: framework.id },
      executor_id: info.executor_id,
      container_id: status.container_id ?? { value: container.id },
      container_status: status,
      ...(info.name === undefined ? {} : { executor_name: info.name }),
      ...(await statisticsOf(container)),
    };
  }
}

/** Containers of one parent as the parent, with what they use together. */
function mergeNested(containers: readonly AgentContainer[]): AgentContainer[] {
  const merged = new Map<string, AgentContainer>();
  for (const container of containers) {
    const { parent } = container.container_id;
    const id = parent?.value ?? container.container_id.value;
    const known = merged.get(id);
    const { container_status, ...rest } = container;
    merged.set(id, {
      ...(parent === undefined ? container : { ...rest, container_id: { value: id } }),
      resource_statistics: sumOf(known?.resource_statistics, container.resource_statistics),
    });
  }
  return [...merged.values()];
}

function sumOf(one: Statistics | undefined, other: Statistics | undefined): Statistics {
  const sum: Record<string, number> = {};
  for (const [name, value] of [...Object.entries(one ?? {}), ...Object.entries(other ?? {})]) {
    if (typeof value !== "number") continue;
    sum[name] = name === "timestamp" ? value : (sum[name] ?? 0) + value;
  }
  return { ...sum, timestamp: sum.timestamp ?? 0 };
}

/** One that ends just now has none. */
async function statisticsOf(
  container: Container,
): Promise<Pick<AgentContainer, "resource_statistics">> {
  try {
    return { resource_statistics: { ...(await container.usage()) } };
  } catch {
    return {};
  }
}

function launched(fresh: boolean): Response {
  return new Response(null, { status: fresh ? 200 : 202 });
}

function done(): Response {
  return new Response(null, { status: 200 });
}
