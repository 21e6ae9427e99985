/** What the monitor can be told. */
import type { Command } from "commander";
import { command, duration, flag, text, toggle, whole } from "../shared/flags.ts";
import { type LogFlags, logFlags } from "../shared/logs.ts";

export interface MonitorFlags extends LogFlags {
  readonly ip: string;
  readonly port: number;
  readonly window: number;
  readonly history?: string;
  readonly historyRetention: number;
  readonly historyMegabytesMax: number;
  readonly credentials?: string;
  readonly origins: string;
  readonly readOnly: boolean;
  readonly hideCommandLines: boolean;
  readonly hideEnvironment: boolean;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly nats: string;
  readonly columns?: boolean;
  readonly probe: boolean;
  readonly simulate?: boolean;
  readonly hosts: number;
  readonly containers: number;
}

export function monitorCommand(): Command {
  const program = command(
    "monitor",
    "A collector of reports and the topology view, as one program.\n" +
      "Every flag is a variable, too: --read-only is FAIRLEAD_READ_ONLY.",
  );
  const flags = [
    flag("--ip <address>", { help: "where to listen", read: text, initial: "127.0.0.1" }),
    flag("--port <n>", { help: "0: any that is free", read: whole(0, 65_535), initial: 4_040 }),
    flag("--window <time>", {
      help: "how long a report counts",
      read: duration("1s", "600s"),
      initial: 15_000,
      shown: "15s",
    }),
    flag("--history <folder>", { help: "keep reports there, to show the past", read: text }),
    flag("--history-retention <time>", {
      help: "how long they are kept",
      read: duration("60s", "8760hrs"),
      initial: 3_600_000,
      shown: "1hrs",
    }),
    flag("--history-megabytes-max <n>", {
      help: "how large they may be together",
      read: whole(1, 1_000_000),
      initial: 4_096,
    }),
    flag("--credentials <file>", { help: "who may come in, as of a master", read: text }),
    flag("--origins <list>", {
      help: "pages of other origins that may use it, with commas between them",
      read: (given: string) => given,
      initial: "",
    }),
    toggle("--read-only", "refuse controls and terminals", false),
    toggle("--hide-command-lines", "show of commands the program alone", false),
    toggle("--hide-environment", "show no environment variables", false),
    flag("--tls-cert <file>", { help: "PEM, with --tls-key", read: text }),
    flag("--tls-key <file>", { help: "PEM, with --tls-cert", read: text }),
    flag("--nats <list>", {
      help: "NATS servers by which collectors tell each other, with commas between them",
      read: (given: string) => given,
      initial: "",
    }),
    toggle("--columns", "keep reports as columns: for many hosts; the default with --simulate"),
    toggle("--probe", "report this machine, too", true),
    toggle("--simulate", "show a synthetic datacenter whose load moves"),
    flag("--hosts <n>", { help: "of --simulate", read: whole(1, 5_000), initial: 20 }),
    flag("--containers <n>", { help: "of --simulate", read: whole(0, 50_000), initial: 200 }),
    ...logFlags(),
  ];
  for (const each of flags) program.addOption(each);
  return program;
}
