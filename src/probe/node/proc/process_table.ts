/** The processes of this host, read once a tick for all reporters. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type ProcessStat, parseProcessStat } from "../../proc/process_stat.ts";
import { type ProcessLimits, parseCommandLine, parseLimits } from "../../proc/process_texts.ts";
import type { ProcessFacts } from "../../reporters/processes.ts";
import type { ProcFiles } from "./files.ts";

/** A process, as far as it is known yet. */
export interface KnownProcess extends ProcessFacts {
  /** Its network namespace's inode; "" where it may not be seen. */
  readonly namespace: string;
  /** How many descriptors it had when they were counted last. */
  readonly descriptors: number;
}

interface Entry {
  stat: ProcessStat;
  namespace: string;
  limits: ProcessLimits | undefined;
  commandLine: readonly string[];
  openFiles: number | undefined;
  descriptors: number;
  /** Command lines are read again for some ticks: a program may start another in its place. */
  freshTicks: number;
  reading: boolean;
  isFresh: boolean;
  /** For so many looks in a row it used no processor and as much memory as before. */
  quietLooks: number;
}

/** Who is quiet for so long is looked at one tick in COUNT_EVERY only. */
const QUIET_LOOKS = 5;
const FRESH_TICKS = 3;
/** Descriptors are counted, and limits and namespaces looked up, for one process in so many a tick. */
const COUNT_EVERY = 3;
const LIMITS_EVERY = 60;
const READ_MS_MAX = 200;
/** Each read that hangs holds a thread of the pool, which has four: the others stay free. */
const HANGING_MAX = 2;

/** Options of {@linkcode ProcessTable}. */
export interface ProcessTableOptions {
  /** @default 50_000 */
  readonly processesMax?: number;
}

/**
 * The table. `refresh` does its work once a tick; a command line that does not come, because its
 * process hangs, is left out and not asked for again.
 */
export class ProcessTable {
  readonly #files: ProcFiles;
  readonly #processesMax: number;
  #entries = new Map<number, Entry>();
  #tick = -1;
  #refreshed: Promise<void> = Promise.resolve();

  constructor(files: ProcFiles, { processesMax = 50_000 }: ProcessTableOptions = {}) {
    this.#files = files;
    this.#processesMax = processesMax;
  }

  /** Read all processes, unless this tick's were read already. */
  refresh(tick: number): Promise<void> {
    if (tick !== this.#tick) {
      this.#tick = tick;
      this.#refreshed = this.#read(tick);
    }
    return this.#refreshed;
  }

  /** By pid; in ascending order. */
  get processes(): ReadonlyMap<number, KnownProcess> {
    return this.#entries;
  }

  async #read(tick: number): Promise<void> {
    const pids = this.#files.pids().slice(0, this.#processesMax);
    this.#files.keep(new Set(pids));
    const entries = new Map<number, Entry>();
    const fresh: Entry[] = [];
    let hanging = 0;
    for (const pid of pids) {
      const entry = this.#quiet(pid, tick) ?? this.#look(pid, tick);
      if (entry === undefined) continue;
      entries.set(pid, entry);
      if (entry.reading) hanging += 1;
      else if (entry.freshTicks > 0) fresh.push(entry);
    }
    this.#entries = entries;
    if (fresh.length > 0 && hanging < HANGING_MAX)
      await withinMs(READ_MS_MAX, this.#readCommandLines(fresh));
  }

  /** What is known of a process that rests and whose turn it is not. */
  #quiet(pid: number, tick: number): Entry | undefined {
    const known = this.#entries.get(pid);
    if (known === undefined || known.quietLooks < QUIET_LOOKS) return undefined;
    if ((pid + tick) % COUNT_EVERY === 0) return undefined;
    known.isFresh = false;
    known.openFiles = undefined;
    return known;
  }

  #look(pid: number, tick: number): Entry | undefined {
    const stat = parseProcessStat(this.#files.stat(pid) ?? "");
    return stat === undefined ? undefined : this.#entryOf(stat, tick);
  }

  #entryOf(stat: ProcessStat, tick: number): Entry {
    const { pid } = stat;
    const known = this.#entries.get(pid);
    if (known === undefined || known.stat.startTicks !== stat.startTicks) return this.#meet(stat);
    if (known.stat.name !== stat.name) known.freshTicks = FRESH_TICKS;
    known.quietLooks = isQuiet(known.stat, stat) ? known.quietLooks + 1 : 0;
    known.isFresh = true;
    known.stat = stat;
    known.openFiles = (pid + tick) % COUNT_EVERY === 0 ? this.#count(stat) : undefined;
    known.descriptors = known.openFiles ?? known.descriptors;
    if ((pid + tick) % LIMITS_EVERY === 0) {
      known.limits = this.#limits(pid);
      known.namespace = this.#namespace(pid);
    }
    return known;
  }

  #meet(stat: ProcessStat): Entry {
    const openFiles = this.#count(stat);
    return {
      stat,
      namespace: this.#namespace(stat.pid),
      limits: this.#limits(stat.pid),
      commandLine: [],
      openFiles,
      descriptors: openFiles ?? 0,
      freshTicks: FRESH_TICKS,
      reading: false,
      isFresh: true,
      quietLooks: 0,
    };
  }

  #count({ pid, rssPages }: ProcessStat): number | undefined {
    return rssPages === 0 ? undefined : this.#files.descriptorCount(pid);
  }

  #limits(pid: number): ProcessLimits | undefined {
    const text = this.#files.small(String(pid), "limits");
    return text === undefined ? undefined : parseLimits(text);
  }

  #namespace(pid: number): string {
    const [, inode = ""] = /^net:\[(\d+)\]$/.exec(this.#files.link(`${pid}`, "ns/net") ?? "") ?? [];
    return inode;
  }

  async #readCommandLines(entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) {
      entry.reading = true;
      const path = join(this.#files.root, String(entry.stat.pid), "cmdline");
      const text = await readFile(path, "utf8").catch(() => "");
      entry.reading = false;
      entry.freshTicks -= 1;
      const words = parseCommandLine(text);
      if (words.length > 0) entry.commandLine = words;
    }
  }
}

function isQuiet(before: ProcessStat, now: ProcessStat): boolean {
  return before.cpuTicks === now.cpuTicks && before.rssPages === now.rssPages;
}

/** Wait for something, but not for ever: it goes on behind. */
function withinMs(ms: number, work: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    const settle = (act: () => void) => {
      clearTimeout(timer);
      act();
    };
    work.then(
      () => settle(resolve),
      (error: unknown) => settle(() => reject(error)),
    );
  });
}
