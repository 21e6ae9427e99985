/** What an executor's core hears and what it wants done. */
import type { FairleadError } from "../../base/mod.ts";
import type {
  AgentInfo,
  ExecutorCall,
  ExecutorEvent,
  ExecutorInfo,
  FrameworkInfo,
  KillPolicy,
  OfType,
  TaskInfo,
  TaskStatus,
} from "../../model/mod.ts";

/** What an executor is told. */
export type ExecutorNotice =
  | {
      readonly type: "subscribed";
      readonly executor: ExecutorInfo;
      readonly framework: FrameworkInfo;
      readonly agent: AgentInfo;
      /** Whether it was subscribed before: the agent has restarted, or the connection broke. */
      readonly isAgain: boolean;
    }
  | { readonly type: "disconnected"; readonly message: string }
  | { readonly type: "launch"; readonly task: TaskInfo }
  | { readonly type: "launch_group"; readonly tasks: readonly TaskInfo[] }
  | {
      readonly type: "kill";
      readonly taskId: string;
      readonly killPolicy?: KillPolicy | undefined;
    }
  /** Base64. */
  | { readonly type: "message"; readonly data: string }
  | { readonly type: "error"; readonly message: string }
  /** End all tasks, tell of their ends, and `finish`. */
  | { readonly type: "shutdown"; readonly reason: string; readonly graceMs: number };

/** What an executor says of a task; the core fills in the rest. */
export type StatusDraft = Pick<TaskStatus, "task_id" | "state"> & Partial<TaskStatus>;

/** What a core hears. */
export type ExecutorInput =
  | { readonly type: "start" }
  | {
      readonly type: "stream_answer";
      readonly stream: number;
      readonly status: number;
      readonly streamId?: string | undefined;
      readonly message?: string | undefined;
    }
  | { readonly type: "stream_event"; readonly stream: number; readonly event: ExecutorEvent }
  | {
      readonly type: "stream_ended";
      readonly stream: number;
      readonly message?: string | undefined;
    }
  | { readonly type: "update"; readonly token: number; readonly status: StatusDraft }
  | { readonly type: "message"; readonly token: number; readonly data: string }
  | { readonly type: "post_answer"; readonly post: number; readonly status: number }
  | { readonly type: "post_failed"; readonly post: number }
  | { readonly type: "tick" }
  /** The executor has ended its tasks: send what is left, then end. */
  | { readonly type: "finish" };

/** What a core wants done. */
export type ExecutorEffect =
  | {
      readonly type: "open";
      readonly stream: number;
      readonly call: OfType<ExecutorCall, "SUBSCRIBE">;
    }
  | { readonly type: "close_stream"; readonly stream: number }
  | {
      readonly type: "post";
      readonly post: number;
      readonly streamId: string | undefined;
      readonly call: ExecutorCall;
    }
  | { readonly type: "abort_post"; readonly post: number }
  | { readonly type: "notify"; readonly notice: ExecutorNotice }
  /** An update was acknowledged, or a message sent; or neither will ever be. */
  | { readonly type: "settle"; readonly token: number; readonly isDone: boolean }
  | { readonly type: "end"; readonly error?: FairleadError };
