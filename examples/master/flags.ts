/** What a master can be told. */
import type { Command } from "commander";
import { command, duration, flag, text, toggle, weights, whole } from "../shared/flags.ts";
import { type LogFlags, logFlags } from "../shared/logs.ts";

export interface MasterFlags extends LogFlags {
  readonly ip: string;
  readonly port: number;
  readonly hostname?: string;
  readonly advertiseIp?: string;
  readonly advertisePort?: number;
  readonly store: string;
  readonly electionPath: string;
  readonly registryPath: string;
  readonly cluster: string;
  readonly region?: string;
  readonly zone?: string;
  readonly credentials?: string;
  readonly acls?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly weights: readonly { readonly role: string; readonly weight: number }[];
  readonly offerTimeout: number;
  readonly allocationInterval: number;
  readonly agentPing: number;
  readonly agentPingsMax: number;
  readonly agentReregisterTimeout: number;
  readonly agentRemovalsPerMinute: number;
  readonly failoverTimeout: number;
  readonly requireAgentDomain: boolean;
  readonly requestsPerSecond: number;
}

export function masterCommand(): Command {
  const program = command(
    "master",
    "A master of a cluster: waits for agents and frameworks, and serves the console.\n" +
      "Every flag is a variable, too: --agent-ping is FAIRLEAD_AGENT_PING.",
  );
  const flags = [
    flag("--ip <address>", { help: "where to listen", read: text, initial: "127.0.0.1" }),
    flag("--port <n>", { help: "0: any that is free", read: whole(0, 65_535), initial: 5_050 }),
    flag("--hostname <name>", { help: "how others reach this master", read: text }),
    flag("--advertise-ip <address>", { help: "its address for others (IPv4)", read: text }),
    flag("--advertise-port <n>", { help: "its port for others", read: whole(1, 65_535) }),
    flag("--store <address>", {
      help: "registry and election: embedded:FOLDER, memory:, zk://host:2181,host:2181/fairlead",
      read: text,
      initial: "embedded:.fairlead/master",
    }),
    flag("--election-path <path>", { help: "in the store", read: text, initial: "/mesos" }),
    flag("--registry-path <path>", {
      help: "in the store",
      read: text,
      initial: "/fairlead/master",
    }),
    flag("--cluster <name>", { help: "the console's title", read: text, initial: "fairlead" }),
    flag("--region <name>", { help: "fault domain, with --zone", read: text }),
    flag("--zone <name>", { help: "fault domain, with --region", read: text }),
    flag("--credentials <file>", {
      help: "who may come in; without it everybody may",
      read: text,
    }),
    flag("--acls <file>", { help: "who may do what, in Mesos' JSON", read: text }),
    flag("--tls-cert <file>", { help: "PEM, with --tls-key", read: text }),
    flag("--tls-key <file>", { help: "PEM, with --tls-cert", read: text }),
    flag("--weights <list>", {
      help: "of roles, as web=2,batch=0.5",
      read: weights,
      initial: [],
      shown: "none",
    }),
    time("--offer-timeout <time>", "an offer that is held longer is rescinded", "5mins", "0s"),
    time("--allocation-interval <time>", "how often filters are looked at", "1s", "10ms"),
    time("--agent-ping <time>", "how often agents are pinged", "15s", "10ms"),
    flag("--agent-pings-max <n>", {
      help: "pings without an answer",
      read: whole(1, 1_000),
      initial: 5,
    }),
    time("--agent-reregister-timeout <time>", "after a failover", "10mins", "0s"),
    flag("--agent-removals-per-minute <n>", {
      help: "at most; 0: no limit",
      read: whole(0, 10_000_000),
      initial: 0,
    }),
    time("--failover-timeout <time>", "for frameworks that name none", "1weeks", "0s"),
    toggle("--require-agent-domain", "refuse agents without a fault domain", false),
    flag("--requests-per-second <n>", {
      help: "of one principal or address; 0: no limit",
      read: whole(0, 1_000_000),
      initial: 0,
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
