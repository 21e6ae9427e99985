import type { FairleadError } from "../base/mod.ts";

/**
 * How a runtime hands over a body faster than by its web stream: the bytes as they came, at most
 * `bytesMax` of them.
 *
 * `signal` ends the reading early; the promise rejects with its reason then.
 */
export type BodySource = (limits: BodyLimits) => Promise<Uint8Array>;

/** See {@linkcode BodySource}. */
export interface BodyLimits {
  readonly bytesMax: number;
  /** Makes the error for one byte more than `bytesMax`. */
  readonly tooLarge: () => FairleadError;
  /** Called once, at once, with what ends the reading early. */
  readonly onStart: (abort: (reason: unknown) => void) => void;
}

interface Facts {
  principal?: string;
  peer?: string;
  body?: BodySource;
}

/** What is known of a request besides itself; goes with it. */
const known = new WeakMap<Request, Facts>();

function factsOf(request: Request): Facts {
  let facts = known.get(request);
  if (facts === undefined) {
    facts = {};
    known.set(request, facts);
  }
  return facts;
}

/** Let another form of a request have what is known of it. @internal */
export function moveFacts(from: Request, to: Request): void {
  const facts = known.get(from);
  if (facts !== undefined) known.set(to, facts);
}

/** Whom the middleware `authenticate` found behind a request; undefined: nobody by name. */
export function principalOf(request: Request): string | undefined {
  return known.get(request)?.principal;
}

/** Say who is behind a request, for {@linkcode principalOf}. */
export function setPrincipal(request: Request, principal: string): void {
  factsOf(request).principal = principal;
}

/** The address that a request came from, where the runtime's door told it. */
export function peerOf(request: Request): string | undefined {
  return known.get(request)?.peer;
}

/** Say where a request came from, for {@linkcode peerOf}. */
export function setPeer(request: Request, address: string): void {
  factsOf(request).peer = address;
}

/** Say how `readBody` gets at a request's body; for doors of runtimes. */
export function setBodySource(request: Request, source: BodySource): void {
  factsOf(request).body = source;
}

/** @internal */
export function bodySourceOf(request: Request): BodySource | undefined {
  return known.get(request)?.body;
}
