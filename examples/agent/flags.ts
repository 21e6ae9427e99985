/** What an agent can be told. */
import type { Command } from "commander";
import { command, duration, flag, masters, text, toggle, whole, word } from "../shared/flags.ts";
import { type LogFlags, logFlags } from "../shared/logs.ts";

export interface AgentFlags extends LogFlags {
  readonly master: string[];
  readonly workDir: string;
  readonly ip: string;
  readonly port: number;
  readonly advertiseIp?: string;
  readonly hostname?: string;
  readonly resources?: string;
  readonly attributes: string;
  readonly region?: string;
  readonly zone?: string;
  readonly credential?: string;
  readonly tlsCa?: string;
  readonly httpCredentials?: string;
  readonly reconfigurationPolicy: "equal" | "additive";
  readonly switchUser?: boolean;
  readonly limitCpus: boolean;
  readonly limitDisk: boolean;
  readonly executorRegistrationTimeout: number;
  readonly executorShutdownGrace: number;
  readonly recoveryTimeout: number;
  readonly gcDelay: number;
  readonly launchesMax: number;
}

export function agentCommand(): Command {
  const program = command(
    "agent",
    "An agent of a cluster: runs tasks on this machine.\n" +
      "Every flag is a variable, too: --work-dir is FAIRLEAD_WORK_DIR.",
  );
  const flags = [
    flag("--master <addresses>", {
      help: "of the masters, with commas between them, or zk://host:2181/mesos",
      read: masters,
    }).makeOptionMandatory(),
    flag("--work-dir <folder>", {
      help: "checkpoints, sandboxes and volumes",
      read: text,
      initial: ".fairlead/agent",
    }),
    flag("--ip <address>", { help: "where to listen", read: text, initial: "127.0.0.1" }),
    flag("--port <n>", { help: "0: any that is free", read: whole(0, 65_535), initial: 5_051 }),
    flag("--advertise-ip <address>", { help: "its address for others", read: text }),
    flag("--hostname <name>", { help: "its name for others", read: text }),
    flag("--resources <text>", {
      help: 'as "cpus:4;mem:8192;ports:[31000-32000]"; what is not named is found out',
      read: text,
    }),
    flag("--attributes <text>", { help: 'as "rack:r1;os:debian"', read: text, initial: "" }),
    flag("--region <name>", { help: "fault domain, with --zone", read: text }),
    flag("--zone <name>", { help: "fault domain, with --region", read: text }),
    flag("--credential <file>", { help: "who it is to the masters", read: text }),
    flag("--tls-ca <file>", { help: "PEM: who signs masters", read: text }),
    flag("--http-credentials <file>", {
      help: "who may use its API; without it everybody may",
      read: text,
    }),
    flag("--reconfiguration-policy <policy>", {
      help: "when it comes back with other resources",
      read: word(["equal", "additive"]),
      initial: "additive",
    }),
    toggle("--switch-user", "run tasks as their user; by default when the agent is root"),
    toggle("--limit-cpus", "hold tasks to their cpus although others are idle", false),
    toggle("--limit-disk", "end tasks that use more disk than they have", true),
    time("--executor-registration-timeout <time>", "of custom executors", "1mins", "1ms"),
    time("--executor-shutdown-grace <time>", "of custom executors", "5s", "0s"),
    time("--recovery-timeout <time>", "how long executors wait for an agent", "15mins", "0s"),
    time("--gc-delay <time>", "how long sandboxes are kept", "1weeks", "0s"),
    flag("--launches-max <n>", {
      help: "containers that start at one time",
      read: whole(1, 10_000),
      initial: 32,
    }),
    ...logFlags(),
  ];
  for (const each of flags) program.addOption(each);
  return program;
}

function time(flags: string, help: string, shown: string, min: string) {
  const read = duration(min, "520weeks");
  return flag(flags, { help, read, initial: read(shown), shown });
}
