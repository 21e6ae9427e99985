/// <reference lib="esnext.disposable" preserve="true" />
import { FairleadError } from "./error.ts";

/**
 * The key of async disposal, on platforms too that do not have it yet.
 *
 * Where `Symbol.asyncDispose` is missing, it is the registered symbol that compilers of `await
 * using` fall back to, so that both find each other. The global object is not touched.
 */
export const asyncDispose: typeof Symbol.asyncDispose = wellKnown(
  Symbol.asyncDispose,
  "Symbol.asyncDispose",
);

const syncDispose: typeof Symbol.dispose = wellKnown(Symbol.dispose, "Symbol.dispose");

/**
 * What was opened, to be closed in reverse order.
 *
 * Every closing runs, whatever the others throw; the second disposal waits for the first and does
 * nothing itself.
 *
 * @example
 * ```ts
 * import { Disposer } from "fairlead/base";
 *
 * await using opened = new Disposer();
 * const controller = new AbortController();
 * opened.defer(() => controller.abort());
 * ```
 */
export class Disposer implements AsyncDisposable {
  readonly #closings: (() => unknown)[] = [];
  #disposal: Promise<void> | undefined;

  /** Whether disposal has begun. */
  get disposed(): boolean {
    return this.#disposal !== undefined;
  }

  /**
   * Keep something disposable, and return it.
   *
   * @throws {FairleadError} `already_disposed`; the caller still owns the resource.
   */
  use<T extends AsyncDisposable | Disposable>(resource: T): T {
    this.defer(() => close(resource));
    return resource;
  }

  /**
   * Keep a function to call at disposal.
   *
   * @throws {FairleadError} `already_disposed`; the function will not be called.
   */
  defer(closing: () => unknown): void {
    if (this.disposed) {
      throw new FairleadError("already_disposed", "Cannot keep a resource: disposal has begun");
    }
    this.#closings.push(closing);
  }

  /**
   * Close everything, the last one first.
   *
   * @throws {FairleadError} `dispose_failed` once all have run; its cause is an AggregateError.
   */
  dispose(): Promise<void> {
    if (this.#disposal !== undefined) return this.#disposal.catch(() => undefined);
    this.#disposal = this.#closeAll();
    return this.#disposal;
  }

  [asyncDispose](): Promise<void> {
    return this.dispose();
  }

  async #closeAll(): Promise<void> {
    const errors: unknown[] = [];
    for (let closing = this.#closings.pop(); closing; closing = this.#closings.pop()) {
      try {
        await closing();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length === 0) return;
    const [first] = errors;
    throw new FairleadError(
      "dispose_failed",
      `Cannot dispose cleanly: ${errors.length} failed, first "${FairleadError.from(first).message}"`,
      { cause: new AggregateError(errors), details: { failures: errors.length } },
    );
  }
}

function close(resource: AsyncDisposable | Disposable): unknown {
  return asyncDispose in resource ? resource[asyncDispose]() : resource[syncDispose]();
}

function wellKnown<S extends symbol>(native: S | undefined, name: string): S {
  return native ?? (Symbol.for(name) as S);
}
