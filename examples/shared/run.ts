/** From the start of a program to its exit code. */
import { FairleadError } from "fairlead";

/** What runs until it is told to stop. */
export interface Running extends AsyncDisposable {
  /** Rejects when it cannot go on. */
  readonly failed?: Promise<unknown>;
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;
/** The terminal signals a whole group, and npm and tsx pass signals on: that is one Ctrl-C. */
const ONE_CTRL_C_MS = 300;

/**
 * Run until SIGINT or SIGTERM, then stop in good order; a second one ends the process at once.
 *
 * @returns The exit code: 0 after a signal, 1 when it could not start or go on.
 */
export async function run<T extends Running>(
  start: () => Promise<T>,
  { onStopping }: { readonly onStopping?: () => void } = {},
): Promise<number> {
  const stopped = stopSignal();
  try {
    const running = await start();
    try {
      await Promise.race([stopped, running.failed ?? stopped]);
      onStopping?.();
    } finally {
      await running[Symbol.asyncDispose]();
    }
    return 0;
  } catch (error) {
    console.error(FairleadError.from(error).message);
    return 1;
  }
}

function stopSignal(): Promise<void> {
  return new Promise((done) => {
    let firstMs: number | undefined;
    const onSignal = (): void => {
      firstMs ??= performance.now();
      if (performance.now() - firstMs > ONE_CTRL_C_MS) process.exit(130);
      done();
    };
    for (const signal of SIGNALS) process.on(signal, onSignal);
  });
}
