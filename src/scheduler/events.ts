/** What a framework hears through the SDK: the master's events, and those of the connection. */
import type { InverseOffer, MasterInfo, Offer, OperationStatus, TaskStatus } from "../model/mod.ts";

/** Why a scheduler is not subscribed. */
export type DisconnectReason =
  /** No answer came: nobody listens, the network is down, the address is wrong. */
  | "unreachable"
  /** The master answered that it does not lead, and no leader was found yet. */
  | "not_leading"
  /** The master answered that it is busy, starting or failing (5xx, 404, 408, 429). */
  | "unavailable"
  /** The event stream ended, on purpose or by the network. */
  | "stream_ended"
  /** Nothing came for as long as five heartbeats, or no SUBSCRIBED in time. */
  | "heartbeats_missed"
  /** The master answered a call with "not subscribed". */
  | "not_subscribed";

/**
 * An event of a scheduler's loop.
 *
 * SUBSCRIBED to ERROR are the master's, in Mesos' words; CONNECTED, DISCONNECTED, UNREADABLE and
 * RECONCILED are the SDK's own, and so is an UPDATE whose task never reached the master (`isLocal`).
 */
export type FrameworkEvent =
  /** A master took the SUBSCRIBE; SUBSCRIBED follows. */
  | { readonly type: "CONNECTED"; readonly master: string }
  /** The subscription is lost, or could not be had: every offer at hand is void. */
  | {
      readonly type: "DISCONNECTED";
      readonly reason: DisconnectReason;
      readonly message: string;
      /** The master that was lost or that refused. */
      readonly master: string;
    }
  | {
      readonly type: "SUBSCRIBED";
      readonly frameworkId: string;
      readonly master: string;
      readonly masterInfo?: MasterInfo | undefined;
      readonly heartbeatMs: number;
      /** Whether this scheduler was subscribed before. */
      readonly isAgain: boolean;
    }
  | { readonly type: "OFFERS"; readonly offers: readonly Offer[] }
  | { readonly type: "INVERSE_OFFERS"; readonly inverseOffers: readonly InverseOffer[] }
  | { readonly type: "RESCIND"; readonly offerId: string }
  | { readonly type: "RESCIND_INVERSE_OFFER"; readonly inverseOfferId: string }
  | {
      readonly type: "UPDATE";
      readonly status: TaskStatus;
      /** Made here for a task that no master has seen. */
      readonly isLocal?: boolean;
    }
  | { readonly type: "UPDATE_OPERATION_STATUS"; readonly status: OperationStatus }
  | {
      readonly type: "MESSAGE";
      readonly agentId: string;
      readonly executorId: string;
      /** Base64. */
      readonly data: string;
    }
  /** An agent was removed, or an executor ended. */
  | {
      readonly type: "FAILURE";
      readonly agentId?: string | undefined;
      readonly executorId?: string | undefined;
      readonly status?: number | undefined;
    }
  /** An event came that is none by the API; it was passed over. */
  | { readonly type: "UNREADABLE"; readonly message: string }
  /** The last event: the loop throws a coded error after it. */
  | { readonly type: "ERROR"; readonly message: string }
  /**
   * Every task that was known at (re)subscription has been answered for, or the SDK stopped asking:
   * then `missing` names those that no master spoke of.
   */
  | {
      readonly type: "RECONCILED";
      readonly tasks: number;
      readonly missing: readonly string[];
    };
