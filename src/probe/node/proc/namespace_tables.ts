/** The socket tables of all network namespaces, within a time: those read longest ago come first. */
import type { NamespaceScan } from "../../connections/tracker.ts";
import { parseSocketTable, type SocketTable } from "../../proc/socket_table.ts";
import type { ProcFiles } from "./files.ts";
import type { KnownProcess } from "./process_table.ts";

/** Options of {@linkcode NamespaceTables}. */
export interface NamespaceTablesOptions {
  /** How many sockets of a table are taken at most. */
  readonly rowsMax: number;
  /**
   * How long to read a tick. The kernel walks all of its sockets for each table, so that a hundred
   * namespaces cost a hundred times as much as one.
   *
   * @default 8
   */
  readonly readMs?: number;
}

interface Source {
  readonly namespace: string;
  readonly file: string;
  table: SocketTable;
  readAt: number;
}

const FILES = ["net/tcp", "net/tcp6"];
const EMPTY: SocketTable = { connections: [], listening: [] };

/** Reads `/proc/PID/net/tcp` and `tcp6` through one process of each namespace. */
export class NamespaceTables {
  readonly #files: ProcFiles;
  readonly #options: Required<NamespaceTablesOptions>;
  #sources = new Map<string, Source>();
  #round = 0;

  constructor(files: ProcFiles, { rowsMax, readMs = 8 }: NamespaceTablesOptions) {
    this.#files = files;
    this.#options = { rowsMax, readMs };
  }

  /** The tables; what was not read this time is what it was. */
  read(processes: ReadonlyMap<number, KnownProcess>): NamespaceScan[] {
    this.#round += 1;
    const pids = pidsByNamespace(processes);
    this.#sources = this.#sourcesOf(pids.keys());
    const startMs = performance.now();
    for (const source of [...this.#sources.values()].sort((a, b) => a.readAt - b.readAt)) {
      source.readAt = this.#round;
      const held = pids.get(source.namespace) ?? [];
      source.table = this.#readTable(held, source.file) ?? EMPTY;
      if (performance.now() - startMs >= this.#options.readMs) break;
    }
    return [...pids.keys()].map((id) => ({
      id,
      tables: FILES.flatMap((file) => this.#sources.get(`${id} ${file}`)?.table ?? []),
    }));
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
  #readTable(pids: readonly number[], file: string): SocketTable | undefined {
    for (const pid of pids) {
      const text = this.#files.whole(String(pid), file);
      if (text !== undefined && text !== "") return parseSocketTable(text, this.#options.rowsMax);
    }
    return undefined;
  }
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
