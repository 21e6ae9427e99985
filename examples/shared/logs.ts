/** Logs of the example servers: to stderr, as lines for people or as JSON. */
import { writeSync } from "node:fs";
import { configure, getJsonLinesFormatter, getTextFormatter } from "@logtape/logtape";
import type { Option } from "commander";
import { flag, word } from "./flags.ts";

const LEVELS = ["debug", "info", "warning", "error", "fatal"] as const;
const FORMATS = ["text", "json"] as const;

export interface LogFlags {
  readonly logLevel: (typeof LEVELS)[number];
  readonly logFormat: (typeof FORMATS)[number];
}

/** The flags that {@linkcode startLogs} reads. */
export function logFlags(level: LogFlags["logLevel"] = "info"): Option[] {
  return [
    flag("--log-level <level>", { help: LEVELS.join(", "), read: word(LEVELS), initial: level }),
    flag("--log-format <format>", { help: "text or json", read: word(FORMATS), initial: "text" }),
  ];
}

const STDERR = 2;

/** A line that cannot be written, as on a full disk, is lost; nothing else is. */
function writeLine(line: string): void {
  try {
    writeSync(STDERR, line);
  } catch {
    // The next one may find space.
  }
}

/** Write what fairlead has to say to stderr. */
export async function startLogs({ logLevel, logFormat }: LogFlags): Promise<void> {
  process.stdout.on("error", () => {});
  const format = logFormat === "json" ? getJsonLinesFormatter() : getTextFormatter();
  await configure({
    sinks: { stderr: (record) => writeLine(format(record)) },
    loggers: [
      { category: ["fairlead"], lowestLevel: logLevel, sinks: ["stderr"] },
      { category: ["logtape", "meta"], lowestLevel: "error", sinks: ["stderr"] },
    ],
  });
}
