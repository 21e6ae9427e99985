/**
 * Serves the pages, as handlers that any server of fairlead takes: the console from `dist/console`
 * and the topology view from `dist/monitor`, with a strict content policy and long caching.
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
export { type MonitorHandler, type MonitorHandlerOptions, monitorHandler } from "./monitor.ts";
