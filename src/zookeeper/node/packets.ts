/** Requests on their way, and what becomes of them. */
import { FairleadError, type Fifo } from "../../base/mod.ts";
import { bundledReads, type Request } from "../protocol/requests.ts";

/** A request, and who waits for its answer. */
export interface Packet {
  readonly request: Request<unknown>;
  readonly signal: AbortSignal | undefined;
  readonly abort: (reason: unknown) => void;
  xid: number;
  sentMs: number;
  timer: NodeJS.Timeout | undefined;
  settled: boolean;
  /** Of a request that stands for several: each has its own answer. */
  readonly members?: readonly Packet[];
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** Reads that wait beside each other go as one request, from so many on, and at most so many. */
export const BUNDLE_MIN = 4;
const BUNDLE_MAX = 64;
/** A node is no longer than this, unless its server was told so. */
const NODE_BYTES_MAX = 1_048_576;

/** A packet; a plain read with those that wait right behind it, as far as their answers may go. */
export function withReadsBehind(
  packet: Packet,
  waiting: Fifo<Packet>,
  answerBytesMax: number,
): Packet[] {
  const members = [packet];
  const max = Math.min(BUNDLE_MAX, Math.floor(answerBytesMax / NODE_BYTES_MAX));
  let next = packet.request.isPlainRead ? waiting.peek() : undefined;
  while (next?.request.isPlainRead && members.length < max) {
    waiting.shift();
    if (!next.settled) members.push(next);
    next = waiting.peek();
  }
  return members;
}

/** One packet that stands for several reads. */
export function bundleOf(members: readonly Packet[], sentMs: number): Packet {
  return {
    request: bundledReads(members.map(({ request }) => request)),
    members,
    sentMs,
    signal: undefined,
    xid: 0,
    timer: undefined,
    settled: false,
    resolve() {},
    reject() {},
    abort() {},
  };
}

export function connectionLoss({ request: { act, path } }: Packet): FairleadError {
  return new FairleadError(
    "connection_loss",
    `Cannot tell whether this was done: ${act}: the connection broke before the answer came`,
    { details: { path } },
  );
}

export function busy({ act }: Request<unknown>, requestsMax: number): FairleadError {
  return new FairleadError(
    "too_many_requests",
    `Cannot ${act}: ${requestsMax} requests wait for their answers already`,
    { details: { requestsMax } },
  );
}

export function tooLarge(
  { act, path }: Request<unknown>,
  bytes: number,
  requestBytesMax: number,
): FairleadError {
  return new FairleadError(
    "request_too_large",
    `Cannot ${act}: the request has ${bytes} bytes, the most is ${requestBytesMax}`,
    { details: { path, bytes, requestBytesMax } },
  );
}
