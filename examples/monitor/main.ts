/**
 * A collector and its page: `npm run -s example:monitor -- --help`. Probes of ours and of Weave Scope
 * report to it, and every client of Scope's API finds what it knows.
 */
import { authenticator } from "fairlead/http";
import { readCredentials } from "../shared/files.ts";
import { command, duration, flag, text, toggle, whole } from "../shared/flags.ts";
import { type LogFlags, logFlags, startLogs } from "../shared/logs.ts";
import { run } from "../shared/run.ts";
import { startMonitor } from "./monitor.ts";

interface Flags extends LogFlags {
  readonly port: number;
  readonly hostname: string;
  readonly window: number;
  readonly history?: string;
  readonly retention: number;
  readonly credentials?: string;
  readonly readOnly: boolean;
  readonly hideCommandLines: boolean;
  readonly hideEnvironment: boolean;
}

const program = command("monitor", "Takes reports of probes, and shows what runs where.");
for (const option of [
  flag("--port <n>", { help: "where it listens; 0: any", read: whole(0, 65_535), initial: 4_040 }),
  flag("--hostname <address>", { help: "of this machine", read: text, initial: "127.0.0.1" }),
  flag("--window <time>", {
    help: "how long a report counts",
    read: duration("1secs", "10mins"),
    initial: 15_000,
    shown: "15secs",
  }),
  flag("--history <folder>", { help: "where reports are kept, for time travel", read: text }),
  flag("--retention <time>", {
    help: "how long they are kept",
    read: duration("1mins", "52weeks"),
    initial: 3_600_000,
    shown: "1hrs",
  }),
  flag("--credentials <file>", { help: "who may come in, as Mesos has it", read: text }),
  toggle("--read-only", "no controls, no terminals", false),
  toggle("--hide-command-lines", "from everybody", false),
  toggle("--hide-environment", "variables, from everybody", false),
  ...logFlags("warning"),
]) {
  program.addOption(option);
}
const flags = program.parse().opts<Flags>();
await startLogs(flags);
process.exitCode = await run(async () => {
  const { hostname, port, credentials: file } = flags;
  const basic = file === undefined ? undefined : await readCredentials("--credentials", file);
  const monitor = await startMonitor({
    ...{ hostname, port },
    windowMs: flags.window,
    historyDir: flags.history,
    retentionMs: flags.retention,
    authenticator: basic === undefined ? undefined : authenticator({ basic }),
    rules: {
      isReadOnly: flags.readOnly,
      hideCommandLines: flags.hideCommandLines,
      hideEnvironment: flags.hideEnvironment,
    },
  });
  console.log(`monitor   ${monitor.url}`);
  return monitor;
});
