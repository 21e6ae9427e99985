/** What may be done with a call whose delivery failed. */
import type { FrameworkCall } from "./inputs.ts";

/**
 * - `lasting`: says what is wanted, so that saying it again, even on a later subscription, does no
 *   harm: it waits for a subscription and is sent until a master took it.
 * - `passing`: may be said again on the same stream, and means nothing on another one.
 * - `once`: doing it twice would be wrong; if its answer is lost, the outcome is uncertain.
 */
export type Delivery = "lasting" | "passing" | "once";

const DELIVERIES: Readonly<Record<FrameworkCall["type"], Delivery>> = {
  UPDATE_FRAMEWORK: "lasting",
  TEARDOWN: "lasting",
  ACCEPT: "once",
  DECLINE: "passing",
  ACCEPT_INVERSE_OFFERS: "passing",
  DECLINE_INVERSE_OFFERS: "passing",
  REVIVE: "lasting",
  SUPPRESS: "lasting",
  KILL: "lasting",
  SHUTDOWN: "lasting",
  ACKNOWLEDGE: "passing",
  ACKNOWLEDGE_OPERATION_STATUS: "passing",
  RECONCILE: "lasting",
  RECONCILE_OPERATIONS: "lasting",
  MESSAGE: "once",
  REQUEST: "passing",
};

export function deliveryOf(call: FrameworkCall): Delivery {
  return DELIVERIES[call.type];
}

/** Acknowledgements need no order among other calls. */
export function isAcknowledgement(call: FrameworkCall): boolean {
  return call.type === "ACKNOWLEDGE" || call.type === "ACKNOWLEDGE_OPERATION_STATUS";
}

/** How much room a call takes in a batch: tasks and ids count one each. */
export function weightOf(call: FrameworkCall): number {
  switch (call.type) {
    case "ACCEPT": {
      let tasks = call.accept.offer_ids?.length ?? 0;
      for (const { launch, launch_group } of call.accept.operations ?? []) {
        tasks += 1 + (launch?.task_infos?.length ?? 0);
        tasks += launch_group?.task_group.tasks?.length ?? 0;
      }
      return 1 + tasks;
    }
    case "DECLINE":
      return 1 + (call.decline.offer_ids?.length ?? 0) / 8;
    case "RECONCILE":
      return 1 + (call.reconcile.tasks?.length ?? 0) / 4;
    default:
      return 1;
  }
}
