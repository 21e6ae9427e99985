/** What nodes say to each other, service by service. */
import type { RegistryNode, RegistryOp } from "../master/mod.ts";
import type { AgentMessage, MasterMessage, SchedulerCall, SchedulerEvent } from "../model/mod.ts";
import type { BatchResult, SubscribeCall } from "../scheduler/mod.ts";
import type { Socket } from "./network.ts";

/** Where to go instead. */
export interface Elsewhere {
  readonly type: "elsewhere";
  /** The node that leads, when it is known. */
  readonly leader: string | undefined;
}

/** The head of an answer. */
export interface Head {
  readonly type: "head";
  readonly status: number;
  readonly streamId?: string;
  readonly leader?: string | undefined;
  readonly message?: string;
}

/** By service: what the one who connected sends (`up`), and what it is sent (`down`). */
export interface Protocols {
  /** An agent's link to a master. */
  readonly link: {
    readonly up: readonly AgentMessage[];
    readonly down:
      | { readonly type: "open" }
      | Elsewhere
      | { readonly type: "messages"; readonly messages: readonly MasterMessage[] };
  };
  /** A framework's subscription. */
  readonly stream: {
    readonly up: { readonly principal: string | undefined; readonly call: SubscribeCall };
    readonly down: Head | { readonly type: "event"; readonly event: SchedulerEvent };
  };
  /** One request of a framework: a call, or a batch of them. */
  readonly post: {
    readonly up: {
      readonly streamId: string | undefined;
      readonly principal: string | undefined;
      readonly calls: readonly SchedulerCall[];
      readonly isBatch: boolean;
    };
    readonly down: Head & { readonly results?: readonly BatchResult[] };
  };
  /** A master's session with the store. */
  readonly session: {
    readonly up:
      | { readonly type: "renew"; readonly session: string; readonly sequence: number }
      | { readonly type: "resign"; readonly session: string }
      | { readonly type: "read"; readonly session: string; readonly term: number }
      | {
          readonly type: "write";
          readonly session: string;
          readonly term: number;
          readonly token: number;
          readonly ops: readonly RegistryOp[];
        };
    readonly down: /** The session lives; `term` is set while it leads, `leader` names whoever does. */
      | {
          readonly type: "renewed";
          readonly sequence: number;
          readonly term: number | undefined;
          readonly leader: string | undefined;
        }
      /** The session is over: a new one is needed. */
      | { readonly type: "expired" }
      | { readonly type: "nodes"; readonly term: number; readonly nodes: readonly RegistryNode[] }
      | { readonly type: "written"; readonly token: number }
      | { readonly type: "refused"; readonly token: number; readonly message: string };
  };
}

export type Service = keyof Protocols;

/** The end of whoever connected. */
export type NearSocket<S extends Service> = Socket<Protocols[S]["down"], Protocols[S]["up"]>;
/** The end of whoever listened. */
export type FarSocket<S extends Service> = Socket<Protocols[S]["up"], Protocols[S]["down"]>;

/** Takes connections of some services; all others are refused. */
export type Acceptors = { readonly [S in Service]?: (socket: FarSocket<S>) => void };
