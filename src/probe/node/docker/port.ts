/** What a runtime asks an engine, apart from how it is reached. */

/** A request. */
export interface EngineAsk {
  /** @default "GET" */
  readonly method?: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** Of silence; 0: for ever. @default 10_000 */
  readonly timeoutMs?: number;
}

/** An engine that answers. */
export interface Engine {
  readonly socketPath: string;
  /**
   * The answer as JSON; undefined when it is empty.
   *
   * @throws {FairleadError} `engine_failed`, with `details.status` when the engine answered.
   */
  json(ask: EngineAsk): Promise<unknown>;
  /** The same, the body unread. */
  stream(ask: EngineAsk): Promise<AsyncIterable<Uint8Array>>;
}
