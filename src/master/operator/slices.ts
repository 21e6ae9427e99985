/** Large answers, written a slice at a time so that scheduling never waits for a reader. */
import type { Clock } from "../../base/mod.ts";

/** How much of a turn of the loop one answer takes, */
const SLICE_MS = 4;
/** and how much text it makes at most before it is handed on. */
const SLICE_CHARS = 65_536;

const encoder = new TextEncoder();

/**
 * Join pieces of text into chunks of bytes; between two chunks everything else has its turn.
 *
 * @param pieces Made one by one when they are asked for: their work is what is cut into slices.
 */
export async function* sliced(
  pieces: Iterable<string>,
  clock: Clock,
): AsyncGenerator<Uint8Array, undefined> {
  let text = "";
  let untilMs = clock.nowMs() + SLICE_MS;
  for (const piece of pieces) {
    text += piece;
    if (text.length < SLICE_CHARS && clock.nowMs() < untilMs) continue;
    if (text !== "") yield encoder.encode(text);
    text = "";
    await clock.sleep(0);
    untilMs = clock.nowMs() + SLICE_MS;
  }
  if (text !== "") yield encoder.encode(text);
  return undefined;
}

/** A body that is made as it is read; a reader that goes away ends the work. */
export function slicedBody(pieces: Iterable<string>, clock: Clock): ReadableStream<Uint8Array> {
  const chunks = sliced(pieces, clock);
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => {
        await chunks.return(undefined);
      },
    },
    { highWaterMark: 1 },
  );
}

/** The same in one piece, for a record whose length stands before it. */
export async function slicedBytes(pieces: Iterable<string>, clock: Clock): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of sliced(pieces, clock)) {
    chunks.push(chunk);
    size += chunk.length;
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** `{"name":[…],…}` piece by piece: members that are lists are written item by item. */
export function* jsonObject(
  members: readonly (readonly [name: string, value: JsonPart])[],
): Iterable<string> {
  let separator = "{";
  for (const [name, part] of members) {
    yield `${separator}${JSON.stringify(name)}:`;
    yield* jsonPart(part);
    separator = ",";
  }
  yield separator === "{" ? "{}" : "}";
}

/** A value whole, a list whose items are made one by one, or an object of such parts. */
export type JsonPart =
  | { readonly value: unknown }
  | { readonly list: Iterable<unknown> }
  | { readonly members: readonly (readonly [name: string, value: JsonPart])[] };

function* jsonPart(part: JsonPart): Iterable<string> {
  if ("members" in part) {
    yield* jsonObject(part.members);
  } else if ("list" in part) {
    let separator = "[";
    for (const item of part.list) {
      yield separator + JSON.stringify(item);
      separator = ",";
    }
    yield separator === "[" ? "[]" : "]";
  } else {
    yield JSON.stringify(part.value);
  }
}
