/** How processes end, as wait(2) packs it into one integer. */

/** Numbers and words of the signals that end processes on Linux. */
const SIGNALS: ReadonlyMap<number, readonly [name: string, word: string]> = new Map([
  [1, ["SIGHUP", "Hangup"]],
  [2, ["SIGINT", "Interrupt"]],
  [3, ["SIGQUIT", "Quit"]],
  [4, ["SIGILL", "Illegal instruction"]],
  [5, ["SIGTRAP", "Trace/breakpoint trap"]],
  [6, ["SIGABRT", "Aborted"]],
  [7, ["SIGBUS", "Bus error"]],
  [8, ["SIGFPE", "Floating point exception"]],
  [9, ["SIGKILL", "Killed"]],
  [10, ["SIGUSR1", "User defined signal 1"]],
  [11, ["SIGSEGV", "Segmentation fault"]],
  [12, ["SIGUSR2", "User defined signal 2"]],
  [13, ["SIGPIPE", "Broken pipe"]],
  [14, ["SIGALRM", "Alarm clock"]],
  [15, ["SIGTERM", "Terminated"]],
  [24, ["SIGXCPU", "CPU time limit exceeded"]],
  [25, ["SIGXFSZ", "File size limit exceeded"]],
]);

const NUMBERS: ReadonlyMap<string, number> = new Map(
  [...SIGNALS].map(([number, [name]]) => [name, number]),
);

/** Whether the core was dumped. */
const CORE_BIT = 0x80;

/** Pack an exit code, from 0 to 255. */
export function exitedWith(code: number): number {
  return (code & 0xff) << 8;
}

/** Pack the signal that ended a process; an unknown name counts as SIGKILL. */
export function killedBy(signal: string): number {
  return NUMBERS.get(signal) ?? 9;
}

/** The exit code; undefined when a signal ended it. */
export function exitCodeOf(waitStatus: number): number | undefined {
  return signalNumberOf(waitStatus) === 0 ? (waitStatus >> 8) & 0xff : undefined;
}

/** The name of the signal that ended it; undefined when it exited by itself. */
export function signalOf(waitStatus: number): string | undefined {
  const number = signalNumberOf(waitStatus);
  return number === 0 ? undefined : (SIGNALS.get(number)?.[0] ?? `signal ${number}`);
}

/** "exited with status 1", "terminated with signal Killed". */
export function describeWaitStatus(waitStatus: number): string {
  const number = signalNumberOf(waitStatus);
  if (number === 0) return `exited with status ${(waitStatus >> 8) & 0xff}`;
  const word = SIGNALS.get(number)?.[1] ?? `${number}`;
  const core = (waitStatus & CORE_BIT) === 0 ? "" : " (core dumped)";
  return `terminated with signal ${word}${core}`;
}

function signalNumberOf(waitStatus: number): number {
  return waitStatus & 0x7f;
}
