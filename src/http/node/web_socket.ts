import type { WebSocket } from "ws";
import type { MessageSocket, SocketEnd } from "../mod.ts";

/** A socket of the package ws as the port. */
export class WsSocket implements MessageSocket {
  readonly #ws: WebSocket;
  #onMessage: ((message: Uint8Array | string) => void) | undefined;
  #onClose: ((end: SocketEnd) => void) | undefined;
  #end: SocketEnd | undefined;

  constructor(ws: WebSocket) {
    this.#ws = ws;
    ws.pause(); // until there is somebody to tell
    ws.on("message", (data: Buffer, isBinary: boolean) => {
      this.#onMessage?.(isBinary ? data : data.toString());
    });
    // ws closes the connection itself after an error; `close` tells of it.
    ws.on("error", () => undefined);
    ws.on("close", (code: number, reason: Buffer) => {
      this.#end = { code, reason: reason.toString() };
      this.#onClose?.(this.#end);
    });
  }

  get protocol(): string {
    return this.#ws.protocol;
  }

  get bufferedBytes(): number {
    return this.#ws.bufferedAmount;
  }

  get isOpen(): boolean {
    return this.#ws.readyState === this.#ws.OPEN;
  }

  send(message: Uint8Array | string): boolean {
    if (!this.isOpen) return false;
    this.#ws.send(message);
    return true;
  }

  close(code = 1000, reason = ""): void {
    this.#ws.resume(); // the other side's goodbye must be read
    this.#ws.close(code, reason);
  }

  terminate(): void {
    this.#ws.terminate();
  }

  onMessage(listener: (message: Uint8Array | string) => void): void {
    this.#onMessage = listener;
    this.#ws.resume();
  }

  onClose(listener: (end: SocketEnd) => void): void {
    this.#onClose = listener;
    if (this.#end !== undefined) listener(this.#end);
  }
}
