/** What a master can be told: one schema is type, defaults and check. */
import * as z from "zod/mini";
import english from "zod/v4/locales/en.js";
import type { AllocatorOptions } from "../../allocator/mod.ts";
import { type Clock, FairleadError } from "../../base/mod.ts";
import type { MasterInfo } from "../../model/mod.ts";
import { type Authorize, allowAll, type MetricsPort, noMetrics } from "./ports.ts";

const ms = (initial: number, min = 0, max = 10 * 365 * 86_400_000) =>
  z._default(z.int().check(z.minimum(min), z.maximum(max)), initial);
const count = (initial: number, max = 10_000_000) =>
  z._default(z.int().check(z.minimum(0), z.maximum(max)), initial);
const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;
const isFunction = (value: unknown): boolean => typeof value === "function";

const optionsSchema = () =>
  z.strictObject({
    /** What frameworks and agents are told of this master; its id is the prefix of all ids. */
    masterInfo: z.custom<MasterInfo>(isObject, "it must be a MasterInfo"),
    clock: z.custom<Pick<Clock, "nowMs">>(isObject, "it must be a Clock"),
    /** Decides the allocator's order and the uuids of operations. @default 1 */
    seed: z._default(z.int().check(z.minimum(0), z.maximum(0xffff_ffff)), 1),
    /** What SUBSCRIBED tells frameworks; the shell sends HEARTBEAT that often. @default 5000 */
    heartbeatMs: ms(5_000, 100),
    /** How long events gather before offers are made. @default 2 */
    allocationDelayMs: ms(2),
    /** How often the allocator is asked although nothing happened: filters expire. @default 1000 */
    allocationIntervalMs: ms(1_000, 10),
    /**
     * An offer that is held longer is rescinded; a framework that does it again is passed over for
     * as long, and twice as long each time in a row, an hour at most. 0: never.
     *
     * @default 300000
     */
    offerTimeoutMs: ms(300_000),
    /** An agent is pinged that often, */
    agentPingMs: ms(15_000, 10),
    /** and is unreachable after so many pings without an answer, or when it stays away as long. */
    agentPingsMax: z._default(z.int().check(z.minimum(1), z.maximum(1_000)), 5),
    /** How long agents known from the registry have to come back after a failover. @default 600000 */
    agentReregisterTimeoutMs: ms(600_000),
    /** At most so many agents become unreachable in a minute; 0: no limit. @default 0 */
    agentRemovalsPerMinute: count(0),
    /**
     * After an election agents come first: until all that are known are back, or none has come for
     * so long, the allocator runs only so often. 0: as always. @default 1000
     */
    returnPauseMs: ms(1_000, 0, 600_000),
    /** For frameworks that name no `failover_timeout`. @default a week */
    failoverTimeoutMs: ms(7 * 86_400_000),
    completedFrameworksMax: count(50),
    completedTasksMax: count(1_000),
    unreachableTasksMax: count(1_000),
    /** Agents unreachable or gone are forgotten after so long, */
    registryAgeMaxMs: ms(14 * 86_400_000),
    /** or when there are more of them, oldest first. */
    registryCountMax: count(102_400),
    registryGcMs: ms(900_000, 1_000),
    /** Agents without a fault domain are refused. */
    requireAgentDomain: z._default(z.boolean(), false),
    allocator: z._default(
      z.custom<Omit<AllocatorOptions, "clock" | "seed">>(isObject, "it must be an object"),
      {},
    ),
    authorize: z._default(z.custom<Authorize>(isFunction, "it must be a function"), () => allowAll),
    metrics: z._default(z.custom<MetricsPort>(isObject, "it must be metrics"), () => noMetrics),
  });

let schema: ReturnType<typeof optionsSchema> | undefined;

/** How a master works; everything but `masterInfo` and `clock` has a default. */
export type MasterOptions = z.input<ReturnType<typeof optionsSchema>>;
/** Options with every default filled in. */
export type ReadMasterOptions = z.output<ReturnType<typeof optionsSchema>>;

/** @throws {FairleadError} `invalid_option`; the message names the field and what is allowed. */
export function readMasterOptions(options: MasterOptions): ReadMasterOptions {
  schema ??= optionsSchema();
  const read = schema.safeParse(options, { error: english().localeError });
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const field = issue?.path.join(".") || "options";
  throw new FairleadError(
    "invalid_option",
    `Cannot make a master: ${field}: ${issue?.message ?? "not understood"}`,
    { cause: read.error, details: { field } },
  );
}
