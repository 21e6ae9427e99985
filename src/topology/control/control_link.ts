import { type Clock, FairleadError } from "../../base/mod.ts";
import type { MessageSocket } from "../../http/mod.ts";
import { type ControlResponse, readHeader, readResponse } from "./messages.ts";

/** What a probe is asked to do. */
export interface ControlRequest {
  readonly nodeId: string;
  readonly control: string;
  readonly args: Readonly<Record<string, string>>;
}

const METHOD = "control.Handle";
/** Requests that wait for one probe's answer. */
const PENDING_MAX = 256;

interface Pending {
  resolve(response: ControlResponse): void;
  reject(error: unknown): void;
}

/** The control socket of one probe: Go's net/rpc over two text frames a message. */
export class ControlLink {
  readonly #socket: MessageSocket;
  readonly #clock: Clock;
  readonly #pending = new Map<number, Pending>();
  #seq = 0;
  /** The header whose value comes next. */
  #header: { readonly seq: number; readonly error: string } | undefined;

  constructor(socket: MessageSocket, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    socket.onMessage((message) => this.#take(message));
  }

  /** The socket ended. */
  end(): void {
    this.#fail("it disconnected");
  }

  /** Another connection of the same probe takes its place. */
  replace(): void {
    this.#fail("it connected again");
    this.#socket.close(1000, "the probe connected again");
  }

  /**
   * Ask the probe.
   *
   * @throws {FairleadError} `control_failed` when the probe goes away, does not answer in time,
   * cannot be asked, or says that it could not read the request.
   */
  async ask(request: ControlRequest, timeoutMs: number): Promise<ControlResponse> {
    if (this.#pending.size >= PENDING_MAX) throw failed("it has too many requests to answer");
    const seq = this.#seq;
    this.#seq += 1;
    const timer = new AbortController();
    const answered = new Promise<ControlResponse>((resolve, reject) => {
      this.#pending.set(seq, { resolve, reject });
    });
    const late = this.#clock.sleep(timeoutMs, { signal: timer.signal }).then(
      () => Promise.reject(failed(`it did not answer within ${timeoutMs} ms`)),
      () => answered,
    );
    this.#send(seq, request);
    try {
      return await Promise.race([answered, late]);
    } finally {
      this.#pending.delete(seq);
      timer.abort();
      late.catch(() => undefined);
    }
  }

  #send(seq: number, { nodeId, control, args }: ControlRequest): void {
    const value = { AppID: "", NodeID: nodeId, Control: control, ControlArgs: args };
    const header = { Seq: seq, ServiceMethod: METHOD };
    this.#socket.send(JSON.stringify({ Request: header, Response: null, Value: null }));
    const isSent = this.#socket.send(
      JSON.stringify({ Request: null, Response: null, Value: value }),
    );
    if (!isSent) this.#fail("it disconnected");
  }

  #take(message: Uint8Array | string): void {
    try {
      const text = typeof message === "string" ? message : new TextDecoder().decode(message);
      const header = this.#header;
      if (header === undefined) {
        this.#header = readHeader(text);
        return;
      }
      this.#header = undefined;
      const pending = this.#pending.get(header.seq);
      if (header.error !== "") pending?.reject(failed(header.error));
      else pending?.resolve(readResponse(text));
    } catch {
      // What follows could be taken for something that it is not.
      this.#fail("it sent what is no message");
      this.#socket.close(1002, "this is no message of the control protocol");
    }
  }

  #fail(why: string): void {
    for (const { reject } of this.#pending.values()) reject(failed(why));
    this.#pending.clear();
  }
}

function failed(why: string): FairleadError {
  return new FairleadError("control_failed", `Cannot control the node: of its probe, ${why}`);
}
