/** A client's session: it outlives connections, and dies of silence. */
export interface ServerSession {
  readonly id: bigint;
  /** Whoever knows it may take the session over. */
  readonly password: Uint8Array;
  timeoutMs: number;
  /** Silence until this moment ends it. */
  dueMs: number;
}

/** What of a session is written down. */
export type SessionRecord = Pick<ServerSession, "id" | "password" | "timeoutMs">;

/** Bounds of what clients may ask for. */
export interface SessionBounds {
  readonly timeoutMsMin: number;
  readonly timeoutMsMax: number;
}

/**
 * The sessions of a server. Time is handed in and must not jump: a clock that goes by seconds since
 * the start, not by the date.
 *
 * Costs: `expired` and `spare` look at each session.
 */
export class Sessions {
  readonly #sessions = new Map<bigint, ServerSession>();
  readonly #bounds: SessionBounds;
  #dirty = new Set<bigint>();
  #lastId: bigint;

  /** @param lastId No session gets this number or a lower one. */
  constructor(bounds: SessionBounds, lastId: bigint) {
    this.#bounds = bounds;
    this.#lastId = lastId;
  }

  get size(): number {
    return this.#sessions.size;
  }

  get lastId(): bigint {
    return this.#lastId;
  }

  get isDirty(): boolean {
    return this.#dirty.size > 0;
  }

  get(id: bigint): ServerSession | undefined {
    return this.#sessions.get(id);
  }

  all(): IterableIterator<ServerSession> {
    return this.#sessions.values();
  }

  /** A session that was written down: its time begins anew. */
  load(record: SessionRecord, nowMs: number): void {
    this.#sessions.set(record.id, { ...record, dueMs: nowMs + record.timeoutMs });
  }

  open(askedMs: number, password: Uint8Array, nowMs: number): ServerSession {
    this.#lastId += 1n;
    const timeoutMs = this.#bounded(askedMs);
    const session = { id: this.#lastId, password, timeoutMs, dueMs: nowMs + timeoutMs };
    this.#sessions.set(session.id, session);
    this.#dirty.add(session.id);
    return session;
  }

  /** The session, with the time that is asked for now; undefined for a stranger. */
  resume(
    { sessionId, password, timeoutMs }: SessionTicketRequest,
    nowMs: number,
  ): ServerSession | undefined {
    const session = this.#sessions.get(sessionId);
    if (session === undefined || !isSame(session.password, password)) return undefined;
    const bounded = this.#bounded(timeoutMs);
    if (bounded !== session.timeoutMs) this.#dirty.add(sessionId);
    session.timeoutMs = bounded;
    this.touch(session, nowMs);
    return session;
  }

  touch(session: ServerSession, nowMs: number): void {
    session.dueMs = nowMs + session.timeoutMs;
  }

  end({ id }: ServerSession): void {
    if (this.#sessions.delete(id)) this.#dirty.add(id);
  }

  expired(nowMs: number): readonly ServerSession[] {
    return [...this.#sessions.values()].filter(({ dueMs }) => dueMs <= nowMs);
  }

  /** Give every session so much longer: nobody could be heard meanwhile. */
  spare(ms: number): void {
    for (const session of this.#sessions.values()) session.dueMs += ms;
  }

  /** What changed since the last call: the session, or its id alone when it is over. */
  takeDirty(): ReadonlyMap<bigint, SessionRecord | undefined> {
    const taken = new Map([...this.#dirty].map((id) => [id, this.#sessions.get(id)] as const));
    this.#dirty = new Set();
    return taken;
  }

  #bounded(askedMs: number): number {
    const { timeoutMsMin, timeoutMsMax } = this.#bounds;
    return Math.min(timeoutMsMax, Math.max(timeoutMsMin, askedMs));
  }
}

interface SessionTicketRequest {
  readonly sessionId: bigint;
  readonly password: Uint8Array;
  readonly timeoutMs: number;
}

/** Looks at every byte, whichever differs first. */
function isSame(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  let difference = 0;
  for (const [index, byte] of left.entries()) difference |= byte ^ (right[index] ?? 0);
  return difference === 0;
}
