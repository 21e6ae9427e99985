/** How a socket ended. */
export interface SocketEnd {
  /** As RFC 6455 has them; 1006: the connection broke, or was never closed properly. */
  readonly code: number;
  readonly reason: string;
}

/** A WebSocket, as both its ends see it: messages in and out, in order. */
export interface MessageSocket {
  /** The subprotocol agreed on; "" for none. */
  readonly protocol: string;
  /** What was handed to `send` and has not left yet. */
  readonly bufferedBytes: number;
  /** Whether `send` still does anything. */
  readonly isOpen: boolean;
  /** Send one message: bytes as binary, a string as text. Returns whether it was taken. */
  send(message: Uint8Array | string): boolean;
  /** Say goodbye and wait for the other side to do so, for a bounded time. */
  close(code?: number, reason?: string): void;
  /** Cut the connection. */
  terminate(): void;
  /** Be told each message; nothing is read before. A second call replaces the first listener. */
  onMessage(listener: (message: Uint8Array | string) => void): void;
  /** Be told once how the socket ended; at once when it has ended. */
  onClose(listener: (end: SocketEnd) => void): void;
}

/** A handshake that is accepted. */
export interface UpgradeAccepted {
  /** One of the subprotocols that the client offered. */
  readonly protocol?: string;
  /** Called with the open socket. */
  accept(socket: MessageSocket): void;
}

/** Decides about handshakes: what it returns is the socket's owner or the answer that refuses. */
export type UpgradeHandler = (
  request: Request,
) => UpgradeAccepted | Response | Promise<UpgradeAccepted | Response>;
