/** What an agent can be told: one schema is type, defaults and check. */
import { isAbsolute, resolve } from "node:path";
import * as z from "zod/mini";
import english from "zod/v4/locales/en.js";
import {
  type Clock,
  FairleadError,
  type Random,
  systemClock,
  systemRandom,
} from "../../base/mod.ts";
import type { Authenticator } from "../../http/mod.ts";
import type { ServerTls } from "../../http/node/mod.ts";
import type { DomainInfo, ResourceJson } from "../../model/mod.ts";
import type { Containerizer } from "../containerizer.ts";
import type { Detector } from "./master_link.ts";

const ms = (initial: number, min = 0, max = 10 * 365 * 86_400_000) =>
  z._default(z.int().check(z.minimum(min), z.maximum(max)), initial);
const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;
const isFunction = (value: unknown): boolean => typeof value === "function";

const isDetector = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "leader" in value && isFunction(value.leader);

/** Whether somebody may do this; an action is the name of a call of the v1 API. */
export type AuthorizeCall = (principal: string | undefined, action: string) => boolean;

const optionsSchema = () =>
  z.strictObject({
    /** URLs of the masters, or what knows the leading one: a function, a detector. */
    masters: z.union([
      z.string(),
      z.array(z.string()).check(z.minLength(1)),
      z.custom<Detector | Detector["leader"]>(
        (value) => isFunction(value) || isDetector(value),
        "it must be a URL, URLs, a function or a detector",
      ),
    ]),
    /** Everything the agent keeps: checkpoints, sandboxes, volumes. */
    workDir: z.string().check(z.minLength(1)),
    /** The port of its API; 0: any. @default 5051 */
    port: z._default(z.int().check(z.minimum(0), z.maximum(65_535)), 5051),
    /** The address to listen on. @default "127.0.0.1" */
    bind: z._default(z.string(), "127.0.0.1"),
    /** The address that others are told; by default what it listens on. */
    ip: z.optional(z.string()),
    /** Certificates (PEM) to serve its API with; by default it is plain HTTP. */
    tls: z.optional(z.custom<ServerTls>(isObject, "it must have key and cert")),
    /** By default the machine's name. */
    hostname: z.optional(z.string()),
    /** Text ("cpus:4;mem:2048") or JSON; kinds that are not named are detected. */
    resources: z.optional(
      z.union([
        z.string(),
        z.custom<readonly ResourceJson[]>(Array.isArray, "it must be text or a list"),
      ]),
    ),
    /** Text: "rack:r1;os:debian". */
    attributes: z._default(z.string(), ""),
    domain: z.optional(z.custom<DomainInfo>(isObject, "it must be a DomainInfo")),
    /**
     * By default `posix`, then `oci` and `docker` where this machine has them; the first one that
     * supports a container runs it.
     */
    containerizers: z.optional(
      z.custom<readonly Containerizer[]>(Array.isArray, "it must be a list of containerizers"),
    ),
    /** Where images are looked up by name: folders with a rootfs or an OCI layout. */
    imageStore: z.optional(z.string()),
    /** The socket of a Docker Engine. @default "/var/run/docker.sock" */
    dockerSocket: z._default(z.string(), "/var/run/docker.sock"),
    /** How the agent proves who it is to the master. */
    credentials: z.optional(z.object({ principal: z.string(), secret: z.string() })),
    /** Certificates (PEM) of authorities that sign masters. */
    ca: z.optional(z.string()),
    /**
     * Who may use the agent's API; by default everybody who reaches it. With one, executors must
     * show the token that the agent gave them.
     */
    authenticator: z.optional(z.custom<Authenticator>(isObject, "it must be an Authenticator")),
    authorize: z._default(
      z.custom<AuthorizeCall>(isFunction, "it must be a function"),
      () => () => true,
    ),
    /** What an agent that restarts with other resources does. @default "additive" */
    reconfiguration: z._default(z.enum(["equal", "additive"]), "additive"),
    /** Run tasks as the user that they name; by default when the agent runs as root. */
    switchUser: z._default(z.boolean(), process.getuid?.() === 0),
    /** Hold tasks to their cpus although others are idle. @default false */
    limitCpus: z._default(z.boolean(), false),
    /** End tasks whose sandbox grows beyond their disk. @default true */
    limitDisk: z._default(z.boolean(), true),
    /** Every task starts from these variables; nothing else of the agent's gets to it. */
    taskEnvironment: z._default(z.record(z.string(), z.string()), {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    }),
    logBytesMax: z._default(z.int().check(z.minimum(4_096)), 10 * 2 ** 20),
    logFilesMax: z._default(z.int().check(z.minimum(1), z.maximum(1_000)), 2),
    /** How much the fetcher keeps of what tasks share. @default 2147483648 */
    cacheBytesMax: z._default(z.int().check(z.minimum(0)), 2 * 2 ** 30),
    /** Sandboxes of ended executors are kept at least this long when there is room. */
    gcDelayMs: ms(7 * 86_400_000),
    /** Less than this share of the disk free: the oldest sandboxes go first. */
    gcFreeRatioMin: z._default(z.number().check(z.minimum(0), z.maximum(1)), 0.1),
    executorRegistrationMs: ms(60_000, 1),
    executorReregistrationMs: ms(15_000, 1),
    executorShutdownGraceMs: ms(5_000),
    recoveryTimeoutMs: ms(900_000),
    updateRetryMs: ms(10_000, 1),
    updateRetryMsMax: ms(600_000, 1),
    linkBackoffMs: ms(500, 1),
    linkBackoffMsMax: ms(10_000, 1),
    launchesMax: z._default(z.int().check(z.minimum(1), z.maximum(10_000)), 32),
    completedTasksMax: z._default(z.int().check(z.minimum(0), z.maximum(1_000_000)), 200),
    /** The largest body that the API takes. */
    bodyBytesMax: z._default(z.int().check(z.minimum(1)), 4 * 2 ** 20),
    clock: z._default(z.custom<Clock>(isObject, "it must be a Clock"), () => systemClock),
    random: z._default(z.custom<Random>(isObject, "it must be a Random"), () => systemRandom),
  });

let schema: ReturnType<typeof optionsSchema> | undefined;

/** Options of `createAgent`. */
export type AgentOptions = z.input<ReturnType<typeof optionsSchema>>;
/** The same, with every default filled in. */
export type AgentSettings = z.output<ReturnType<typeof optionsSchema>>;

/** @throws {FairleadError} `invalid_option` naming the field and what is allowed. */
export function readOptions(options: AgentOptions): AgentSettings {
  schema ??= optionsSchema();
  const read = schema.safeParse(options, { error: english().localeError });
  if (read.success) {
    const { workDir } = read.data;
    return { ...read.data, workDir: isAbsolute(workDir) ? workDir : resolve(workDir) };
  }
  const [issue] = read.error.issues;
  const field = issue?.path.join(".") || "options";
  throw new FairleadError("invalid_option", `Cannot make an agent: ${field}: ${issue?.message}`, {
    cause: read.error,
    details: { field },
  });
}
