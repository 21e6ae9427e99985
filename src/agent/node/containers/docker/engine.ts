/** The Engine API of Docker, or of podman, over its socket. */
import { type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";
import { FairleadError } from "../../../../base/mod.ts";
import { readError } from "./answers.ts";

/** A request; the answer is whatever it is. */
export interface EngineRequest {
  readonly method: "GET" | "POST" | "DELETE";
  /** Without the version: "/containers/json". */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** Of silence; absent: 60 s; 0: for ever. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 60_000;
const ANSWER_BYTES_MAX = 16 * 2 ** 20;
const TOO_LONG = `Cannot read the engine's answer: it is longer than ${ANSWER_BYTES_MAX} bytes`;

/** Speaks to an engine. Holds nothing open between requests. */
export class DockerEngine {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** @throws {FairleadError} `docker_failed`; `details.status` is set when the engine answered. */
  async json(ask: EngineRequest): Promise<unknown> {
    const answer = await this.stream(ask);
    const text = await textOf(answer);
    if (text === "") return undefined;
    try {
      return JSON.parse(text);
    } catch (error) {
      throw failed(ask, "its answer is no JSON", { cause: error });
    }
  }

  /** The same, the answer's body unread. */
  async stream(ask: EngineRequest): Promise<IncomingMessage> {
    const answer = await this.#send(ask, {}).answer;
    const { statusCode = 0 } = answer;
    if (statusCode < 400) return answer;
    const text = await textOf(answer);
    throw failed(ask, readError(text) ?? `it answered ${statusCode}`, { status: statusCode });
  }

  /** Take the connection over: what comes and goes on it is a command's from then on. */
  async upgrade(ask: EngineRequest): Promise<{ readonly socket: Socket; readonly head: Buffer }> {
    const headers = { connection: "Upgrade", upgrade: "tcp" };
    const { answer, upgraded } = this.#send(ask, headers);
    const refused = answer.then(async (message) => {
      const text = await textOf(message);
      throw failed(ask, readError(text) ?? `it answered ${message.statusCode}`, {
        status: message.statusCode ?? 0,
      });
    });
    return Promise.race([upgraded, refused]);
  }

  #send(ask: EngineRequest, headers: Readonly<Record<string, string>>) {
    const { method, path, query = {}, body, signal, timeoutMs = TIMEOUT_MS } = ask;
    const pairs = Object.entries(query).map(([key, value]) => [key, String(value)]);
    const search = pairs.length === 0 ? "" : `?${new URLSearchParams(pairs)}`;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const sent = request({
      socketPath: this.#socketPath,
      method,
      path: `${path}${search}`,
      headers: {
        host: "docker",
        ...(text === undefined
          ? {}
          : { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
        ...headers,
      },
      timeout: timeoutMs,
      ...(signal === undefined ? {} : { signal }),
    });
    const upgraded = new Promise<{ socket: Socket; head: Buffer }>((resolve) => {
      sent.once("upgrade", (_answer, socket, head) => resolve({ socket, head }));
    });
    const answer = new Promise<IncomingMessage>((resolve, reject) => {
      sent.once("response", resolve);
      sent.once("timeout", () => sent.destroy(new Error(`nothing came for ${timeoutMs} ms`)));
      sent.on("error", (error) => {
        reject(signal?.aborted ? signal.reason : failed(ask, error.message, { cause: error }));
      });
    });
    sent.end(text);
    return { answer, upgraded };
  }
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) throw new FairleadError("docker_failed", TOO_LONG);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Whether an engine answered with this status. */
export function answeredWith(error: unknown, status: number): boolean {
  return error instanceof FairleadError && error.details.status === status;
}

function failed(
  { method, path }: EngineRequest,
  state: string,
  more: { readonly cause?: unknown; readonly status?: number } = {},
): FairleadError {
  const { cause, status } = more;
  return new FairleadError("docker_failed", `Cannot ${method} ${path} of the engine: ${state}`, {
    ...(cause === undefined ? {} : { cause }),
    details: status === undefined ? {} : { status },
  });
}
