import { requireInteger } from "../../base/mod.ts";

/** What a synthetic datacenter is made of. */
export interface SyntheticOptions {
  /** From 1 to 20,000. @default 1_000 */
  readonly hosts?: number;
  /** Running at once; spread evenly, at most 240 a host. @default 10 a host */
  readonly containers?: number;
  /** At least one a container and one a host. @default one a container and one a host */
  readonly processes?: number;
  /** From clients to servers; at most 200 a container. @default 4 a container */
  readonly connections?: number;
  /** Groups of equal containers that speak to each other. @default one for 25 containers */
  readonly services?: number;
  /** Whether containers stand in pods of deployments and services. @default false */
  readonly kubernetes?: boolean;
  /** Decides everything: equal options give equal reports. @default 1 */
  readonly seed?: number;
  /** When tick 0 is, in nanoseconds since 1970. @default 2026-01-01T00:00:00Z */
  readonly startNs?: bigint;
  /** Seconds between two ticks. @default 3 */
  readonly intervalSeconds?: number;
  /** How many ticks a container lives on average, before another takes its place. @default 1_200 */
  readonly lifeTicks?: number;
}

/** The options, complete and checked. */
export type SyntheticPlan = Required<SyntheticOptions>;

const CONTAINERS_A_HOST_MAX = 240;
const CONNECTIONS_A_CONTAINER_MAX = 200;
const PROCESSES_A_HOST_MAX = 2_000;

/** @throws {FairleadError} `invalid_option` names the field and the allowed range. */
export function planOf(options: SyntheticOptions): SyntheticPlan {
  const hosts = requireInteger("hosts", options.hosts ?? 1_000, { min: 1, max: 20_000 });
  const containers = requireInteger("containers", options.containers ?? hosts * 10, {
    min: 0,
    max: hosts * CONTAINERS_A_HOST_MAX,
  });
  return {
    hosts,
    containers,
    processes: requireInteger("processes", options.processes ?? containers + hosts, {
      min: containers + hosts,
      max: hosts * PROCESSES_A_HOST_MAX,
    }),
    connections: requireInteger("connections", options.connections ?? containers * 4, {
      min: 0,
      max: containers * CONNECTIONS_A_CONTAINER_MAX,
    }),
    services: requireInteger("services", options.services ?? Math.ceil(containers / 25), {
      min: containers > 0 ? 1 : 0,
      max: Math.max(1, containers),
    }),
    kubernetes: options.kubernetes ?? false,
    seed: requireInteger("seed", options.seed ?? 1, { min: 0, max: 2 ** 32 - 1 }),
    startNs: options.startNs ?? 1_767_225_600_000_000_000n,
    intervalSeconds: requireInteger("intervalSeconds", options.intervalSeconds ?? 3, {
      min: 1,
      max: 3_600,
    }),
    lifeTicks: requireInteger("lifeTicks", options.lifeTicks ?? 1_200, { min: 2, max: 1e9 }),
  };
}

/** How many of `total` things the place `index` of `places` has, and which is its first. */
export function shareOf(total: number, places: number, index: number) {
  const first = Math.floor((total * index) / places);
  return { first, count: Math.floor((total * (index + 1)) / places) - first };
}
