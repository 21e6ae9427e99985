/** `POST /api/v1/scheduler`: what a framework says and hears. */
import * as z from "zod/mini";
import { FrameworkInfo, MasterInfo } from "./infos.ts";
import { InverseOffer, Offer, Operation } from "./offers.ts";
import { ResourceJson } from "./resource_json.ts";
import { boolean, bytes, double, list, once, opt, type Schema } from "./schema.ts";
import { OperationStatus, TaskStatus } from "./status.ts";
import { Filters, Id, KillPolicy } from "./values.ts";

const offerConstraintsJson = () => {
  const text = z.object({ value: z.string() });
  return z.object({
    role_constraints: opt(
      z.record(
        z.string(),
        z.object({
          groups: list(
            z.object({
              attribute_constraints: list(
                z.object({
                  selector: z.object({
                    attribute_name: opt(z.string()),
                    pseudoattribute_type: opt(z.enum(["UNKNOWN", "HOSTNAME", "REGION", "ZONE"])),
                  }),
                  predicate: z.object({
                    exists: opt(z.object({})),
                    not_exists: opt(z.object({})),
                    text_equals: opt(text),
                    text_not_equals: opt(text),
                    text_matches: opt(z.object({ regex: z.string() })),
                    text_not_matches: opt(z.object({ regex: z.string() })),
                  }),
                }),
              ),
            }),
          ),
        }),
      ),
    ),
  });
};
export interface OfferConstraintsJson extends z.output<ReturnType<typeof offerConstraintsJson>> {}
/** @internal */
export const OfferConstraintsJson: Schema<OfferConstraintsJson> = once(offerConstraintsJson);

const schedulerCall = () => {
  const subscription = {
    framework_info: FrameworkInfo(),
    suppressed_roles: list(z.string()),
    offer_constraints: opt(OfferConstraintsJson()),
  };
  const answered = { filters: opt(Filters()) };
  const roles = opt(z.object({ roles: list(z.string()) }));
  const from = { framework_id: Id() };
  return z.discriminatedUnion("type", [
    z.object({
      type: z.literal("SUBSCRIBE"),
      framework_id: opt(Id()),
      subscribe: z.object({ ...subscription, force: opt(boolean()) }),
    }),
    z.object({
      type: z.literal("UPDATE_FRAMEWORK"),
      ...from,
      update_framework: z.object(subscription),
    }),
    z.object({ type: z.literal("TEARDOWN"), ...from }),
    z.object({
      type: z.literal("ACCEPT"),
      ...from,
      accept: z.object({ offer_ids: list(Id()), operations: list(Operation()), ...answered }),
    }),
    z.object({
      type: z.literal("DECLINE"),
      ...from,
      decline: z.object({ offer_ids: list(Id()), ...answered }),
    }),
    z.object({
      type: z.literal("ACCEPT_INVERSE_OFFERS"),
      ...from,
      accept_inverse_offers: z.object({ inverse_offer_ids: list(Id()), ...answered }),
    }),
    z.object({
      type: z.literal("DECLINE_INVERSE_OFFERS"),
      ...from,
      decline_inverse_offers: z.object({ inverse_offer_ids: list(Id()), ...answered }),
    }),
    z.object({ type: z.literal("REVIVE"), ...from, revive: roles }),
    z.object({ type: z.literal("SUPPRESS"), ...from, suppress: roles }),
    z.object({
      type: z.literal("KILL"),
      ...from,
      kill: z.object({
        task_id: Id(),
        agent_id: opt(Id()),
        kill_policy: opt(KillPolicy()),
      }),
    }),
    z.object({
      type: z.literal("SHUTDOWN"),
      ...from,
      shutdown: z.object({ executor_id: Id(), agent_id: Id() }),
    }),
    z.object({
      type: z.literal("ACKNOWLEDGE"),
      ...from,
      acknowledge: z.object({ agent_id: Id(), task_id: Id(), uuid: bytes() }),
    }),
    z.object({
      type: z.literal("ACKNOWLEDGE_OPERATION_STATUS"),
      ...from,
      acknowledge_operation_status: z.object({
        agent_id: opt(Id()),
        resource_provider_id: opt(Id()),
        uuid: bytes(),
        operation_id: Id(),
      }),
    }),
    z.object({
      type: z.literal("RECONCILE"),
      ...from,
      reconcile: z.object({ tasks: list(z.object({ task_id: Id(), agent_id: opt(Id()) })) }),
    }),
    z.object({
      type: z.literal("RECONCILE_OPERATIONS"),
      ...from,
      reconcile_operations: z.object({
        operations: list(
          z.object({
            operation_id: Id(),
            agent_id: opt(Id()),
            resource_provider_id: opt(Id()),
          }),
        ),
      }),
    }),
    z.object({
      type: z.literal("MESSAGE"),
      ...from,
      message: z.object({ agent_id: Id(), executor_id: Id(), data: bytes() }),
    }),
    z.object({
      type: z.literal("REQUEST"),
      ...from,
      request: z.object({
        requests: list(z.object({ agent_id: opt(Id()), resources: list(ResourceJson()) })),
      }),
    }),
  ]);
};
/** What a framework says to a master. */
export type SchedulerCall = z.output<ReturnType<typeof schedulerCall>>;
/** @internal */
export const SchedulerCall: Schema<SchedulerCall> = once(schedulerCall);

const schedulerEvent = () =>
  z.discriminatedUnion("type", [
    z.object({
      type: z.literal("SUBSCRIBED"),
      subscribed: z.object({
        framework_id: Id(),
        heartbeat_interval_seconds: opt(double()),
        master_info: opt(MasterInfo()),
      }),
    }),
    z.object({ type: z.literal("OFFERS"), offers: z.object({ offers: list(Offer()) }) }),
    z.object({
      type: z.literal("INVERSE_OFFERS"),
      inverse_offers: z.object({ inverse_offers: list(InverseOffer()) }),
    }),
    z.object({ type: z.literal("RESCIND"), rescind: z.object({ offer_id: Id() }) }),
    z.object({
      type: z.literal("RESCIND_INVERSE_OFFER"),
      rescind_inverse_offer: z.object({ inverse_offer_id: Id() }),
    }),
    z.object({ type: z.literal("UPDATE"), update: z.object({ status: TaskStatus() }) }),
    z.object({
      type: z.literal("UPDATE_OPERATION_STATUS"),
      update_operation_status: z.object({ status: OperationStatus() }),
    }),
    z.object({
      type: z.literal("MESSAGE"),
      message: z.object({ agent_id: Id(), executor_id: Id(), data: bytes() }),
    }),
    z.object({
      type: z.literal("FAILURE"),
      failure: z.object({
        agent_id: opt(Id()),
        executor_id: opt(Id()),
        status: opt(z.number()),
      }),
    }),
    z.object({ type: z.literal("ERROR"), error: z.object({ message: z.string() }) }),
    z.object({ type: z.literal("HEARTBEAT") }),
  ]);
/** What a framework hears from a master. */
export type SchedulerEvent = z.output<ReturnType<typeof schedulerEvent>>;
/** @internal */
export const SchedulerEvent: Schema<SchedulerEvent> = once(schedulerEvent);

/** One call or event of a union, by its type. */
export type OfType<Union extends { type: string }, Type extends Union["type"]> = Extract<
  Union,
  { type: Type }
>;
