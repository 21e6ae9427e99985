/** What an agent's core can be told at the start. */
import type { Clock, Random } from "../../base/mod.ts";
import type { AgentInfo } from "../../model/mod.ts";

/** Limits and times; many cores may share one object. */
export interface AgentTimes {
  /** An update that is not acknowledged is sent again after this, then twice as long, and so on. */
  readonly updateRetryMs: number;
  readonly updateRetryMsMax: number;
  /** How long a custom executor may take to subscribe. */
  readonly executorRegistrationMs: number;
  /** The same after the agent has restarted. */
  readonly executorReregistrationMs: number;
  /** How long an executor may take to end after SHUTDOWN, unless its info says otherwise. */
  readonly executorShutdownGraceMs: number;
  /** From SIGTERM to SIGKILL, for tasks without a kill policy. */
  readonly killGraceMs: number;
  /** A master that says nothing for this many heartbeats is given up. */
  readonly heartbeatsMissedMax: number;
}

/** Times as Mesos has them. */
export const AGENT_TIMES: AgentTimes = {
  updateRetryMs: 10_000,
  updateRetryMsMax: 600_000,
  executorRegistrationMs: 60_000,
  executorReregistrationMs: 15_000,
  executorShutdownGraceMs: 5_000,
  killGraceMs: 3_000,
  heartbeatsMissedMax: 5,
};

/** Options of an `AgentCore`. */
export interface AgentCoreOptions {
  readonly clock: Pick<Clock, "nowMs">;
  /** Decides uuids and the ids of containers: two agents must not draw the same. */
  readonly random: Random;
  /** Without an id; `resources` is what the machine has. */
  readonly info: AgentInfo;
  /** @default "fairlead" */
  readonly version?: string;
  readonly capabilities?: readonly string[];
  /** @default AGENT_TIMES */
  readonly times?: AgentTimes;
  /** How many ended tasks of each framework are kept to be looked at. @default 100 */
  readonly completedTasksMax?: number;
  /**
   * Whether `checkpoint` and `forget` are among the effects: not needed where agents never start
   * again, as in large simulations.
   *
   * @default true
   */
  readonly checkpoints?: boolean;
  /**
   * What to do when `info` is not what the checkpoints say: go on as long as nothing was taken
   * away ("additive"), or refuse to start ("equal").
   *
   * @default "additive"
   */
  readonly reconfiguration?: "equal" | "additive";
}
