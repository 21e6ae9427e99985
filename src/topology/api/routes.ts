import { Hono } from "hono";
import type { Handler, Middleware } from "../../http/mod.ts";
import { notFound, refused } from "./answers.ts";
import type { ApiContext } from "./context.ts";
import { controlRoutes } from "./control_routes.ts";
import { requireOrigin } from "./origin.ts";
import { reportRoutes } from "./report_routes.ts";
import { topologyRoutes } from "./topology_routes.ts";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/** Everything that is answered without a WebSocket. */
export function routes(context: ApiContext, files: Handler | undefined): Handler {
  const app = new Hono({ getPath: ({ url }) => new URL(url).pathname });
  reportRoutes(app, context);
  topologyRoutes(app, context);
  controlRoutes(app, context);
  app.get("/api/*", () => notFound());
  if (files !== undefined) app.get("/*", ({ req }) => files(req.raw));
  app.notFound(() => notFound());
  app.onError((error) => {
    throw error;
  });
  return (request) => {
    try {
      if (!SAFE.has(request.method)) requireOrigin(request, context.rules);
    } catch (error) {
      return refused(error);
    }
    return app.fetch(request);
  };
}

/** Measure requests by their route. */
export function measured({ metrics, clock }: ApiContext): Middleware {
  return (next) => async (request) => {
    const startMs = clock.nowMs();
    const response = await next(request);
    const labels = {
      method: request.method,
      route: routeOf(new URL(request.url).pathname),
      status_code: String(response.status),
      ws: "false",
    };
    metrics.observe(labels, (clock.nowMs() - startMs) / 1_000);
    return response;
  };
}

const ROUTES: readonly (readonly [RegExp, string])[] = [
  [/^\/api$/, "api"],
  [/^\/api\/(report|probes|topology)$/, "api_$1"],
  [/^\/api\/topology\/[^/]+$/, "api_topology_topology"],
  [/^\/api\/topology\/[^/]+\/.+$/, "api_topology_topology_id"],
  [/^\/api\/control\//, "api_control"],
  [/^\/api\/pipe\//, "api_pipe"],
  [/^\/(metrics|admin\/summary)$/, "$1"],
];

/** A name of the route, as there are few. */
function routeOf(pathname: string): string {
  for (const [pattern, name] of ROUTES) {
    const match = pattern.exec(pathname);
    if (match !== null) return name.replace("$1", (match[1] ?? "").replace("/", "_"));
  }
  return "other";
}
