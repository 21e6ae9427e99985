/** Two ends of a socket in one process. */
import type { MessageSocket, SocketEnd } from "../../http/mod.ts";

/** How a socket ends whose other end was cut off. */
const BROKEN: SocketEnd = { code: 1_006, reason: "" };

/**
 * Two ends of a socket in one process: what one sends the other is told, in order, soon but never
 * at once. For agents beside their master, and for tests.
 */
export function socketPair(protocol = ""): readonly [MessageSocket, MessageSocket] {
  const left = new End(protocol);
  const right = new End(protocol);
  left.join(right);
  right.join(left);
  return [left, right];
}

type Item = Uint8Array | string | SocketEnd;

class End implements MessageSocket {
  readonly protocol: string;
  #peer: End | undefined;
  /** What has come and was not told yet. */
  #items: Item[] = [];
  #bytes = 0;
  #pumping = false;
  #ended: SocketEnd | undefined;
  #onMessage: ((message: Uint8Array | string) => void) | undefined;
  #onClose: ((end: SocketEnd) => void) | undefined;
  /** Whether `close` or `terminate` was called here or there. */
  #closing = false;

  constructor(protocol: string) {
    this.protocol = protocol;
  }

  join(peer: End): void {
    this.#peer = peer;
  }

  get bufferedBytes(): number {
    return this.#peer?.waitingBytes ?? 0;
  }

  get waitingBytes(): number {
    return this.#bytes;
  }

  get isOpen(): boolean {
    return !this.#closing;
  }

  send(message: Uint8Array | string): boolean {
    if (this.#closing) return false;
    this.#peer?.take(message);
    return true;
  }

  close(code = 1_000, reason = ""): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#peer?.take({ code, reason });
    this.take({ code, reason });
  }

  terminate(): void {
    if (this.#ended !== undefined) return;
    this.#closing = true;
    this.#items = [];
    this.#bytes = 0;
    this.#peer?.take(BROKEN);
    this.take(BROKEN);
  }

  onMessage(listener: (message: Uint8Array | string) => void): void {
    this.#onMessage = listener;
    this.#pump();
  }

  onClose(listener: (end: SocketEnd) => void): void {
    this.#onClose = listener;
    if (this.#ended !== undefined) listener(this.#ended);
  }

  take(item: Item): void {
    this.#items.push(item);
    this.#bytes += sizeOf(item);
    this.#pump();
  }

  /** Tell what has come, in a turn of its own. */
  #pump(): void {
    if (this.#pumping || this.#ended !== undefined) return;
    this.#pumping = true;
    queueMicrotask(() => {
      this.#pumping = false;
      while (this.#ended === undefined && this.#tellNext());
    });
  }

  /** False when there is nothing to tell, or nobody to tell it to. */
  #tellNext(): boolean {
    const item = this.#items[0];
    if (item === undefined) return false;
    if (typeof item === "string" || item instanceof Uint8Array) {
      if (this.#onMessage === undefined && !this.#closing) return false;
      this.#items.shift();
      this.#bytes -= sizeOf(item);
      this.#onMessage?.(item);
      return true;
    }
    this.#closing = true;
    this.#ended = item;
    this.#items = [];
    this.#bytes = 0;
    this.#onClose?.(item);
    return false;
  }
}

function sizeOf(item: Item): number {
  return typeof item === "string" || item instanceof Uint8Array ? item.length : 0;
}
