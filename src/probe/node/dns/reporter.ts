/** Reports the names of addresses that this host speaks to. */
import { Resolver } from "node:dns/promises";
import { readFile, stat } from "node:fs/promises";
import { type Clock, systemClock } from "../../../base/mod.ts";
import type { Report, Topology } from "../../../topology/mod.ts";
import { AddressNames } from "../../dns/names.ts";
import { canonicalIp } from "../../proc/socket_table.ts";
import { instantOf, makeReport } from "../../report/build.ts";
import type { Reporter, SpyContext } from "../../reporter.ts";

/** Options of {@linkcode nameReporter}. */
export interface NameReporterOptions {
  /** The endpoints that were reported last. */
  readonly endpoints: () => Topology | undefined;
  /** @default the system's resolver, which gets 2 s */
  readonly reverse?: (ip: string) => Promise<readonly string[]>;
  /** @default "/etc/hosts" */
  readonly hostsFile?: string;
  readonly clock?: Clock;
}

const LOOKUP_MS = 2_000;
const HOSTS_BYTES_MAX = 1_048_576;

/**
 * Reports names out of the hosts file and by reverse lookup, in the report's `DNS`. Endpoints of this
 * host's own processes are not looked up: only who they speak to is.
 */
export function nameReporter(options: NameReporterOptions): Reporter {
  const { endpoints, hostsFile = "/etc/hosts", clock = systemClock } = options;
  const { reverse = systemReverse() } = options;
  const cache = new AddressNames({ reverse, clock });
  const hosts = new HostsFile(hostsFile);
  return {
    name: "dns",
    async report({ nowMs }: SpyContext): Promise<Report> {
      const written = await hosts.read();
      const remote = remoteOf(endpoints());
      const asked = [...remote].filter((ip) => !written.has(ip));
      const names = new Map([...cache.names(asked)]);
      for (const ip of remote) {
        const found = written.get(ip);
        if (found !== undefined) names.set(ip, found);
      }
      const dns = new Map([...names].map(([ip, all]) => [ip, { forward: [], reverse: all }]));
      return makeReport({}, { dns, ts: instantOf(nowMs) });
    },
  };
}

function systemReverse(): (ip: string) => Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: LOOKUP_MS, tries: 1 });
  return (ip) => resolver.reverse(ip);
}

/** Addresses of endpoints that no process of this host holds. */
function remoteOf(topology: Topology | undefined): Set<string> {
  const remote = new Set<string>();
  for (const [id, { latest }] of topology?.nodes ?? []) {
    const [scope, ip = ""] = id.split(";");
    if (scope === "" && ip !== "" && !latest.has("pid")) remote.add(ip);
  }
  return remote;
}

/** Names by address, read again when the file has changed. */
class HostsFile {
  readonly #path: string;
  #mtimeMs = -1;
  #names: ReadonlyMap<string, readonly string[]> = new Map();

  constructor(path: string) {
    this.#path = path;
  }

  async read(): Promise<ReadonlyMap<string, readonly string[]>> {
    try {
      const { mtimeMs, size } = await stat(this.#path);
      if (mtimeMs === this.#mtimeMs || size > HOSTS_BYTES_MAX) return this.#names;
      this.#names = parseHosts(await readFile(this.#path, "utf8"));
      this.#mtimeMs = mtimeMs;
    } catch {
      // Without the file there are no names in it.
      this.#names = new Map();
    }
    return this.#names;
  }
}

/** Names by address, as they are written; what is no line of it is passed over. */
export function parseHosts(text: string): Map<string, readonly string[]> {
  const names = new Map<string, readonly string[]>();
  for (const line of text.split("\n")) {
    const [address = "", ...words] = line.replace(/#.*/, "").trim().split(/\s+/);
    const ip = canonicalIp(address);
    if (ip === undefined || words.length === 0) continue;
    names.set(ip, [...new Set([...(names.get(ip) ?? []), ...words])].sort());
  }
  return names;
}
