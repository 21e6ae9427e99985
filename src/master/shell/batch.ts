/** Many calls in one request: `CALL_BATCH`, our own extension of the scheduler API. */
import { type Clock, FairleadError } from "../../base/mod.ts";
import { json, RecordIoReader, statusOf, text } from "../../http/mod.ts";
import { type Caller, make, readCall } from "./calls.ts";
import type { Reply } from "./driver.ts";

/** What a batch may hold. */
const CALLS_MAX = 100_000;
/** The body is bounded: a record that is longer is one that was cut off. */
const RECORD_BYTES_MAX = 2 ** 31 - 1;
/** After so many calls others have their turn. */
const CALLS_AT_ONCE = 500;

/** What became of one call of a batch. */
export type Result = Pick<Reply, "status" | "message">;

/**
 * Make all calls of a batch, in order, whatever becomes of those before: 202 when each was taken,
 * else 200 with `{ "results": [{ "status": 202 }, { "status": 400, "message": "…" }] }`.
 *
 * @throws {FairleadError} `invalid_record`, `record_truncated`, `invalid_call`: nothing was done.
 */
export async function answerBatch(
  caller: Caller,
  bytes: Uint8Array,
  clock: Clock,
): Promise<Response> {
  const results: Result[] = [];
  let taken = true;
  for (const record of recordsOf(bytes)) {
    if (results.length % CALLS_AT_ONCE === CALLS_AT_ONCE - 1) await clock.sleep(0);
    const answer = makeOne(caller, record);
    const { status, message } = answer instanceof Promise ? await answer : answer;
    taken &&= status === 202 || status === 200;
    results.push(message === undefined ? { status } : { status, message });
  }
  return taken ? text(202, "") : json(200, { results });
}

function recordsOf(bytes: Uint8Array): Uint8Array[] {
  const reader = new RecordIoReader({ recordBytesMax: RECORD_BYTES_MAX });
  const records = reader.push(bytes);
  reader.end();
  if (records.length <= CALLS_MAX) return records;
  throw new FairleadError("invalid_call", `Cannot take a batch of more than ${CALLS_MAX} calls`, {
    details: { callsMax: CALLS_MAX },
  });
}

function makeOne(caller: Caller, record: Uint8Array): Result | Promise<Result> {
  try {
    const call = readCall(caller, record);
    if (call.type !== "SUBSCRIBE") return make(caller, call);
    return { status: 400, message: "Subscribe calls cannot be part of a batch" };
  } catch (error) {
    const status = statusOf(error);
    if (status === 500 || !(error instanceof FairleadError)) throw error;
    return { status, message: error.message };
  }
}
