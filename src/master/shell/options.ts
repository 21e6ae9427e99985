/** What a master's shell can be told. */
import type { Clock, Random } from "../../base/mod.ts";
import type { Store } from "../../coordination/mod.ts";
import type { Authenticator, Handler } from "../../http/mod.ts";
import type { MasterInfo } from "../../model/mod.ts";
import type { MasterOptions as CoreOptions } from "../core/options.ts";
import type { SchedulerCodec } from "./codecs.ts";

/** How one master is put together. */
export interface CreateMasterOptions {
  /**
   * Where this master is reached. Its id is made anew for each term: ids of agents, frameworks and
   * offers begin with it.
   */
  readonly info: Omit<MasterInfo, "id">;
  /**
   * Where the registry is, and where masters elect one of them. Whoever opened it closes it, after
   * the master.
   */
  readonly store: Store;
  /** Where in the store masters stand for election. @default "/mesos" */
  readonly electionPath?: string;
  /** Where in the store the registry is. @default "/fairlead/master" */
  readonly registryPath?: string;
  /** @default systemClock */
  readonly clock?: Clock;
  /** Makes ids of masters and streams: two masters must not have the same. @default systemRandom */
  readonly random?: Random;
  /** What the core decides by; see `MasterCore`. */
  readonly core?: Omit<CoreOptions, "masterInfo" | "clock" | "metrics" | "authorize">;
  /** For people: the console's title. @default "fairlead" */
  readonly cluster?: string;
  /** How it was started, for people; shown as they are: no secrets. @default {} */
  readonly flags?: Readonly<Record<string, string>>;
  /** Who may speak; without one everybody may, by no name. */
  readonly authenticator?: Authenticator;
  /** Who may do what, in Mesos' JSON; see `acl`. @default everybody everything */
  readonly acls?: unknown;
  /** Languages of the scheduler API besides JSON. @default [] */
  readonly codecs?: readonly SchedulerCodec[];
  /** Serves `/` and what is below `/console`, to anybody: `consoleHandler` of `fairlead/ui/node`. */
  readonly files?: Handler;
  /** Pages of these origins may use the APIs, besides the master's own. @default [] */
  readonly origins?: readonly string[];
  readonly limits?: Partial<Limits>;
}

/** What one peer may cost. */
export interface Limits {
  /** One request's body. @default 64 MiB */
  readonly bodyBytesMax: number;
  /** @default 30000 */
  readonly bodyTimeoutMs: number;
  /** A SUBSCRIBE or UPDATE_FRAMEWORK: what it says is kept in the registry. @default 256 KiB */
  readonly subscriptionBytesMax: number;
  /** What waits for a framework or a subscriber that does not read. @default 64 MiB */
  readonly streamBytesMax: number;
  /** What waits for an agent that does not read. @default 64 MiB */
  readonly linkBytesMax: number;
  /** Refused subscriptions a second, of one principal or address, that are answered at once. @default 10 */
  readonly refusalsPerSecond: number;
  /** Requests a second of one principal or address; 0: no limit. @default 0 */
  readonly requestsPerSecond: number;
}

/** The limits of a master that is told none. */
export const LIMITS: Limits = {
  bodyBytesMax: 64 * 1_024 * 1_024,
  bodyTimeoutMs: 30_000,
  subscriptionBytesMax: 256 * 1_024,
  streamBytesMax: 64 * 1_024 * 1_024,
  linkBytesMax: 64 * 1_024 * 1_024,
  refusalsPerSecond: 10,
  requestsPerSecond: 0,
};
