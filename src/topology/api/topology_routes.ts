import type { Hono } from "hono";
import { text } from "../../http/mod.ts";
import type { NodeSummary } from "../view/summary.ts";
import { fresh, notFound, refused } from "./answers.ts";
import type { ApiContext } from "./context.ts";
import { momentOf } from "./moment.ts";
import { readQuery } from "./query.ts";

const ROOT = "/api/topology/";

/** Add the views. */
export function topologyRoutes(app: Hono, context: ApiContext): void {
  app.get("/api/topology", ({ req }) => answer(() => giveList(req.raw, context)));
  app.get("/api/topology/*", ({ req }) => answer(() => give(req.raw, context)));
}

function answer(give: () => Response): Response {
  try {
    return give();
  } catch (error) {
    return refused(error);
  }
}

function giveList(request: Request, context: ApiContext): Response {
  const query = readQuery(new URL(request.url).searchParams, context.rules);
  const moment = momentOf(context, query);
  return fresh(moment.views.topologies(query.view));
}

function give(request: Request, context: ApiContext): Response {
  const url = new URL(request.url);
  const place = placeOf(url.pathname);
  if (place === undefined) return notFound();
  const { topologyId, nodeId } = place;
  if (nodeId === "ws") return text(400, "Bad Request\n");
  const query = readQuery(url.searchParams, context.rules);
  const { store, views } = momentOf(context, query);
  if (nodeId === undefined) {
    const nodes = views.nodes(topologyId, query.view);
    return nodes === undefined ? notFound() : fresh({ nodes: objectOf(nodes) });
  }
  const node = store.details(topologyId, nodeId, query.view);
  return node === undefined ? notFound() : fresh({ node });
}

/** The topology and the node of a path; what stands between slashes may be percent-encoded. */
export function placeOf(
  pathname: string,
): { readonly topologyId: string; readonly nodeId?: string } | undefined {
  const rest = pathname.startsWith(ROOT) ? pathname.slice(ROOT.length) : "";
  const slash = rest.indexOf("/");
  const topologyId = decoded(slash < 0 ? rest : rest.slice(0, slash));
  const nodeId = slash < 0 ? undefined : decoded(rest.slice(slash + 1));
  if (topologyId === undefined || topologyId === "") return undefined;
  if (slash < 0 || nodeId === "") return { topologyId };
  return nodeId === undefined ? undefined : { topologyId, nodeId };
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

function objectOf(nodes: ReadonlyMap<string, NodeSummary>): Readonly<Record<string, NodeSummary>> {
  return Object.fromEntries(nodes);
}
