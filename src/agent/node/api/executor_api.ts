/** `POST /api/v1/executor`: executors subscribe here, and say what becomes of their tasks. */
import { FairleadError } from "../../../base/mod.ts";
import {
  type EventStream,
  encodeRecord,
  eventStream,
  negotiate,
  parseMediaType,
  readBody,
  text,
} from "../../../http/mod.ts";
import {
  type ExecutorCall,
  type ExecutorEvent,
  type OfType,
  readExecutorCall,
} from "../../../model/mod.ts";
import { decodeExecutorCall, encodeExecutorEvent, PROTOBUF_TYPE } from "../../../protobuf/mod.ts";
import type { AgentView } from "../../core/core.ts";
import type { AgentInput, ExecutorConnection } from "../../core/events.ts";
import type { ExecutorRecord } from "../../core/records.ts";
import type { ExecutorTokens } from "./executor_tokens.ts";

/** Options of an {@linkcode ExecutorApi}. */
export interface ExecutorApiOptions {
  readonly state: AgentView;
  readonly dispatch: (input: AgentInput) => void;
  readonly tokens: ExecutorTokens;
  /** Refuse executors without a token; wrong ones are refused always. */
  readonly requireTokens: boolean;
  readonly bodyBytesMax: number;
  readonly trouble: (message: string, details: Readonly<Record<string, unknown>>) => void;
  /** Ends the streams. */
  readonly signal: AbortSignal;
}

const JSON_TYPE = "application/json";
const TYPES = [JSON_TYPE, PROTOBUF_TYPE];
/** What may wait for an executor that does not read. */
const BUFFER_BYTES_MAX = 16 * 2 ** 20;
/** A 16-byte uuid in base64. */
const UUID = /^[A-Za-z0-9+/_-]{22}(==)?$/;

const encoder = new TextEncoder();

/** The executors' side of an agent. */
export class ExecutorApi {
  readonly #options: ExecutorApiOptions;
  readonly #streams = new Map<number, EventStream<ExecutorEvent>>();
  #last = 0;

  constructor(options: ExecutorApiOptions) {
    this.#options = options;
  }

  /** Answer one request. */
  async handle(request: Request): Promise<Response> {
    if (request.method !== "POST") {
      return text(405, "Expecting one of { 'POST' }", { headers: { allow: "POST" } });
    }
    const { state, bodyBytesMax } = this.#options;
    if (state.connection.status === "recovering") {
      return text(503, "Agent has not finished recovery");
    }
    const header = request.headers.get("content-type");
    if (header === null) return text(400, "Expecting 'Content-Type' to be present");
    const type = parseMediaType(header)?.type;
    if (type === undefined || !TYPES.includes(type)) {
      return text(415, `Expecting 'Content-Type' of ${TYPES.join(" or ")}`);
    }
    let call: ExecutorCall;
    try {
      call = readCall(await readBody(request, { bytesMax: bodyBytesMax }), type);
    } catch (error) {
      if (!(error instanceof FairleadError) || error.code !== "invalid_call") throw error;
      return text(400, error.message);
    }
    return this.#answer(request, call);
  }

  #answer(request: Request, call: ExecutorCall): Response {
    const framework = this.#options.state.frameworks.get(call.framework_id.value);
    if (framework === undefined) return text(400, "Framework cannot be found");
    const executor = framework.executors.get(call.executor_id.value);
    if (executor?.kind !== "custom" || executor.phase === "ended") {
      return text(400, "Executor cannot be found");
    }
    const refusal = this.#check(request, executor);
    if (refusal !== undefined) return refusal;
    if (call.type === "SUBSCRIBE") return this.#subscribe(request, call);
    if (executor.connection === undefined) return text(403, "Executor is not subscribed");
    if (call.type === "UPDATE" && !UUID.test(call.update.status.uuid ?? "")) {
      return text(400, "Failed to validate executor::Call: Expecting 'uuid' to be present");
    }
    this.#options.dispatch({ type: "executor_call", call });
    return new Response(null, { status: 202 });
  }

  #check(request: Request, executor: ExecutorRecord): Response | undefined {
    const { tokens, requireTokens } = this.#options;
    const header = request.headers.get("authorization");
    const token = /^bearer\s+(\S+)$/i.exec(header ?? "")?.[1];
    if (token === undefined) {
      if (!requireTokens) return undefined;
      return text(401, "Executor is not authenticated", {
        headers: { "www-authenticate": 'Bearer realm="mesos-agent-executor"' },
      });
    }
    const claims = tokens.read(token);
    if (claims === undefined) {
      return text(401, "Invalid executor token", {
        headers: { "www-authenticate": 'Bearer realm="mesos-agent-executor"' },
      });
    }
    const { framework, info, container } = executor;
    const same =
      claims.frameworkId === framework.id &&
      claims.executorId === info.executor_id.value &&
      claims.container === container;
    return same ? undefined : text(403, "The token is that of another executor");
  }

  #subscribe(request: Request, call: OfType<ExecutorCall, "SUBSCRIBE">): Response {
    const type = negotiate(request.headers.get("accept"), TYPES);
    if (type === undefined) {
      return text(406, `Expecting 'Accept' to allow ${TYPES.join(" or ")}`);
    }
    this.#last += 1;
    const connection = this.#last;
    const stream = eventStream<ExecutorEvent>({
      encode: type === JSON_TYPE ? encodeJson : encodeProtobuf,
      bufferBytesMax: BUFFER_BYTES_MAX,
      signal: this.#options.signal,
      onClose: () => {
        this.#streams.delete(connection);
        // The agent's own end ends no executor.
        if (this.#options.signal.aborted) return;
        this.#options.dispatch({ type: "executor_disconnected", connection });
      },
    });
    this.#streams.set(connection, stream);
    this.#options.dispatch({ type: "executor_subscribed", connection, call });
    return stream.respond({ "content-type": type });
  }

  /** Say something to an executor; what cannot be said in its language ends its stream. */
  send(connection: ExecutorConnection, event: ExecutorEvent): void {
    if (typeof connection !== "number") return;
    const stream = this.#streams.get(connection);
    try {
      stream?.push(event);
    } catch (error) {
      this.#options.trouble(`Cannot tell an executor: ${FairleadError.from(error).message}`, {
        event: event.type,
      });
      stream?.close();
    }
  }

  /** End an executor's stream. */
  end(connection: ExecutorConnection): void {
    if (typeof connection === "number") this.#streams.get(connection)?.close();
  }

  /** Let all of them know that the agent lives. */
  heartbeat(): void {
    for (const stream of this.#streams.values()) stream.push({ type: "HEARTBEAT" });
  }
}

function readCall(bytes: Uint8Array, type: string): ExecutorCall {
  if (type === PROTOBUF_TYPE) return decodeExecutorCall(bytes);
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    const { message } = FairleadError.from(error);
    throw new FairleadError("invalid_call", `Failed to parse body into JSON: ${message}`, {
      cause: error,
    });
  }
  return readExecutorCall(json);
}

function encodeJson(event: ExecutorEvent): Uint8Array {
  return encodeRecord(encoder.encode(JSON.stringify(event)));
}

function encodeProtobuf(event: ExecutorEvent): Uint8Array {
  return encodeRecord(encodeExecutorEvent(event));
}
