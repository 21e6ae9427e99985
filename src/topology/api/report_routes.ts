import type { Hono } from "hono";
import { FairleadError } from "../../base/mod.ts";
import { readBody, text } from "../../http/mod.ts";
import type { HeldReport } from "../collector/report_store.ts";

import { encodeReport } from "../report/codec.ts";
import type { PluginSpec } from "../report/report.ts";
import { censorReport } from "../view/censor.ts";
import { fresh, refused } from "./answers.ts";
import type { ApiContext } from "./context.ts";
import { OPENMETRICS_TYPE } from "./metrics.ts";
import { momentOf } from "./moment.ts";
import { readQuery } from "./query.ts";

const TYPE = /^application\/(msgpack|json)/;
const ID_LENGTH_MAX = 256;
/** How old the list of plugins may be. */
const PLUGINS_MS = 1_000;

/** Add what has to do with reports as a whole. */
export function reportRoutes(app: Hono, context: ApiContext): void {
  const plugins = pluginsOf(context);
  app.get("/api", () => fresh(describe(context, plugins())));
  app.post("/api/report", async ({ req }) => {
    try {
      return await take(req.raw, context);
    } catch (error) {
      const { code } = FairleadError.from(error);
      context.metrics.count("fairlead_collector_reports_refused", { code });
      return refused(error);
    }
  });
  app.get("/api/report", ({ req }) => giveReport(req.raw, context));
  app.get("/api/probes", ({ req }) => {
    context.present.advance();
    const probes = context.present.store.probes();
    return fresh(req.query("sparse") === "true" ? probes.length > 0 : probes);
  });
  app.get("/admin/summary", () => text(200, summaryOf(context.present.store.held())));
  app.get("/metrics", () => {
    const headers = { "content-type": OPENMETRICS_TYPE, "cache-control": "no-cache" };
    return new Response(context.metrics.write(), { headers });
  });
}

/**
 * The plugins of all probes, looked up once in a while: they stand in the merged report, and every
 * probe that connects asks.
 */
function pluginsOf({ present, clock }: ApiContext): () => readonly PluginSpec[] {
  let known: { readonly plugins: readonly PluginSpec[]; readonly atMs: number } | undefined;
  return () => {
    const nowMs = clock.nowMs();
    if (known !== undefined && Math.abs(nowMs - known.atMs) < PLUGINS_MS) {
      return known.plugins;
    }
    present.advance();
    known = { plugins: present.store.report().plugins, atMs: clock.nowMs() };
    return known.plugins;
  };
}

function describe({ identity, history }: ApiContext, plugins: readonly PluginSpec[]) {
  const { id, version, hostname } = identity;
  const capabilities = { historic_reports: history !== undefined };
  return { id, version, hostname, plugins, capabilities };
}

async function take(request: Request, context: ApiContext): Promise<Response> {
  const { rules, clock, present, history, relay, metrics } = context;
  const contentType = request.headers.get("content-type") ?? "";
  if (!TYPE.test(contentType)) {
    throw new FairleadError("unsupported_report", `Unsupported Content-Type: ${contentType}`);
  }
  const probeId = request.headers.get("x-scope-probe-id") ?? "unnamed";
  if (probeId.length > ID_LENGTH_MAX) {
    throw new FairleadError(
      "invalid_report",
      `Cannot read the report: X-Scope-Probe-Id is longer than ${ID_LENGTH_MAX} characters`,
    );
  }
  const bytesMax = rules.reportBytesMax;
  const { inflate: gunzip } = rules;
  const limits = { bytesMax, clock, ...(gunzip === undefined ? {} : { gunzip }) };
  const bytes = await readBody(request, limits);
  const upload = { probeId, contentType, bytes, receivedMs: clock.nowMs() };
  const { isShortcut } = present.store.add(upload);
  history?.add(upload);
  relay?.pass(upload);
  metrics.count("fairlead_collector_reports");
  metrics.count("fairlead_collector_report_bytes", {}, bytes.length);
  context.onReport(isShortcut);
  return new Response(null, { status: 200 });
}

function giveReport(request: Request, context: ApiContext): Response {
  try {
    const query = readQuery(new URL(request.url).searchParams, context.rules);
    const moment = momentOf(context, query);
    const report = censorReport(moment.store.report(), query.view);
    const isMsgpack = request.headers.get("accept")?.startsWith("application/msgpack") === true;
    const body = encodeReport(report, { format: isMsgpack ? "msgpack-scope" : "json" });
    const type = isMsgpack ? "application/msgpack" : "application/json";
    return new Response(body, { headers: { "content-type": type, "cache-control": "no-cache" } });
  } catch (error) {
    return refused(error);
  }
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A line a report: when it came, of which host, how many nodes it has. */
function summaryOf(held: readonly HeldReport[]): string {
  const lines = [...held]
    .sort((a, b) => a.receivedMs - b.receivedMs)
    .map(({ receivedMs, host, counts }) => {
      const at = new Date(receivedMs);
      const day = `${MONTHS[at.getUTCMonth()]} ${String(at.getUTCDate()).padStart(2)}`;
      const topologies = counts.map(([name, nodes]) => `${name}:${nodes}`).join(", ");
      return `${day} ${at.toISOString().slice(11, 23)}: ${host};<host>: ${topologies}\n`;
    });
  return lines.join("");
}
