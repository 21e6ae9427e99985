/** The admin words of a server, in ZooKeeper's own layout. */

import type { ServerCore } from "./core.ts";

/** A connection, as `cons` and `dump` show it. */
export interface ConnectionReport {
  /** `host:port` of the client. */
  readonly client: string;
  readonly sessionId: bigint;
  readonly timeoutMs: number;
  readonly receivedCount: number;
  readonly sentCount: number;
  /** The date on which it began. */
  readonly sinceMs: number;
}

/** What the shell knows besides the core. */
export interface ServerReport {
  readonly core: ServerCore;
  /** Those that have a session. */
  readonly connections: readonly ConnectionReport[];
  /** All, the one that asks too. */
  readonly connectionsCount: number;
  /** How long answers took, writing to disk included. */
  readonly latency: LatencyReport;
  readonly receivedCount: number;
  readonly sentCount: number;
  readonly outstandingCount: number;
  /** The lines of `conf`. */
  readonly settings: Readonly<Record<string, string | number>>;
}

/** Milliseconds since the start, or since nothing came yet: zeros. */
export interface LatencyReport {
  readonly minMs: number;
  readonly averageMs: number;
  readonly maxMs: number;
}

const VERSION = "3.8.0-fairlead, built on 1970-01-01 00:00 UTC";

/** Words that servers know; those without an answer here are said to be off the whitelist. */
const KNOWN = new Set(
  "conf cons crst dirs dump envi gtmk hash isro lsnp mntr orst ruok srst srvr stat stmk wchc wchp wchs".split(
    " ",
  ),
);

const WORDS: Readonly<Record<string, (report: ServerReport) => string>> = {
  ruok: () => "imok",
  isro: () => "rw",
  srvr,
  mntr,
  conf: ({ settings }) => lines(Object.entries(settings).map(([key, value]) => `${key}=${value}`)),
  cons: ({ connections }) => `${lines(connections.map(consLine))}\n`,
  dump,
  wchs({ core }) {
    // Those on data and existence alone, as ZooKeeper counts them.
    const { watchers, paths, total } = core.watches.data.counts();
    return `${watchers} connections watching ${paths} paths\nTotal watches:${total}\n`;
  },
};

/** Whether the first four bytes of a connection are a word and no length. */
export function isWord(text: string): boolean {
  return KNOWN.has(text);
}

/** The answer to a word. */
export function answerWord(word: string, report: ServerReport): string {
  const answer = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
  return answer?.(report) ?? `${word} is not executed because it is not in the whitelist.\n`;
}

function srvr({ core, latency, ...report }: ServerReport): string {
  const { minMs, averageMs, maxMs } = latency;
  return lines([
    `Zookeeper version: ${VERSION}`,
    `Latency min/avg/max: ${minMs}/${averageMs}/${maxMs}`,
    `Received: ${report.receivedCount}`,
    `Sent: ${report.sentCount}`,
    `Connections: ${report.connectionsCount}`,
    `Outstanding: ${report.outstandingCount}`,
    `Zxid: 0x${core.zxid.toString(16)}`,
    "Mode: standalone",
    `Node count: ${nodesCount(core)}`,
  ]);
}

function mntr({ core, latency, ...report }: ServerReport): string {
  const values: Readonly<Record<string, string | number>> = {
    version: VERSION,
    server_state: "standalone",
    avg_latency: latency.averageMs,
    max_latency: latency.maxMs,
    min_latency: latency.minMs,
    packets_received: report.receivedCount,
    packets_sent: report.sentCount,
    num_alive_connections: report.connectionsCount,
    outstanding_requests: report.outstandingCount,
    znode_count: nodesCount(core),
    watch_count: core.watches.count,
    ephemerals_count: core.tree.ephemeralsCount,
    approximate_data_size: dataBytes(core),
    global_sessions: core.sessions.size,
  };
  return lines(Object.entries(values).map(([key, value]) => `zk_${key}\t${value}`));
}

/** ZooKeeper counts its root twice. */
function nodesCount({ tree }: ServerCore): number {
  return tree.size + 1;
}

function dataBytes({ tree }: ServerCore): number {
  let bytes = 0;
  for (const { facts } of tree.nodes()) bytes += facts.path.length + (facts.data?.length ?? 0);
  return bytes;
}

function consLine(connection: ConnectionReport): string {
  const { client, sessionId, timeoutMs, receivedCount, sentCount, sinceMs } = connection;
  const counts = `queued=0,recved=${receivedCount},sent=${sentCount}`;
  const session = `sid=${hex(sessionId)},est=${Math.round(sinceMs)},to=${timeoutMs}`;
  return ` /${client}[1](${counts},${session})`;
}

function dump({ core, connections }: ServerReport): string {
  const owners = core.tree.owners();
  return lines([
    "SessionTracker dump:",
    `Session Sets (1)/(${core.sessions.size}):`,
    ...[...core.sessions.all()].map(({ id }) => `\t${hex(id)}`),
    "ephemeral nodes dump:",
    `Sessions with Ephemerals (${owners.length}):`,
    ...owners.flatMap((id) => [
      `${hex(id)}:`,
      ...core.tree.ephemeralsOf(id).map((path) => `\t${path}`),
    ]),
    "Connections dump:",
    `Connections Sets (1)/(${connections.length}):`,
    ...connections.map(({ client, sessionId }) => `\tip: /${client} sessionId: ${hex(sessionId)}`),
  ]);
}

function hex(id: bigint): string {
  return `0x${id.toString(16)}`;
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join("");
}
