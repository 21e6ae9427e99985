import type { Moment } from "../collector/past.ts";
import type { ApiContext } from "./context.ts";
import type { ApiQuery } from "./query.ts";

/** The moment that a query asks for, brought up to date. @throws {FairleadError} `history_absent`. */
export function momentOf(context: ApiContext, { fromMs }: ApiQuery): Moment {
  if (fromMs !== undefined) return context.past(fromMs);
  context.present.advance();
  return context.present;
}
