/** A server of one of the v1 APIs that does what a test says, on a real socket. */
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** What the master answers to a request, where it is not the usual. */
export interface Answer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: OutgoingHttpHeaders;
}

/** A request as it came. */
export interface Received<Call> {
  readonly headers: IncomingMessage["headers"];
  readonly calls: readonly Call[];
}

export interface ServerOptions<Call> {
  /** Looks at each request first; undefined: the usual answer. */
  readonly answer?: ((received: Received<Call>) => Answer | undefined) | undefined;
}

export abstract class ScriptedServer<Call extends { readonly type: string }, Event>
  implements AsyncDisposable
{
  readonly received: Received<Call>[] = [];
  readonly #options: ServerOptions<Call>;
  readonly #server = createServer((request, response) => void this.#handle(request, response));
  readonly #sockets = new Set<Socket>();
  readonly #waiting: { readonly check: () => boolean; readonly resolve: () => void }[] = [];
  #stream: ServerResponse | undefined;
  #streams = 0;

  /** @throws {FairleadError} `invalid_call` */
  protected abstract read(json: unknown): Call;
  /** What a stream begins with. */
  protected abstract subscribed(): Event;

  constructor(options: ServerOptions<Call>) {
    this.#options = options;
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
  }

  async listen(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(port, "127.0.0.1", resolve));
    return this;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Every call so far, SUBSCRIBEs too. */
  get calls(): Call[] {
    return this.received.flatMap(({ calls }) => calls);
  }

  callsOf<Type extends Call["type"]>(type: Type): Extract<Call, { type: Type }>[] {
    return this.calls.filter((call): call is Extract<Call, { type: Type }> => call.type === type);
  }

  /** Wait until something is true of what was received. */
  until(check: () => boolean): Promise<void> {
    if (check()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ check, resolve }));
  }

  send(...events: Event[]): void {
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
    const calls = texts.map((text) => this.read(JSON.parse(text)));
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

  #answer(received: Received<Call>): Answer {
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
    this.send(this.subscribed());
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
