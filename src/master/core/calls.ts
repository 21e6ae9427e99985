/** Calls of frameworks: who may make them, and which part of the core each is for. */
import type { SchedulerCall } from "../../model/mod.ts";
import { accept } from "./accept.ts";
import { acknowledge } from "./acknowledge.ts";
import type { FrameworkBook } from "./books.ts";
import type { Context } from "./context.ts";
import type { MasterInput } from "./events.ts";
import { removeFramework } from "./frameworks.ts";
import { answerInverseOffers } from "./inverse_offers.ts";
import { kill, sendMessage, shutdownExecutor } from "./kill.ts";
import { decline, revive, suppress } from "./offer_calls.ts";
import { acknowledgeOperation, reconcileOperations } from "./operations.ts";
import { reconcile } from "./reconcile.ts";
import { updateFramework } from "./subscribe.ts";
import { tried } from "./tried.ts";

export type FrameworkCall = Extract<MasterInput, { readonly type: "framework_call" }>;

/** Check a call in Mesos' order, make it, and answer: mostly 202. */
export function frameworkCall(core: Context, input: FrameworkCall): void {
  const { request, call } = input;
  const framework = core.books.frameworks.get(call.framework_id.value);
  const refusal = refusalOf(framework, input);
  if (framework === undefined || refusal !== undefined) {
    core.reply(request, refusal?.status ?? 400, refusal?.message);
    return;
  }
  if (call.type === "UPDATE_FRAMEWORK") {
    const { status, message } = updateFramework(core, framework, call);
    core.reply(request, status, message);
  } else if (call.type === "TEARDOWN") {
    core.count("master/messages_unregister_framework");
    removeFramework(core, framework, () => core.reply(request, 202));
  } else {
    const fault = tried(() => make(core, framework, call));
    if (fault === undefined) {
      core.reply(request, 202);
      return;
    }
    // What the allocator refuses has not happened; that it came so far is a fault of ours.
    core.log("error", `Cannot make ${call.type} of framework ${framework.id}: ${fault}`);
    core.reply(request, 500, fault);
  }
}

function refusalOf(
  framework: FrameworkBook | undefined,
  { stream, principal, call }: FrameworkCall,
): { readonly status: number; readonly message: string } | undefined {
  if (framework === undefined) return { status: 400, message: "Framework cannot be found" };
  const { connection, info } = framework.record;
  if (principal !== undefined && principal !== info.principal) {
    return {
      status: 400,
      message:
        `Authenticated principal '${principal}' does not match principal ` +
        `'${info.principal ?? ""}' set in \`FrameworkInfo\``,
    };
  }
  if (connection.status !== "connected") {
    return { status: 403, message: "Framework is not subscribed" };
  }
  if (stream === undefined) {
    return {
      status: 400,
      message: "All non-subscribe calls should include the 'Mesos-Stream-Id' header",
    };
  }
  if (stream === connection.connection) return undefined;
  return {
    status: 400,
    message:
      `The stream ID '${stream.slice(0, STREAM_ID_SHOWN)}' included in this request didn't match ` +
      `the stream ID currently associated with framework ID ${call.framework_id.value}`,
  };
}

/** A stream id is at most so long; who sends more need not get all of it back. */
const STREAM_ID_SHOWN = 128;

type Made = Exclude<SchedulerCall, { type: "SUBSCRIBE" | "UPDATE_FRAMEWORK" | "TEARDOWN" }>;

function make(core: Context, framework: FrameworkBook, call: Made): void {
  switch (call.type) {
    case "ACCEPT":
      accept(core, framework, call.accept);
      break;
    case "DECLINE":
      decline(core, framework, call.decline);
      break;
    case "ACCEPT_INVERSE_OFFERS":
      answerInverseOffers(core, framework, "ACCEPT", call.accept_inverse_offers);
      break;
    case "DECLINE_INVERSE_OFFERS":
      answerInverseOffers(core, framework, "DECLINE", call.decline_inverse_offers);
      break;
    case "REVIVE":
      revive(core, framework, call.revive?.roles ?? []);
      break;
    case "SUPPRESS":
      suppress(core, framework, call.suppress?.roles ?? []);
      break;
    case "KILL":
      kill(core, framework, call.kill);
      break;
    case "SHUTDOWN":
      shutdownExecutor(core, framework, call.shutdown);
      break;
    case "ACKNOWLEDGE":
      acknowledge(core, framework, call.acknowledge);
      break;
    case "ACKNOWLEDGE_OPERATION_STATUS":
      acknowledgeOperation(core, framework, call.acknowledge_operation_status);
      break;
    case "RECONCILE":
      reconcile(core, framework, call.reconcile.tasks ?? []);
      break;
    case "RECONCILE_OPERATIONS":
      reconcileOperations(core, framework, call.reconcile_operations.operations ?? []);
      break;
    case "MESSAGE":
      sendMessage(core, framework, call.message);
      break;
    case "REQUEST":
      // The allocator takes no requests, as Mesos' own does not.
      core.count("master/messages_resource_request");
      break;
  }
}
