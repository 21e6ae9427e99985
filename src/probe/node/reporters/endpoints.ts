/** Reads the connections of all network namespaces, and finds the processes that hold them. */
import type { Report } from "../../../topology/mod.ts";
import type { Connection } from "../../connections/connection.ts";
import { SocketOwners } from "../../connections/socket_owners.ts";
import { ConnectionTracker, type NamespaceScan } from "../../connections/tracker.ts";
import { type Flow, parseConntrack } from "../../proc/conntrack.ts";
import { instantOf, makeReport, makeTopology } from "../../report/build.ts";
import type { Reporter, SpyContext } from "../../reporter.ts";
import { EndpointReport } from "../../reporters/endpoints.ts";
import type { ProcFiles } from "../proc/files.ts";
import { NamespaceTables } from "../proc/namespace_tables.ts";
import type { ProcessTable } from "../proc/process_table.ts";
import { bridgeNetworks } from "./host.ts";

/** Options of {@linkcode endpointReporter}. */
export interface EndpointReporterOptions {
  readonly hostId: string;
  readonly files: ProcFiles;
  readonly table: ProcessTable;
  /** CIDRs that mean something on this host only. @default those of container bridges */
  readonly bridges?: readonly string[];
  /** How many connections of a namespace are read at most. @default 100_000 */
  readonly connectionsMax?: number;
  /** How much processor time a tick may go into looking through descriptors. @default 10 */
  readonly lookMs?: number;
}

const SOCKET = /^socket:\[(\d+)\]$/;
/** After so much work others come to their turn. */
const SLICE_MS = 4;

/** Reports connections: `/proc/PID/net/tcp` and `tcp6` of one process a namespace. */
export function endpointReporter(options: EndpointReporterOptions): Reporter {
  const endpoints = new Endpoints(options);
  return { name: "endpoint", report: (context) => endpoints.report(context) };
}

class Endpoints {
  readonly #options: EndpointReporterOptions;
  readonly #rowsMax: number;
  readonly #tables: NamespaceTables;
  readonly #tracker = new ConnectionTracker();
  readonly #owners = new SocketOwners();
  readonly #report: EndpointReport;
  #flows: readonly Flow[] = [];
  #connections: readonly Connection[] | undefined;
  #owned = 0;
  #topology = makeTopology([]);

  constructor(options: EndpointReporterOptions) {
    const { hostId, files, connectionsMax = 100_000, bridges = bridgeNetworks() } = options;
    this.#options = options;
    this.#rowsMax = connectionsMax;
    this.#tables = new NamespaceTables(files, { rowsMax: connectionsMax });
    this.#report = new EndpointReport({ hostId, bridges });
  }

  async report({ tick, nowMs }: SpyContext): Promise<Report> {
    const { files, table, lookMs = 10 } = this.#options;
    await table.refresh(tick);
    const wasRead = this.#tables.read(table.processes);
    const { scans } = this.#tables;
    if (wasRead) this.#flows = readFlows(files, this.#rowsMax);
    if (wasRead || this.#owners.missing > 0) {
      await findOwners({ files, table, owners: this.#owners, lookMs }, scans);
    }
    this.#take(nowMs, this.#tracker.take(scans, this.#flows));
    return makeReport({ Endpoint: this.#topology }, { ts: instantOf(nowMs) });
  }

  /** Most looks find what the one before found. */
  #take(nowMs: number, connections: readonly Connection[]): void {
    const owners = this.#owners;
    if (connections === this.#connections && owners.version === this.#owned) return;
    this.#connections = connections;
    this.#owned = owners.version;
    const ownerOf = (inode: number) => (inode === 0 ? undefined : owners.ownerOf(inode));
    this.#topology = this.#report.take(nowMs, { connections, flows: this.#flows, ownerOf });
  }
}

function readFlows(files: ProcFiles, connectionsMax: number): Flow[] {
  const text = files.whole("net", "nf_conntrack");
  return text === undefined ? [] : parseConntrack(text, connectionsMax);
}

interface Search {
  readonly files: ProcFiles;
  readonly table: ProcessTable;
  readonly owners: SocketOwners;
  readonly lookMs: number;
}

async function findOwners(
  { files, table, owners, lookMs }: Search,
  scans: readonly NamespaceScan[],
): Promise<void> {
  const sizeOf = (pid: number) => table.processes.get(pid)?.descriptors ?? 0;
  const order = owners.begin(inodesOf(scans), [...table.processes.keys()], sizeOf);
  const budget = new Slices(lookMs);
  for (const pid of order) {
    if (owners.missing === 0 || budget.isSpent) return;
    look(files, owners, pid);
    await budget.pause();
  }
  owners.finish();
}

function inodesOf(scans: readonly NamespaceScan[]): ReadonlySet<number> {
  const inodes = new Set<number>();
  for (const { tables } of scans) {
    for (const { connections } of tables) {
      for (const { inode } of connections) if (inode !== 0) inodes.add(inode);
    }
  }
  return inodes;
}

function look(files: ProcFiles, owners: SocketOwners, pid: number): void {
  const open = files.descriptors(pid) ?? [];
  const known = owners.known(pid);
  const sockets = new Map<number, number>();
  const others = new Set<number>();
  for (const descriptor of open) {
    if (known.has(descriptor)) continue;
    const [, inode] = SOCKET.exec(files.link(`${pid}`, `fd/${descriptor}`) ?? "") ?? [];
    if (inode === undefined) others.add(descriptor);
    else sockets.set(descriptor, Number(inode));
  }
  owners.learn(pid, new Set(open), { sockets, others });
}

/** Work for a limited time, in slices between which the event loop turns. */
class Slices {
  readonly #budgetMs: number;
  readonly #start = process.cpuUsage();
  #sliceMs = performance.now();

  constructor(budgetMs: number) {
    this.#budgetMs = budgetMs;
  }

  /** Processor time counts, not what others took meanwhile: a busy host is looked through, too. */
  get isSpent(): boolean {
    const { user, system } = process.cpuUsage(this.#start);
    return (user + system) / 1_000 >= this.#budgetMs;
  }

  async pause(): Promise<void> {
    if (performance.now() - this.#sliceMs < SLICE_MS) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.#sliceMs = performance.now();
  }
}
