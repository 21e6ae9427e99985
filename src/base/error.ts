/** The parts of a {@linkcode FairleadError} besides its code and sentence. */
export interface FairleadErrorOptions {
  /** What was thrown below, if anything. */
  readonly cause?: unknown;
  /** The facts a program may want: names, amounts, limits. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * The one error class of fairlead.
 *
 * `code` is public API and stays the same from release to release; `message` is for people;
 * `details` holds the facts that the sentence names; `cause` is the error below, untouched.
 */
export class FairleadError extends Error {
  override readonly name = "FairleadError";
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, options: FairleadErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }

  /**
   * Read whatever was thrown as a FairleadError.
   *
   * One of ours comes back as it is. An aborted signal's reason becomes `aborted`, a deadline's
   * `timeout`, everything else `unknown`; the thing thrown is the cause.
   */
  static from(thrown: unknown): FairleadError {
    if (thrown instanceof FairleadError) return thrown;
    if (!(thrown instanceof Error)) {
      return new FairleadError("unknown", String(thrown), { cause: thrown });
    }
    return new FairleadError(codeOf(thrown), thrown.message, {
      cause: thrown,
      details: { name: thrown.name },
    });
  }
}

function codeOf(error: Error): string {
  if (error.name === "AbortError") return "aborted";
  if (error.name === "TimeoutError") return "timeout";
  return "unknown";
}

/**
 * Mark the place after the last case of a union: a case without a line above is a type error here.
 *
 * @throws {FairleadError} `unreachable` when a value of another shape arrives all the same.
 */
export function unreachable(value: never): never {
  throw new FairleadError("unreachable", `Cannot go on: no case for ${describe(value)}`, {
    details: { value },
  });
}

function describe(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
