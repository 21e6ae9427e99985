/** The other files of a process: its command line, its limits, its memory's page size. */

/** How long a command line is kept; the rest is cut off. */
const COMMAND_LINE_MAX = 4_096;

/**
 * The words of `/proc/PID/cmdline`, which a NUL follows each; empty for threads of the kernel.
 *
 * A process may overwrite its line with one text ("nginx: master process"): that is one word then.
 */
export function parseCommandLine(text: string): string[] {
  const cut = text.slice(0, COMMAND_LINE_MAX);
  const words = cut.split("\0");
  while (words.length > 0 && words.at(-1) === "") words.pop();
  return words;
}

/** What a process may use at most; Infinity where there is no limit. */
export interface ProcessLimits {
  readonly openFilesMax: number;
  readonly residentBytesMax: number;
}

/** Read the soft limits of `/proc/PID/limits`; a line that is missing means no limit. */
export function parseLimits(text: string): ProcessLimits {
  const soft = (name: string) => {
    const at = text.indexOf(name);
    const [word = ""] =
      at < 0
        ? []
        : text
            .slice(at + name.length)
            .trimStart()
            .split(/\s/, 1);
    return /^\d+$/.test(word) ? Number(word) : Number.POSITIVE_INFINITY;
  };
  return { openFilesMax: soft("Max open files"), residentBytesMax: soft("Max resident set") };
}

const PAGE_BYTES = 4_096;

/** The kernel's page size out of `/proc/self/smaps`; 4,096 when it does not say. */
export function parsePageBytes(smaps: string): number {
  const [, kilobytes] = /^KernelPageSize:\s+(\d+) kB/m.exec(smaps) ?? [];
  return kilobytes === undefined ? PAGE_BYTES : Number(kilobytes) * 1_024;
}
