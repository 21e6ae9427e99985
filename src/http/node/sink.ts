import type { OutgoingMessage, ServerResponse } from "node:http";
import { attachSink, type EventSink } from "../mod.ts";

/**
 * Let an event stream out of a Node response, each of its chunks as one HTTP chunk; false when the
 * response carries none.
 */
export function pumpEventStream(response: Response, outgoing: ServerResponse): boolean {
  const source = attachSink(response, new ResponseSink(outgoing));
  if (source === undefined) return false;
  outgoing.writeHead(response.status, headersOf(response));
  outgoing.flushHeaders();
  outgoing.on("drain", () => source.drained());
  outgoing.on("close", () => source.cancelled());
  if (outgoing.destroyed) source.cancelled();
  else source.drained();
  return true;
}

class ResponseSink implements EventSink {
  readonly #outgoing: OutgoingMessage;

  constructor(outgoing: OutgoingMessage) {
    this.#outgoing = outgoing;
  }

  write(chunk: Uint8Array): boolean {
    return this.#outgoing.write(chunk);
  }

  end(): void {
    if (!this.#outgoing.writableEnded) this.#outgoing.end();
  }

  abort(): void {
    this.#outgoing.destroy();
  }
}

function headersOf({ headers }: Response): Record<string, string | string[]> {
  const record: Record<string, string | string[]> = Object.fromEntries(headers);
  const cookies = headers.getSetCookie();
  if (cookies.length > 0) record["set-cookie"] = cookies;
  return record;
}
