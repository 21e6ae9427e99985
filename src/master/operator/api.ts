/** `POST /api/v1`: the operator API of Mesos v1. */
import type { Hono } from "hono";
import { FairleadError } from "../../base/mod.ts";
import {
  json,
  negotiate,
  parseMediaType,
  principalOf,
  readJsonBody,
  statusOf,
  text,
} from "../../http/mod.ts";
import { type MasterCall, readMasterCall } from "../../model/mod.ts";
import type { OperatorCall } from "../core/events.ts";
import type { MasterContext } from "../shell/context.ts";
import type { Driver, Reply } from "../shell/driver.ts";
import { leading } from "../shell/role.ts";
import { answer } from "./answers.ts";
import { listFiles, readFile } from "./files.ts";
import { getLoggingLevel, setLoggingLevel } from "./logging.ts";
import { type JsonPart, jsonObject, slicedBody } from "./slices.ts";
import { takeSnapshot } from "./snapshot.ts";
import { agentParts, executorParts, frameworkParts, stateParts, taskParts } from "./state.ts";
import { Subscribers } from "./subscribers.ts";
import { Visible } from "./visible.ts";

const JSON_TYPE = "application/json";

/** Add the operator API. */
export function operatorApi(app: Hono, context: MasterContext): void {
  const subscribers = new Subscribers(context);
  app.all("/api/v1", async ({ req }) => {
    const driver = leading(context.role(), req.raw);
    if (driver instanceof Response) return driver;
    try {
      return await serve(req.raw, { context, driver, subscribers });
    } catch (error) {
      const status = statusOf(error);
      if (status === 500 || !(error instanceof FairleadError)) throw error;
      return text(status, error.message);
    }
  });
}

interface Serving {
  readonly context: MasterContext;
  readonly driver: Driver;
  readonly subscribers: Subscribers;
}

async function serve(request: Request, serving: Serving): Promise<Response> {
  const refusal = refusalOf(request);
  if (refusal !== undefined) return refusal;
  const { bodyBytesMax, bodyTimeoutMs } = serving.context.limits;
  const body = await readJsonBody(request, { bytesMax: bodyBytesMax, timeoutMs: bodyTimeoutMs });
  const call = readMasterCall(body);
  if (negotiate(request.headers.get("accept"), [JSON_TYPE]) === undefined) {
    return text(406, `Expecting 'Accept' to allow ${JSON_TYPE}`);
  }
  return await respond(request, call, serving);
}

/** What is wrong before the body is looked at, in Mesos' order. */
function refusalOf(request: Request): Response | undefined {
  if (request.method !== "POST") {
    return text(405, `Expecting one of { 'POST' }, but received '${request.method}'`, {
      headers: { allow: "POST" },
    });
  }
  const type = request.headers.get("content-type");
  if (type === null) return text(400, "Expecting 'Content-Type' to be present");
  if (parseMediaType(type)?.type === JSON_TYPE) return undefined;
  return text(415, `Expecting 'Content-Type' of ${JSON_TYPE}`);
}

async function respond(
  request: Request,
  call: MasterCall,
  { context, driver, subscribers }: Serving,
): Promise<Response> {
  const visible = new Visible(context.authorize, principalOf(request));
  switch (call.type) {
    case "SUBSCRIBE":
      return subscribers.open(driver, request);
    case "GET_LOGGING_LEVEL":
      return json(200, getLoggingLevel(context));
    case "SET_LOGGING_LEVEL":
      return reply(setLoggingLevel(context, call, principalOf(request)));
    case "LIST_FILES":
    case "READ_FILE": {
      if (!context.authorize(principalOf(request), "access_mesos_logs")) {
        return text(403, "Not authorized to read the master's log");
      }
      const found = call.type === "LIST_FILES" ? listFiles(context, call) : readFile(context, call);
      return "status" in found ? reply(found) : json(200, found);
    }
    default: {
      const small = answer(call, { context, driver, visible });
      if (small !== undefined) return json(200, small);
      const parts = partsOf(call, driver, visible);
      if (parts !== undefined) return streamed(call.type, parts, context);
      return reply(await change(driver, request, call));
    }
  }
}

/** The calls whose answers may be large. */
function partsOf(
  { type }: MasterCall,
  driver: Driver,
  visible: Visible,
): readonly (readonly [string, JsonPart])[] | undefined {
  const make = MAKERS[type];
  return make === undefined ? undefined : make(takeSnapshot(driver.core.state), visible);
}

const MAKERS: Readonly<Record<string, typeof stateParts>> = {
  GET_STATE: stateParts,
  GET_TASKS: taskParts,
  GET_EXECUTORS: executorParts,
  GET_FRAMEWORKS: frameworkParts,
  GET_AGENTS: agentParts,
};

function streamed(
  type: string,
  members: readonly (readonly [string, JsonPart])[],
  { clock }: MasterContext,
): Response {
  const pieces = jsonObject([
    ["type", { value: type }],
    [type.toLowerCase(), { members }],
  ]);
  const headers = { "content-type": JSON_TYPE };
  return new Response(slicedBody(pieces, clock), { headers });
}

/** Calls that change something are the core's. */
async function change(driver: Driver, request: Request, call: MasterCall): Promise<Reply> {
  if (!isOperatorCall(call)) return { status: 501, message: `Cannot take ${call.type}` };
  return await driver.request((id) => ({
    type: "operator_call",
    request: id,
    principal: principalOf(request),
    call,
  }));
}

const CHANGES: ReadonlySet<string> = new Set([
  "UPDATE_WEIGHTS",
  "RESERVE_RESOURCES",
  "UNRESERVE_RESOURCES",
  "CREATE_VOLUMES",
  "DESTROY_VOLUMES",
  "GROW_VOLUME",
  "SHRINK_VOLUME",
  "UPDATE_MAINTENANCE_SCHEDULE",
  "START_MAINTENANCE",
  "STOP_MAINTENANCE",
  "DRAIN_AGENT",
  "DEACTIVATE_AGENT",
  "REACTIVATE_AGENT",
  "UPDATE_QUOTA",
  "SET_QUOTA",
  "REMOVE_QUOTA",
  "TEARDOWN",
  "MARK_AGENT_GONE",
] satisfies OperatorCall["type"][]);

function isOperatorCall(call: MasterCall): call is Extract<MasterCall, OperatorCall> {
  return CHANGES.has(call.type);
}

function reply({ status, message, body }: Reply): Response {
  return body === undefined ? text(status, message ?? "") : json(status, body);
}
