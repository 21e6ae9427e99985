/** What the core asks of others while it steps; both answer at once. */

/**
 * Whether a principal may do something.
 *
 * @param principal Undefined when nobody authenticated.
 * @param action One of the actions of Mesos' ACLs, in their JSON names: "run_tasks",
 * "register_frameworks", "update_quotas" …
 * @param object What it is done to: a user for "run_tasks", a role for most others.
 */
export type Authorize = (principal: string | undefined, action: string, object?: string) => boolean;

/** Counters and timings under the names of Mesos' metrics. */
export interface MetricsPort {
  count(name: string, by?: number): void;
  observe(name: string, ms: number): void;
  /** What is counted under names that begin so is over. */
  forget?(prefix: string): void;
}

export const allowAll: Authorize = () => true;

export const noMetrics: MetricsPort = { count: () => undefined, observe: () => undefined };
