import { FairleadError } from "../base/mod.ts";

/** One server of an ensemble, as `server.N=host:quorum:election:role;host:client` has it. */
export interface EnsembleMember {
  readonly id: number;
  readonly host: string;
  readonly quorumPort: number;
  readonly electionPort: number;
  readonly role: "participant" | "observer";
  /** Where clients connect: `undefined` when the line does not say. */
  readonly clientHost: string | undefined;
  readonly clientPort: number | undefined;
}

/** The ensemble as its own node `/zookeeper/config` describes it. */
export interface EnsembleConfig {
  readonly version: bigint;
  readonly members: readonly EnsembleMember[];
  /** The lines of groups and weights, which are kept as they are. */
  readonly others: readonly string[];
}

/**
 * Read the text of `/zookeeper/config` or of a `zoo.cfg.dynamic`.
 *
 * @throws {FairleadError} `invalid_config`, naming the line.
 */
export function parseEnsembleConfig(text: string): EnsembleConfig {
  const members: EnsembleMember[] = [];
  const others: string[] = [];
  let version = 0n;
  for (const line of text.split("\n").map((each) => each.trim())) {
    const [, key = "", value = ""] = /^([^=\s]+)\s*=\s*(.*)$/.exec(line) ?? [];
    if (key === "version") version = parseVersion(value, line);
    else if (key.startsWith("server.")) members.push(parseMember(key, value));
    else if (line !== "" && !line.startsWith("#")) others.push(line);
  }
  return { version, members, others };
}

function parseVersion(value: string, line: string): bigint {
  if (!/^[0-9a-f]{1,16}$/i.test(value)) throw invalid(line);
  return BigInt(`0x${value}`);
}

function parseMember(key: string, value: string): EnsembleMember {
  // A server may have several addresses, apart by "|": the first is taken.
  const [quorum = "", client = ""] = value.split(";");
  const [, host, quorumPort, electionPort, role = "participant"] =
    /^(\[[^\]]+\]|[^:|]+):(\d+):(\d+)(?::(participant|observer))?/.exec(quorum) ?? [];
  const id = Number(key.slice("server.".length));
  if (!Number.isInteger(id) || host === undefined) throw invalid(`${key}=${value}`);
  const [, clientHost, clientPort] = /^(?:(\[[^\]]+\]|[^:]*):)?(\d+)$/.exec(client.trim()) ?? [];
  return {
    id,
    host,
    quorumPort: Number(quorumPort),
    electionPort: Number(electionPort),
    role: role === "observer" ? "observer" : "participant",
    clientHost: clientHost === "" ? undefined : clientHost,
    clientPort: clientPort === undefined ? undefined : Number(clientPort),
  };
}

/** A member as a line of a configuration, without its `server.N=`. */
export function formatMember(member: EnsembleMember): string {
  const { host, quorumPort, electionPort, role, clientHost, clientPort } = member;
  const client = clientPort === undefined ? "" : `;${clientHost ?? "0.0.0.0"}:${clientPort}`;
  return `${host}:${quorumPort}:${electionPort}:${role}${client}`;
}

function invalid(line: string): FairleadError {
  return new FairleadError(
    "invalid_config",
    `Cannot read the ensemble's configuration: "${line}" is not as zoo.cfg has it`,
    { details: { line } },
  );
}
