/** What an action is done to: the names that ACLs are asked with. */
import type {
  ExecutorInfo,
  FrameworkInfo,
  Operation,
  ResourceJson,
  TaskInfo,
} from "../../model/mod.ts";
import type { AclAction } from "./actions.ts";

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

/** What is asked for one thing that an operation is done to. */
export interface Question {
  readonly action: AclAction;
  readonly object: string;
}

/**
 * What an operation on resources needs to be allowed, each once; nothing for launches.
 *
 * What is made or resized is asked for by role; what is unmade, by the principal who made it, and
 * by the empty name where nobody is on record.
 *
 * @param operation As `readOperation` gives it, with today's fields.
 */
export function questionsOf(operation: Operation): readonly Question[] {
  const { type, reserve, unreserve, create, destroy, grow_volume, shrink_volume } = operation;
  switch (type) {
    case "RESERVE":
      return [
        ...questions("unreserve_resources", reserve?.source, reserverOf),
        ...questions("reserve_resources", reserve?.resources, roleOf),
      ];
    case "UNRESERVE":
      return questions("unreserve_resources", unreserve?.resources, reserverOf);
    case "CREATE":
      return questions("create_volumes", create?.volumes, roleOf);
    case "DESTROY":
      return questions("destroy_volumes", destroy?.volumes, creatorOf);
    case "GROW_VOLUME":
      return questions("resize_volumes", grow_volume && [grow_volume.volume], roleOf);
    case "SHRINK_VOLUME":
      return questions("resize_volumes", shrink_volume && [shrink_volume.volume], roleOf);
    default:
      return [];
  }
}

function questions(
  action: AclAction,
  resources: readonly ResourceJson[] = [],
  objectOf: (resource: ResourceJson) => string,
): readonly Question[] {
  return Array.from(new Set(resources.map(objectOf)), (object) => ({ action, object }));
}

function roleOf({ reservations }: ResourceJson): string {
  return reservations?.at(-1)?.role ?? "*";
}

function reserverOf({ reservations }: ResourceJson): string {
  return reservations?.at(-1)?.principal ?? "";
}

function creatorOf({ disk }: ResourceJson): string {
  return disk?.persistence?.principal ?? "";
}
