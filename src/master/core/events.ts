/** What a master's core is told, and what it wants done. */
import type {
  AgentMessage,
  Ask,
  DrainConfig,
  Id,
  KillPolicy,
  MachineID,
  MasterMessage,
  OfType,
  ResourceJson,
  SchedulerCall,
  SchedulerEvent,
  TaskState,
  TaskStatus,
  Unavailability,
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

/** The calls of the operator API that change something, in the shape of Mesos' v1 JSON. */
export type OperatorCall =
  | {
      readonly type: "UPDATE_WEIGHTS";
      readonly update_weights: {
        readonly weight_infos?: readonly { readonly role?: string; readonly weight: number }[];
      };
    }
  | {
      readonly type: "RESERVE_RESOURCES";
      readonly reserve_resources: {
        readonly agent_id: Id;
        readonly source?: readonly ResourceJson[];
        readonly resources?: readonly ResourceJson[];
      };
    }
  | {
      readonly type: "UNRESERVE_RESOURCES";
      readonly unreserve_resources: {
        readonly agent_id: Id;
        readonly resources?: readonly ResourceJson[];
      };
    }
  | {
      readonly type: "CREATE_VOLUMES";
      readonly create_volumes: {
        readonly agent_id: Id;
        readonly volumes?: readonly ResourceJson[];
      };
    }
  | {
      readonly type: "DESTROY_VOLUMES";
      readonly destroy_volumes: {
        readonly agent_id: Id;
        readonly volumes?: readonly ResourceJson[];
      };
    }
  | {
      readonly type: "GROW_VOLUME";
      readonly grow_volume: {
        readonly agent_id?: Id;
        readonly volume: ResourceJson;
        readonly addition: ResourceJson;
      };
    }
  | {
      readonly type: "SHRINK_VOLUME";
      readonly shrink_volume: {
        readonly agent_id?: Id;
        readonly volume: ResourceJson;
        readonly subtract: { readonly value: number };
      };
    }
  | {
      readonly type: "UPDATE_MAINTENANCE_SCHEDULE";
      readonly update_maintenance_schedule: { readonly schedule: MaintenanceSchedule };
    }
  | {
      readonly type: "START_MAINTENANCE";
      readonly start_maintenance: { readonly machines?: readonly MachineID[] };
    }
  | {
      readonly type: "STOP_MAINTENANCE";
      readonly stop_maintenance: { readonly machines?: readonly MachineID[] };
    }
  | {
      readonly type: "DRAIN_AGENT";
      readonly drain_agent: {
        readonly agent_id: Id;
        readonly max_grace_period?: { readonly nanoseconds: number };
        readonly mark_gone?: boolean;
      };
    }
  | { readonly type: "DEACTIVATE_AGENT"; readonly deactivate_agent: { readonly agent_id: Id } }
  | { readonly type: "REACTIVATE_AGENT"; readonly reactivate_agent: { readonly agent_id: Id } }
  | {
      readonly type: "UPDATE_QUOTA";
      readonly update_quota: {
        readonly force?: boolean;
        readonly quota_configs?: readonly QuotaConfig[];
      };
    }
  | {
      readonly type: "SET_QUOTA";
      readonly set_quota: {
        readonly quota_request: {
          readonly force?: boolean;
          readonly role?: string;
          readonly guarantee?: readonly ResourceJson[];
          readonly limit?: readonly ResourceJson[];
        };
      };
    }
  | { readonly type: "REMOVE_QUOTA"; readonly remove_quota: { readonly role: string } }
  | { readonly type: "TEARDOWN"; readonly teardown: { readonly framework_id: Id } }
  | { readonly type: "MARK_AGENT_GONE"; readonly mark_agent_gone: { readonly agent_id: Id } };

/** Windows of maintenance. */
export interface MaintenanceSchedule {
  readonly windows?: readonly {
    readonly machine_ids?: readonly MachineID[];
    readonly unavailability: Unavailability;
  }[];
}

/** One role of an UPDATE_QUOTA. */
export interface QuotaConfig {
  readonly role: string;
  readonly guarantees?: Readonly<Record<string, { readonly value: number }>>;
  readonly limits?: Readonly<Record<string, { readonly value: number }>>;
}

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

export type { DrainConfig, KillPolicy };
