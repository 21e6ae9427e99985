/** Offers and what may be done with them. */
import * as z from "zod/mini";
import { infos } from "./infos.ts";
import { list, once, opt } from "./schema.ts";
import { values } from "./values.ts";

/** @internal */
export const offers = once(() => {
  const v = values();
  const i = infos();
  const Offer = z.object({
    id: v.Id,
    framework_id: v.Id,
    agent_id: v.Id,
    hostname: z.string(),
    url: opt(v.URL),
    domain: opt(v.DomainInfo),
    resources: list(v.Resource),
    attributes: list(v.Attribute),
    executor_ids: list(v.Id),
    unavailability: opt(v.Unavailability),
    allocation_info: opt(z.object({ role: opt(z.string()) })),
  });
  const InverseOffer = z.object({
    id: v.Id,
    url: opt(v.URL),
    framework_id: v.Id,
    agent_id: opt(v.Id),
    unavailability: v.Unavailability,
    resources: list(v.Resource),
  });
  const resources = z.object({ resources: list(v.Resource) });
  const Operation = z.object({
    type: operationType(),
    /** Asks for feedback on operations other than launches. */
    id: opt(v.Id),
    launch: opt(z.object({ task_infos: list(i.TaskInfo) })),
    launch_group: opt(z.object({ executor: i.ExecutorInfo, task_group: i.TaskGroupInfo })),
    reserve: opt(z.object({ source: list(v.Resource), resources: list(v.Resource) })),
    unreserve: opt(resources),
    create: opt(z.object({ volumes: list(v.Resource) })),
    destroy: opt(z.object({ volumes: list(v.Resource) })),
    grow_volume: opt(z.object({ volume: v.Resource, addition: v.Resource })),
    shrink_volume: opt(z.object({ volume: v.Resource, subtract: v.Scalar })),
    create_disk: opt(
      z.object({
        source: v.Resource,
        target_type: opt(z.string()),
        target_profile: opt(z.string()),
      }),
    ),
    destroy_disk: opt(z.object({ source: v.Resource })),
  });
  return { Offer, InverseOffer, Operation };
});

const OPERATION_TYPES = [
  "UNKNOWN",
  "LAUNCH",
  "LAUNCH_GROUP",
  "RESERVE",
  "UNRESERVE",
  "CREATE",
  "DESTROY",
  "GROW_VOLUME",
  "SHRINK_VOLUME",
  "CREATE_DISK",
  "DESTROY_DISK",
] as const;

/** A type that we do not know is UNKNOWN: that operation is dropped, the others are not. */
function operationType() {
  const names: ReadonlySet<unknown> = new Set(OPERATION_TYPES);
  return z.pipe(
    z.transform((name: unknown) =>
      typeof name !== "string" || names.has(name) ? name : "UNKNOWN",
    ),
    z.enum(OPERATION_TYPES),
  );
}

type Offers = ReturnType<typeof offers>;
type Of<Name extends keyof Offers> = z.output<Offers[Name]>;

export interface Offer extends Of<"Offer"> {}
export interface InverseOffer extends Of<"InverseOffer"> {}
/** RESERVE, LAUNCH and the like: one step of an ACCEPT. */
export interface Operation extends Of<"Operation"> {}
