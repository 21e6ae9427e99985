import * as z from "zod/mini";
import english from "zod/v4/locales/en.js";
import { FairleadError } from "../../base/mod.ts";
import { checkPath } from "../path.ts";

/** Keys and certificates of a connection; texts and bytes are PEM. */
export interface TlsOptions {
  /** Who may sign the server's certificate. @default those the runtime trusts */
  readonly ca?: string | Uint8Array | undefined;
  /** The client's own certificate, where the server asks for one. */
  readonly cert?: string | Uint8Array | undefined;
  readonly key?: string | Uint8Array | undefined;
  readonly passphrase?: string | undefined;
  /** The name that the certificate must have. @default the host connected to */
  readonly serverName?: string | undefined;
  /** @default true */
  readonly rejectUnauthorized?: boolean | undefined;
}

/** What a client proves to be: `{ scheme: "digest", auth: "user:password" }`. */
export interface Credential {
  readonly scheme: string;
  readonly auth: string | Uint8Array;
}

/** A session as another process may take it over: keep the password secret. */
export interface SessionTicket {
  readonly id: bigint;
  readonly password: Uint8Array;
}

const int = (min: number, max: number) => z.int().check(z.minimum(min), z.maximum(max));
const bytes = () => z.union([z.string(), z.instanceof(Uint8Array)]);

const optionsSchema = () =>
  z.strictObject({
    sessionTimeoutMs: z._default(int(100, 3_600_000), 10_000),
    connectTimeoutMs: z._default(int(50, 600_000), 4_000),
    reconnectDelayMs: z._default(int(0, 60_000), 100),
    requestTimeoutMs: z.optional(int(1, 3_600_000)),
    requestsMax: z._default(int(1, 10_000_000), 200_000),
    requestBytesMax: z._default(int(1_024, 1_073_741_824), 1_000_000),
    answerBytesMax: z._default(int(1_024, 1_073_741_824), 268_435_456),
    stallPingMs: z._default(int(0, 60_000), 50),
    readOnly: z._default(z.boolean(), false),
    credentials: z._default(
      z.array(z.strictObject({ scheme: z.string().check(z.minLength(1)), auth: bytes() })),
      [],
    ),
    session: z.optional(z.strictObject({ id: z.bigint(), password: z.instanceof(Uint8Array) })),
    tls: z._default(
      z.union([
        z.boolean(),
        z.strictObject({
          ca: z.optional(bytes()),
          cert: z.optional(bytes()),
          key: z.optional(bytes()),
          passphrase: z.optional(z.string()),
          serverName: z.optional(z.string()),
          rejectUnauthorized: z.optional(z.boolean()),
        }),
      ]),
      false,
    ),
  });

/** Options of a {@linkcode ZooKeeper} client. */
export interface ZooKeeperOptions {
  /**
   * How long the server keeps the session of a client it hears nothing of; the server may set
   * bounds. From 100 to 3,600,000. @default 10_000
   */
  readonly sessionTimeoutMs?: number | undefined;
  /** How long one server may take to accept, shake hands included. @default 4_000 */
  readonly connectTimeoutMs?: number | undefined;
  /** After all servers have failed it waits up to this long, at random. @default 100 */
  readonly reconnectDelayMs?: number | undefined;
  /** How long a request may take, waiting for a connection included. @default no limit */
  readonly requestTimeoutMs?: number | undefined;
  /** Requests that wait for their answer at one time. @default 200_000 */
  readonly requestsMax?: number | undefined;
  /**
   * The largest request: a server closes the connection on more than its `jute.maxbuffer`.
   * @default 1_000_000
   */
  readonly requestBytesMax?: number | undefined;
  /** The largest answer that is taken. @default 268_435_456 */
  readonly answerBytesMax?: number | undefined;
  /**
   * After so long without an answer a ping shakes the server awake, 0: never. Servers from 3.6 to
   * 3.8.0 may let a lone request lie until the next one comes (ZOOKEEPER-4537). @default 50
   */
  readonly stallPingMs?: number | undefined;
  /** Be content with a server that is cut off from the others, and read only. @default false */
  readonly readOnly?: boolean | undefined;
  readonly credentials?: readonly Credential[] | undefined;
  /** Take over this session instead of opening a new one. */
  readonly session?: SessionTicket | undefined;
  /** @default no TLS */
  readonly tls?: boolean | TlsOptions | undefined;
}

/** Options with every default in place. */
export type CheckedOptions = z.output<ReturnType<typeof optionsSchema>>;

let schema: ReturnType<typeof optionsSchema> | undefined;

/** @throws {FairleadError} `invalid_option`, with the field's name. */
export function checkOptions(options: ZooKeeperOptions): CheckedOptions {
  schema ??= optionsSchema();
  const read = schema.safeParse(options, { error: english().localeError });
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const field = issue?.path.join(".") || "options";
  throw new FairleadError("invalid_option", `Cannot use ${field}: ${issue?.message}`, {
    details: { field },
  });
}

/** One server of a connect string. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/** What a connect string says. */
export interface ConnectString {
  readonly servers: readonly ServerAddress[];
  /** `/` when there is none. */
  readonly chroot: string;
}

const DEFAULT_PORT = 2181;
const PATH_BYTES_MAX = 100_000;

/**
 * Read `host:port,host:port/chroot`; an IPv6 address stands in brackets, a port is 2181 if absent.
 *
 * @throws {FairleadError} `invalid_connect_string`; `invalid_path` for the chroot.
 */
export function parseConnectString(text: string): ConnectString {
  const slash = text.indexOf("/");
  const chroot = slash < 0 || slash === text.length - 1 ? "/" : text.slice(slash);
  checkPath(chroot, PATH_BYTES_MAX);
  const hosts = (slash < 0 ? text : text.slice(0, slash)).split(",").map((each) => each.trim());
  return { servers: hosts.map((each) => parseServer(each, text)), chroot };
}

function parseServer(text: string, whole: string): ServerAddress {
  const [, bracketed, plain, portText] =
    /^(?:\[([0-9a-fA-F:.%a-z]+)\]|([^\s:[\]/]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = portText === undefined ? DEFAULT_PORT : Number(portText);
  if (host !== undefined && port >= 1 && port <= 65_535) return { host, port };
  throw new FairleadError(
    "invalid_connect_string",
    `Cannot connect to "${whole}": "${text}" must be host or host:port, the port from 1 to 65535`,
    { details: { text: whole, server: text } },
  );
}
