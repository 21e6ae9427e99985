/** Offers and what may be done with them. */
import * as z from "zod/mini";
import { ExecutorInfo, TaskGroupInfo, TaskInfo } from "./infos.ts";
import { Attribute, ResourceJson } from "./resource_json.ts";
import { list, once, opt, type Schema } from "./schema.ts";
import { DomainInfo, Id, Scalar, Unavailability, URLInfo } from "./values.ts";

const offer = () =>
  z.object({
    id: Id(),
    framework_id: Id(),
    agent_id: Id(),
    hostname: z.string(),
    url: opt(URLInfo()),
    domain: opt(DomainInfo()),
    resources: list(ResourceJson()),
    attributes: list(Attribute()),
    executor_ids: list(Id()),
    unavailability: opt(Unavailability()),
    allocation_info: opt(z.object({ role: opt(z.string()) })),
  });
export interface Offer extends z.output<ReturnType<typeof offer>> {}
/** @internal */
export const Offer: Schema<Offer> = once(offer);

const inverseOffer = () =>
  z.object({
    id: Id(),
    url: opt(URLInfo()),
    framework_id: Id(),
    agent_id: opt(Id()),
    unavailability: Unavailability(),
    resources: list(ResourceJson()),
  });
export interface InverseOffer extends z.output<ReturnType<typeof inverseOffer>> {}
/** @internal */
export const InverseOffer: Schema<InverseOffer> = once(inverseOffer);

const operation = () => {
  const resources = z.object({ resources: list(ResourceJson()) });
  return z.object({
    type: operationType(),
    /** Asks for feedback on operations other than launches. */
    id: opt(Id()),
    launch: opt(z.object({ task_infos: list(TaskInfo()) })),
    launch_group: opt(z.object({ executor: ExecutorInfo(), task_group: TaskGroupInfo() })),
    reserve: opt(z.object({ source: list(ResourceJson()), resources: list(ResourceJson()) })),
    unreserve: opt(resources),
    create: opt(z.object({ volumes: list(ResourceJson()) })),
    destroy: opt(z.object({ volumes: list(ResourceJson()) })),
    grow_volume: opt(z.object({ volume: ResourceJson(), addition: ResourceJson() })),
    shrink_volume: opt(z.object({ volume: ResourceJson(), subtract: Scalar() })),
    create_disk: opt(
      z.object({
        source: ResourceJson(),
        target_type: opt(z.string()),
        target_profile: opt(z.string()),
      }),
    ),
    destroy_disk: opt(z.object({ source: ResourceJson() })),
  });
};
/** RESERVE, LAUNCH and the like: one step of an ACCEPT. */
export interface Operation extends z.output<ReturnType<typeof operation>> {}
/** @internal */
export const Operation: Schema<Operation> = once(operation);

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
