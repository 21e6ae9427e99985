import type { Clock } from "../../base/mod.ts";
import type { MessageSocket } from "../../http/mod.ts";
import type { NodeSummary } from "../view/summary.ts";
import { StreamEncoder } from "./encoder.ts";
import { FrameLog, type StreamPosition } from "./frame_log.ts";
import { Wake } from "./wake.ts";

/** Options of a {@linkcode TopologyStream}. */
export interface TopologyStreamOptions {
  /** The present state: the same map as long as nothing changed. */
  readonly nodes: () => ReadonlyMap<string, NodeSummary>;
  /** The moment that the present state shows, in milliseconds since 1970. */
  readonly atMs: () => number;
  /** A name that no epoch had before. */
  readonly newEpoch: () => string;
  readonly clock: Clock;
  /** The shortest time between two states. @default 33 */
  readonly intervalMs?: number;
  /** Told of what rendering throws; the stream goes on with the next state. */
  readonly onError: (error: unknown) => void;
}

/** A stream that says nothing for so long says that it lives. */
const BEAT_MS = 10_000;
/** Beyond so much in a client's socket nothing is added. */
const WAITING_BYTES_MAX = 262_144;
/** How often clients are looked at whose sockets were full. */
const DRAIN_MS = 50;
/** Rendering may take one part in so many of the time. */
const RENDER_SHARE = 4;

interface Client {
  readonly socket: MessageSocket;
  /** What it has; undefined: nothing yet. */
  position: StreamPosition | undefined;
}

/**
 * One view for all who look at it: a state is rendered once, encoded once, and sent to each client
 * as soon as its socket takes it. A client that is slow skips to the latest state.
 */
export class TopologyStream {
  readonly #options: TopologyStreamOptions;
  readonly #clients = new Set<Client>();
  readonly #wake = new Wake();
  readonly #log = new FrameLog();
  #encoder: StreamEncoder | undefined;
  #nodes: ReadonlyMap<string, NodeSummary> | undefined;
  #run: AbortController | undefined;
  #bytes = 0;

  constructor(options: TopologyStreamOptions) {
    this.#options = options;
  }

  /** How many listen. */
  get clients(): number {
    return this.#clients.size;
  }

  /** Bytes handed to sockets. */
  get bytesSent(): number {
    return this.#bytes;
  }

  /** Let a client listen until its socket ends, from a position or from the beginning. */
  join(socket: MessageSocket, position?: StreamPosition): void {
    const client: Client = { socket, position };
    this.#clients.add(client);
    // What clients say is read and thrown away, so that their goodbyes are seen.
    socket.onMessage(() => undefined);
    socket.onClose(() => {
      this.#clients.delete(client);
      if (this.#clients.size === 0) this.#stop();
    });
    if (this.#run === undefined) this.#start();
    else if (this.#encoder !== undefined) this.#catchUp(client, this.#encoder);
  }

  /** Something may have changed. */
  wake(): void {
    this.#wake.wake();
  }

  /** Say goodbye to all. */
  close(): void {
    for (const { socket } of this.#clients) socket.close(1001, "the collector is about to stop");
    this.#stop();
  }

  #start(): void {
    this.#run = new AbortController();
    this.#wake.wake();
    void this.#loop(this.#run.signal);
  }

  /** Nobody listens: nothing is rendered until somebody does, who may go on where he was. */
  #stop(): void {
    this.#run?.abort();
    this.#run = undefined;
  }

  async #loop(signal: AbortSignal): Promise<void> {
    const { clock, intervalMs = 33, onError } = this.#options;
    let saidMs = clock.nowMs();
    while (!signal.aborted) {
      const isSlow = [...this.#clients].some((client) => this.#isBehind(client));
      const restMs = Math.max(0, saidMs + BEAT_MS - clock.nowMs());
      const isDue = await this.#wake.wait(clock, isSlow ? DRAIN_MS : restMs, signal);
      if (signal.aborted) return;
      const startMs = clock.nowMs();
      try {
        if (isDue && this.#advance()) saidMs = startMs;
        for (const client of this.#clients) this.#catchUp(client, this.#encoder);
        if (startMs - saidMs >= BEAT_MS) {
          this.#beat(startMs);
          saidMs = startMs;
        }
      } catch (error) {
        onError(error);
      }
      if (!isDue) continue;
      const pauseMs = Math.max(intervalMs, (clock.nowMs() - startMs) * (RENDER_SHARE - 1));
      await clock.sleep(pauseMs, { signal }).catch(() => undefined);
    }
  }

  /** Take the present state; returns whether it is another one. */
  #advance(): boolean {
    const { nodes, atMs, newEpoch } = this.#options;
    const present = nodes();
    if (present === this.#nodes) return false;
    this.#nodes = present;
    const encoder = this.#encoder;
    if (encoder === undefined || encoder.isWorn) {
      const fresh = new StreamEncoder(newEpoch());
      fresh.update(present, atMs());
      this.#encoder = fresh;
      this.#log.begin({ epoch: fresh.epoch, seq: fresh.seq });
      return true;
    }
    const delta = encoder.update(present, atMs());
    if (delta === undefined) return false;
    this.#log.push(delta);
    return true;
  }

  #isBehind({ position }: Client): boolean {
    const encoder = this.#encoder;
    return encoder !== undefined && !isAt(position, encoder);
  }

  #catchUp(client: Client, encoder: StreamEncoder | undefined): void {
    if (encoder === undefined || isAt(client.position, encoder)) return;
    if (client.socket.bufferedBytes > WAITING_BYTES_MAX) return;
    const missed = client.position === undefined ? undefined : this.#log.since(client.position);
    const frames = missed !== undefined && this.#isWorth(missed) ? missed : encoder.full();
    for (const frame of frames) this.#send(client, frame);
    client.position = { epoch: encoder.epoch, seq: encoder.seq };
  }

  /** Many deltas may be longer than the whole. */
  #isWorth(frames: readonly Uint8Array[]): boolean {
    if (frames.length <= 1) return true;
    const bytes = frames.reduce((sum, { length }) => sum + length, 0);
    return bytes < WAITING_BYTES_MAX;
  }

  #beat(atMs: number): void {
    const encoder = this.#encoder;
    if (encoder === undefined) return;
    const frame = encoder.beat(atMs);
    for (const client of this.#clients) {
      if (isAt(client.position, encoder) && client.socket.bufferedBytes === 0) {
        this.#send(client, frame);
      }
    }
  }

  #send({ socket }: Client, frame: Uint8Array): void {
    if (socket.send(frame)) this.#bytes += frame.length;
  }
}

function isAt(position: StreamPosition | undefined, { epoch, seq }: StreamEncoder): boolean {
  return position?.epoch === epoch && position.seq === seq;
}
