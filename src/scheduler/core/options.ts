/** What a scheduler's core is made of. */
import type { Clock, Random } from "../../base/mod.ts";
import { requireInteger, requireNumber } from "../../base/mod.ts";
import type { FrameworkInfo, OfferConstraintsJson } from "../../model/mod.ts";

/** A task that runs already, from a store of the framework's own. */
export interface KnownTaskSpec {
  readonly taskId: string;
  readonly agentId?: string | undefined;
}

/** Waits and limits; each has a default. */
export interface SchedulerTimings {
  /** The first pause after a lost or refused subscription. @default 100 */
  readonly backoffInitialMs?: number;
  /** The longest pause. @default 15_000 */
  readonly backoffMaxMs?: number;
  /** Attempts to subscribe in a row before the scheduler gives up. @default 1_000_000 */
  readonly attemptsMax?: number;
  /** How long SUBSCRIBED may take to come. @default 15_000 */
  readonly subscribeTimeoutMs?: number;
  /** Heartbeats that may be missed before the stream counts as lost. @default 5 */
  readonly heartbeatsMissedMax?: number;
  /** How long the answer to a call may take. @default 15_000 */
  readonly callTimeoutMs?: number;
  /** The first pause before tasks that nobody answered for are asked after again. @default 5_000 */
  readonly reconcileInitialMs?: number;
  /** The longest such pause. @default 60_000 */
  readonly reconcileMaxMs?: number;
  /** How often in a row they are asked after. @default 30 */
  readonly reconcileAttemptsMax?: number;
  /** The pause between rounds of reconciliation while all is well; 0 for none. @default 600_000 */
  readonly reconcileEveryMs?: number;
  /** How long closing waits for calls that are on their way. @default 2_000 */
  readonly closeMs?: number;
}

/** Options of a core. */
export interface SchedulerCoreOptions extends SchedulerTimings {
  /** Addresses of masters, tried in turn; none: the shell locates the leader before each attempt. */
  readonly masters: readonly string[];
  readonly framework: FrameworkInfo;
  readonly frameworkId?: string | undefined;
  readonly suppressedRoles?: readonly string[] | undefined;
  readonly offerConstraints?: OfferConstraintsJson | undefined;
  readonly tasks?: readonly KnownTaskSpec[] | undefined;
  /** `auto` acknowledges an update when its event was consumed. @default "auto" */
  readonly acknowledge?: "auto" | "explicit";
  /** Tasks that are kept in mind for reconciliation. @default 1_000_000 */
  readonly tasksMax?: number;
  /** Calls that may wait. @default 100_000 */
  readonly callsMax?: number;
  /** Requests with acknowledgements at once, where the master takes one call a request. @default 32 */
  readonly acknowledgementsInFlightMax?: number;
  readonly clock: Pick<Clock, "nowMs">;
  readonly random: Random;
}

const PAUSE = { min: 0, max: 86_400_000 };
const COUNT = { min: 1, max: 100_000_000 };

/** The numbers of the options, checked, with defaults. */
export type CoreNumbers = ReturnType<typeof readNumbers>;

/** @throws {FairleadError} `invalid_option` naming the field. */
export function readNumbers(options: Partial<SchedulerCoreOptions>) {
  const pause = (name: keyof SchedulerTimings, value: number) =>
    requireNumber(name, options[name] ?? value, PAUSE);
  const count = (
    name: "attemptsMax" | "heartbeatsMissedMax" | "reconcileAttemptsMax",
    value: number,
  ) => requireInteger(name, options[name] ?? value, COUNT);
  return {
    backoffInitialMs: pause("backoffInitialMs", 100),
    backoffMaxMs: pause("backoffMaxMs", 15_000),
    attemptsMax: count("attemptsMax", 1_000_000),
    subscribeTimeoutMs: pause("subscribeTimeoutMs", 15_000),
    heartbeatsMissedMax: count("heartbeatsMissedMax", 5),
    callTimeoutMs: pause("callTimeoutMs", 15_000),
    reconcileInitialMs: pause("reconcileInitialMs", 5_000),
    reconcileMaxMs: pause("reconcileMaxMs", 60_000),
    reconcileAttemptsMax: count("reconcileAttemptsMax", 30),
    reconcileEveryMs: pause("reconcileEveryMs", 600_000),
    closeMs: pause("closeMs", 2_000),
    tasksMax: requireInteger("tasksMax", options.tasksMax ?? 1_000_000, COUNT),
    callsMax: requireInteger("callsMax", options.callsMax ?? 100_000, COUNT),
    acknowledgementsInFlightMax: requireInteger(
      "acknowledgementsInFlightMax",
      options.acknowledgementsInFlightMax ?? 32,
      { min: 1, max: 1_000 },
    ),
  };
}
