/** What an action is done to: the names that ACLs are asked with. */
import type { ExecutorInfo, FrameworkInfo, TaskInfo } from "../../model/mod.ts";
import { type Resource, reservationRole } from "../../resources/mod.ts";

type TaskUser = Pick<TaskInfo, "command" | "executor">;

/** Who a task runs as: for "run_tasks" and "view_tasks". */
export function userOfTask(task: TaskUser, framework: Pick<FrameworkInfo, "user">): string {
  return task.command?.user ?? task.executor?.command?.user ?? framework.user;
}

/** Who an executor runs as: for "view_executors", "access_sandboxes", "view_containers". */
export function userOfExecutor(
  executor: Pick<ExecutorInfo, "command"> | undefined,
  framework: Pick<FrameworkInfo, "user">,
): string {
  return executor?.command?.user ?? framework.user;
}

/** What one operation on resources asks. */
export interface Question {
  readonly action:
    | "reserve_resources"
    | "unreserve_resources"
    | "create_volumes"
    | "destroy_volumes"
    | "resize_volumes";
  readonly object: string;
}

/** The question for each resource of an operation, each once. */
export function questionsOf(
  action: Question["action"],
  resources: Iterable<Resource>,
): readonly Question[] {
  const objects = new Set(Array.from(resources, (resource) => objectOf(action, resource)));
  return Array.from(objects, (object) => ({ action, object }));
}

/** A role for what makes, the principal who made it for what unmakes; empty when nobody is named. */
function objectOf(action: Question["action"], resource: Resource): string {
  if (action === "unreserve_resources") return resource.reservations.at(-1)?.principal ?? "";
  if (action === "destroy_volumes") return resource.disk?.persistence?.principal ?? "";
  return reservationRole(resource) ?? "*";
}
