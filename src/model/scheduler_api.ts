/** `POST /api/v1/scheduler`: what a framework says and hears. */
import * as z from "zod/mini";
import { infos } from "./infos.ts";
import { offers } from "./offers.ts";
import { boolean, bytes, double, list, once, opt } from "./schema.ts";
import { statuses } from "./status.ts";
import { values } from "./values.ts";

/** @internal */
export const schedulerApi = once(() => {
  const v = values();
  const i = infos();
  const o = offers();
  const s = statuses();
  const text = z.object({ value: z.string() });
  const OfferConstraints = z.object({
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
  const subscription = {
    framework_info: i.FrameworkInfo,
    suppressed_roles: list(z.string()),
    offer_constraints: opt(OfferConstraints),
  };
  const answered = { filters: opt(v.Filters) };
  const roles = opt(z.object({ roles: list(z.string()) }));
  const from = { framework_id: v.Id };
  const Call = z.discriminatedUnion("type", [
    z.object({
      type: z.literal("SUBSCRIBE"),
      framework_id: opt(v.Id),
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
      accept: z.object({ offer_ids: list(v.Id), operations: list(o.Operation), ...answered }),
    }),
    z.object({
      type: z.literal("DECLINE"),
      ...from,
      decline: z.object({ offer_ids: list(v.Id), ...answered }),
    }),
    z.object({
      type: z.literal("ACCEPT_INVERSE_OFFERS"),
      ...from,
      accept_inverse_offers: z.object({ inverse_offer_ids: list(v.Id), ...answered }),
    }),
    z.object({
      type: z.literal("DECLINE_INVERSE_OFFERS"),
      ...from,
      decline_inverse_offers: z.object({ inverse_offer_ids: list(v.Id), ...answered }),
    }),
    z.object({ type: z.literal("REVIVE"), ...from, revive: roles }),
    z.object({ type: z.literal("SUPPRESS"), ...from, suppress: roles }),
    z.object({
      type: z.literal("KILL"),
      ...from,
      kill: z.object({
        task_id: v.Id,
        agent_id: opt(v.Id),
        kill_policy: opt(v.KillPolicy),
      }),
    }),
    z.object({
      type: z.literal("SHUTDOWN"),
      ...from,
      shutdown: z.object({ executor_id: v.Id, agent_id: v.Id }),
    }),
    z.object({
      type: z.literal("ACKNOWLEDGE"),
      ...from,
      acknowledge: z.object({ agent_id: v.Id, task_id: v.Id, uuid: bytes() }),
    }),
    z.object({
      type: z.literal("ACKNOWLEDGE_OPERATION_STATUS"),
      ...from,
      acknowledge_operation_status: z.object({
        agent_id: opt(v.Id),
        resource_provider_id: opt(v.Id),
        uuid: bytes(),
        operation_id: v.Id,
      }),
    }),
    z.object({
      type: z.literal("RECONCILE"),
      ...from,
      reconcile: z.object({ tasks: list(z.object({ task_id: v.Id, agent_id: opt(v.Id) })) }),
    }),
    z.object({
      type: z.literal("RECONCILE_OPERATIONS"),
      ...from,
      reconcile_operations: z.object({
        operations: list(
          z.object({
            operation_id: v.Id,
            agent_id: opt(v.Id),
            resource_provider_id: opt(v.Id),
          }),
        ),
      }),
    }),
    z.object({
      type: z.literal("MESSAGE"),
      ...from,
      message: z.object({ agent_id: v.Id, executor_id: v.Id, data: bytes() }),
    }),
    z.object({
      type: z.literal("REQUEST"),
      ...from,
      request: z.object({
        requests: list(z.object({ agent_id: opt(v.Id), resources: list(v.Resource) })),
      }),
    }),
  ]);
  const Event = z.discriminatedUnion("type", [
    z.object({
      type: z.literal("SUBSCRIBED"),
      subscribed: z.object({
        framework_id: v.Id,
        heartbeat_interval_seconds: opt(double()),
        master_info: opt(i.MasterInfo),
      }),
    }),
    z.object({ type: z.literal("OFFERS"), offers: z.object({ offers: list(o.Offer) }) }),
    z.object({
      type: z.literal("INVERSE_OFFERS"),
      inverse_offers: z.object({ inverse_offers: list(o.InverseOffer) }),
    }),
    z.object({ type: z.literal("RESCIND"), rescind: z.object({ offer_id: v.Id }) }),
    z.object({
      type: z.literal("RESCIND_INVERSE_OFFER"),
      rescind_inverse_offer: z.object({ inverse_offer_id: v.Id }),
    }),
    z.object({ type: z.literal("UPDATE"), update: z.object({ status: s.TaskStatus }) }),
    z.object({
      type: z.literal("UPDATE_OPERATION_STATUS"),
      update_operation_status: z.object({ status: s.OperationStatus }),
    }),
    z.object({
      type: z.literal("MESSAGE"),
      message: z.object({ agent_id: v.Id, executor_id: v.Id, data: bytes() }),
    }),
    z.object({
      type: z.literal("FAILURE"),
      failure: z.object({
        agent_id: opt(v.Id),
        executor_id: opt(v.Id),
        status: opt(z.number()),
      }),
    }),
    z.object({ type: z.literal("ERROR"), error: z.object({ message: z.string() }) }),
    z.object({ type: z.literal("HEARTBEAT") }),
  ]);
  return { OfferConstraints, Call, Event };
});

type SchedulerApi = ReturnType<typeof schedulerApi>;

/** What a framework says to a master. */
export type SchedulerCall = z.output<SchedulerApi["Call"]>;
/** What a framework hears from a master. */
export type SchedulerEvent = z.output<SchedulerApi["Event"]>;
export type OfferConstraintsJson = z.output<SchedulerApi["OfferConstraints"]>;
/** One call or event of a union, by its type. */
export type OfType<Union extends { type: string }, Type extends Union["type"]> = Extract<
  Union,
  { type: Type }
>;
