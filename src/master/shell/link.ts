/** The links to agents: msgpack frames on sockets that somebody else has opened. */
import { type Clock, FairleadError } from "../../base/mod.ts";
import {
  type MessageSocket,
  peerOf,
  principalOf,
  text,
  type UpgradeAccepted,
} from "../../http/mod.ts";
import {
  type AgentMessage,
  LINK_PATH,
  LINK_PROTOCOL,
  type MasterMessage,
} from "../../model/mod.ts";
import type { AgentLink, Driver } from "./driver.ts";
import { packFrame, unpackFrame } from "./frames.ts";
import type { LogEntry } from "./log.ts";
import { pathOf } from "./path.ts";
import { leading, type Role } from "./role.ts";

/** Who is at the other end. */
export interface LinkPeer {
  /** An IP address. */
  readonly address: string;
  readonly principal?: string | undefined;
}

/** Options of {@linkcode Links}. */
export interface LinksOptions {
  readonly role: () => Role;
  /** What may wait for one agent. */
  readonly bufferBytesMax: number;
  readonly clock: Clock;
  /** Aborted when the master stops. */
  readonly signal: AbortSignal;
  readonly onLog: (entry: LogEntry) => void;
}

/** Close codes of RFC 6455. */
const CLOSED_NORMALLY = 1_000;
const POLICY_VIOLATION = 1_008;
const TRY_AGAIN_LATER = 1_013;
/** A close reason is at most 123 bytes. */
const REASON_CHARS_MAX = 40;
const REASON_BYTES_MAX = 120;

/** How long an agent may take to say who it is. */
const GREETING_MS = 30_000;

/** Connects sockets to the term that is on. */
export class Links {
  readonly #options: LinksOptions;
  /** Links on which nobody has registered yet, and when they have to. */
  readonly #silent = new Map<Link, number>();
  #isWatching = false;

  constructor(options: LinksOptions) {
    this.#options = options;
  }

  /** Answer a handshake: 404 and 400 for what is no link, 307 or 503 when this one does not lead. */
  upgrade(request: Request): UpgradeAccepted | Response {
    if (pathOf(request) !== LINK_PATH) return text(404, "There is no WebSocket here");
    const driver = leading(this.#options.role(), request);
    if (driver instanceof Response) return driver;
    if (!offersProtocol(request)) {
      return text(400, `Expecting 'Sec-WebSocket-Protocol' to offer ${LINK_PROTOCOL}`);
    }
    const peer = { address: peerOf(request) ?? "127.0.0.1", principal: principalOf(request) };
    return { protocol: LINK_PROTOCOL, accept: (socket) => this.accept(socket, peer) };
  }

  /** Take a socket that has just opened. */
  accept(socket: MessageSocket, peer: LinkPeer): void {
    const role = this.#options.role();
    if (role.status !== "leading") {
      socket.close(TRY_AGAIN_LATER, "Master is not the leader");
      return;
    }
    const link = new Link(role.driver, socket, this.#options, () => this.#silent.delete(link));
    this.#silent.set(link, this.#options.clock.nowMs() + GREETING_MS);
    link.open(peer);
    if (!this.#isWatching) void this.#watch();
  }

  /** Cut off who opens links and says nothing, as long as there is anybody of that kind. */
  async #watch(): Promise<void> {
    const { clock, signal } = this.#options;
    this.#isWatching = true;
    for (;;) {
      // In the order in which they came.
      const [next] = this.#silent;
      if (next === undefined || signal.aborted) break;
      const [link, dueMs] = next;
      await clock.sleep(dueMs - clock.nowMs(), { signal }).catch(() => undefined);
      if (this.#silent.has(link)) link.cutOff("Agent does not register");
    }
    this.#isWatching = false;
  }
}

/** One open link. */
class Link implements AgentLink {
  readonly #driver: Driver;
  readonly #socket: MessageSocket;
  readonly #options: LinksOptions;
  /** Called once the agent has said who it is, or the link is gone. */
  readonly #onSettled: () => void;
  #address = "";
  #id = 0;
  #state: "silent" | "greeted" | "closed" = "silent";

  constructor(driver: Driver, socket: MessageSocket, options: LinksOptions, onSettled: () => void) {
    this.#driver = driver;
    this.#socket = socket;
    this.#options = options;
    this.#onSettled = onSettled;
  }

  open(peer: LinkPeer): void {
    this.#address = peer.address;
    this.#id = this.#driver.open(this, peer);
    this.#socket.onMessage((frame) => this.#take(frame));
    this.#socket.onClose(() => this.#gone());
  }

  send(messages: readonly MasterMessage[]): void {
    if (this.#socket.bufferedBytes > this.#options.bufferBytesMax) {
      this.cutOff("Agent does not read");
    } else {
      this.#socket.send(packFrame(messages));
    }
  }

  close(message: string): void {
    this.#gone();
    this.#socket.close(CLOSED_NORMALLY, reasonOf(message));
  }

  /** End a link that is misused. */
  cutOff(why: string): void {
    if (this.#state === "closed") return;
    const details = { address: this.#address };
    this.#options.onLog({
      level: "warning",
      message: `Ended the link of an agent: ${why}`,
      details,
    });
    this.#gone();
    this.#socket.close(POLICY_VIOLATION, reasonOf(why));
  }

  #take(frame: Uint8Array | string): void {
    if (this.#state === "closed") return;
    const messages = typeof frame === "string" ? "Frames are binary" : read(frame);
    if (typeof messages === "string") {
      this.cutOff(messages);
      return;
    }
    const [first] = messages;
    if (this.#state === "silent" && first !== undefined) {
      if (first.type !== "register" && first.type !== "reregister") {
        this.cutOff("Agent speaks before it registers");
        return;
      }
      this.#state = "greeted";
      this.#onSettled();
    }
    this.#driver.received(this.#id, messages);
  }

  #gone(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#onSettled();
    this.#driver.closed(this.#id);
  }
}

/** A frame's messages, or what is wrong with it. */
function read(frame: Uint8Array): AgentMessage[] | string {
  try {
    return unpackFrame(frame);
  } catch (error) {
    return FairleadError.from(error).message;
  }
}

function offersProtocol(request: Request): boolean {
  const offered = request.headers.get("sec-websocket-protocol") ?? "";
  return offered.split(",").some((name) => name.trim() === LINK_PROTOCOL);
}

/** As much of a sentence as a close frame holds. */
function reasonOf(message: string): string {
  const isShort = new TextEncoder().encode(message).length <= REASON_BYTES_MAX;
  return isShort ? message : message.slice(0, REASON_CHARS_MAX);
}
