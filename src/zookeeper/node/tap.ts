import type { Socket } from "node:net";
import {
  BoundedQueue,
  FairleadError,
  requireInteger,
  systemClock,
  systemRandom,
} from "../../base/mod.ts";
import { Learner } from "../tap/learner.ts";
import type { TapEvent } from "../types.ts";
import { ZooKeeper } from "./client.ts";
import { dial } from "./dial.ts";
import type { Credential, ServerAddress, TlsOptions } from "./options.ts";

/** Options of {@linkcode tap}. */
export interface TapOptions {
  /** Client ports of the ensemble: where it is asked who its members are. */
  readonly connectString: string;
  /** For a `/zookeeper/config` that not everybody may read. */
  readonly credentials?: readonly Credential[] | undefined;
  /** TLS of the client ports. @default false */
  readonly tls?: boolean | TlsOptions | undefined;
  /** TLS of the quorum ports (`sslQuorum=true`). @default false */
  readonly quorumTls?: boolean | TlsOptions | undefined;
  /** Go on behind this transaction instead of beginning with a snapshot. @default 0n */
  readonly fromZxid?: bigint | undefined;
  /**
   * Bytes that may wait to be read; above it the connection is left, so that neither side runs
   * full, and the log is resumed when half of it was read. @default 67_108_864
   */
  readonly bufferBytesMax?: number | undefined;
  /** How long a leader may take for its first word, and for any later one. @default 10_000 */
  readonly silenceMaxMs?: number | undefined;
  /** How long no leader may be found before it is an error; 0: tries on. @default 0 */
  readonly leaderTimeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

const RETRY_MS = 40;
const RETRY_MS_MAX = 1_000;
/** A connection that is refused says so at once; a host that is gone says nothing. */
const CONNECT_TIMEOUT_MS = 1_500;
/** How often a TLS or other foreign port may hang up on us before it is a refusal. */
const HANGUPS_MAX = 25;

/**
 * Every committed transaction of an ensemble, whole and in order, from its quorum port.
 *
 * It joins as an observer that nobody counts. The first event is a `snapshot`, exact at its zxid,
 * with what no client is told (raw counters, kinds of nodes, all ACLs); then come `transaction`s.
 * With `fromZxid` it goes on behind that transaction, when the leader still has what followed;
 * otherwise with a `snapshot` again. When the leader changes it follows, and tells `resumed`
 * without a gap.
 *
 * Costs: the leader is loaded by one more learner. A snapshot is held in memory once.
 *
 * @throws {FairleadError} `tap_refused`, with `details.reason`: `standalone` (no quorum port),
 * `closed` (the port hangs up: TLS is asked for, or it is no quorum port), `trunc` (the ensemble
 * lost transactions that were read), `close_session_without_paths`. `tap_failed` when what comes
 * cannot be read, or no leader was found for `leaderTimeoutMs`. What a client throws. The signal's
 * reason.
 */
export async function* tap(options: TapOptions): AsyncGenerator<TapEvent, undefined> {
  const { signal, fromZxid = 0n, bufferBytesMax = 67_108_864 } = options;
  requireInteger("bufferBytesMax", bufferBytesMax, { min: 1_024, max: 2 ** 40 });
  signal?.throwIfAborted();
  const flow = new Flow(bufferBytesMax);
  const ending = new AbortController();
  const all = signal === undefined ? ending.signal : AbortSignal.any([signal, ending.signal]);
  const reading = follow(options, flow, fromZxid, all).catch((error: unknown) => flow.fail(error));
  try {
    yield* flow.read(signal);
  } finally {
    ending.abort();
    await reading;
  }
  return undefined;
}

/** What waits to be read, and how many bytes it is. */
class Flow {
  readonly #queue = new BoundedQueue<{ readonly event: TapEvent; readonly bytes: number }>({
    capacityMax: 2 ** 31,
    whenFull: "reject",
  });
  readonly #bytesMax: number;
  #bytes = 0;
  #drained: (() => void) | undefined;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get isFull(): boolean {
    return this.#bytes > this.#bytesMax;
  }

  push(event: TapEvent, bytes: number): void {
    if (this.#queue.closed) return;
    this.#bytes += bytes;
    this.#queue.push({ event, bytes });
  }

  fail(error: unknown): void {
    if (!this.#queue.closed) this.#queue.fail(error);
  }

  /** Resolves when half of what may wait was read. */
  async drained(): Promise<void> {
    if (this.#bytes <= this.#bytesMax / 2) return;
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
  }

  async *read(signal: AbortSignal | undefined): AsyncGenerator<TapEvent, undefined> {
    try {
      for await (const { event, bytes } of this.#queue.values({ signal })) {
        this.#bytes -= bytes;
        if (this.#bytes <= this.#bytesMax / 2) this.#drained?.();
        yield event;
      }
    } finally {
      this.#drained?.();
    }
    return undefined;
  }
}

/** From leader to leader, until the signal aborts. */
async function follow(
  options: TapOptions,
  flow: Flow,
  fromZxid: bigint,
  signal: AbortSignal,
): Promise<void> {
  let zxid = fromZxid;
  let failures = 0;
  let hangups = 0;
  let lostAtMs = performance.now();
  let members: readonly ServerAddress[] = [];
  while (!signal.aborted) {
    if (members.length === 0 || failures % 10 === 9) members = await quorumPorts(options, signal);
    let outcome: Outcome = { ended: "unreachable" };
    for (const member of members) {
      outcome = await listen(member, { zxid, options, flow, signal });
      zxid = outcome.ended === "unreachable" ? zxid : outcome.zxid;
      if (outcome.ended !== "unreachable" || signal.aborted) break;
    }
    if (signal.aborted) return;
    if (outcome.ended === "full") await flow.drained();
    if (outcome.ended === "lost" && outcome.wasUpToDate) {
      failures = 0;
      hangups = 0;
      lostAtMs = performance.now();
    } else if (outcome.ended === "lost") hangups += 1;
    failures += 1;
    if (hangups >= HANGUPS_MAX) throw hungUp(members);
    const { leaderTimeoutMs = 0 } = options;
    if (leaderTimeoutMs > 0 && performance.now() - lostAtMs > leaderTimeoutMs) {
      throw noLeader(members, leaderTimeoutMs);
    }
    const pauseMs = Math.min(RETRY_MS * 2 ** Math.min(failures - 1, 10), RETRY_MS_MAX);
    const restMs = pauseMs * (0.5 + 0.5 * systemRandom.next());
    await systemClock.sleep(restMs, { signal }).catch(() => undefined);
  }
}

type Outcome =
  | { readonly ended: "unreachable" }
  | { readonly ended: "lost"; readonly zxid: bigint; readonly wasUpToDate: boolean }
  | { readonly ended: "full"; readonly zxid: bigint };

/** One connection to a member, for as long as it lasts; only the leader has its port open. */
function listen(
  member: ServerAddress,
  {
    zxid,
    options: { quorumTls = false, silenceMaxMs = 10_000 },
    flow,
    signal,
  }: { zxid: bigint; options: TapOptions; flow: Flow; signal: AbortSignal },
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    let isOpen = false;
    let failure: unknown;
    let full = false;
    let bytes = 0;
    let spoken = false;
    const socket: Socket = dial(member, quorumTls, () => {
      isOpen = true;
      socket.setTimeout(silenceMaxMs);
      learner.start();
    });
    const learner = new Learner(`${member.host}:${member.port}`, zxid, {
      send: (data) => void socket.write(data),
      emit: (event) => {
        flow.push(event, bytes);
        bytes = 0;
      },
    });
    const abort = () => socket.destroy();
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    socket.setNoDelay(true);
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => socket.destroy());
    socket.on("error", () => {});
    socket.on("data", (chunk: Uint8Array) => {
      spoken = true;
      bytes += chunk.length;
      try {
        learner.receive(chunk);
      } catch (error) {
        failure = error;
        socket.destroy();
      }
      if (!flow.isFull || !learner.isUpToDate) return;
      full = true;
      socket.destroy();
    });
    socket.on("close", () => {
      signal.removeEventListener("abort", abort);
      const reached = learner.resumeZxid;
      if (failure !== undefined) reject(failure);
      else if (full) resolve({ ended: "full", zxid: reached });
      else if (!isOpen) resolve({ ended: "unreachable" });
      else resolve({ ended: "lost", zxid: reached, wasUpToDate: spoken && learner.isUpToDate });
    });
  });
}

