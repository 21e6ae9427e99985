import { builtFolder, pageHandler } from "./page.ts";

/** Options of {@linkcode monitorHandler}. */
export interface MonitorHandlerOptions {
  /** Folder of the built page. @default `dist/monitor` of this package */
  readonly folder?: string;
}

/** Answers what is under `/monitor` and `/`, and 404 everywhere else. */
export type MonitorHandler = (request: Request) => Promise<Response>;

/**
 * Read the built topology view and make a handler of it: `/` and `/monitor` lead to `/monitor/`,
 * which is the page; it asks the API under `/api` of the same server.
 *
 * @throws {FairleadError} `monitor_not_built` when the folder has no page.
 */
export function monitorHandler(options: MonitorHandlerOptions = {}): Promise<MonitorHandler> {
  const folder = options.folder ?? builtFolder("monitor");
  return pageHandler({ folder, mount: "monitor" });
}
