import { promisify } from "node:util";
import { gunzipSync, gzip } from "node:zlib";
import type { MsgHdrs, NatsConnection } from "@nats-io/transport-node";
import { asyncDispose, FairleadError, requireInteger } from "../../base/mod.ts";
import type { ReportRelay, ReportUpload } from "../mod.ts";

/** Options of {@linkcode openNatsRelay}. */
export interface NatsRelayOptions {
  /** Servers of one cluster. @default ["nats://127.0.0.1:4222"] */
  readonly servers?: readonly string[];
  /** What collectors that belong together speak of: words with dots between. @default "fairlead.reports" */
  readonly subject?: string;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  /** How long connecting may take, from 100 to 60,000. @default 5_000 */
  readonly timeoutMs?: number;
  /** What may wait to be sent; reports beyond are dropped. From 65,536 to 2^31. @default 67_108_864 */
  readonly waitingBytesMax?: number;
  /** The longest report that is taken, inflated. From 1 to 2^31. @default 33_554_432 */
  readonly reportBytesMax?: number;
  /** Told of a report that could not be passed on or taken. */
  readonly onError?: (error: unknown) => void;
}

/** How a relay went. */
export interface RelayCounts {
  readonly passed: number;
  readonly taken: number;
  /** Not passed on: the server is away or slow, or the report is longer than it takes. */
  readonly dropped: number;
  /** Came, but were no reports or were refused. */
  readonly refused: number;
}

/** Carries reports between collectors by a NATS server. */
export interface NatsRelay extends ReportRelay, AsyncDisposable {
  readonly counts: RelayCounts;
  /**
   * Take what other collectors pass on, until the relay is closed.
   *
   * @param take What it throws is counted and told.
   */
  follow(take: (upload: ReportUpload) => void): void;
  /** Say goodbye to the server; what waits is sent first. Twice is harmless. */
  close(): Promise<void>;
}

const SUBJECT = /^[\w-]+(\.[\w-]+)*$/;
const PROBE = "Fairlead-Probe";
const TYPE = "Fairlead-Type";
const ID_LENGTH_MAX = 256;
const HEADERS_BYTES = 4_096;
const INT_MAX = 2 ** 31;
const compress = promisify(gzip);

/**
 * Connect to a NATS server. Each collector that hands its reports to a relay of one subject, and
 * follows it, knows what all of them were told.
 *
 * Once connected it comes back by itself; what is reported while the server is away is dropped, as
 * probes report again within seconds. Reports are sent at most once, compressed, in one message
 * each.
 *
 * @throws {FairleadError} `relay_failed` when no server can be reached, or it refuses; `invalid_option`.
 */
export async function openNatsRelay(options: NatsRelayOptions = {}): Promise<NatsRelay> {
  const { servers = ["nats://127.0.0.1:4222"], user, password, token } = options;
  const limits = limitsOf(options);
  const { connect, headers } = await import("@nats-io/transport-node");
  try {
    const connection = await connect({
      servers: [...servers],
      name: "fairlead collector",
      noEcho: true,
      timeout: limits.timeoutMs,
      maxReconnectAttempts: -1,
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { pass: password }),
      ...(token === undefined ? {} : { token }),
    });
    return new Relay(connection, headers, limits);
  } catch (cause) {
    const { message } = FairleadError.from(cause);
    throw new FairleadError("relay_failed", `Cannot open a relay of reports: ${message}`, {
      cause,
      details: { servers: servers.length },
    });
  }
}

interface Limits {
  readonly subject: string;
  readonly timeoutMs: number;
  readonly waitingBytesMax: number;
  readonly reportBytesMax: number;
  readonly onError: (error: unknown) => void;
}

function limitsOf(options: NatsRelayOptions): Limits {
  const { subject = "fairlead.reports", timeoutMs = 5_000, onError = () => undefined } = options;
  const { waitingBytesMax = 67_108_864, reportBytesMax = 33_554_432 } = options;
  if (!SUBJECT.test(subject)) {
    throw new FairleadError(
      "invalid_option",
      `Cannot use subject = ${JSON.stringify(subject)}: it must be words with dots between`,
      { details: { field: "subject", value: subject } },
    );
  }
  requireInteger("timeoutMs", timeoutMs, { min: 100, max: 60_000 });
  requireInteger("waitingBytesMax", waitingBytesMax, { min: 65_536, max: INT_MAX });
  requireInteger("reportBytesMax", reportBytesMax, { min: 1, max: INT_MAX });
  return { subject, timeoutMs, waitingBytesMax, reportBytesMax, onError };
}

