const encoder = new TextEncoder();

/** One value as a line of `application/x-ndjson`. */
export function encodeJsonLine(value: unknown): Uint8Array<ArrayBuffer> {
  return encoder.encode(`${JSON.stringify(value)}\n`);
}

/** Values in, lines of JSON out: each value leaves as one chunk. */
export function jsonLineEncoder(): TransformStream<unknown, Uint8Array<ArrayBuffer>> {
  return new TransformStream({
    transform: (value, controller) => controller.enqueue(encodeJsonLine(value)),
  });
}
