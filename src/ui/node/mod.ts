/**
 * Serves the console's page, as a handler that any server of fairlead takes: the files that the
 * build left in `dist/console`, with a strict content policy and long caching.
 *
 * @example
 * ```ts no-run
 * import { consoleHandler } from "fairlead/ui/node";
 *
 * const handle = await consoleHandler();
 * const page = await handle(new Request("http://127.0.0.1:5050/console/"));
 * console.log(page.status, page.headers.get("content-type"));
 * ```
 *
 * @module
 */
export { type ConsoleHandler, type ConsoleHandlerOptions, consoleHandler } from "./handler.ts";
