import { connect } from "node:net";
import { FairleadError } from "../../base/mod.ts";
import { parseConnectString } from "./options.ts";

/** The words that a server answers in text; which ones, `4lw.commands.whitelist` decides. */
export type AdminWord =
  | "conf"
  | "cons"
  | "crst"
  | "dirs"
  | "dump"
  | "envi"
  | "gtmk"
  | "hash"
  | "isro"
  | "lsnp"
  | "mntr"
  | "orst"
  | "ruok"
  | "srst"
  | "srvr"
  | "stat"
  | "wchc"
  | "wchp"
  | "wchs";

/** Options of {@linkcode ask}. */
export interface AdminOptions {
  /** @default 4_000 */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Longest answer; `cons` and `dump` grow with the clients. @default 67_108_864 */
  readonly bytesMax?: number | undefined;
}

/**
 * Ask one server a word and take its answer as it is.
 *
 * @param server `host:port`, a client port.
 * @throws {FairleadError} `admin_failed` when there is no answer; `admin_refused` when the word is
 * not allowed; `invalid_connect_string`; the signal's reason.
 */
export async function ask(
  server: string,
  word: AdminWord,
  { timeoutMs = 4_000, signal, bytesMax = 67_108_864 }: AdminOptions = {},
): Promise<string> {
  signal?.throwIfAborted();
  const answer = await exchange(server, word, { timeoutMs, signal, bytesMax });
  if (answer.includes("is not executed because it is not in the whitelist")) {
    const message = `Cannot ask ${server} for ${word}: its 4lw.commands.whitelist does not have it`;
    throw new FairleadError("admin_refused", message, { details: { server, word } });
  }
  return answer;
}

function exchange(
  server: string,
  word: AdminWord,
  {
    timeoutMs,
    signal,
    bytesMax,
  }: {
    readonly timeoutMs: number;
    readonly signal: AbortSignal | undefined;
    readonly bytesMax: number;
  },
): Promise<string> {
  const [address] = parseConnectString(server).servers;
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    const socket = connect({ host: address?.host ?? "", port: address?.port ?? 0 });
    const fail = (why: string, cause?: unknown) => {
      const message = `Cannot ask ${server} for ${word}: ${why}`;
      finish(() =>
        reject(new FairleadError("admin_failed", message, { cause, details: { server, word } })),
      );
    };
    const aborted = () => finish(() => reject(signal?.reason));
    const timer = setTimeout(() => fail(`there was no answer in ${timeoutMs} ms`), timeoutMs);
    const finish = (settle: () => void) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", aborted);
      socket.destroy();
      settle();
    };
    signal?.addEventListener("abort", aborted, { once: true });
    socket.on("connect", () => socket.write(word));
    socket.on("data", (chunk: Uint8Array) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes > bytesMax) fail(`the answer is longer than ${bytesMax} bytes`);
    });
    socket.on("error", (error) => fail(error.message, error));
    socket.on("close", () => {
      if (bytes === 0) fail("the server closed the connection and said nothing");
      else finish(() => resolve(Buffer.concat(chunks).toString("utf8")));
    });
  });
}

/** What `srvr` tells. */
export interface ServerStatus {
  /** `3.8.0` */
  readonly version: string;
  readonly mode: "leader" | "follower" | "observer" | "standalone" | "read-only";
  readonly zxid: bigint;
  readonly nodesCount: number;
  readonly connectionsCount: number;
  readonly latencyMaxMs: number;
}

/** @throws {FairleadError} What `ask` throws; `not_serving` when it has no quorum. */
export async function serverStatus(server: string, options?: AdminOptions): Promise<ServerStatus> {
  const text = await ask(server, "srvr", options);
  const field = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, "m").exec(text)?.[1] ?? "";
  const mode = field("Mode");
  if (!isMode(mode)) {
    const message = `Cannot read the status of ${server}: it does not serve requests now`;
    throw new FairleadError("not_serving", message, { details: { server, answer: text } });
  }
  return {
    version: /version: (\d+\.\d+\.\d+)/.exec(text)?.[1] ?? "",
    mode,
    zxid: BigInt(field("Zxid") || 0),
    nodesCount: Number(field("Node count")),
    connectionsCount: Number(field("Connections")),
    latencyMaxMs: Number(/^Latency[^:]*:\s*[\d.]+\/[\d.]+\/([\d.]+)/m.exec(text)?.[1] ?? 0),
  };
}

function isMode(text: string): text is ServerStatus["mode"] {
  return ["leader", "follower", "observer", "standalone", "read-only"].includes(text);
}

/** What `mntr` tells, each number by its name without `zk_`; what is no number stays a text. */
export async function serverMetrics(
  server: string,
  options?: AdminOptions,
): Promise<ReadonlyMap<string, number | string>> {
  const pairs = tabbed(await ask(server, "mntr", options), "\t");
  return new Map(pairs.map(([key, value]) => [key.replace(/^zk_/, ""), numberOr(value)]));
}

/** What `conf` tells: the settings in force. */
export async function serverSettings(
  server: string,
  options?: AdminOptions,
): Promise<ReadonlyMap<string, string>> {
  return new Map(tabbed(await ask(server, "conf", options), "="));
}

function tabbed(text: string, separator: string): [string, string][] {
  return text.split("\n").flatMap((line): [string, string][] => {
    const at = line.indexOf(separator);
    return at <= 0 ? [] : [[line.slice(0, at).trim(), line.slice(at + 1).trim()]];
  });
}

function numberOr(text: string): number | string {
  const number = Number(text);
  return text !== "" && Number.isFinite(number) ? number : text;
}

/** One client of a server, as `cons` has it. */
export interface ServerConnection {
  /** `host:port` of the client. */
  readonly client: string;
  readonly sessionId: bigint;
  readonly timeoutMs: number;
  readonly requestsReceived: number;
  readonly establishedMs: number;
}

/** Who is connected to a server; the connection that asks is not among them. */
export async function serverConnections(
  server: string,
  options?: AdminOptions,
): Promise<readonly ServerConnection[]> {
  const text = await ask(server, "cons", options);
  return text.split("\n").flatMap((line) => {
    const [, client, facts = ""] = /^\s*\/(.+?)\[\d+\]\((.*)\)\s*$/.exec(line) ?? [];
    if (client === undefined) return [];
    const fields = new Map(
      facts.split(",").map((each): [string, string] => {
        const [key = "", value = ""] = each.split("=");
        return [key, value];
      }),
    );
    const sid = fields.get("sid");
    if (sid === undefined) return [];
    return [
      {
        client,
        sessionId: BigInt(sid),
        timeoutMs: Number(fields.get("to")),
        requestsReceived: Number(fields.get("recved") ?? 0),
        establishedMs: Number(fields.get("est")),
      },
    ];
  });
}

/** The ephemerals of each session, as the leader's `dump` has them. */
export async function serverEphemerals(
  server: string,
  options?: AdminOptions,
): Promise<ReadonlyMap<bigint, readonly string[]>> {
  const text = await ask(server, "dump", options);
  const owners = new Map<bigint, string[]>();
  let paths: string[] | undefined;
  const at = text.indexOf("Sessions with Ephemerals");
  for (const line of at < 0 ? [] : text.slice(at).split("\n")) {
    const [, session] = /^(0x[0-9a-f]+):$/.exec(line.trim()) ?? [];
    if (session !== undefined) {
      paths = [];
      owners.set(BigInt(session), paths);
    } else if (line.startsWith("\t")) paths?.push(line.slice(1));
    else if (/^Connections dump/.test(line)) break;
  }
  return owners;
}
