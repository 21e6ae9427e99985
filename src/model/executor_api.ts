/** `POST /api/v1/executor` of an agent: what an executor says and hears. */
import * as z from "zod/mini";
import { AgentInfo, ExecutorInfo, FrameworkInfo, TaskGroupInfo, TaskInfo } from "./infos.ts";
import { bytes, list, once, opt, type Schema } from "./schema.ts";
import { ContainerID, TaskStatus } from "./status.ts";
import { Id, KillPolicy } from "./values.ts";

const executorCall = () => {
  const from = { executor_id: Id(), framework_id: Id() };
  const status = z.object({ status: TaskStatus() });
  return z.discriminatedUnion("type", [
    z.object({
      type: z.literal("SUBSCRIBE"),
      ...from,
      subscribe: opt(
        z.object({ unacknowledged_tasks: list(TaskInfo()), unacknowledged_updates: list(status) }),
      ),
    }),
    z.object({ type: z.literal("UPDATE"), ...from, update: status }),
    z.object({ type: z.literal("MESSAGE"), ...from, message: z.object({ data: bytes() }) }),
    z.object({ type: z.literal("HEARTBEAT"), ...from }),
  ]);
};
/** What an executor says to its agent. */
export type ExecutorCall = z.output<ReturnType<typeof executorCall>>;
/** @internal */
export const ExecutorCall: Schema<ExecutorCall> = once(executorCall);

const executorEvent = () =>
  z.discriminatedUnion("type", [
    z.object({
      type: z.literal("SUBSCRIBED"),
      subscribed: z.object({
        executor_info: ExecutorInfo(),
        framework_info: FrameworkInfo(),
        agent_info: AgentInfo(),
        container_id: opt(ContainerID()),
      }),
    }),
    z.object({ type: z.literal("LAUNCH"), launch: z.object({ task: TaskInfo() }) }),
    z.object({
      type: z.literal("LAUNCH_GROUP"),
      launch_group: z.object({ task_group: TaskGroupInfo() }),
    }),
    z.object({
      type: z.literal("KILL"),
      kill: z.object({ task_id: Id(), kill_policy: opt(KillPolicy()) }),
    }),
    z.object({
      type: z.literal("ACKNOWLEDGED"),
      acknowledged: z.object({ task_id: Id(), uuid: bytes() }),
    }),
    z.object({ type: z.literal("MESSAGE"), message: z.object({ data: bytes() }) }),
    z.object({ type: z.literal("SHUTDOWN") }),
    z.object({ type: z.literal("ERROR"), error: z.object({ message: z.string() }) }),
    z.object({ type: z.literal("HEARTBEAT") }),
  ]);
/** What an executor hears from its agent. */
export type ExecutorEvent = z.output<ReturnType<typeof executorEvent>>;
/** @internal */
export const ExecutorEvent: Schema<ExecutorEvent> = once(executorEvent);
