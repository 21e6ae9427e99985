/** `GET /stream`: a snapshot, then what changed, to any number of consoles. */
import { FairleadError } from "../../base/mod.ts";
import {
  type EventStream,
  encodeServerSentComment,
  encodeServerSentEvent,
  eventStream,
  text,
} from "../../http/mod.ts";
import type { ConsoleSummary } from "../../model/mod.ts";
import type { MasterContext } from "../shell/context.ts";
import type { Driver } from "../shell/driver.ts";
import { Board } from "./board.ts";

const INTERVAL_MS = 500;
const HEARTBEAT_MS = 10_000;
const SUBSCRIBERS_MAX = 200;
/** What may wait for a console before it is sent snapshots instead of deltas. */
const BACKLOG_BYTES_MAX = 4_194_304;

interface Subscriber {
  readonly stream: EventStream<Uint8Array>;
  /** It has missed a delta, or has had nothing yet. */
  isBehind: boolean;
}

/** The consoles that look at one term. */
export class Consoles {
  readonly board: Board;
  readonly #context: MasterContext;
  readonly #driver: Driver;
  readonly #subscribers = new Set<Subscriber>();
  #isRunning = false;
  #heardMs = 0;

  constructor(context: MasterContext, driver: Driver) {
    this.#context = context;
    this.#driver = driver;
    this.board = new Board(context, driver);
  }

  open(): Response {
    if (this.#subscribers.size >= SUBSCRIBERS_MAX) {
      return text(503, `Cannot serve more than ${SUBSCRIBERS_MAX} consoles`, {
        headers: { "retry-after": "5" },
      });
    }
    const subscriber: Subscriber = {
      stream: eventStream<Uint8Array>({
        encode: (bytes) => bytes,
        bufferBytesMax: this.#context.limits.streamBytesMax,
        signal: this.#driver.signal,
        onClose: () => void this.#subscribers.delete(subscriber),
      }),
      isBehind: true,
    };
    this.#subscribers.add(subscriber);
    if (!this.#isRunning) {
      this.#isRunning = true;
      this.#run()
        .catch((error: unknown) => this.#fail(error))
        .finally(() => {
          this.#isRunning = false;
        });
    } else {
      this.#catchUp();
    }
    return subscriber.stream.respond({
      "content-type": "text/event-stream",
      "cache-control": "no-cache, no-store",
      "x-accel-buffering": "no",
    });
  }

  /** The sums as of now, whether a console looks or not; those that look hear of the change. */
  async summary(): Promise<ConsoleSummary> {
    await this.board.fill();
    this.#tell();
    return this.board.summary();
  }

  /** As long as anybody looks. */
  async #run(): Promise<void> {
    const { clock } = this.#context;
    const { signal } = this.#driver;
    try {
      await this.board.fill();
      while (this.#subscribers.size > 0 && !signal.aborted) {
        this.#tell();
        await clock.sleep(INTERVAL_MS, { signal });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Rows could not be made: whoever looks is to come again, and nobody else is concerned. */
  #fail(error: unknown): void {
    const { message } = FairleadError.from(error);
    this.#context.log.write({ level: "error", message: `Ended the consoles' streams: ${message}` });
    for (const { stream } of [...this.#subscribers]) stream.close();
  }

  #tell(): void {
    const delta = this.board.refresh();
    if (delta !== undefined) {
      const id = String(delta.sequence);
      const bytes = encodeServerSentEvent({ event: "delta", id, data: JSON.stringify(delta) });
      this.#send(bytes);
    }
    this.#catchUp();
    const nowMs = this.#context.clock.nowMs();
    if (nowMs - this.#heardMs >= HEARTBEAT_MS) {
      this.#heardMs = nowMs;
      this.#send(encodeServerSentComment("heartbeat"));
    }
  }

  #send(bytes: Uint8Array): void {
    for (const subscriber of this.#subscribers) {
      if (subscriber.isBehind) continue;
      if (subscriber.stream.bufferedBytes > BACKLOG_BYTES_MAX) subscriber.isBehind = true;
      else subscriber.stream.push(bytes);
    }
  }

  /** Everything, to those who have nothing or too little, and can take it. */
  #catchUp(): void {
    let bytes: Uint8Array | undefined;
    for (const subscriber of this.#subscribers) {
      if (!subscriber.isBehind || subscriber.stream.bufferedBytes > 0) continue;
      if (bytes === undefined) {
        const snapshot = this.board.snapshot();
        const id = String(snapshot.sequence);
        bytes = encodeServerSentEvent({ event: "snapshot", id, data: JSON.stringify(snapshot) });
      }
      subscriber.isBehind = false;
      subscriber.stream.push(bytes);
    }
  }
}
