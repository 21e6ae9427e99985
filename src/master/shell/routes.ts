/** From a request to the API that answers it. */
import { Hono } from "hono";
import { type Handler, type Middleware, text } from "../../http/mod.ts";
import { APIS } from "./apis.ts";
import type { SchedulerCodec } from "./codecs.ts";
import type { MasterContext } from "./context.ts";
import { pathOf } from "./path.ts";
import { addressOf, type Role } from "./role.ts";
import { schedulerApi } from "./scheduler_api.ts";

/** Options of {@linkcode routes}. */
export interface RoutesOptions {
  readonly context: MasterContext;
  /** Languages of the scheduler API; the first is preferred. */
  readonly codecs: readonly SchedulerCodec[];
}

/** Everything that needs credentials. */
export function routes({ context, codecs }: RoutesOptions): Handler {
  const scheduler = schedulerApi(context, codecs);
  const app = new Hono({ getPath: pathOf });
  for (const add of APIS) add(app, context);
  app.notFound(() => text(404, "There is nothing here"));
  app.onError((error) => {
    throw error;
  });
  return (request) =>
    pathOf(request) === "/api/v1/scheduler" ? scheduler(request) : app.fetch(request);
}

/** What anybody may ask; undefined for everything else. */
export function publicRoute(role: Role, request: Request): Response | undefined {
  const path = pathOf(request);
  if (path === "/health") return text(200, "");
  if (path !== "/redirect") return undefined;
  if (!("leader" in role))
    return text(503, "No leader elected", { headers: { "retry-after": "1" } });
  return text(307, "", { headers: { location: `//${addressOf(role.leader)}` } });
}

/** The console's page and what it loads; they hold nothing that needs credentials. */
export function consoleFiles(files: Handler): Middleware {
  return (next) => (request) =>
    /^\/(console(\/.*)?)?$/.test(new URL(request.url).pathname) ? files(request) : next(request);
}
