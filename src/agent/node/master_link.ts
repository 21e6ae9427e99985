/** The agent's one connection: a WebSocket to whichever master leads. */
import { pack, unpack } from "msgpackr";
import { asyncDispose, type Clock, FairleadError, type Random } from "../../base/mod.ts";
import type { MessageSocket } from "../../http/mod.ts";
import { connectWebSocket } from "../../http/node/mod.ts";
import {
  type AgentMessage,
  LINK_PATH,
  LINK_PROTOCOL,
  type MasterMessage,
  readMasterMessages,
} from "../../model/mod.ts";

/** The leading master's URL, as far as somebody knows. */
type Locate = (options: { readonly signal: AbortSignal }) => Promise<string | undefined>;

/** Knows the leading master; it is asked before each attempt. */
export interface Detector {
  readonly leader: Locate;
  /** Resolves when another than this one leads: it ends the pause before the next attempt. */
  changed?(address: string, options: { readonly signal: AbortSignal }): Promise<void>;
}

/** Options of a {@linkcode MasterLink}. */
export interface MasterLinkOptions {
  /** URLs ("http://host:5050", "host:5050") to try in turn, or a function that knows. */
  readonly masters: readonly string[] | Detector;
  /** Sent with the upgrade, such as Authorization. */
  readonly headers?: Readonly<Record<string, string>>;
  /** For https masters whose certificate no public authority has signed. */
  readonly ca?: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Pauses between attempts grow from this, */
  readonly backoffMs: number;
  /** to this, with jitter. */
  readonly backoffMsMax: number;
  readonly onOpen: () => void;
  readonly onMessages: (messages: readonly MasterMessage[]) => void;
  readonly onClose: () => void;
  /** Every attempt that failed, for a log. */
  readonly onTrouble: (message: string, details: Readonly<Record<string, unknown>>) => void;
}

const MESSAGE_BYTES_MAX = 256 * 2 ** 20;
/** A master that takes no more than this is cut off; what matters is said again. */
const BUFFERED_BYTES_MAX = 64 * 2 ** 20;
const REDIRECTS_MAX = 8;
/** How long a master may take to end a connection that the agent ends. */
const CLOSE_MS = 1_000;

type Attempt =
  | { readonly ended: "closed" }
  | { readonly ended: "redirected"; readonly to: string }
  | { readonly ended: "failed"; readonly reason: string };

/** Keeps a connection to the leading master, over failures and elections, until disposed. */
export class MasterLink implements AsyncDisposable {
  readonly #options: MasterLinkOptions;
  readonly #end = new AbortController();
  #socket: MessageSocket | undefined;
  #running: Promise<void> | undefined;
  #turn = 0;
  #failures = 0;
  #pauseMs = 0;

  constructor(options: MasterLinkOptions) {
    this.#options = options;
  }

