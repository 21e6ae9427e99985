/** A server as a function; any runtime, any router and any test can call it. */
export type Handler = (request: Request) => Response | Promise<Response>;

/** Something around a handler. */
export type Middleware = (next: Handler) => Handler;

/** Put middleware around a handler; the first is the outermost. */
export function compose(middleware: readonly Middleware[], handler: Handler): Handler {
  return middleware.reduceRight((next, around) => around(next), handler);
}
