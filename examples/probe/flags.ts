/** What a probe can be told; names are Scope's where it has the same thing. */
import { type Command, InvalidArgumentError, type Option } from "commander";
import { command, duration, flag, text, toggle, whole } from "../shared/flags.ts";
import { type LogFlags, logFlags } from "../shared/logs.ts";

export interface ProbeFlags extends LogFlags {
  readonly "probe.spy.interval": number;
  readonly "probe.publish.interval": number;
  readonly "probe.fullReportEvery": number;
  readonly "probe.http.listen"?: Listen;
  readonly "probe.hostId"?: string;
  readonly "probe.token"?: string;
  readonly "probe.tlsCa"?: string;
  readonly "probe.insecure": boolean;
  readonly "probe.proc.root": string;
  readonly "probe.processes": boolean;
  readonly "probe.endpoints": boolean;
  readonly "probe.docker": boolean;
  readonly "probe.docker.socket"?: string;
  readonly "probe.oci": boolean;
  readonly "probe.names": boolean;
  readonly "probe.kubernetes": boolean;
  readonly "probe.kubernetes.api"?: string;
  readonly "probe.kubernetes.tokenFile"?: string;
  readonly "probe.kubernetes.caFile"?: string;
  readonly "probe.kubernetes.nodeName"?: string;
  readonly "probe.agents": readonly string[];
  readonly "probe.omit.cmdArgs": boolean;
  readonly "probe.omit.envVars": boolean;
  readonly "probe.controls": readonly string[];
}

export interface Listen {
  readonly hostname: string;
  readonly port: number;
}

function listen(given: string): Listen {
  const [, hostname = "", port = ""] = /^(.*):(\d{1,5})$/.exec(given) ?? [];
  if (port !== "" && Number(port) <= 65_535) {
    return { hostname: hostname === "" ? "0.0.0.0" : hostname, port: Number(port) };
  }
  throw new InvalidArgumentError("It must be an address and a port, as 127.0.0.1:4041 or :4041.");
}

function names(given: string): string[] {
  return given
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "");
}

/** `--probe.spy.interval` is FAIRLEAD_PROBE_SPY_INTERVAL, too. */
function named(option: Option): Option {
  const name = option.long?.replace(/^--/, "").replaceAll(/[.-]/g, "_").toUpperCase();
  return option.env(`FAIRLEAD_${name}`);
}

export function probeCommand(): Command {
  const program = command(
    "probe",
    "Reports this machine to collectors: host, processes, connections, containers.\n" +
      "Every flag is a variable, too: --probe.spy.interval is FAIRLEAD_PROBE_SPY_INTERVAL.",
  ).argument("[collectors...]", "host, host:port or http[s]://[user:password@]host[:port]", [
    "localhost:4040",
  ]);
  const flags = [
    flag("--probe.spy.interval <time>", {
      help: "how often to look",
      read: duration("100ms", "60s"),
      initial: 1_000,
      shown: "1s",
    }),
    flag("--probe.publish.interval <time>", {
      help: "how often to publish",
      read: duration("100ms", "600s"),
      initial: 3_000,
      shown: "3s",
    }),
    flag("--probe.full-report-every <n>", {
      help: "one report in so many is whole, the others say what changed",
      read: whole(1, 1_000),
      initial: 3,
    }),
    flag("--probe.http.listen <address>", {
      help: "where to serve /metrics, as 127.0.0.1:4041",
      read: listen,
    }),
    flag("--probe.host-id <name>", { help: "names this host in all ids", read: text }),
    flag("--probe.token <token>", { help: "who it is to collectors", read: text }),
    flag("--probe.tls-ca <file>", { help: "PEM: who signs collectors", read: text }),
    toggle("--probe.insecure", "trust any collector's certificate", false),
    flag("--probe.proc.root <folder>", { help: "/proc of the host", read: text, initial: "/proc" }),
    toggle("--probe.processes", "report processes", true),
    toggle("--probe.endpoints", "report connections", true),
    toggle("--probe.docker", "report containers of Docker or podman", true),
    flag("--probe.docker.socket <path>", { help: "the engine's socket", read: text }),
    toggle("--probe.oci", "report containers of crun and runc", true),
    toggle("--probe.names", "look up who is at the other end of connections", false),
    toggle(
      "--probe.kubernetes",
      "report what Kubernetes has, as this pod's service account",
      false,
    ),
    flag("--probe.kubernetes.api <url>", { help: "another API server", read: text }),
    flag("--probe.kubernetes.token-file <file>", { help: "another account's token", read: text }),
    flag("--probe.kubernetes.ca-file <file>", { help: "PEM: who signs it", read: text }),
    flag("--probe.kubernetes.node-name <name>", { help: "pods of this node only", read: text }),
    flag("--probe.agents <addresses>", {
      help: "agents of fairlead on this host, with commas between them: http://127.0.0.1:5051",
      read: names,
      initial: [],
      shown: "none",
    }),
    toggle("--probe.omit.cmd-args", "tell names of programs only", false),
    toggle("--probe.omit.env-vars", "tell no environment of containers", true),
    flag("--probe.controls <ids>", {
      help: "controls that collectors may use, with commas between them; *: all",
      read: names,
      initial: [],
      shown: "none",
    }),
  ];
  for (const each of flags) program.addOption(named(each));
  for (const each of logFlags()) program.addOption(each);
  return program;
}
