/** The calls and events that come by the thousand, read by hand: see hot_pieces.ts. */

import { hotOffer } from "./hot_offer.ts";
import { cold, fieldsOf, hotBytes, hotFilters, hotId, hotList, UNUSUAL } from "./hot_pieces.ts";
import { hotStatus } from "./hot_status.ts";
import { hotTask } from "./hot_task.ts";
import { Operation } from "./offers.ts";
import type { OfType, SchedulerCall, SchedulerEvent } from "./scheduler_api.ts";

/**
 * An ACCEPT, ACKNOWLEDGE or DECLINE of the usual shape, as the schema would read it; undefined:
 * ask the schema.
 */
export function hotSchedulerCall(json: unknown): SchedulerCall | undefined {
  if (typeof json !== "object" || json === null || !("type" in json)) return undefined;
  try {
    if (json.type === "ACKNOWLEDGE") return hotAcknowledge(json);
    if (json.type === "ACCEPT") return hotAccept(json);
    if (json.type === "DECLINE") return hotDecline(json);
  } catch (error) {
    if (error !== UNUSUAL) throw error;
  }
  return undefined;
}

/** The same for UPDATE and OFFERS. */
export function hotSchedulerEvent(json: unknown): SchedulerEvent | undefined {
  if (typeof json !== "object" || json === null || !("type" in json)) return undefined;
  try {
    if (json.type === "UPDATE") return hotUpdate(json);
    if (json.type === "OFFERS") return hotOffers(json);
  } catch (error) {
    if (error !== UNUSUAL) throw error;
  }
  return undefined;
}

function hotAcknowledge(json: object): OfType<SchedulerCall, "ACKNOWLEDGE"> {
  const call = fieldsOf(json);
  const { agent_id, task_id, uuid } = fieldsOf(call.acknowledge);
  return {
    type: "ACKNOWLEDGE",
    framework_id: hotId(call.framework_id),
    acknowledge: { agent_id: hotId(agent_id), task_id: hotId(task_id), uuid: hotBytes(uuid) },
  };
}

function hotDecline(json: object): OfType<SchedulerCall, "DECLINE"> {
  const call = fieldsOf(json);
  const { offer_ids, filters } = fieldsOf(call.decline);
  const decline: OfType<SchedulerCall, "DECLINE">["decline"] = {};
  if (offer_ids != null) decline.offer_ids = hotList(offer_ids, hotId);
  if (filters != null) decline.filters = hotFilters(filters);
  return { type: "DECLINE", framework_id: hotId(call.framework_id), decline };
}

function hotAccept(json: object): OfType<SchedulerCall, "ACCEPT"> {
  const call = fieldsOf(json);
  const { offer_ids, operations, filters } = fieldsOf(call.accept);
  const accept: OfType<SchedulerCall, "ACCEPT">["accept"] = {};
  if (offer_ids != null) accept.offer_ids = hotList(offer_ids, hotId);
  if (operations != null) accept.operations = hotList(operations, hotOperation);
  if (filters != null) accept.filters = hotFilters(filters);
  return { type: "ACCEPT", framework_id: hotId(call.framework_id), accept };
}

function hotOperation(value: unknown): Operation {
  const from = fieldsOf(value);
  if (from.type !== "LAUNCH" || hasOtherThanLaunch(from)) return cold(Operation, value);
  const operation: Operation = { type: "LAUNCH" };
  if (from.id != null) operation.id = hotId(from.id);
  if (from.launch != null) {
    const { task_infos } = fieldsOf(from.launch);
    operation.launch = task_infos == null ? {} : { task_infos: hotList(task_infos, hotTask) };
  }
  return operation;
}

const OTHER_PARTS = [
  "launch_group",
  "reserve",
  "unreserve",
  "create",
  "destroy",
  "grow_volume",
  "shrink_volume",
  "create_disk",
  "destroy_disk",
];

function hasOtherThanLaunch(operation: Readonly<Record<string, unknown>>): boolean {
  return OTHER_PARTS.some((part) => operation[part] != null);
}

function hotUpdate(json: object): SchedulerEvent {
  const { status } = fieldsOf(fieldsOf(json).update);
  return { type: "UPDATE", update: { status: hotStatus(status) } };
}

function hotOffers(json: object): SchedulerEvent {
  const { offers } = fieldsOf(fieldsOf(json).offers);
  return { type: "OFFERS", offers: offers == null ? {} : { offers: hotList(offers, hotOffer) } };
}
