import { type Server as HttpServer, type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { problemOf, setPeer, type UpgradeAccepted } from "../mod.ts";
import type { WebSocketOptions } from "./serve.ts";
import { WsSocket } from "./web_socket.ts";

/** How long a client may take to say goodbye stands here too. */
const FIXED = { perMessageDeflate: false, closeTimeout: 3_000 };

/** The WebSockets of a server, from their handshakes on. */
export class Upgrades {
  readonly #wss: WebSocketServer;
  readonly #options: WebSocketOptions;
  readonly #onError: (error: unknown) => void;
  /** Which subprotocol was chosen for a handshake. */
  readonly #protocols = new WeakMap<IncomingMessage, string>();
  /** Connections whose handshake is not answered yet. */
  readonly #pending = new Set<Duplex>();
  #isClosing = false;

  constructor(server: HttpServer, options: WebSocketOptions, onError: (error: unknown) => void) {
    this.#options = options;
    this.#onError = onError;
    this.#wss = new WebSocketServer({
      noServer: true,
      maxPayload: options.messageBytesMax ?? 67_108_864,
      ...FIXED,
      handleProtocols: (_, incoming) => this.#protocols.get(incoming) ?? false,
    });
    server.on("upgrade", (incoming, socket, head) => void this.#take(incoming, socket, head));
  }

  /** Say goodbye to all. */
  close(): void {
    this.#isClosing = true;
    for (const ws of this.#wss.clients) ws.close(1001, "the server is about to stop");
    for (const socket of this.#pending) void refuse(socket, unavailable());
  }

  /** Cut all off. */
  terminate(): void {
    for (const ws of this.#wss.clients) ws.terminate();
  }

  async #take(incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    if (this.#isClosing) return refuse(socket, unavailable());
    // A client that goes away during the handshake is no news.
    const ignore = () => undefined;
    socket.on("error", ignore);
    this.#pending.add(socket);
    const answer = await this.#ask(incoming);
    socket.off("error", ignore);
    this.#pending.delete(socket);
    if (this.#isClosing || socket.destroyed) return; // refused meanwhile, or gone
    if (answer instanceof Response) return refuse(socket, answer);
    if (answer.protocol !== undefined) this.#protocols.set(incoming, answer.protocol);
    this.#wss.handleUpgrade(incoming, socket, head, (ws) => answer.accept(new WsSocket(ws)));
  }

  async #ask(incoming: IncomingMessage): Promise<UpgradeAccepted | Response> {
    const request = requestOf(incoming);
    if (request === undefined) return new Response(null, { status: 400 });
    try {
      return await this.#options.upgrade(request);
    } catch (error) {
      this.#onError(error);
      return problemOf(error);
    }
  }
}

/** The handshake as a request; undefined when its address or Host header is none. */
function requestOf(incoming: IncomingMessage): Request | undefined {
  const scheme = "encrypted" in incoming.socket ? "https" : "http";
  const base = `${scheme}://${incoming.headers.host ?? "localhost"}`;
  if (!URL.canParse(incoming.url ?? "/", base)) return undefined;
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers.append(name, Array.isArray(value) ? value.join(", ") : value);
  }
  const request = new Request(new URL(incoming.url ?? "/", base), { headers });
  const peer = incoming.socket.remoteAddress;
  if (peer !== undefined) setPeer(request, peer);
  return request;
}

function unavailable(): Response {
  return new Response("The server is about to stop.", { status: 503 });
}

async function refuse(socket: Duplex, response: Response): Promise<void> {
  socket.on("error", () => socket.destroy());
  const body = Buffer.from(await response.arrayBuffer());
  const head = [`HTTP/1.1 ${response.status} ${STATUS_CODES[response.status] ?? ""}`];
  for (const [name, value] of response.headers) {
    if (!/^(connection|content-length|transfer-encoding)$/.test(name))
      head.push(`${name}: ${value}`);
  }
  head.push("connection: close", `content-length: ${body.length}`, "", "");
  socket.end(Buffer.concat([Buffer.from(head.join("\r\n")), body]));
}
