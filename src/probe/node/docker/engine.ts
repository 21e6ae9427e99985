/** The Engine API of Docker, or of podman, over its socket: each request within a time. */
import { type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";
import { FairleadError } from "../../../base/mod.ts";
import type { Engine, EngineAsk } from "./port.ts";

const TIMEOUT_MS = 10_000;
const ANSWER_BYTES_MAX = 16 * 2 ** 20;

/** Speaks to an engine; holds nothing open between requests. */
export class ContainerEngine implements Engine {
  readonly socketPath: string;

  constructor(socketPath: string) {
    this.socketPath = socketPath;
  }

  /**
   * The answer as JSON; undefined when it is empty.
   *
   * @throws {FairleadError} `engine_failed`, with `details.status` when the engine answered.
   */
  async json(ask: EngineAsk): Promise<unknown> {
    const text = await textOf(ask, await this.stream(ask));
    if (text.trim() === "") return undefined;
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw failed(ask, "its answer is no JSON", { cause });
    }
  }

  /** The same, the body unread. */
  async stream(ask: EngineAsk): Promise<IncomingMessage> {
    const answer = await this.#send(ask, {}).answer;
    return await succeeded(ask, answer);
  }

  /** Take the connection over: what comes and goes on it is a terminal's from then on. */
  async upgrade(ask: EngineAsk): Promise<{ readonly socket: Socket; readonly head: Buffer }> {
    const { answer, upgraded } = this.#send(ask, { connection: "Upgrade", upgrade: "tcp" });
    const refused = answer.then(async (message) => {
      await succeeded(ask, message);
      throw failed(ask, `it answered ${message.statusCode} instead of an upgrade`);
    });
    return await Promise.race([upgraded, refused]);
  }

  #send(ask: EngineAsk, headers: Readonly<Record<string, string>>) {
    const { method = "GET", path, query = {}, body, signal, timeoutMs = TIMEOUT_MS } = ask;
    const pairs = Object.entries(query).map(([key, value]) => [key, String(value)]);
    const search = pairs.length === 0 ? "" : `?${new URLSearchParams(pairs)}`;
    const text = body === undefined ? undefined : JSON.stringify(body);
    const sent = request({
      socketPath: this.socketPath,
      method,
      path: path + search,
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
      sent.on("error", (cause) => {
        reject(signal?.aborted ? signal.reason : failed(ask, cause.message, { cause }));
      });
    });
    sent.end(text);
    return { answer, upgraded };
  }
}

async function succeeded(ask: EngineAsk, answer: IncomingMessage): Promise<IncomingMessage> {
  const { statusCode: status = 0 } = answer;
  if (status < 400) return answer;
  const text = await textOf(ask, answer);
  throw failed(ask, readMessage(text) ?? `it answered ${status}`, { status });
}

async function textOf(ask: EngineAsk, answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) throw failed(ask, `its answer is over ${ANSWER_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function readMessage(text: string): string | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer !== "object" || answer === null || !("message" in answer)) return undefined;
    return String(answer.message);
  } catch {
    return undefined;
  }
}

function failed(
  { method = "GET", path }: EngineAsk,
  state: string,
  { cause, status }: { readonly cause?: unknown; readonly status?: number } = {},
): FairleadError {
  return new FairleadError("engine_failed", `Cannot ${method} ${path} of the engine: ${state}`, {
    ...(cause === undefined ? {} : { cause }),
    details: status === undefined ? {} : { status },
  });
}
