/** From options to a scheduler that is on its way to its master. */
import {
  type Clock,
  FairleadError,
  type Random,
  requireInteger,
  systemClock,
  systemRandom,
} from "../base/mod.ts";
import type { OfferConstraintsJson } from "../model/mod.ts";
import { SchedulerCore } from "./core/core.ts";
import type { KnownTaskSpec, SchedulerTimings } from "./core/options.ts";
import { type FrameworkOptions, readFramework } from "./framework.ts";
import { type Fetch, type MasterOption, schedulerUrl } from "./masters.ts";
import { Scheduler } from "./scheduler.ts";
import { type Credentials, schedulerCodec, Transport } from "./transport.ts";

/** Options of {@linkcode connect}. */
export interface ConnectOptions {
  /**
   * An address (`host:5050`, `https://…`), several that are tried in turn, a handler
   * `(Request) => Response` for a master in this process, or a detector.
   */
  readonly master: MasterOption;
  /** What the framework says of itself; only `name` has no default. */
  readonly framework: FrameworkOptions;
  /** The id that a master gave to this framework before: go on with its tasks. */
  readonly frameworkId?: string;
  readonly credentials?: Credentials;
  /** Roles that want no offers at first. */
  readonly suppressedRoles?: readonly string[];
  /** Which agents may be offered at all, by role (Mesos 1.11). */
  readonly offerConstraints?: OfferConstraintsJson;
  /** Tasks that are known to run, from the framework's own store: they are asked after at once. */
  readonly tasks?: readonly KnownTaskSpec[];
  /** `auto`: when the loop asks for the next event. `explicit`: by `acknowledge()`. @default "auto" */
  readonly acknowledge?: "auto" | "explicit";
  /** Events that wait for the loop before the stream is read no further. @default 10_000 */
  readonly eventsMax?: number;
  /** Bytes of one event. @default 67_108_864 */
  readonly eventBytesMax?: number;
  /** Tasks that are kept in mind. @default 1_000_000 */
  readonly tasksMax?: number;
  /** Calls that may wait. @default 100_000 */
  readonly callsMax?: number;
  /** How requests are made. @default the platform's `fetch` */
  readonly fetch?: Fetch;
  readonly timings?: SchedulerTimings;
  /** Closes the scheduler. */
  readonly signal?: AbortSignal;
  /** @default systemClock */
  readonly clock?: Clock;
  /** @default systemRandom */
  readonly random?: Random;
}

/** What a master in this process is called. */
const IN_PROCESS = "http://master.in-process/api/v1/scheduler";

/**
 * Connect a framework to its master; the scheduler that comes back is on its way.
 *
 * @example
 * ```ts
 * import { connect } from "fairlead/scheduler";
 *
 * // A master in this process; an address in its stead goes over the network.
 * const master = () => new Response(null, { status: 503 });
 * await using scheduler = connect({ master, framework: { name: "nightly" } });
 * for await (const event of scheduler.events()) {
 *   console.assert(event.type === "DISCONNECTED" && event.reason === "unavailable");
 *   break;
 * }
 * ```
 *
 * @throws {FairleadError} `invalid_option` naming the field.
 */
export function connect(options: ConnectOptions): Scheduler {
  const { master, credentials, clock = systemClock, random = systemRandom, signal } = options;
  const { masters, fetch, detector } = readMaster(master);
  const eventsMax = requireInteger("eventsMax", options.eventsMax ?? 10_000, { min: 1, max: 1e7 });
  const eventBytesMax = requireInteger("eventBytesMax", options.eventBytesMax ?? 67_108_864, {
    min: 1_024,
    max: 2 ** 30,
  });
  const core = new SchedulerCore({
    ...options.timings,
    masters,
    framework: readFramework(options.framework, credentials?.principal),
    frameworkId: options.frameworkId,
    suppressedRoles: options.suppressedRoles,
    offerConstraints: options.offerConstraints,
    tasks: options.tasks,
    ...(options.acknowledge === undefined ? {} : { acknowledge: options.acknowledge }),
    ...(options.tasksMax === undefined ? {} : { tasksMax: options.tasksMax }),
    ...(options.callsMax === undefined ? {} : { callsMax: options.callsMax }),
    clock,
    random,
  });
  const transport = new Transport(schedulerCodec, {
    fetch: fetch ?? options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
    credentials,
    recordBytesMax: eventBytesMax,
  });
  return new Scheduler({ core, transport, clock, detector, eventsMax, signal });
}

function readMaster(master: MasterOption) {
  if (typeof master === "function") {
    const fetch: Fetch = (url, init) => master(new Request(url, init));
    return { masters: [IN_PROCESS], fetch };
  }
  if (typeof master === "string") return { masters: [schedulerUrl(master)] };
  if ("leader" in master) return { masters: [], detector: master };
  if (master.length === 0) {
    throw new FairleadError("invalid_option", "Cannot use master = []: it must name one or more", {
      details: { field: "master" },
    });
  }
  return { masters: master.map(schedulerUrl) };
}
