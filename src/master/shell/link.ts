/** The links to agents: msgpack frames on sockets that somebody else has opened. */
import { FairleadError } from "../../base/mod.ts";
import {
  type MessageSocket,
  peerOf,
  principalOf,
  text,
  type UpgradeAccepted,
} from "../../http/mod.ts";
import { type AgentMessage, LINK_PATH, LINK_PROTOCOL } from "../../model/mod.ts";
import type { AgentLink, Driver } from "./driver.ts";
import { packFrame, unpackFrame } from "./frames.ts";
import type { LogEntry } from "./log.ts";
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
  readonly onLog: (entry: LogEntry) => void;
}

/** Close codes of RFC 6455. */
const CLOSED_NORMALLY = 1_000;
const POLICY_VIOLATION = 1_008;
const TRY_AGAIN_LATER = 1_013;
/** A close reason is at most 123 bytes. */
const REASON_CHARS_MAX = 40;
const REASON_BYTES_MAX = 120;

/** Connects sockets to the term that is on. */
export class Links {
  readonly #options: LinksOptions;

  constructor(options: LinksOptions) {
    this.#options = options;
  }

  /** Answer a handshake: 404 and 400 for what is no link, 307 or 503 when this one does not lead. */
  upgrade(request: Request): UpgradeAccepted | Response {
    if (new URL(request.url).pathname.replace(/^\/master(?=\/)/, "") !== LINK_PATH) {
      return text(404, "There is no WebSocket here");
    }
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
    if (role.status === "leading") this.#connect(role.driver, socket, peer);
    else socket.close(TRY_AGAIN_LATER, "Master is not the leader");
  }

  #connect(driver: Driver, socket: MessageSocket, peer: LinkPeer): void {
    const link: AgentLink = {
      send: (messages) => {
        if (socket.bufferedBytes > this.#options.bufferBytesMax) cutOff("Agent does not read");
        else socket.send(packFrame(messages));
      },
      close: (message) => socket.close(CLOSED_NORMALLY, reasonOf(message)),
    };
    const id = driver.open(link, peer);
    const cutOff = (why: string): void => {
      this.#options.onLog({
        level: "warning",
        message: `Ended the link of an agent: ${why}`,
        details: { address: peer.address },
      });
      driver.closed(id);
      socket.close(POLICY_VIOLATION, reasonOf(why));
    };
    socket.onMessage((frame) => {
      const messages = typeof frame === "string" ? "Frames are binary" : read(frame);
      if (typeof messages === "string") cutOff(messages);
      else driver.received(id, messages);
    });
    socket.onClose(() => driver.closed(id));
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
