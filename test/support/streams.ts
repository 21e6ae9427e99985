/** Streams of what a test has at hand. */

/** A stream of these values, one chunk each. */
export function streamOf<T>(values: readonly T[]): ReadableStream<T> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      const value = values[at];
      at += 1;
      if (at <= values.length && value !== undefined) controller.enqueue(value);
      if (at >= values.length) controller.close();
    },
  });
}

/** All chunks of a stream. */
export async function collect<T>(stream: ReadableStream<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const each of stream) all.push(each);
  return all;
}
