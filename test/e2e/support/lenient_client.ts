/**
 * A framework as clients that are popular write it: no Accept, bodies in chunks, null for whatever
 * is not set, no roles on resources, query parameters, and one record expected in each chunk.
 */
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { readSchedulerEvent, type SchedulerEvent } from "../../../src/model/mod.ts";

/** Every part that a call may have. */
const PARTS = {
  framework_id: null,
  subscribe: null,
  accept: null,
  decline: null,
  accept_inverse_offers: null,
  decline_inverse_offers: null,
  revive: null,
  suppress: null,
  kill: null,
  shutdown: null,
  acknowledge: null,
  acknowledge_operation_status: null,
  reconcile: null,
  reconcile_operations: null,
  message: null,
  request: null,
  update_framework: null,
};

/** An answer that is not a stream. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** What one event was sent as. */
export interface Heard {
  readonly event: SchedulerEvent;
  /** The HTTP chunk that it came in. */
  readonly chunk: string;
}

/** POST a call in chunks of a few bytes, without Accept. */
export function postInChunks(
  port: number,
  path: string,
  call: object,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: "127.0.0.1",
        port,
        path,
        method: "POST",
        headers: { "Content-Type": "application/json; charset=utf-8", ...headers },
      },
      (incoming) => {
        let body = "";
        incoming.setEncoding("utf8");
        incoming.on("data", (text: string) => {
          body += text;
        });
        incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, body }));
        incoming.on("error", reject);
      },
    );
    outgoing.on("error", reject);
    for (const part of partsOf(JSON.stringify(call))) outgoing.write(part);
    outgoing.end();
  });
}

function partsOf(text: string): string[] {
  return text.match(/.{1,50}/gs) ?? [];
}

/** A subscribed framework. */
export class LenientClient {
  readonly #port: number;
  readonly #socket: Socket;
  readonly #heard: Heard[] = [];
  readonly #waiting = new Set<() => void>();
  /** The head of the answer, once it is there. */
  head = "";
  #text = "";
  id = "";
  stream = "";
  ended = false;

  private constructor(port: number, headers: string, call: object) {
    this.#port = port;
    this.#socket = connect(port, "127.0.0.1");
    this.#socket.setEncoding("latin1");
    this.#socket.on("data", (text: string) => this.#take(text));
    this.#socket.on("error", () => undefined);
    this.#socket.on("close", () => {
      this.ended = true;
      this.#wake();
    });
    this.#socket.write(
      `POST /api/v1/scheduler?_ts=1 HTTP/1.1\r\nHost: m\r\nContent-Type: application/json\r\n` +
        `${headers}Transfer-Encoding: chunked\r\n\r\n`,
    );
    for (const part of partsOf(JSON.stringify(call))) {
      this.#socket.write(`${Buffer.byteLength(part).toString(16)}\r\n${part}\r\n`);
    }
    this.#socket.write("0\r\n\r\n");
  }

  /** @param headers Lines, each with its line ending. */
  static async subscribe(port: number, info: object, headers = ""): Promise<LenientClient> {
    const framework_info = {
      id: null,
      failover_timeout: null,
      checkpoint: null,
      role: null,
      roles: null,
      hostname: null,
      principal: null,
      webui_url: null,
      capabilities: null,
      labels: null,
      offer_filters: null,
      ...info,
    };
    const call = {
      ...PARTS,
      type: "SUBSCRIBE",
      subscribe: { framework_info, force: null, suppressed_roles: null, offer_constraints: null },
    };
    const client = new LenientClient(port, headers, call);
    const { event } = await client.next("SUBSCRIBED");
    if (event.type === "SUBSCRIBED") client.id = event.subscribed.framework_id.value;
    client.stream = /\r\nmesos-stream-id: (\S+)/i.exec(client.head)?.[1] ?? "";
    return client;
  }

  /** The next event of a type; others are kept for who asks for them. */
  async next(type: SchedulerEvent["type"]): Promise<Heard> {
    for (;;) {
      const index = this.#heard.findIndex(({ event }) => event.type === type);
      const [heard] = index < 0 ? [] : this.#heard.splice(index, 1);
      if (heard !== undefined) return heard;
      if (this.ended) throw new Error(`The stream ended before ${type}: ${this.head}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Resolves when the server has ended the stream. */
  async end(): Promise<void> {
    while (!this.ended) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  call(type: string, part?: object): Promise<Answer> {
    const call = {
      ...PARTS,
      framework_id: { value: this.id },
      type,
      ...(part && { [type.toLowerCase()]: part }),
    };
    const path = `/api/v1/scheduler?_ts=${this.id.length}`;
    return postInChunks(this.#port, path, call, { "Mesos-Stream-Id": this.stream });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(text: string): void {
    this.#text += text;
    if (this.head === "") {
      const end = this.#text.indexOf("\r\n\r\n");
      if (end < 0) return;
      this.head = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 4);
    }
    for (let chunk = this.#chunk(); chunk !== undefined; chunk = this.#chunk()) {
      if (chunk === "") this.ended = true;
      else this.#heard.push({ event: eventOf(chunk), chunk });
    }
    this.#wake();
  }

  /** The next chunk that is whole. */
  #chunk(): string | undefined {
    const line = /^([0-9a-f]+)\r\n/i.exec(this.#text);
    if (line === null) return undefined;
    const from = line[0].length;
    const to = from + Number.parseInt(line[1] ?? "", 16);
    if (this.#text.length < to + 2) return undefined;
    const chunk = this.#text.slice(from, to);
    this.#text = this.#text.slice(to + 2);
    return chunk;
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** The popular way to read: what comes after the first newline is an event. */
function eventOf(chunk: string): SchedulerEvent {
  const bytes = Buffer.from(chunk, "latin1");
  const at = bytes.indexOf("\n");
  const length = Number(bytes.subarray(0, at).toString());
  if (bytes.length !== at + 1 + length) throw new Error("A chunk is not one record");
  return readSchedulerEvent(JSON.parse(bytes.subarray(at + 1).toString()));
}
