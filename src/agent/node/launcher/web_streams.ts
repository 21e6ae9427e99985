/** Output that arrives on a connection, as a stream that holds the connection back. */

/** What can be told to wait. */
export interface Pausable {
  pause(): unknown;
  resume(): unknown;
}

/** A stream and its writing end. */
export interface HeldBack {
  readonly stream: ReadableStream<Uint8Array>;
  push(bytes: Uint8Array): void;
  end(): void;
}

/** Output that waits for a reader; then whoever writes waits. */
const WAITING_BYTES_MAX = 2 ** 20;

/** A stream that pauses its source while it is full; cancelled, it drops what comes. */
export function heldBack(source: Pausable): HeldBack {
  let controller: ReadableStreamDefaultController<Uint8Array>;
  let open = true;
  const stream = new ReadableStream<Uint8Array>(
    {
      start: (given) => {
        controller = given;
      },
      pull: () => {
        source.resume();
      },
      cancel: () => {
        open = false;
        source.resume();
      },
    },
    { highWaterMark: WAITING_BYTES_MAX, size: (bytes) => bytes?.byteLength ?? 0 },
  );
  return {
    stream,
    push: (bytes) => {
      if (!open) return;
      controller.enqueue(new Uint8Array(bytes));
      if ((controller.desiredSize ?? 1) <= 0) source.pause();
    },
    end: () => {
      if (open) controller.close();
      open = false;
    },
  };
}
