/** `/api/fairlead`: what the console reads. */
import type { Hono } from "hono";
import { FairleadError } from "../../base/mod.ts";
import { json, principalOf, problem } from "../../http/mod.ts";
import type { ConsoleExplanations, ConsoleOffers } from "../../model/mod.ts";
import type { MasterState } from "../core/records.ts";
import { Visible } from "../operator/visible.ts";
import type { MasterContext } from "../shell/context.ts";
import type { Driver, Reply } from "../shell/driver.ts";
import { leading } from "../shell/role.ts";
import { amountsOf } from "./amounts.ts";
import { agentDetails, maintenance } from "./details.ts";
import { pageOf, queryOf, wholeNumber } from "./query.ts";
import { listFolder, readChunk } from "./sandbox.ts";
import { Consoles } from "./stream.ts";
import { portsText, taskDetails, tasksPage } from "./tasks.ts";

const PREFIX = "/api/fairlead";
const EXPLAINED_DEFAULT = 500;
const EXPLAINED_MAX = 10_000;

interface Asked {
  readonly request: Request;
  readonly url: URL;
  readonly driver: Driver;
  readonly consoles: Consoles;
  readonly visible: Visible;
  readonly param: (name: string) => string;
}

type Answer = Response | object | Reply | undefined;

/** Add the console's API. */
export function consoleApi(app: Hono, context: MasterContext): void {
  const terms = new WeakMap<Driver, Consoles>();
  const consolesOf = (driver: Driver): Consoles => {
    let consoles = terms.get(driver);
    if (consoles === undefined) {
      consoles = new Consoles(context, driver);
      terms.set(driver, consoles);
    }
    return consoles;
  };
  const get = (path: string, answer: (asked: Asked) => Answer | Promise<Answer>): void => {
    app.get(PREFIX + path, async ({ req }) => {
      const driver = leading(context.role(), req.raw);
      if (driver instanceof Response) return driver;
      try {
        const found = await answer({
          request: req.raw,
          url: new URL(req.url),
          driver,
          consoles: consolesOf(driver),
          visible: new Visible(context.authorize, principalOf(req.raw)),
          param: (name) => req.param(name) ?? "",
        });
        return respond(found);
      } catch (error) {
        if (error instanceof FairleadError && CLIENT_FAULTS.has(error.code)) {
          return problem(error.code.startsWith("unknown") ? 404 : 400, error.message, {
            code: error.code,
          });
        }
        throw error;
      }
    });
  };
  get("/summary", ({ consoles }) => consoles.summary());
  get("/stream", ({ consoles }) => consoles.open());
  get("/tasks", ({ driver, url, visible }) => {
    return tasksPage(driver.core.state, queryOf(url.searchParams), visible);
  });
  get("/tasks/:framework/:task", ({ driver, visible, param }) =>
    taskDetails(
      driver.core.state,
      { frameworkId: param("framework"), taskId: param("task") },
      visible,
    ),
  );
  get("/agents/:id", ({ driver, consoles, param }) =>
    agentDetails(driver.core.state, consoles.board, param("id")),
  );
  get("/offers", ({ driver, url }) => offersPage(driver.core.state, url.searchParams));
  get("/explain", ({ driver, url }) => explain(driver, url.searchParams));
  get("/maintenance", ({ driver }) => maintenance(driver.core.state));
  get("/agents/:id/files", async ({ driver, request, url, param }) => {
    const refusal = sandboxRefusal(context, request);
    return refusal ?? (await listFolder(driver, param("id"), url.searchParams.get("path") ?? "/"));
  });
  get("/agents/:id/files/read", async ({ driver, request, url, param }) => {
    const refusal = sandboxRefusal(context, request);
    if (refusal !== undefined) return refusal;
    const { searchParams } = url;
    const length = searchParams.get("length");
    return await readChunk(driver, param("id"), {
      path: searchParams.get("path") ?? "",
      offset: wholeNumber(searchParams, "offset", { fallback: 0, min: -1, max: 2 ** 53 - 1 }),
      ...(length === null
        ? {}
        : { length: wholeNumber(searchParams, "length", { fallback: 0, min: 0, max: 1_048_576 }) }),
    });
  });
}

const CLIENT_FAULTS = new Set(["invalid_query", "unknown_framework", "unknown_agent"]);

function respond(found: Answer): Response {
  if (found === undefined) return problem(404, "There is no such thing");
  if (found instanceof Response) return found;
  if (!isReply(found)) return json(200, found);
  return problem(found.status, found.message ?? "The agent did not answer");
}

function isReply(found: object): found is Reply {
  return "status" in found && typeof found.status === "number";
}

function sandboxRefusal({ authorize }: MasterContext, request: Request): Response | undefined {
  if (authorize(principalOf(request), "access_sandboxes")) return undefined;
  return problem(403, "Not authorized to read sandboxes");
}

function offersPage(state: MasterState, query: URLSearchParams): ConsoleOffers {
  const framework = query.get("framework");
  const agent = query.get("agent");
  const { offset, limit } = pageOf(query);
  const from =
    framework === null
      ? state.offers.values()
      : (state.frameworks.get(framework)?.offers.values() ?? []);
  let total = 0;
  const offers: ConsoleOffers["offers"][number][] = [];
  for (const offer of from) {
    if (agent !== null && offer.agentId !== agent) continue;
    total += 1;
    if (total <= offset || offers.length >= limit) continue;
    offers.push({
      id: offer.id,
      agentId: offer.agentId,
      hostname: offer.json.hostname,
      frameworkId: offer.frameworkId,
      role: offer.role,
      amounts: amountsOf(offer.resources.quantities()),
      ports: portsText(offer.resources.named("ports")),
      sinceMs: offer.sinceMs,
    });
  }
  return { total, offers };
}

/** Why a framework is offered nothing. */
function explain({ core }: Driver, query: URLSearchParams): ConsoleExplanations {
  const frameworkId = query.get("framework") ?? "";
  const bounds = { fallback: EXPLAINED_DEFAULT, min: 0, max: EXPLAINED_MAX };
  const limit = wholeNumber(query, "limit", bounds);
  const explanations = core.explain(frameworkId, query.get("agent") ?? undefined);
  const counts: Record<string, number> = {};
  for (const { code } of explanations) counts[code] = (counts[code] ?? 0) + 1;
  const agents = explanations
    .slice(0, limit)
    .map(({ agentId, role, code, message }) => ({ agentId, role, code, message }));
  return { frameworkId, counts, agents };
}
