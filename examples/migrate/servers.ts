/** Replacing the servers of one ensemble: the strategy that copies nothing. */
import { FairleadError } from "fairlead/base";
import { moveServers, type ServersEvent } from "fairlead/migration";
import { type EnsembleMember, parseEnsembleConfig } from "fairlead/zookeeper";
import { serverStatus, ZooKeeper } from "fairlead/zookeeper/node";
import { secretOf } from "./config.ts";
import { runHook } from "./hooks.ts";

const CONNECT_MS = 30_000;

/** What the command is told. */
export interface ServersFlags {
  readonly ensemble: string;
  readonly auth: string;
  readonly join: readonly string[];
  readonly shift?: string;
  readonly stepSeconds: number;
}

/** @throws {FairleadError} `invalid_config`. */
export function readMembers(lines: readonly string[]): readonly EnsembleMember[] {
  const { members, others } = parseEnsembleConfig(lines.join("\n"));
  if (members.length > 0 && others.length === 0) return members;
  const message = `Cannot use --join ${lines.join(" ")}: it must be lines as server.4=host:2888:3888:participant;host:2181`;
  throw new FairleadError("invalid_config", message);
}

/** Move, and tell each step; Ctrl-C undoes it while the old servers are in. */
export async function replaceServers(
  { ensemble, auth, join, shift, stepSeconds }: ServersFlags,
  tell: (event: ServersEvent, line: string) => void,
): Promise<void> {
  const joining = readMembers(join);
  const credentials = [{ scheme: "digest", auth: secretOf(auth, "--auth") }];
  const ending = new AbortController();
  const interrupted = () => ending.abort(new FairleadError("aborted", "Cannot go on: interrupted"));
  process.once("SIGINT", interrupted).once("SIGTERM", interrupted);
  const connecting = AbortSignal.timeout(CONNECT_MS);
  await using client = await ZooKeeper.connect(ensemble, { credentials, signal: connecting });
  const moved = moveServers({
    client,
    joining,
    status: serverStatus,
    stepMs: stepSeconds * 1_000,
    signal: ending.signal,
    ...(shift === undefined
      ? {}
      : { shift: (place, signal) => runHook("shift", shift, signal, { SERVERS: place }) }),
  });
  for await (const event of moved) tell(event, lineOf(event));
}

function lineOf(event: ServersEvent): string {
  switch (event.type) {
    case "following":
      return `servers ${event.ids.join(", ")} follow, without a vote`;
    case "grown":
      return `the ensemble is ${event.ids.join(", ")}`;
    case "shifted":
      return `clients belong to ${event.connectString}`;
    case "shrunk":
      return `the ensemble is ${event.ids.join(", ")}; the old servers may be stopped`;
    case "settled":
      return `all serve, ${event.leader} leads`;
  }
}
