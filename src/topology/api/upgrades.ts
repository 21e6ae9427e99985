import type { MessageSocket, UpgradeAccepted } from "../../http/mod.ts";
import type { PipeEnd } from "../control/pipes.ts";
import { notFound, refused } from "./answers.ts";
import type { ApiContext } from "./context.ts";
import { readOnly, whoOf } from "./control_routes.ts";
import { momentOf } from "./moment.ts";
import { requireOrigin } from "./origin.ts";
import { readQuery } from "./query.ts";
import type { ScopeSockets } from "./scope_sockets.ts";
import { placeOf } from "./topology_routes.ts";

type Answer = UpgradeAccepted | Response;

const INTERVAL_MS = 1_000;
const PIPE = /^\/api\/pipe\/([^/]{1,256})(\/probe)?$/;
const STREAM = "/api/stream/";
const PROBE_ID_MAX = 256;

/** Decide about WebSockets. */
export function upgrades(context: ApiContext, sockets: ScopeSockets): (request: Request) => Answer {
  return (request) => {
    try {
      requireOrigin(request, context.rules);
      return route(request, context, sockets);
    } catch (error) {
      return refused(error);
    }
  };
}

function route(request: Request, context: ApiContext, sockets: ScopeSockets): Answer {
  const { pathname } = new URL(request.url);
  if (pathname === "/api/control/ws") return controlSocket(request, context);
  if (pathname.startsWith(STREAM)) return streamSocket(request, context);
  const pipe = PIPE.exec(pathname);
  if (pipe !== null) {
    const end = pipe[2] === undefined ? "ui" : "probe";
    return pipeSocket(request, { id: pipe[1] ?? "", end }, context);
  }
  const place = placeOf(pathname);
  if (place?.nodeId !== "ws") return notFound();
  const { fromMs, view, intervalMs = INTERVAL_MS } = readQuery(searchOf(request), context.rules);
  const moment = momentOf(context, fromMs === undefined ? { view } : { view, fromMs });
  const { topologyId } = place;
  if (moment.views.nodes(topologyId, view) === undefined) return notFound();
  return accept((socket) =>
    sockets.follow(socket, { moment, topologyId, query: view, intervalMs }),
  );
}

function streamSocket(request: Request, context: ApiContext): Answer {
  const { pathname, searchParams } = new URL(request.url);
  const topologyId = pathname.slice(STREAM.length);
  const { view, fromMs, position } = readQuery(searchParams, context.rules);
  // Whether there is such a topology is seen best where rendering it costs nothing more.
  if (context.present.views.nodes(topologyId, view) === undefined) return notFound();
  const followed = { topologyId, query: view, ...(fromMs === undefined ? {} : { fromMs }) };
  const stream = context.streams.open(followed);
  return accept((socket) => stream.join(socket, position));
}

function controlSocket(request: Request, { controls }: ApiContext): Answer {
  const probeId = request.headers.get("x-scope-probe-id") ?? "";
  if (probeId === "" || probeId.length > PROBE_ID_MAX) {
    return new Response(JSON.stringify("Missing X-Scope-Probe-ID"), {
      status: 400,
      headers: { "content-type": "application/json" },
    });
  }
  return accept((socket) => controls.connect(probeId, socket));
}

function pipeSocket(
  request: Request,
  { id, end }: { readonly id: string; readonly end: PipeEnd },
  { rules, pipes, audit }: ApiContext,
): Answer {
  if (rules.isReadOnly) return refused(readOnly());
  pipes.prepare(id);
  if (end === "ui") audit({ act: "pipe_open", pipe: id, ...whoOf(request), outcome: "accepted" });
  return accept((socket) => pipes.connect(id, end, socket));
}

function searchOf(request: Request): URLSearchParams {
  return new URL(request.url).searchParams;
}

function accept(take: (socket: MessageSocket) => void): UpgradeAccepted {
  return { accept: take };
}
