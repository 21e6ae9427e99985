/** `/proc/PID/stat`: one line of a process. */

/** What that line says, as far as a report needs it. */
export interface ProcessStat {
  readonly pid: number;
  /** The program's name as the kernel keeps it: at most 15 bytes. */
  readonly name: string;
  /** `R`, `S`, `D`, `Z` … */
  readonly state: string;
  readonly ppid: number;
  /** User and system time used since the start, in the kernel's ticks. */
  readonly cpuTicks: number;
  readonly threads: number;
  /** When it started, in ticks since boot: with the pid, it names a process for good. */
  readonly startTicks: number;
  readonly rssPages: number;
}

/** Fields after the name, counted from the state on. */
const FIELD = { ppid: 1, utime: 11, stime: 12, threads: 17, startTicks: 19, rss: 21 } as const;

/**
 * Read the line; undefined when it is none (a process that went away leaves an empty text).
 *
 * The name may hold blanks and parentheses: it ends at the last one.
 */
export function parseProcessStat(text: string): ProcessStat | undefined {
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  if (open < 1 || close < open) return undefined;
  const fields = text.slice(close + 2).split(" ");
  const number = (index: number) => Number(fields[index]);
  const stat = {
    pid: Number(text.slice(0, open)),
    name: text.slice(open + 1, close),
    state: fields[0] ?? "",
    ppid: number(FIELD.ppid),
    cpuTicks: number(FIELD.utime) + number(FIELD.stime),
    threads: number(FIELD.threads),
    startTicks: number(FIELD.startTicks),
    rssPages: number(FIELD.rss),
  };
  const numbers = [stat.pid, stat.ppid, stat.cpuTicks, stat.threads, stat.startTicks];
  return numbers.every(Number.isSafeInteger) && Number.isFinite(stat.rssPages) ? stat : undefined;
}
