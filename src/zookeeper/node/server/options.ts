import * as z from "zod/mini";
import english from "zod/v4/locales/en.js";
import { type Clock, FairleadError } from "../../../base/mod.ts";

const int = (min: number, max: number) => z.int().check(z.minimum(min), z.maximum(max));
const DAY_MS = 86_400_000;

const optionsSchema = () =>
  z.strictObject({
    host: z._default(z.string().check(z.minLength(1)), "127.0.0.1"),
    port: z._default(int(0, 65_535), 0),
    dataDir: z.optional(z.string().check(z.minLength(1))),
    tickTimeMs: z._default(int(10, 60_000), 2_000),
    sessionTimeoutMsMin: z.optional(int(1, DAY_MS)),
    sessionTimeoutMsMax: z.optional(int(1, DAY_MS)),
    requestBytesMax: z._default(int(1_024, 1_073_741_824), 1_048_575),
    connectionsMax: z._default(int(1, 1_000_000), 10_000),
    reapIntervalMs: z._default(int(10, DAY_MS), 60_000),
    superDigest: z.optional(z.string().check(z.regex(/^[^:]+:[A-Za-z0-9+/]{27}=$/))),
  });

/** Options of {@linkcode EmbeddedZooKeeper.start}. */
export interface EmbeddedZooKeeperOptions {
  /** Where it listens. @default "127.0.0.1" */
  readonly host?: string | undefined;
  /** 0: one that is free. @default 0 */
  readonly port?: number | undefined;
  /**
   * The folder that nodes and sessions are kept in; it is made when it is not there, and belongs to
   * one server at a time. @default none: they are gone with the server
   */
  readonly dataDir?: string | undefined;
  /** How often sessions are looked at. From 10 to 60,000. @default 2_000 */
  readonly tickTimeMs?: number | undefined;
  /** @default two ticks */
  readonly sessionTimeoutMsMin?: number | undefined;
  /** @default twenty ticks */
  readonly sessionTimeoutMsMax?: number | undefined;
  /** The largest request, ZooKeeper's `jute.maxbuffer`. @default 1_048_575 */
  readonly requestBytesMax?: number | undefined;
  /** Clients at one time; more are turned away. @default 10_000 */
  readonly connectionsMax?: number | undefined;
  /** How often containers and nodes with a time to live are looked at. @default 60_000 */
  readonly reapIntervalMs?: number | undefined;
  /** Who may do everything: {@linkcode digestId} of `user:password`. @default nobody */
  readonly superDigest?: string | undefined;
  /** Dates nodes and ends sessions. @default the machine's: its date, and its steady time */
  readonly clock?: Clock | undefined;
}

type Parsed = z.output<ReturnType<typeof optionsSchema>>;

/** Options with every default in place. */
export type CheckedServerOptions = Parsed & {
  readonly sessionTimeoutMsMin: number;
  readonly sessionTimeoutMsMax: number;
};

let schema: ReturnType<typeof optionsSchema> | undefined;

/** @throws {FairleadError} `invalid_option`, with the field's name. */
export function checkServerOptions(
  options: Omit<EmbeddedZooKeeperOptions, "clock">,
): CheckedServerOptions {
  schema ??= optionsSchema();
  const read = schema.safeParse(options, { error: english().localeError });
  if (!read.success) {
    const [issue] = read.error.issues;
    throw refused(issue?.path.join(".") || "options", issue?.message ?? "");
  }
  const { tickTimeMs } = read.data;
  const sessionTimeoutMsMin = read.data.sessionTimeoutMsMin ?? tickTimeMs * 2;
  const sessionTimeoutMsMax = read.data.sessionTimeoutMsMax ?? tickTimeMs * 20;
  if (sessionTimeoutMsMin > sessionTimeoutMsMax) {
    throw refused("sessionTimeoutMsMin", `it is above sessionTimeoutMsMax, ${sessionTimeoutMsMax}`);
  }
  return { ...read.data, sessionTimeoutMsMin, sessionTimeoutMsMax };
}

function refused(field: string, why: string): FairleadError {
  return new FairleadError("invalid_option", `Cannot use ${field}: ${why}`, {
    details: { field },
  });
}
