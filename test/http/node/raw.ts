/** HTTP as it stands on the wire. */

import { connect, type Socket } from "node:net";

/** A connection that keeps all it hears. */
export class RawClient {
  readonly socket: Socket;
  #heard = Buffer.alloc(0);
  #onChange: (() => void) | undefined;
  isClosed = false;

  constructor(port: number) {
    this.socket = connect(port, "127.0.0.1");
    this.socket.on("data", (data) => {
      this.#heard = Buffer.concat([this.#heard, data]);
      this.#onChange?.();
    });
    this.socket.on("error", () => undefined);
    this.socket.on("close", () => {
      this.isClosed = true;
      this.#onChange?.();
    });
  }

  send(text: string): void {
    this.socket.write(text.replaceAll("\n", "\r\n"));
  }

  get heard(): string {
    return this.#heard.toString("latin1");
  }

  /** Resolves when what was heard, or the end of the connection, satisfies. */
  async until(satisfies: (heard: string, isClosed: boolean) => boolean): Promise<string> {
    while (!satisfies(this.heard, this.isClosed)) {
      await new Promise<void>((resolve) => {
        this.#onChange = resolve;
      });
    }
    return this.heard;
  }

  /** Resolves when the other side has closed. */
  closed(): Promise<string> {
    return this.until((_, isClosed) => isClosed);
  }
}

/** The chunks of a chunked body that has ended or not. */
export function chunksOf(answer: string): string[] {
  let rest = answer.slice(answer.indexOf("\r\n\r\n") + 4);
  const chunks: string[] = [];
  for (;;) {
    const end = rest.indexOf("\r\n");
    const size = Number.parseInt(rest.slice(0, end), 16);
    if (end < 0 || Number.isNaN(size) || rest.length < end + 2 + size + 2) return chunks;
    chunks.push(rest.slice(end + 2, end + 2 + size));
    rest = rest.slice(end + 2 + size + 2);
  }
}
