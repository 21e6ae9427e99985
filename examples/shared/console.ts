/** The console's files as a handler. */
import type { ConsoleHandler } from "fairlead/ui/node";

/** What is no file of the console is not there. */
export function orNotFound(files: ConsoleHandler) {
  return async (request: Request): Promise<Response> =>
    (await files(request)) ?? new Response("There is nothing here", { status: 404 });
}
