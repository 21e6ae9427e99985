/** What a cutover says to a router, over HTTP with a token. */
import { FairleadError } from "fairlead/base";
import {
  authenticated,
  authenticator,
  compose,
  type Handler,
  json,
  problem,
  readJsonBody,
} from "fairlead/http";
import { type Router, upstreamsOf } from "./router.ts";

const BODY_BYTES_MAX = 10_000;

/** `GET /status`, `GET /metrics`; `POST /shut`, `/open`, `/route {"to":"host:port,…"}`. */
export function control(router: Router, token: string): Handler {
  const guard = authenticator({ bearer: { tokens: [{ principal: "operator", token }] } });
  const acts = compose([authenticated(guard)], (request) => act(router, request));
  return async (request) => {
    const { pathname } = new URL(request.url);
    if (request.method === "GET" && pathname === "/metrics") return metrics(router);
    if (request.method === "GET" && pathname === "/status") return json(200, router.state);
    return await acts(request);
  };
}

async function act(router: Router, request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (request.method !== "POST") return problem(405, "Cannot answer: it takes POST here");
  switch (pathname) {
    case "/shut":
      await router.shut();
      break;
    case "/open":
      router.open();
      break;
    case "/route": {
      const refusal = await route(router, request);
      if (refusal !== undefined) return refusal;
      break;
    }
    default:
      return problem(404, `Cannot find ${pathname}: there are /shut, /open, /route, /status`);
  }
  return json(200, router.state);
}

async function route(router: Router, request: Request): Promise<Response | undefined> {
  try {
    const body = await readJsonBody(request, { bytesMax: BODY_BYTES_MAX });
    await router.route(upstreamsOf(placeOf(body)));
    return undefined;
  } catch (error) {
    const { code, message } = FairleadError.from(error);
    return problem(400, message, { code });
  }
}

function placeOf(body: unknown): string {
  if (typeof body === "object" && body !== null && "to" in body && typeof body.to === "string") {
    return body.to;
  }
  const message = 'Cannot route: the body must be {"to":"host:port,host:port"}';
  throw new FairleadError("invalid_option", message, { details: { field: "to" } });
}

function metrics(router: Router): Response {
  const { isOpen, connections, accepted, refused, failed, bytes } = router.state;
  const lines = [
    ["open", "gauge", "1 while clients are let in.", isOpen ? 1 : 0],
    ["connections", "gauge", "Clients that are connected.", connections],
    ["accepted_total", "counter", "Connections that were handed on.", accepted],
    ["refused_total", "counter", "Connections that were not.", refused],
    ["upstream_failures_total", "counter", "Upstreams that did not answer.", failed],
    ["client_bytes_total", "counter", "From clients.", bytes.fromClients],
    ["upstream_bytes_total", "counter", "To clients.", bytes.toClients],
  ].flatMap(([name, type, help, value]) => [
    `# HELP fairlead_router_${name} ${help}`,
    `# TYPE fairlead_router_${name} ${type}`,
    `fairlead_router_${name} ${value}`,
  ]);
  return new Response(`${lines.join("\n")}\n`, {
    headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" },
  });
}