class Relay implements NatsRelay {
  readonly #connection: NatsConnection;
  readonly #headers: () => MsgHdrs;
  readonly #limits: Limits;
  readonly #counts = { passed: 0, taken: 0, dropped: 0, refused: 0 };
  #isConnected = true;
  #waitingBytes = 0;
  #sending = new Set<Promise<void>>();
  #closing: Promise<void> | undefined;

  constructor(connection: NatsConnection, headers: () => MsgHdrs, limits: Limits) {
    this.#connection = connection;
    this.#headers = headers;
    this.#limits = limits;
    void this.#watch();
  }

  get counts(): RelayCounts {
    return { ...this.#counts };
  }

  pass(upload: ReportUpload): void {
    const size = upload.bytes.length;
    const isFull = this.#waitingBytes + size > this.#limits.waitingBytesMax;
    if (!this.#isConnected || isFull || this.#closing !== undefined) {
      this.#counts.dropped += 1;
      return;
    }
    this.#waitingBytes += size;
    const sending = this.#send(upload)
      .catch((error: unknown) => this.#drop(error))
      .finally(() => {
        this.#waitingBytes -= size;
        this.#sending.delete(sending);
      });
    this.#sending.add(sending);
  }

  follow(take: (upload: ReportUpload) => void): void {
    this.#connection.subscribe(this.#limits.subject, {
      callback: (error, message) => {
        try {
          if (error !== null) throw error;
          take(this.#uploadOf(message.data, message.headers));
          this.#counts.taken += 1;
        } catch (cause) {
          this.#counts.refused += 1;
          this.#limits.onError(cause);
        }
      },
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    // A server that is away cannot be told.
    if (this.#isConnected) {
      await Promise.all(this.#sending);
      await this.#connection.drain().catch(() => undefined);
    }
    await this.#connection.close();
  }

  async #send({ probeId, contentType, bytes }: ReportUpload): Promise<void> {
    const body = await compress(bytes, { level: 1 });
    const max = this.#connection.info?.max_payload ?? Number.POSITIVE_INFINITY;
    if (body.length + HEADERS_BYTES > max) throw tooLarge(body.length, max);
    const headers = this.#headers();
    headers.set(PROBE, encodeURIComponent(probeId));
    headers.set(TYPE, contentType);
    this.#connection.publish(this.#limits.subject, body, { headers });
    // Counted as waiting until the server has it: a slow one must not fill the memory.
    await this.#connection.flush();
    this.#counts.passed += 1;
  }

  #uploadOf(data: Uint8Array, headers: MsgHdrs | undefined): ReportUpload {
    const maxOutputLength = this.#limits.reportBytesMax;
    const probeId = decodeURIComponent(headers?.get(PROBE) ?? "");
    if (probeId === "" || probeId.length > ID_LENGTH_MAX) throw unnamed();
    return {
      probeId,
      contentType: headers?.get(TYPE) ?? "",
      bytes: gunzipSync(data, { maxOutputLength }),
      receivedMs: Date.now(),
    };
  }

  #drop(error: unknown): void {
    this.#counts.dropped += 1;
    this.#limits.onError(error);
  }

  async #watch(): Promise<void> {
    for await (const { type } of this.#connection.status()) {
      if (type === "disconnect") this.#isConnected = false;
      else if (type === "reconnect") this.#isConnected = true;
    }
  }
}

function unnamed(): FairleadError {
  return new FairleadError(
    "invalid_report",
    `Cannot take the report: ${PROBE} must have from 1 to ${ID_LENGTH_MAX} characters`,
    { details: { field: PROBE } },
  );
}

function tooLarge(bytes: number, max: number): FairleadError {
  return new FairleadError(
    "report_too_large",
    `Cannot pass the report on: compressed it has ${bytes} bytes, and the server takes ${max}`,
    { details: { limit: "max_payload", value: bytes, max } },
  );
}
