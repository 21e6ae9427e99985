/** `POST /api/v1/executor` of an agent: what an executor says and hears. */
import * as z from "zod/mini";
import { infos } from "./infos.ts";
import { bytes, list, once, opt } from "./schema.ts";
import { statuses } from "./status.ts";
import { values } from "./values.ts";

/** @internal */
export const executorApi = once(() => {
  const v = values();
  const i = infos();
  const s = statuses();
  const from = { executor_id: v.Id, framework_id: v.Id };
  const status = z.object({ status: s.TaskStatus });
  const Call = z.discriminatedUnion("type", [
    z.object({
      type: z.literal("SUBSCRIBE"),
      ...from,
      subscribe: opt(
        z.object({ unacknowledged_tasks: list(i.TaskInfo), unacknowledged_updates: list(status) }),
      ),
    }),
    z.object({ type: z.literal("UPDATE"), ...from, update: status }),
    z.object({ type: z.literal("MESSAGE"), ...from, message: z.object({ data: bytes() }) }),
    z.object({ type: z.literal("HEARTBEAT"), ...from }),
  ]);
  const Event = z.discriminatedUnion("type", [
    z.object({
      type: z.literal("SUBSCRIBED"),
      subscribed: z.object({
        executor_info: i.ExecutorInfo,
        framework_info: i.FrameworkInfo,
        agent_info: i.AgentInfo,
        container_id: opt(s.ContainerID),
      }),
    }),
    z.object({ type: z.literal("LAUNCH"), launch: z.object({ task: i.TaskInfo }) }),
    z.object({
      type: z.literal("LAUNCH_GROUP"),
      launch_group: z.object({ task_group: i.TaskGroupInfo }),
    }),
    z.object({
      type: z.literal("KILL"),
      kill: z.object({ task_id: v.Id, kill_policy: opt(v.KillPolicy) }),
    }),
    z.object({
      type: z.literal("ACKNOWLEDGED"),
      acknowledged: z.object({ task_id: v.Id, uuid: bytes() }),
    }),
    z.object({ type: z.literal("MESSAGE"), message: z.object({ data: bytes() }) }),
    z.object({ type: z.literal("SHUTDOWN") }),
    z.object({ type: z.literal("ERROR"), error: z.object({ message: z.string() }) }),
    z.object({ type: z.literal("HEARTBEAT") }),
  ]);
  return { Call, Event };
});

type ExecutorApi = ReturnType<typeof executorApi>;

/** What an executor says to its agent. */
export type ExecutorCall = z.output<ExecutorApi["Call"]>;
/** What an executor hears from its agent. */
export type ExecutorEvent = z.output<ExecutorApi["Event"]>;
