/** The socket tables of all network namespaces, at a bounded cost: those read longest ago first. */
import { type NamespaceScan, sameTables } from "../../connections/tracker.ts";
import { parseSocketTable, type SocketTable } from "../../proc/socket_table.ts";
import type { ProcFiles } from "./files.ts";
import type { KnownProcess } from "./process_table.ts";

/** Options of {@linkcode NamespaceTables}. */
export interface NamespaceTablesOptions {
  /** How many sockets of a table are taken at most. */
  readonly rowsMax: number;
  /**
   * How much processor time of a second may go into reading. The kernel walks all of its sockets
   * for each table, so that a hundred namespaces cost a hundred times as much as one; a table that
   * takes longer than this is read every other second, or every third …
   *
   * @default 8
   */
  readonly readMs?: number;
  /** Milliseconds of a clock that is never set. @default performance.now */
  readonly nowMs?: () => number;
  /** Processor time of this process, in milliseconds. @default process.cpuUsage */
  readonly usedMs?: () => number;
}

interface Source {
  readonly namespace: string;
  readonly file: string;
  table: SocketTable;
  readAt: number;
}

const FILES = ["net/tcp", "net/tcp6"];
const EMPTY: SocketTable = { connections: [], listening: [] };
/** What was overdrawn is paid back, but nothing waits longer than this. */
const DEBT_SECONDS_MAX = 10;
/** The first time all are to be seen. */
const FIRST_MS = 100;

/** Reads `/proc/PID/net/tcp` and `tcp6` through one process of each namespace. */
export class NamespaceTables {
  readonly #files: ProcFiles;
  readonly #options: Required<NamespaceTablesOptions>;
  #sources = new Map<string, Source>();
  #scans: readonly NamespaceScan[] = [];
  #round = 0;
  #creditMs: number;
  #countedAtMs: number;

  constructor(files: ProcFiles, options: NamespaceTablesOptions) {
    this.#files = files;
    this.#options = { readMs: 8, nowMs: () => performance.now(), usedMs, ...options };
    this.#creditMs = Math.max(FIRST_MS, this.#options.readMs);
    this.#countedAtMs = this.#options.nowMs();
  }

  /** The tables as they were read last; the very same list while none of them changes. */
  get scans(): readonly NamespaceScan[] {
    return this.#scans;
  }

  /** Read as many as it is time for; whether any was. */
  read(processes: ReadonlyMap<number, KnownProcess>): boolean {
    this.#count();
    if (this.#creditMs <= 0) return false;
    this.#round += 1;
    const pids = pidsByNamespace(processes);
    this.#sources = this.#sourcesOf(pids.keys());
    this.#readSome(pids);
    const scans = [...pids.keys()].map((id) => ({
      id,
      tables: FILES.flatMap((file) => this.#sources.get(`${id} ${file}`)?.table ?? []),
    }));
    if (!sameTables(scans, this.#scans)) this.#scans = scans;
    return true;
  }

  /** Time gives credit. */
  #count(): void {
    const { readMs, nowMs } = this.#options;
    const now = nowMs();
    const earnedMs = ((now - this.#countedAtMs) / 1_000) * readMs;
    this.#countedAtMs = now;
    const heldMs = Math.max(this.#creditMs, -DEBT_SECONDS_MAX * readMs);
    if (heldMs < readMs) this.#creditMs = Math.min(readMs, heldMs + earnedMs);
  }

  #readSome(pids: ReadonlyMap<string, readonly number[]>): void {
    const { usedMs: used } = this.#options;
    for (const source of [...this.#sources.values()].sort((a, b) => a.readAt - b.readAt)) {
      if (this.#creditMs <= 0) return;
      const beforeMs = used();
      source.readAt = this.#round;
      source.table = this.#readTable(pids.get(source.namespace) ?? [], source) ?? EMPTY;
      this.#creditMs -= used() - beforeMs;
    }
  }

  #sourcesOf(namespaces: Iterable<string>): Map<string, Source> {
    const sources = new Map<string, Source>();
    for (const namespace of namespaces) {
      for (const file of FILES) {
        const key = `${namespace} ${file}`;
        const known = this.#sources.get(key);
        sources.set(key, known ?? { namespace, file, table: EMPTY, readAt: 0 });
      }
    }
    return sources;
  }

  /** A process may have gone since it was listed: another one of its namespace will do. */
  #readTable(pids: readonly number[], { file, table }: Source): SocketTable | undefined {
    for (const pid of pids) {
      const bytes = this.#files.bytes(String(pid), file);
      if (bytes === undefined || bytes.length === 0) continue;
      return parseSocketTable(bytes, this.#options.rowsMax, table);
    }
    return undefined;
  }
}

function usedMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

const PIDS_MAX = 3;

function pidsByNamespace(processes: ReadonlyMap<number, KnownProcess>): Map<string, number[]> {
  const pids = new Map<string, number[]>();
  for (const [pid, { namespace }] of processes) {
    if (namespace === "") continue;
    const known = pids.get(namespace);
    if (known === undefined) pids.set(namespace, [pid]);
    else if (known.length < PIDS_MAX) known.push(pid);
  }
  return pids;
}
