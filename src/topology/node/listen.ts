import { hostname as machineName } from "node:os";
import { gunzipSync } from "node:zlib";
import { asyncDispose, FairleadError } from "../../base/mod.ts";
import { Drain } from "../../http/mod.ts";
import { type ServerTls, type Serving, serve } from "../../http/node/mod.ts";
import { type Collector, type CollectorOptions, createCollector } from "../mod.ts";

/** Options of {@linkcode listenCollector}. */
export interface ListenOptions extends CollectorOptions {
  /** 0: any that is free. @default 4040 */
  readonly port?: number;
  /** Where to listen: an address of this machine, "0.0.0.0" for all. @default "127.0.0.1" */
  readonly hostname?: string;
  readonly tls?: ServerTls;
  /** Connections beyond are closed at once. By default there is no limit but the system's. */
  readonly connectionsMax?: number;
}

/** A collector that listens. */
export interface ListeningCollector extends AsyncDisposable {
  readonly collector: Collector;
  readonly port: number;
  /** "http://127.0.0.1:4040" */
  readonly url: string;
  /** Say goodbye to all and stop listening. Twice is harmless. */
  close(): Promise<void>;
}

const PORT = 4_040;
/** The longest frame of a probe or a terminal. */
const FRAME_BYTES_MAX = 1_048_576;

/**
 * Serve a collector over HTTP and WebSockets; resolves once it listens.
 *
 * @throws {FairleadError} `address_in_use`, `listen_failed`.
 */
export async function listenCollector(options: ListenOptions): Promise<ListeningCollector> {
  const { port = PORT, hostname = "127.0.0.1", tls, connectionsMax, rules, identity } = options;
  const drain = new Drain();
  const collector = createCollector({
    ...options,
    identity: { hostname: machineName(), ...identity },
    rules: { inflate: gunzip, ...rules },
  });
  try {
    const serving = await serve({
      port,
      hostname,
      drain,
      handler: collector.handler,
      webSocket: { upgrade: collector.upgrade, messageBytesMax: FRAME_BYTES_MAX },
      ...(tls === undefined ? {} : { tls }),
      ...(connectionsMax === undefined ? {} : { connectionsMax }),
    });
    return new Listening(collector, serving);
  } catch (error) {
    collector.close();
    throw error;
  }
}

/** Reports are small: inflating one at once is faster than handing it to a thread. */
function gunzip(bytes: Uint8Array, bytesMax: number): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: bytesMax });
  } catch (cause) {
    const isTooLarge = cause instanceof RangeError;
    throw new FairleadError(
      isTooLarge ? "body_too_large" : "invalid_body",
      isTooLarge
        ? `Cannot read the body: it is larger than ${bytesMax} bytes`
        : "Cannot read the body: it is no gzip",
      { cause },
    );
  }
}

class Listening implements ListeningCollector {
  readonly collector: Collector;
  readonly #serving: Serving;
  #closing: Promise<void> | undefined;

  constructor(collector: Collector, serving: Serving) {
    this.collector = collector;
    this.#serving = serving;
  }

  get port(): number {
    return this.#serving.port;
  }

  get url(): string {
    return this.#serving.url;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.collector.close();
    await this.#serving.close();
  }
}
