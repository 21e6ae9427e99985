/** `fetch` of a program on a simulated network: the v1 scheduler API in JSON and RecordIO. */
import { FairleadError } from "../base/mod.ts";
import { encodeRecord, RecordIoReader } from "../http/mod.ts";
import { readSchedulerCall, type SchedulerCall } from "../model/mod.ts";
import type { SubscribeCall } from "../scheduler/mod.ts";
import type { Network } from "./network.ts";
import type { Head } from "./protocols.ts";

const PATH = "/api/v1/scheduler";
const BODY_BYTES_MAX = 64 * 1_024 * 1_024;
const JSON_TYPE = "application/json";

/** What a {@linkcode ProgramFetch} is made of. */
export interface ProgramFetchOptions {
  readonly network: Network;
  /** Where in the network the program is. */
  readonly node: string;
  /** Something came for the program: it is to have its turn before anything else happens. */
  readonly onTold: () => void;
}

/** Makes the requests of one program; hosts of URLs are nodes. */
export class ProgramFetch {
  readonly #options: ProgramFetchOptions;

  constructor(options: ProgramFetchOptions) {
    this.#options = options;
  }

  /** Rejects, as the platform's does, when the connection breaks before there is an answer. */
  async fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const request = new Request(input, init);
    const { hostname, pathname } = new URL(request.url);
    if (request.method !== "POST" || pathname !== PATH) {
      return new Response(`There is only POST ${PATH} in a simulation`, { status: 404 });
    }
    const bytes = new Uint8Array(await request.arrayBuffer());
    let calls: SchedulerCall[];
    const isBatch = request.headers.get("content-type") === "application/recordio";
    try {
      calls = callsOf(bytes, isBatch);
    } catch (error) {
      return new Response(FairleadError.from(error).message, { status: 400 });
    }
    const [first] = calls;
    if (!isBatch && first?.type === "SUBSCRIBE") return this.#stream(hostname, first, request);
    return this.#post(hostname, calls, isBatch, request);
  }

  #stream(host: string, call: SubscribeCall, { signal }: Request): Promise<Response> {
    const { network, node, onTold } = this.#options;
    return new Promise((resolve, reject) => {
      let body: ReadableStreamDefaultController<Uint8Array> | undefined;
      const socket = network.connect(node, host, "stream", {
        receive: (message) => {
          onTold();
          if (message.type === "event") {
            body?.enqueue(encodeRecord(JSON.stringify(message.event)));
            return;
          }
          if (message.status !== 200) {
            resolve(answerOf(message, message.message ?? ""));
            return;
          }
          const stream = new ReadableStream<Uint8Array>({
            start: (controller) => {
              body = controller;
            },
            cancel: () => {
              body = undefined;
              socket.close();
            },
          });
          resolve(answerOf(message, stream));
        },
        closed: () => {
          onTold();
          signal.removeEventListener("abort", onAbort);
          if (body === undefined) reject(broken());
          else body.close();
          body = undefined;
        },
      });
      const onAbort = () => {
        socket.close();
        body?.error(signal.reason);
        body = undefined;
        reject(signal.reason);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      socket.send({ principal: undefined, call });
    });
  }

  #post(
    host: string,
    calls: readonly SchedulerCall[],
    isBatch: boolean,
    { signal, headers }: Request,
  ): Promise<Response> {
    const { network, node, onTold } = this.#options;
    const streamId = headers.get("mesos-stream-id") ?? undefined;
    return new Promise((resolve, reject) => {
      const socket = network.connect(node, host, "post", {
        receive: (head) => {
          onTold();
          signal.removeEventListener("abort", onAbort);
          const { results, message = "" } = head;
          resolve(answerOf(head, results === undefined ? message : JSON.stringify({ results })));
        },
        closed: () => {
          onTold();
          signal.removeEventListener("abort", onAbort);
          reject(broken());
        },
      });
      const onAbort = () => {
        socket.close();
        reject(signal.reason);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      socket.send({ streamId, principal: undefined, calls, isBatch });
    });
  }
}

function callsOf(bytes: Uint8Array, isBatch: boolean): SchedulerCall[] {
  const decoder = new TextDecoder();
  if (!isBatch) return [readSchedulerCall(JSON.parse(decoder.decode(bytes)))];
  const reader = new RecordIoReader({ recordBytesMax: BODY_BYTES_MAX });
  const records = reader.push(bytes);
  reader.end();
  return records.map((record) => readSchedulerCall(JSON.parse(decoder.decode(record))));
}

function answerOf({ status, streamId, leader }: Head, body: BodyInit): Response {
  const headers = new Headers({ "content-type": JSON_TYPE });
  if (streamId !== undefined) headers.set("mesos-stream-id", streamId);
  if (leader !== undefined) headers.set("location", `//${leader}${PATH}`);
  return new Response(body, { status, headers });
}

/** As the platform's `fetch` says it. */
function broken(): TypeError {
  return new TypeError("fetch failed");
}