/** Where servers of the ensemble would listen for learners. */
async function quorumPorts(
  { connectString, credentials, tls }: TapOptions,
  signal: AbortSignal,
): Promise<readonly ServerAddress[]> {
  const [hosts = ""] = connectString.split("/");
  await using client = await ZooKeeper.connect(hosts, { credentials, tls, signal });
  const { members } = await client.config({ signal });
  const voters = members.filter(({ role }) => role === "participant");
  if (voters.length === 0) throw standalone(hosts);
  return voters.map(({ host, quorumPort: port }) => ({ host: host.replace(/^\[|\]$/g, ""), port }));
}

function standalone(hosts: string): FairleadError {
  return new FairleadError(
    "tap_refused",
    `Cannot tap ${hosts}: it is a server that stands alone, and has no quorum port`,
    { details: { reason: "standalone" } },
  );
}

function hungUp(members: readonly ServerAddress[]): FairleadError {
  const places = members.map(({ host, port }) => `${host}:${port}`).join(", ");
  return new FairleadError(
    "tap_refused",
    `Cannot tap ${places}: the quorum port hangs up on an observer; where sslQuorum=true, hand in quorumTls`,
    { details: { reason: "closed" } },
  );
}

function noLeader(members: readonly ServerAddress[], leaderTimeoutMs: number): FairleadError {
  const places = members.map(({ host, port }) => `${host}:${port}`).join(", ");
  return new FairleadError(
    "tap_failed",
    `Cannot find a leader at ${places}: nobody took an observer for ${leaderTimeoutMs} ms`,
    { details: { leaderTimeoutMs } },
  );
}
