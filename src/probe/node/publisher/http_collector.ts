/** A collector over HTTP: Scope's app, or ours. */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { FairleadError } from "../../../base/mod.ts";
import type { Collector } from "../../publisher/target.ts";

/** Who publishes, and how a collector is trusted. */
export interface PublisherIdentity {
  /** A new one each start, in hexadecimal. */
  readonly probeId: string;
  readonly version: string;
  /** For `Authorization: Scope-Probe token=…`; a user and password in the address come first. */
  readonly token?: string;
  readonly tls?: CollectorTls;
}

/** How the other end of an encrypted connection is checked. */
export interface CollectorTls {
  /** Whose servers are trusted, in PEM, instead of the system's authorities. */
  readonly ca?: string | Uint8Array;
  /** Trust anybody: for tests only. @default false */
  readonly insecure?: boolean;
}

/** Options of {@linkcode HttpCollector}. */
export interface HttpCollectorOptions extends PublisherIdentity {
  /** Scheme, name, port, and perhaps user and password. */
  readonly url: URL;
  /** Where to connect to, instead of asking the resolver. */
  readonly ip: string;
}

const ANSWER_BYTES_MAX = 65_536;
const SOCKET_IDLE_MS = 30_000;

/** Sends reports over one connection that is kept alive. */
export class HttpCollector implements Collector {
  readonly address: string;
  readonly #options: HttpCollectorOptions;
  readonly #agent: HttpAgent;

  constructor(options: HttpCollectorOptions) {
    const { url, ip } = options;
    this.#options = options;
    this.address = `${url.protocol}//${url.host}/${ip}`;
    const keeping = { keepAlive: true, maxSockets: 1, timeout: SOCKET_IDLE_MS };
    this.#agent = url.protocol === "https:" ? new HttpsAgent(keeping) : new HttpAgent(keeping);
  }

  async identify(signal: AbortSignal): Promise<string> {
    const text = await this.#ask("GET", "/api", undefined, signal);
    return readId(text) ?? this.address;
  }

  async send(body: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.#ask("POST", "/api/report", body, signal);
  }

  close(): void {
    this.#agent.destroy();
  }

  async #ask(
    method: string,
    path: string,
    body: Uint8Array | undefined,
    signal: AbortSignal,
  ): Promise<string> {
    try {
      return await this.#askOnce(method, path, body, signal);
    } catch (error) {
      // The server may have closed a kept connection just when it was used again.
      if (!(error instanceof StaleConnection)) throw error;
      return await this.#askOnce(method, path, body, signal);
    }
  }

  #askOnce(
    method: string,
    path: string,
    body: Uint8Array | undefined,
    signal: AbortSignal,
  ): Promise<string> {
    const { url, ip, tls = {} } = this.#options;
    const isTls = url.protocol === "https:";
    const options = {
      agent: this.#agent,
      host: ip,
      port: url.port === "" ? (isTls ? 443 : 80) : Number(url.port),
      method,
      path,
      headers: this.#headers(body),
      signal,
    };
    const secure = {
      servername: url.hostname,
      rejectUnauthorized: tls.insecure !== true,
      ...(tls.ca === undefined ? {} : { ca: Buffer.from(tls.ca) }),
    };
    return new Promise((resolve, reject) => {
      const sent = isTls ? httpsRequest({ ...options, ...secure }) : httpRequest(options);
      sent.on("response", (answer) => void this.#read(answer).then(resolve, reject));
      sent.on("error", (cause) => {
        if (signal.aborted) reject(signal.reason);
        else if (sent.reusedSocket) reject(new StaleConnection());
        else reject(this.#unreachable(cause));
      });
      sent.end(body);
    });
  }

  #headers(body: Uint8Array | undefined): Record<string, string | number> {
    const { url, probeId, version } = this.#options;
    return {
      host: url.host,
      "user-agent": `Scope_Probe/${version}`,
      authorization: this.#authorization(),
      "x-scope-probe-id": probeId,
      "x-scope-probe-version": version,
      "accept-encoding": "gzip",
      ...(body === undefined
        ? {}
        : {
            "content-encoding": "gzip",
            "content-type": "application/msgpack",
            "content-length": body.length,
          }),
    };
  }

  #authorization(): string {
    return authorizationOf(this.#options.url, this.#options.token);
  }

  async #read(answer: IncomingMessage): Promise<string> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const chunk of answer) {
        bytes += chunk.length;
        if (bytes <= ANSWER_BYTES_MAX) chunks.push(chunk);
      }
    } catch (cause) {
      throw this.#unreachable(cause);
    }
    const text = Buffer.concat(chunks).toString();
    const { statusCode: status = 0 } = answer;
    if (status === 200) return text;
    throw new FairleadError(
      "publish_refused",
      `Cannot publish to ${this.address}: it answered ${status}`,
      { details: { status, body: text.slice(0, 500) } },
    );
  }

  #unreachable(cause: unknown): FairleadError {
    const { message } = FairleadError.from(cause);
    return new FairleadError("collector_unreachable", `Cannot reach ${this.address}: ${message}`, {
      cause,
    });
  }
}

/** What a probe says of itself: user and password of the address, or its token. */
export function authorizationOf(url: URL, token = ""): string {
  if (url.username === "" && url.password === "") return `Scope-Probe token=${token}`;
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return `Basic ${Buffer.from(pair).toString("base64")}`;
}

class StaleConnection extends Error {}

/** The collector's id; undefined when the answer has none. */
function readId(text: string): string | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer !== "object" || answer === null || !("id" in answer)) return undefined;
    return typeof answer.id === "string" && answer.id !== "" ? answer.id : undefined;
  } catch {
    return undefined;
  }
}
