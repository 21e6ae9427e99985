import { hostname as machineName } from "node:os";
import { asyncDispose } from "../../base/mod.ts";
import { Drain, type Mount, withMounts } from "../../http/mod.ts";
import { type ServerTls, type Serving, serve } from "../../http/node/mod.ts";
import type { MasterInfo } from "../../model/mod.ts";
import { decodeSchedulerCall, encodeSchedulerEvent, PROTOBUF_TYPE } from "../../protobuf/mod.ts";
import {
  type CreateMasterOptions,
  createMaster,
  type Master,
  type SchedulerCodec,
} from "../mod.ts";

/** Options of {@linkcode serveMaster}. */
export interface ServeMasterOptions extends Omit<CreateMasterOptions, "info"> {
  /** 0: any that is free. @default 5050 */
  readonly port?: number;
  /** Where to listen: an address of this machine, "0.0.0.0" for all. @default "127.0.0.1" */
  readonly hostname?: string;
  readonly tls?: ServerTls;
  /** How others reach this master, where that is not how it listens. */
  readonly advertise?: Advertise;
  /** The fault domain of this master. */
  readonly domain?: MasterInfo["domain"];
  /** Others that answer below paths of this server, such as a collector of reports. */
  readonly mounts?: readonly Mount[];
  /** Connections beyond are closed at once. By default there is no limit but the system's. */
  readonly connectionsMax?: number;
  /** How long the head of a request may take to come. @default 10000 */
  readonly headersTimeoutMs?: number;
  /** How long a closing server waits for what is under way. @default 5000 */
  readonly closeTimeoutMs?: number;
}

/** See {@linkcode ServeMasterOptions}. */
export interface Advertise {
  /** @default where it listens, or the machine's name when that is everywhere */
  readonly hostname?: string;
  /** IPv4. @default where it listens */
  readonly ip?: string;
  readonly port?: number;
}

/** A master that listens. */
export interface ServedMaster extends AsyncDisposable {
  readonly master: Master;
  readonly port: number;
  /** "http://127.0.0.1:5050" */
  readonly url: string;
  /** Give up the leadership, end everything, stop listening. Twice is harmless. */
  close(): Promise<void>;
}

const PORT = 5_050;
/** The longest frame that an agent may send: it tells again all that it runs. */
const FRAME_BYTES_MAX = 64 * 1_024 * 1_024;

/** The scheduler API's other language. */
export const protobufCodec: SchedulerCodec = {
  contentType: PROTOBUF_TYPE,
  decode: decodeSchedulerCall,
  encode: encodeSchedulerEvent,
};

/**
 * Serve a master over HTTP and WebSockets; resolves once it listens, which is before it leads.
 *
 * Agents connect to `/api/v1/link`, frameworks to `/api/v1/scheduler`, in JSON or protobuf.
 *
 * @throws {FairleadError} `address_in_use`, `listen_failed`, and what `createMaster` throws; then
 * nothing is left behind.
 */
export async function serveMaster(options: ServeMasterOptions): Promise<ServedMaster> {
  const { port = PORT, hostname = "127.0.0.1", tls, ...rest } = options;
  const { connectionsMax, headersTimeoutMs, closeTimeoutMs, mounts = [] } = rest;
  const made: { master?: Master } = {};
  const drain = new Drain();
  const { handler, upgrade } = withMounts(mounts, {
    handler: (request) => made.master?.handler(request) ?? notYet(),
    upgrade: (request) => made.master?.upgrade(request) ?? notYet(),
  });
  const serving = await serve({
    port,
    hostname,
    drain,
    handler,
    webSocket: { upgrade, messageBytesMax: FRAME_BYTES_MAX },
    ...(tls === undefined ? {} : { tls }),
    ...(connectionsMax === undefined ? {} : { connectionsMax }),
    ...(headersTimeoutMs === undefined ? {} : { headersTimeoutMs }),
    ...(closeTimeoutMs === undefined ? {} : { closeTimeoutMs }),
  });
  try {
    const codecs = options.codecs ?? [protobufCodec];
    made.master = createMaster({ ...options, codecs, info: infoOf(options, serving) });
    return new Served(made.master, serving);
  } catch (error) {
    await serving.close();
    throw error;
  }
}

/** The port was free, but the master is not made yet. */
function notYet(): Response {
  return new Response("Master has not finished recovery", { status: 503 });
}

class Served implements ServedMaster {
  readonly master: Master;
  readonly #serving: Serving;
  #closing: Promise<void> | undefined;

  constructor(master: Master, serving: Serving) {
    this.master = master;
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
    await this.master.stop();
    await this.#serving.close();
  }
}

function infoOf(
  { advertise = {}, domain, hostname = "127.0.0.1" }: ServeMasterOptions,
  serving: Serving,
): CreateMasterOptions["info"] {
  const isEverywhere = serving.hostname === "0.0.0.0" || serving.hostname === "::";
  const name = advertise.hostname ?? (isEverywhere ? machineName() : hostname);
  const ip = advertise.ip ?? (isEverywhere ? "127.0.0.1" : serving.hostname);
  const port = advertise.port ?? serving.port;
  return {
    ip: networkOrder(ip),
    port,
    hostname: name,
    pid: `master@${ip}:${port}`,
    address: { hostname: name, ip, port },
    ...(domain === undefined ? {} : { domain }),
  };
}

/** An IPv4 address as Mesos writes it: its four bytes as they lie in memory, read little-endian. */
function networkOrder(ip: string): number {
  const bytes = ip.split(".").map(Number);
  if (bytes.length !== 4 || bytes.some((byte) => !Number.isInteger(byte))) return 0;
  return bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
}
