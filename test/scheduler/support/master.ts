/** A master that does what a test says, on a real socket: the scheduler API and nothing more. */
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import {
  readSchedulerCall,
  type SchedulerCall,
  type SchedulerEvent,
} from "../../../src/model/mod.ts";

/** What the master answers to a request, where it is not the usual. */
export interface Answer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: OutgoingHttpHeaders;
}

/** A request as it came. */
export interface Received {
  readonly headers: IncomingMessage["headers"];
  readonly calls: readonly SchedulerCall[];
}

export interface MasterOptions {
  /** Whether it announces CALL_BATCH. */
  readonly isBatching?: boolean;
  readonly heartbeatSeconds?: number;
  /** Looks at each request first; undefined: the usual answer. */
  readonly answer?: (received: Received) => Answer | undefined;
}

export class ScriptedMaster implements AsyncDisposable {
  readonly received: Received[] = [];
  readonly #options: MasterOptions;
  readonly #server = createServer((request, response) => void this.#handle(request, response));
  readonly #sockets = new Set<Socket>();
  readonly #waiting: { readonly check: () => boolean; readonly resolve: () => void }[] = [];
  #stream: ServerResponse | undefined;
  #streams = 0;

  private constructor(options: MasterOptions) {
    this.#options = options;
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
  }

  static async listen(options: MasterOptions = {}, port = 0): Promise<ScriptedMaster> {
    const master = new ScriptedMaster(options);
    await new Promise<void>((resolve) => master.#server.listen(port, "127.0.0.1", resolve));
    return master;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Every call so far, SUBSCRIBEs too. */
  get calls(): SchedulerCall[] {
    return this.received.flatMap(({ calls }) => calls);
  }

  callsOf<Type extends SchedulerCall["type"]>(type: Type) {
    return this.calls.filter(
      (call): call is Extract<SchedulerCall, { type: Type }> => call.type === type,
    );
  }

  /** Wait until something is true of what was received. */
  until(check: () => boolean): Promise<void> {
    if (check()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ check, resolve }));
  }

  send(...events: SchedulerEvent[]): void {
    this.write(...events.map((event) => JSON.stringify(event)));
  }

  /** Write records in one chunk. */
  write(...records: string[]): void {
    const text = records.map((record) => `${Buffer.byteLength(record)}\n${record}`).join("");
    this.#stream?.write(text);
  }

  /** Write as it is. */
  writeRaw(text: string): void {
    this.#stream?.write(text);
  }

  /** End the stream as a master does that shuts down. */
  endStream(): void {
    this.#stream?.end();
  }

  /** Break every connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const isBatch = request.headers["content-type"] === "application/recordio";
    const texts = isBatch ? cut(body) : [body.toString()];
    const calls = texts.map((text) => readSchedulerCall(JSON.parse(text)));
    const received = { headers: request.headers, calls };
    this.received.push(received);
    const { status, body: text = "", headers = {} } = this.#answer(received);
    if (calls[0]?.type === "SUBSCRIBE" && status === 200) this.#subscribe(response);
    else response.writeHead(status, headers).end(text);
    for (const waiting of [...this.#waiting]) {
      if (!waiting.check()) continue;
      this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
      waiting.resolve();
    }
  }

  #answer(received: Received): Answer {
    const answer = this.#options.answer?.(received);
    if (answer !== undefined) return answer;
    const [first] = received.calls;
    if (first?.type === "SUBSCRIBE") return { status: 200 };
    if (received.headers["mesos-stream-id"] !== `stream-${this.#streams}`) {
      return { status: 400, body: "wrong Mesos-Stream-Id" };
    }
    return { status: first?.type === "UPDATE_FRAMEWORK" ? 200 : 202 };
  }

  #subscribe(response: ServerResponse): void {
    this.#streams += 1;
    this.#stream = response;
    response.writeHead(200, {
      "content-type": "application/json",
      "mesos-stream-id": `stream-${this.#streams}`,
    });
    const { isBatching = false, heartbeatSeconds = 15 } = this.#options;
    const capabilities = isBatching ? [{ type: "CALL_BATCH" }] : [];
    this.send({
      type: "SUBSCRIBED",
      subscribed: {
        framework_id: { value: "m-0000" },
        heartbeat_interval_seconds: heartbeatSeconds,
        master_info: { id: "m", ip: 0, port: this.port, capabilities },
      },
    });
  }
}

function cut(body: Buffer): string[] {
  const texts: string[] = [];
  for (let at = 0; at < body.length; ) {
    const newline = body.indexOf("\n", at);
    const end = newline + 1 + Number(body.toString("latin1", at, newline));
    texts.push(body.toString("utf8", newline + 1, end));
    at = end;
  }
  return texts;
}
