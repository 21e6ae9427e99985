/** `POST /api/v1/scheduler`: who may call, and in which language. */
import { FairleadError } from "../../base/mod.ts";
import {
  type Handler,
  json,
  type MediaType,
  negotiate,
  parseMediaType,
  principalOf,
  readBody,
  statusOf,
  text,
} from "../../http/mod.ts";
import type { SchedulerCall } from "../../model/mod.ts";
import { answerBatch } from "./batch.ts";
import { make, readCall } from "./calls.ts";
import { jsonCodec, type SchedulerCodec } from "./codecs.ts";
import type { MasterContext } from "./context.ts";
import type { Driver, Reply } from "./driver.ts";
import { leading } from "./role.ts";
import { Subscriptions } from "./subscriptions.ts";

/** A stream id that is longer cannot be one of ours. */
const STREAM_ID_MAX = 128;
const RECORDIO = "application/recordio";
const CONTENT_TYPES = "application/json";

/** What one request brought, in the caller's language. */
interface Body {
  readonly codec: SchedulerCodec;
  readonly bytes: Uint8Array;
  readonly isBatch: boolean;
}

/**
 * The scheduler API of Mesos v1.
 *
 * Checks come in Mesos' order: 403 for a principal without a value, 307 or 503 when this master
 * does not lead, 405, 400 without a Content-Type, 415, 400 for what is no call, 406, and then what
 * the core says of the call. Beyond Mesos: `Content-Type: application/recordio` with a
 * `Message-Content-Type` brings many calls in one request (`CALL_BATCH`).
 *
 * @param codecs The first is preferred.
 */
export function schedulerApi(context: MasterContext, codecs: readonly SchedulerCodec[]): Handler {
  const subscriptions = new Subscriptions(context);
  return async (request) => {
    if (principalOf(request) === "") {
      return text(403, "The request's authenticated principal has no value, but must have one");
    }
    const driver = leading(context.role(), request);
    if (driver instanceof Response) return driver;
    if (request.method !== "POST") {
      return text(405, `Expecting one of { 'POST' }, but received '${request.method}'`, {
        headers: { allow: "POST" },
      });
    }
    try {
      const body = await read(request, context, codecs);
      if (body instanceof Response) return body;
      // Reading took time: the term may be another.
      const now = leading(context.role(), request);
      if (now instanceof Response) return now;
      return await answer({ context, codecs, subscriptions, driver: now }, request, body);
    } catch (error) {
      const status = statusOf(error);
      if (status === 500 || !(error instanceof FairleadError)) throw error;
      return text(status, error.message);
    }
  };
}

async function read(
  request: Request,
  { limits, clock }: MasterContext,
  codecs: readonly SchedulerCodec[],
): Promise<Body | Response> {
  const header = request.headers.get("content-type");
  if (header === null) return text(400, "Expecting 'Content-Type' to be present");
  const media = header === CONTENT_TYPES ? undefined : parseMediaType(header);
  const isBatch = media?.type === RECORDIO;
  const type = isBatch ? messageType(request)?.type : (media?.type ?? header);
  const codec = codecs.find(({ contentType }) => contentType === type);
  if (codec === undefined) {
    const which = isBatch ? "Message-Content-Type" : "Content-Type";
    return text(415, `Expecting '${which}' of ${namesOf(codecs)}`);
  }
  const bytes = await readBody(request, {
    bytesMax: limits.bodyBytesMax,
    timeoutMs: limits.bodyTimeoutMs,
    clock,
  });
  return { codec, bytes, isBatch };
}

function messageType(request: Request): MediaType | undefined {
  return parseMediaType(request.headers.get("message-content-type") ?? "");
}

function namesOf(codecs: readonly SchedulerCodec[]): string {
  return codecs.map(({ contentType }) => contentType).join(" or ");
}

interface Api {
  readonly context: MasterContext;
  readonly codecs: readonly SchedulerCodec[];
  readonly subscriptions: Subscriptions;
  readonly driver: Driver;
}

async function answer(api: Api, request: Request, body: Body): Promise<Response> {
  const { codecs, driver } = api;
  const principal = principalOf(request);
  const stream = request.headers.get("mesos-stream-id")?.slice(0, STREAM_ID_MAX + 1);
  const caller = { driver, codec: body.codec, principal, stream };
  const call = body.isBatch ? undefined : readCall(caller, body.bytes);
  const accepted = negotiate(
    request.headers.get("accept"),
    codecs.map(({ contentType }) => contentType),
  );
  if (accepted === undefined && hasAnswer(call)) {
    return text(406, `Expecting 'Accept' to allow ${namesOf(codecs)}`);
  }
  if (call === undefined) return await answerBatch(caller, body.bytes, api.context.clock);
  const { subscriptionBytesMax } = api.context.limits;
  if (isSubscription(call) && body.bytes.length > subscriptionBytesMax) {
    return text(413, `Cannot take a ${call.type} of more than ${subscriptionBytesMax} bytes`);
  }
  if (call.type !== "SUBSCRIBE") {
    const reply = make(caller, call);
    return respond(reply instanceof Promise ? await reply : reply);
  }
  if (stream !== undefined) {
    return text(400, "Subscribe calls should not include the 'Mesos-Stream-Id' header");
  }
  const codec = codecs.find(({ contentType }) => contentType === accepted) ?? jsonCodec;
  return await api.subscriptions.open(driver, request, { call, codec });
}

/** Whether there is something to say in answer: else it does not matter who would understand it. */
function hasAnswer(call: SchedulerCall | undefined): boolean {
  return call === undefined || call.type === "SUBSCRIBE" || call.type === "RECONCILE_OPERATIONS";
}

function isSubscription({ type }: SchedulerCall): boolean {
  return type === "SUBSCRIBE" || type === "UPDATE_FRAMEWORK";
}

function respond({ status, message = "", body }: Reply): Response {
  return body === undefined ? text(status, message) : json(status, body);
}
