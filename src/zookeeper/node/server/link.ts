import type { Socket } from "node:net";
import { JuteWriter } from "../../jute/writer.ts";
import { CoreConnection, type Outlet } from "../../server/connection.ts";
import type { ServerCore, Verdict } from "../../server/core.ts";
import { isWord } from "../../server/words.ts";
import { Framing } from "../framing.ts";

/** The first packet is small: nobody who has no session yet makes the server keep more. */
const HANDSHAKE_BYTES_MAX = 1_024;
/** While so much waits to be sent, no further request of the client is answered. */
const OUTPUT_BYTES_HIGH = 1_048_576;
/** A client that lets so much lie is dropped: events come without being asked for. */
const OUTPUT_BYTES_MAX = 67_108_864;
/** How long a client has to take the last answer. */
const FAREWELL_MS = 2_000;
const WORD_BYTES = 4;

/** What a link needs of its server. */
export interface LinkHost {
  readonly core: ServerCore;
  readonly requestBytesMax: number;
  /** The link has something to send. */
  woken(link: Link): void;
  /** Send what all links have, once it is safe to tell. */
  flush(): void;
  whenDurable(settle: () => void): void;
  answerWord(word: string): string;
  /** An answer went out so many milliseconds after its request came. */
  answered(ms: number): void;
  gone(link: Link): void;
}

type Stage = "word" | "handshake" | "open" | "closing";

/** One client's socket: bytes to packets and back, with limits on both ways. */
export class Link implements Outlet {
  readonly writer = new JuteWriter();
  readonly connection: CoreConnection;
  readonly client: string;
  readonly sinceMs: number;
  readonly #socket: Socket;
  readonly #host: LinkHost;
  readonly #framing = new Framing(HANDSHAKE_BYTES_MAX);
  #stage: Stage = "word";
  #head = new Uint8Array(0);
  /** Packets that came before the client took the answers to earlier ones. */
  #backlog: Uint8Array[] = [];
  /** Bytes that wait for the disk. */
  #heldBytes = 0;
  #received = 0;
  #sent = 0;

  constructor(socket: Socket, host: LinkHost, sinceMs: number) {
    this.#socket = socket;
    this.#host = host;
    this.sinceMs = sinceMs;
    const address = (socket.remoteAddress ?? "").replace(/^::ffff:/, "");
    this.client = `${address}:${socket.remotePort ?? 0}`;
    this.connection = new CoreConnection(this, address);
    socket.setNoDelay(true);
    socket.on("data", (chunk: Uint8Array) => this.#take(chunk));
    socket.on("drain", () => this.#goOn());
    // The close that follows is what counts.
    socket.on("error", () => undefined);
    socket.on("close", () => this.#closed());
  }

  get receivedCount(): number {
    return this.#received;
  }

  get sentCount(): number {
    return this.#sent;
  }

  /** Whether it has come so far as to ask for a session. */
  get isKnown(): boolean {
    return this.#stage === "open" || this.#stage === "closing";
  }

  wake(): void {
    this.#sent += 1;
    this.#host.woken(this);
  }

  end(): void {
    this.#stage = "closing";
    this.#host.woken(this);
  }

  /** Hand over what was written; it leaves when it is safe to tell. */
  send(): void {
    const bytes = this.writer.take();
    const isLast = this.#stage === "closing";
    const beganMs = performance.now();
    this.#heldBytes += bytes.length;
    if (this.#outputBytes() > OUTPUT_BYTES_MAX) {
      this.destroy();
      return;
    }
    this.#host.whenDurable(() => {
      this.#heldBytes -= bytes.length;
      if (bytes.length > 0) this.#socket.write(bytes);
      this.#host.answered(performance.now() - beganMs);
      if (isLast) this.#farewell();
      else this.#goOn();
    });
  }

  destroy(): void {
    this.#stage = "closing";
    this.#socket.destroy();
  }

  #take(chunk: Uint8Array): void {
    if (this.#stage === "closing") return;
    try {
      const bytes = this.#stage === "word" ? this.#afterWord(chunk) : chunk;
      this.#framing.feed(bytes, (packet, start, end) => this.#packet(packet, start, end));
    } catch {
      // What this client sends cannot be read: nothing that follows can be trusted.
      this.destroy();
    }
    this.#host.flush();
  }

  /** The first four bytes may be a word that asks for a report. */
  #afterWord(chunk: Uint8Array): Uint8Array {
    const bytes = Buffer.concat([this.#head, chunk]);
    if (bytes.length < WORD_BYTES) {
      this.#head = bytes;
      return bytes.subarray(0, 0);
    }
    this.#head = bytes.subarray(0, 0);
    this.#stage = "handshake";
    const word = bytes.toString("latin1", 0, WORD_BYTES);
    if (!isWord(word)) return bytes;
    this.writer.raw(Buffer.from(this.#host.answerWord(word), "utf8"));
    this.end();
    return bytes.subarray(0, 0);
  }

  #packet(bytes: Uint8Array, start: number, end: number): void {
    if (this.#stage === "closing") return;
    if (this.#backlog.length === 0 && !this.#isFull()) {
      this.#handle(bytes, start, end);
      return;
    }
    // Kept as a copy, for the chunk is used again; a chunk's worth at most, for no more is read.
    this.#backlog.push(new Uint8Array(bytes.subarray(start, end)));
    this.#socket.pause();
  }

  #handle(bytes: Uint8Array, start: number, end: number): void {
    this.#received += 1;
    this.#sent += 1;
    const verdict = this.#judge(bytes, start, end);
    if (verdict === "close") this.#stage = "closing";
    this.#host.woken(this);
  }

  #judge(bytes: Uint8Array, start: number, end: number): Verdict {
    const { core, requestBytesMax } = this.#host;
    if (this.#stage === "open") return core.receive(this.connection, bytes, start, end);
    this.#stage = "open";
    this.#framing.limit(requestBytesMax);
    return core.attach(this.connection, bytes, start, end);
  }

  #isFull(): boolean {
    return this.#outputBytes() > OUTPUT_BYTES_HIGH;
  }

  #outputBytes(): number {
    return this.writer.length + this.#heldBytes + this.#socket.writableLength;
  }

  /** Answer what came meanwhile, and read on when all of it is answered. */
  #goOn(): void {
    if (!this.#socket.isPaused() || this.#stage === "closing") return;
    try {
      while (this.#backlog.length > 0 && !this.#isFull()) {
        const packet = this.#backlog.shift();
        if (packet !== undefined) this.#handle(packet, 0, packet.length);
        if (this.#isClosing()) break;
      }
    } catch {
      this.destroy();
    }
    if (this.#backlog.length === 0) this.#socket.resume();
    this.#host.flush();
  }

  #isClosing(): boolean {
    return this.#stage === "closing";
  }

  /** What still comes is read and dropped: a reset could take the last answer with it. */
  #farewell(): void {
    this.#socket.resume();
    this.#socket.end();
    const timer = setTimeout(() => this.#socket.destroy(), FAREWELL_MS);
    this.#socket.once("close", () => clearTimeout(timer));
  }

  #closed(): void {
    this.#stage = "closing";
    this.#backlog = [];
    this.#host.core.detach(this.connection);
    this.#host.gone(this);
  }
}
