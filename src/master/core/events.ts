/** What a master's core is told, and what it wants done. */
import type {
  AgentMessage,
  Ask,
  MasterCall,
  MasterMessage,
  OfType,
  SchedulerCall,
  SchedulerEvent,
  TaskState,
  TaskStatus,
} from "../../model/mod.ts";
import type {
  AgentRecord,
  ConnectionId,
  FrameworkRecord,
  LinkId,
  RequestId,
  TaskRecord,
} from "./records.ts";

/** One node of the registry: a path below the registry's own prefix, and its bytes. */
export interface RegistryNode {
  /** Such as "agents/<id>"; no leading slash. */
  readonly path: string;
  readonly value: Uint8Array;
}

/** One change of the registry: a node is there with this value, or is not there. */
export type RegistryOp =
  | ({ readonly op: "put" } & RegistryNode)
  | { readonly op: "delete"; readonly path: string };

/** What happened. */
export type MasterInput =
  /** The registry was read; until then every call is answered 503 and links are refused. */
  | { readonly type: "recovered"; readonly nodes: Iterable<RegistryNode> }
  /**
   * A well-formed SUBSCRIBE without a stream id. The stream is open (200) before this; what is
   * wrong with the call comes as an ERROR event on it, followed by `end_framework`.
   */
  | {
      readonly type: "subscribe";
      /** Fresh; the `Mesos-Stream-Id` of the stream. */
      readonly connection: ConnectionId;
      readonly principal?: string | undefined;
      readonly call: OfType<SchedulerCall, "SUBSCRIBE">;
    }
  /** Every other call of a framework; answered by one `reply`, mostly at once. */
  | {
      readonly type: "framework_call";
      readonly request: RequestId;
      /** The request's `Mesos-Stream-Id`. */
      readonly stream?: string | undefined;
      readonly principal?: string | undefined;
      readonly call: Exclude<SchedulerCall, { readonly type: "SUBSCRIBE" }>;
    }
  /** The stream ended or its reader was too slow. */
  | { readonly type: "framework_disconnected"; readonly connection: ConnectionId }
  | {
      readonly type: "link_opened";
      readonly link: LinkId;
      readonly principal?: string | undefined;
      /** The peer's IP address. */
      readonly address: string;
    }
  /** One batch of a link, in order. */
  | {
      readonly type: "agent_messages";
      readonly link: LinkId;
      readonly messages: readonly AgentMessage[];
    }
  | { readonly type: "link_closed"; readonly link: LinkId }
  /** A call of the operator API that changes something; answered by one `reply`. */
  | {
      readonly type: "operator_call";
      readonly request: RequestId;
      readonly principal?: string | undefined;
      readonly call: OperatorCall;
    }
  /** A question to an agent, answered by one `reply`: 200 and the body, 404, 503, 504. */
  | {
      readonly type: "ask";
      readonly request: RequestId;
      readonly agentId: string;
      readonly ask: Ask;
    }
  | { readonly type: "persisted"; readonly token: number }
  /** The store refused or is gone: the core steps down. */
  | { readonly type: "persist_failed"; readonly token: number; readonly message: string }
  /** `nextDueMs` has come; harmless at any other time. */
  | { readonly type: "tick" }
  /** Another master leads: every stream and link ends, every request is answered 503. */
  | { readonly type: "lost_leadership" };

/** The calls of the operator API that change something; the shell answers all others itself. */
export type OperatorCall = Extract<
  MasterCall,
  {
    readonly type:
      | "UPDATE_WEIGHTS"
      | "RESERVE_RESOURCES"
      | "UNRESERVE_RESOURCES"
      | "CREATE_VOLUMES"
      | "DESTROY_VOLUMES"
      | "GROW_VOLUME"
      | "SHRINK_VOLUME"
      | "UPDATE_MAINTENANCE_SCHEDULE"
      | "START_MAINTENANCE"
      | "STOP_MAINTENANCE"
      | "DRAIN_AGENT"
      | "DEACTIVATE_AGENT"
      | "REACTIVATE_AGENT"
      | "UPDATE_QUOTA"
      | "SET_QUOTA"
      | "REMOVE_QUOTA"
      | "TEARDOWN"
      | "MARK_AGENT_GONE";
  }
>;

/** What a subscriber of the operator API hears, before it is written as JSON. */
export type MasterChange =
  | { readonly type: "task_added"; readonly task: TaskRecord }
  | {
      readonly type: "task_updated";
      readonly task: TaskRecord;
      readonly status: TaskStatus;
      readonly state: TaskState;
    }
  | { readonly type: "agent_added"; readonly agent: AgentRecord }
  | { readonly type: "agent_removed"; readonly agentId: string }
  | { readonly type: "framework_added"; readonly framework: FrameworkRecord }
  | { readonly type: "framework_updated"; readonly framework: FrameworkRecord }
  | { readonly type: "framework_removed"; readonly framework: FrameworkRecord };

/** What the shell is to do, in this order. */
export type MasterEffect =
  | {
      readonly type: "send_framework";
      readonly connection: ConnectionId;
      readonly event: SchedulerEvent;
    }
  /** End the stream after what was sent on it. */
  | { readonly type: "end_framework"; readonly connection: ConnectionId }
  | {
      readonly type: "reply";
      readonly request: RequestId;
      readonly status: number;
      /** For people; the body of an error. */
      readonly message?: string;
      /** JSON. */
      readonly body?: unknown;
    }
  | { readonly type: "send_agent"; readonly link: LinkId; readonly message: MasterMessage }
  /** Close the link after what was sent on it. */
  | { readonly type: "end_link"; readonly link: LinkId; readonly message: string }
  /** Apply all of them or none, durably and in the order of tokens; then `persisted`. */
  | { readonly type: "persist"; readonly token: number; readonly ops: readonly RegistryOp[] }
  /** For the subscribers of the operator API. */
  | { readonly type: "publish"; readonly change: MasterChange }
  /** Stop leading: what the core knows can no longer be kept. */
  | { readonly type: "step_down"; readonly message: string }
  | {
      readonly type: "log";
      readonly level: "debug" | "info" | "warning" | "error";
      readonly message: string;
      readonly details?: Readonly<Record<string, unknown>>;
    };
