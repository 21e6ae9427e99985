/** Paths from before the v1 API that tools still read, and metrics. */
import type { Hono } from "hono";
import { json, principalOf, readBody, text } from "../../http/mod.ts";
import type { OperatorCall } from "../core/events.ts";
import { PROMETHEUS_TYPE } from "../metrics/prometheus.ts";
import { maintenanceSchedule, maintenanceStatus } from "../operator/maintenance.ts";
import { quotaStatus, roleViews, weightViews } from "../operator/roles.ts";
import { jsonObject, slicedBody } from "../operator/slices.ts";
import { takeSnapshot } from "../operator/snapshot.ts";
import { Visible } from "../operator/visible.ts";
import type { MasterContext } from "../shell/context.ts";
import type { Driver } from "../shell/driver.ts";
import { leading } from "../shell/role.ts";
import { masterGauges } from "./gauges.ts";
import {
  type ClassicInput,
  frameworkMembers,
  slaveMembers,
  stateMembers,
  summaryMembers,
  taskMembers,
} from "./state.ts";

const TASKS_DEFAULT = 100;
const TASKS_MAX = 100_000;
const FORM_BYTES_MAX = 65_536;

/** Add them. */
export function classicApi(app: Hono, context: MasterContext): void {
  addMetrics(app, context);
  addViews(app, context);
  app.post("/teardown", async ({ req }) => {
    const driver = leading(context.role(), req.raw);
    if (driver instanceof Response) return driver;
    const body = new TextDecoder().decode(
      await readBody(req.raw, {
        bytesMax: FORM_BYTES_MAX,
        timeoutMs: context.limits.bodyTimeoutMs,
        clock: context.clock,
      }),
    );
    const id = new URLSearchParams(body).get("frameworkId");
    if (!id) return text(400, "Missing 'frameworkId' query parameter in the request body");
    const call = { type: "TEARDOWN", teardown: { framework_id: { value: id } } } as const;
    return await make(driver, req.raw, call);
  });
}

async function make(driver: Driver, request: Request, call: OperatorCall): Promise<Response> {
  const { status, message } = await driver.request((id) => ({
    type: "operator_call",
    request: id,
    principal: principalOf(request),
    call,
  }));
  return text(status, message ?? "");
}

function addMetrics(app: Hono, context: MasterContext): void {
  const { metrics, version, flags } = context;
  metrics.addGauges(masterGauges(context));
  app.get("/metrics/snapshot", () => json(200, metrics.snapshot()));
  app.get("/metrics", () =>
    text(200, metrics.prometheus(), { headers: { "content-type": PROMETHEUS_TYPE } }),
  );
  app.get("/version", () => json(200, { version }));
  app.get("/flags", () => json(200, { flags }));
}

/** Answers that are made of a snapshot, piece by piece. */
function addViews(app: Hono, context: MasterContext): void {
  const stream = (
    paths: readonly string[],
    members: (input: ClassicInput, url: URL) => Parameters<typeof jsonObject>[0] | Response,
  ): void => {
    for (const path of paths) {
      app.get(path, ({ req }) => {
        const driver = leading(context.role(), req.raw);
        if (driver instanceof Response) return driver;
        const visible = new Visible(context.authorize, principalOf(req.raw));
        const snapshot = takeSnapshot(driver.core.state);
        const made = members({ context, driver, snapshot, visible }, new URL(req.url));
        if (made instanceof Response) return made;
        return new Response(slicedBody(jsonObject(made), context.clock), {
          headers: { "content-type": "application/json" },
        });
      });
    }
  };
  stream(["/state", "/state.json"], stateMembers);
  stream(["/state-summary"], summaryMembers);
  stream(["/slaves"], slaveMembers);
  stream(["/frameworks"], frameworkMembers);
  stream(["/tasks", "/tasks.json"], (input, { searchParams }) => {
    const offset = Number(searchParams.get("offset") ?? 0);
    const limit = Number(searchParams.get("limit") ?? TASKS_DEFAULT);
    if (!Number.isInteger(offset) || offset < 0 || !Number.isInteger(limit) || limit < 0) {
      return text(400, "'offset' and 'limit' must be whole numbers from 0 on");
    }
    const ascending = searchParams.get("order") === "asc";
    return taskMembers(input, { offset, limit: Math.min(limit, TASKS_MAX), ascending });
  });
  stream(["/roles"], ({ driver: { core }, visible }) => [
    ["roles", { value: roleViews(core.shares(), core.state, visible) }],
  ]);
  stream(["/quota"], ({ driver: { core }, visible }) => [
    ["infos", { value: quotaStatus(core.state, visible).infos }],
  ]);
  stream(["/maintenance/schedule"], ({ driver: { core } }) => [
    ["windows", { value: maintenanceSchedule(core.state).windows }],
  ]);
  stream(["/maintenance/status"], ({ driver: { core } }) =>
    Object.entries(maintenanceStatus(core)).map(([name, value]) => [name, { value }]),
  );
  app.get("/weights", ({ req }) => {
    const driver = leading(context.role(), req.raw);
    if (driver instanceof Response) return driver;
    const visible = new Visible(context.authorize, principalOf(req.raw));
    return json(200, weightViews(driver.core.state, visible));
  });
}
