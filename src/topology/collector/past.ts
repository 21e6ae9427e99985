import { type Clock, FairleadError } from "../../base/mod.ts";
import type { ReportHistory, ReportStore } from "./report_store.ts";
import { ViewCache } from "./view_cache.ts";

/** A store and its views, of the present or of a moment in the past. */
export interface Moment {
  readonly store: ReportStore;
  readonly views: ViewCache;
  /** The moment that is shown, in milliseconds since 1970. */
  nowMs(): number;
  /** Bring the store up to `nowMs`. */
  advance(): void;
}

/** The present: reports are added by whoever receives them. */
export function present(store: ReportStore, clock: Clock): Moment {
  const nowMs = () => clock.nowMs();
  return { store, views: new ViewCache(store), nowMs, advance: () => store.expire(nowMs()) };
}

/** What the past is played from. */
export interface PastOptions {
  readonly history: ReportHistory | undefined;
  readonly newStore: () => ReportStore;
  readonly clock: Clock;
  readonly windowMs: number;
}

/**
 * The past from a moment on: it goes forward as fast as the clock.
 *
 * @throws {FairleadError} `history_absent` when nothing is kept of that moment.
 */
export function past(fromMs: number, options: PastOptions): Moment {
  const { history, newStore, clock, windowMs } = options;
  if (history === undefined) throw absent(fromMs, "the collector keeps no history");
  const { beginMs } = history;
  if (beginMs === undefined || fromMs < beginMs) {
    const begin = beginMs === undefined ? "nothing yet" : `what is since ${dateOf(beginMs)}`;
    throw absent(fromMs, `the history has ${begin}`);
  }
  const store = newStore();
  const startMs = clock.nowMs();
  const nowMs = () => Math.min(fromMs + clock.nowMs() - startMs, clock.nowMs());
  let readMs = fromMs - windowMs;
  const advance = () => {
    const untilMs = nowMs();
    for (const upload of history.read(readMs, untilMs)) store.add(upload);
    readMs = untilMs;
    store.expire(untilMs);
  };
  advance();
  return { store, views: new ViewCache(store), nowMs, advance };
}

function absent(fromMs: number, why: string): FairleadError {
  return new FairleadError("history_absent", `Cannot show ${dateOf(fromMs)}: ${why}`, {
    details: { timestampMs: fromMs },
  });
}

/** A moment for people. */
function dateOf(ms: number): string {
  return new Date(ms).toISOString();
}
