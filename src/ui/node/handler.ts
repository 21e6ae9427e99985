import { builtFolder, pageHandler } from "./page.ts";

/** Options of {@linkcode consoleHandler}. */
export interface ConsoleHandlerOptions {
  /** Folder of the built console. @default `dist/console` of this package */
  readonly folder?: string;
  /**
   * Where the topology view of the same cluster is, as a browser is to be led there: the console
   * then has a place for it in its navigation, and leads from a task to its node.
   *
   * @example "/topology/monitor/"
   */
  readonly topology?: string;
}

/** Answers what is under `/console` and `/`, and 404 everywhere else. */
export type ConsoleHandler = (request: Request) => Promise<Response>;

/**
 * Read the built console and make a handler of it: `/` and `/console` lead to `/console/`, which is
 * the page; what it loads is beside it. GET and HEAD, gzip, ETags.
 *
 * @throws {FairleadError} `console_not_built` when the folder has no page.
 */
export function consoleHandler(options: ConsoleHandlerOptions = {}): Promise<ConsoleHandler> {
  const folder = options.folder ?? builtFolder("console");
  const { topology = "" } = options;
  return pageHandler({ folder, mount: "console", attributes: { topology } });
}