  /** Begin to look for the master. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Send one batch; without a connection it is dropped. */
  send(messages: readonly AgentMessage[]): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    if (socket.bufferedBytes > BUFFERED_BYTES_MAX) {
      this.#options.onTrouble("The master does not read: closing the link", {
        bufferedBytes: socket.bufferedBytes,
      });
      socket.terminate();
      return;
    }
    socket.send(pack(messages));
  }

  /** End the connection; the next one comes after this long and the usual backoff. */
  close(reason: string, retryAfterMs = 0): void {
    this.#pauseMs = retryAfterMs;
    this.#failures += 1;
    this.#turn += 1;
    // What was sent before, such as a farewell, still goes out.
    this.#socket?.close(1000, reason.slice(0, 120));
  }

  async #run(): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      const url = await this.#next();
      const attempt: Attempt =
        url === undefined
          ? { ended: "failed", reason: "nobody knows a leading master" }
          : await this.#follow(url);
      if (signal.aborted) return;
      if (attempt.ended === "failed") {
        this.#failures += 1;
        this.#turn += 1;
        this.#options.onTrouble(`Cannot reach the master: ${attempt.reason}`, {
          url: url ?? "",
          attempts: this.#failures,
        });
      }
      await this.#rest(url);
    }
  }

  async #next(): Promise<string | undefined> {
    const { masters } = this.#options;
    if (!("leader" in masters)) return masters[this.#turn % masters.length];
    try {
      return await masters.leader({ signal: this.#end.signal });
    } catch (error) {
      this.#options.onTrouble(`Cannot detect the master: ${FairleadError.from(error).message}`, {});
      return undefined;
    }
  }

  async #rest(last: string | undefined): Promise<void> {
    const { clock, random, backoffMs, backoffMsMax } = this.#options;
    const grownMs = Math.min(backoffMs * 2 ** Math.min(this.#failures, 20), backoffMsMax);
    // Thousands of agents lose their master at once: they come back one after the other.
    const ms = this.#pauseMs + grownMs * (0.05 + 0.95 * random.next());
    this.#pauseMs = 0;
    const { signal } = this.#end;
    const resting = new AbortController();
    const stop = AbortSignal.any([signal, resting.signal]);
    let isNew = false;
    void this.#hearOfNext(last, stop).then((heard) => {
      isNew = heard;
      if (heard) resting.abort();
    });
    await clock.sleep(ms, { signal: stop }).catch(() => undefined);
    resting.abort();
    if (!isNew || signal.aborted) return;
    // Another master leads: all go there soon, but still one after the other.
    this.#failures = 0;
    await clock.sleep(backoffMs * random.next(), { signal }).catch(() => undefined);
  }

  /** True once another master leads than the one that was tried last; false if nobody can tell. */
  async #hearOfNext(last: string | undefined, signal: AbortSignal): Promise<boolean> {
    const { masters } = this.#options;
    if (!("leader" in masters) || masters.changed === undefined || last === undefined) return false;
    try {
      await masters.changed(last, { signal });
      return !signal.aborted;
    } catch {
      return false;
    }
  }

  /** Connect, going where masters that do not lead point. */
  async #follow(first: string): Promise<Attempt> {
    let url = first;
    for (let hops = 0; hops < REDIRECTS_MAX; hops += 1) {
      const attempt = await this.#connect(url);
      if (attempt.ended !== "redirected") return attempt;
      url = attempt.to;
    }
    return { ended: "failed", reason: `${REDIRECTS_MAX} masters pointed at each other` };
  }

  async #connect(url: string): Promise<Attempt> {
    const { headers, ca } = this.#options;
    let socket: MessageSocket;
    try {
      socket = await connectWebSocket(linkUrl(url), {
        protocols: [LINK_PROTOCOL],
        messageBytesMax: MESSAGE_BYTES_MAX,
        signal: this.#end.signal,
        ...(headers === undefined ? {} : { headers }),
        ...(ca === undefined ? {} : { tls: { ca } }),
      });
    } catch (error) {
      return refusalOf(error, url);
    }
    this.#socket = socket;
    const closed = new Promise<void>((resolve) => socket.onClose(() => resolve()));
    this.#options.onOpen();
    socket.onMessage((message) => this.#hear(socket, message));
    await closed;
    this.#socket = undefined;
    this.#options.onClose();
    return { ended: "closed" };
  }

  #hear(socket: MessageSocket, message: Uint8Array | string): void {
    if (this.#socket !== socket) return;
    let messages: readonly MasterMessage[];
    try {
      if (typeof message === "string") throw new Error("it is text");
      messages = readMasterMessages(unpack(message));
    } catch (error) {
      this.#options.onTrouble(`Cannot read a frame: ${FairleadError.from(error).message}`, {});
      socket.terminate();
      return;
    }
    if (messages.some(({ type }) => type === "registered")) this.#failures = 0;
    this.#options.onMessages(messages);
  }

  async [asyncDispose](): Promise<void> {
    this.#end.abort(new FairleadError("aborted", "The agent's link was closed"));
    const socket = this.#socket;
    // What was sent last still goes out, to a master that reads.
    socket?.close(1001);
    const deadline = setTimeout(() => socket?.terminate(), CLOSE_MS);
    await this.#running;
    clearTimeout(deadline);
  }
}

/** @throws {FairleadError} `invalid_option` when it is no address. */
function linkUrl(master: string): URL {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(master) ? master : `http://${master}`;
  if (!URL.canParse(text)) {
    throw new FairleadError("invalid_option", `Cannot connect to "${master}": it is no address`, {
      details: { field: "masters", value: master },
    });
  }
  const url = new URL(text);
  url.protocol = url.protocol === "https:" || url.protocol === "wss:" ? "wss:" : "ws:";
  url.pathname = LINK_PATH;
  url.search = "";
  url.hash = "";
  return url;
}

/** Masters that do not lead point at the one that does. */
function refusalOf(error: unknown, url: string): Attempt {
  const { message, details } = FairleadError.from(error);
  const { status, location } = details ?? {};
  if (typeof location === "string" && (status === 307 || status === 302)) {
    return { ended: "redirected", to: new URL(location, linkUrl(url)).href };
  }
  return { ended: "failed", reason: message };
}
