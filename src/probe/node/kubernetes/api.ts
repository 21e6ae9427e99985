/** A Kubernetes API server over HTTP(S), as a service account. */
import { existsSync, readFileSync } from "node:fs";
import { type IncomingMessage, request as plainRequest } from "node:http";
import { request as tlsRequest } from "node:https";
import { FairleadError } from "../../../base/mod.ts";
import type { KubeApi } from "../../kubernetes/watch.ts";

/** Where an API server is, and as whom to come. */
export interface KubeServer {
  /** @default that of KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT */
  readonly url?: string;
  /** Read again for each request: tokens change. @default the service account's, where there is one */
  readonly tokenFile?: string;
  /** PEM: who signs the server. @default the service account's, where there is one */
  readonly caFile?: string;
}

const ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";
const ANSWER_BYTES_MAX = 64 * 2 ** 20;
const LINE_BYTES_MAX = 8 * 2 ** 20;
const ANSWER_MS = 30_000;
/** Longer than the server's own end of a watch, so that only a dead one gets here. */
const SILENT_MS = 330_000;
const NEWLINE = 0x0a;

interface Place {
  readonly url: URL;
  readonly tokenFile: string | undefined;
  readonly ca: string | undefined;
}

/**
 * Speak to an API server.
 *
 * @throws {FairleadError} `invalid_option` when there is no address, or the CA cannot be read.
 */
export function kubeApi(server: KubeServer = {}): KubeApi {
  const place = placeOf(server);
  return {
    async get(path, query, signal) {
      const answer = await ask(place, path, query, { signal, silentMs: ANSWER_MS });
      const chunks: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of read(path, answer, signal)) {
        bytes += chunk.length;
        if (bytes > ANSWER_BYTES_MAX)
          throw failed(path, `its answer is over ${ANSWER_BYTES_MAX} bytes`);
        chunks.push(chunk);
      }
      return jsonOf(path, Buffer.concat(chunks).toString());
    },
    async *lines(path, query, signal) {
      const answer = await ask(place, path, query, { signal, silentMs: SILENT_MS });
      let rest: Buffer = Buffer.alloc(0);
      for await (const chunk of read(path, answer, signal)) {
        rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
        for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
          const line = rest.toString("utf8", 0, end);
          rest = rest.subarray(end + 1);
          if (line.trim() !== "") yield jsonOf(path, line);
        }
        if (rest.length > LINE_BYTES_MAX)
          throw failed(path, `a line is over ${LINE_BYTES_MAX} bytes`);
      }
    },
  };
}

function placeOf({ url, tokenFile, caFile }: KubeServer): Place {
  const { KUBERNETES_SERVICE_HOST: host = "", KUBERNETES_SERVICE_PORT: port = "443" } = process.env;
  const text =
    url ?? (host === "" ? "" : `https://${host.includes(":") ? `[${host}]` : host}:${port}`);
  if (!URL.canParse(text) || !/^https?:/.test(text)) {
    const what = "url is http[s]://host[:port], or KUBERNETES_SERVICE_HOST is set";
    throw new FairleadError("invalid_option", `Cannot ask Kubernetes: ${what}`);
  }
  const caPath = caFile ?? existing(`${ACCOUNT}/ca.crt`);
  return {
    url: new URL(text),
    tokenFile: tokenFile ?? existing(`${ACCOUNT}/token`),
    ca: caPath === undefined ? undefined : readCa(caPath),
  };
}

function existing(path: string): string | undefined {
  return existsSync(path) ? path : undefined;
}

function readCa(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const { message } = FairleadError.from(cause);
    throw new FairleadError("invalid_option", `Cannot read caFile: ${message}`, { cause });
  }
}

function authorization({ tokenFile }: Place): Record<string, string> {
  if (tokenFile === undefined) return {};
  try {
    return { authorization: `Bearer ${readFileSync(tokenFile, "utf8").trim()}` };
  } catch (cause) {
    const { message } = FairleadError.from(cause);
    throw failed("tokenFile", `it cannot be read: ${message}`, { cause });
  }
}

async function ask(
  place: Place,
  path: string,
  query: Readonly<Record<string, string>>,
  { signal, silentMs }: { readonly signal: AbortSignal; readonly silentMs: number },
): Promise<IncomingMessage> {
  const url = new URL(`${path}?${new URLSearchParams(query)}`, place.url);
  const options = {
    headers: { accept: "application/json", ...authorization(place) },
    agent: false,
    signal,
    timeout: silentMs,
    ...(place.ca === undefined ? {} : { ca: place.ca }),
  };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const sent = (url.protocol === "https:" ? tlsRequest : plainRequest)(url, options);
    sent.once("response", resolve);
    sent.once("timeout", () => sent.destroy(new Error(`nothing came for ${silentMs} ms`)));
    sent.on("error", (cause) => {
      reject(signal.aborted ? signal.reason : failed(path, cause.message, { cause }));
    });
    sent.end();
  });
  const { statusCode: status = 0 } = answer;
  if (status === 200) return answer;
  answer.destroy();
  throw failed(path, `it answered ${status}`, { status });
}

/** The body in pieces; a connection that breaks is this module's error, too. */
async function* read(path: string, answer: IncomingMessage, signal: AbortSignal) {
  try {
    for await (const chunk of answer) yield Buffer.from(chunk);
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    if (cause instanceof FairleadError) throw cause;
    throw failed(path, FairleadError.from(cause).message, { cause });
  }
}

function jsonOf(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw failed(path, "its answer is no JSON", { cause });
  }
}

function failed(
  path: string,
  state: string,
  { cause, status }: { readonly cause?: unknown; readonly status?: number } = {},
): FairleadError {
  return new FairleadError("kubernetes_failed", `Cannot ask Kubernetes for ${path}: ${state}`, {
    ...(cause === undefined ? {} : { cause }),
    details: status === undefined ? { path } : { path, status },
  });
}
