import { setTimeout as sleep } from "node:timers/promises";
import { asyncDispose, FairleadError, requireInteger } from "../../../base/mod.ts";
import { freePorts, type ServerOptions, type ServerPorts, ZooKeeperServer } from "./server.ts";

const ELECTION_TIMEOUT_MS = 30_000;

/** Options of {@linkcode ZooKeeperEnsemble.start}. */
export interface EnsembleOptions extends Omit<ServerOptions, "folder"> {
  /** From 1 to 7. @default 3 */
  readonly size?: number | undefined;
  /** The id of the first server: two ensembles that meet must not share ids. @default 1 */
  readonly firstId?: number | undefined;
}

/** A line `server.N=…` of a configuration. */
export function memberLine(id: number, ports: ServerPorts, role = "participant"): string {
  const { quorum, election, client } = ports;
  return `server.${id}=127.0.0.1:${quorum}:${election}:${role};127.0.0.1:${client}`;
}

/** Several real servers on loopback that are one ensemble. */
export class ZooKeeperEnsemble implements AsyncDisposable {
  readonly servers: ZooKeeperServer[];

  private constructor(servers: ZooKeeperServer[]) {
    this.servers = servers;
  }

  /**
   * Start an ensemble, and wait until every server serves.
   *
   * @throws {FairleadError} `zookeeper_missing`, `zookeeper_failed`.
   */
  static async start({
    size = 3,
    firstId = 1,
    ...options
  }: EnsembleOptions = {}): Promise<ZooKeeperEnsemble> {
    requireInteger("size", size, { min: 1, max: 7 });
    requireInteger("firstId", firstId, { min: 1, max: 240 });
    const ports = await distinctPorts(size);
    const members = ports.map((each, index) => memberLine(firstId + index, each));
    const servers = await Promise.all(
      ports.map((each, index) =>
        ZooKeeperServer.prepare(each, options, { id: firstId + index, members }),
      ),
    );
    const ensemble = new ZooKeeperEnsemble(servers);
    try {
      await Promise.all(servers.map((server) => server.restart()));
      return ensemble;
    } catch (error) {
      await ensemble.stop();
      throw error;
    }
  }

  /** `host:port,host:port,…` */
  get connectString(): string {
    return this.servers.map((server) => server.address).join(",");
  }

  /** The server that leads; waits for an election to end. */
  async leader(): Promise<ZooKeeperServer> {
    const deadlineMs = performance.now() + ELECTION_TIMEOUT_MS;
    for (;;) {
      for (const server of this.servers) {
        const status = await server.status().catch(() => undefined);
        if (status?.mode === "leader" || status?.mode === "standalone") return server;
      }
      if (performance.now() > deadlineMs) {
        const message = `Cannot find a leader among ${this.connectString}: nobody was elected`;
        throw new FairleadError("zookeeper_failed", message);
      }
      await sleep(25);
    }
  }

  /** Some server that follows. */
  async follower(): Promise<ZooKeeperServer> {
    const leader = await this.leader();
    return this.servers.find((server) => server !== leader) ?? leader;
  }

  /**
   * Start servers that follow and have no vote: each knows the present ones and itself. They belong
   * to whoever asked, and join by `reconfigure`.
   *
   * @throws {FairleadError} `zookeeper_missing`, `zookeeper_failed`.
   */
  async joiners(
    size: number,
    { firstId, ...options }: Omit<EnsembleOptions, "size"> & { readonly firstId: number },
  ): Promise<{ readonly servers: readonly ZooKeeperServer[]; readonly lines: readonly string[] }> {
    const ports = await distinctPorts(size);
    const present = this.servers.map(({ id, ports: own }) => memberLine(id, own));
    const lines = ports.map((each, index) => memberLine(firstId + index, each));
    const servers = await Promise.all(
      ports.map((each, index) =>
        ZooKeeperServer.prepare(each, options, {
          id: firstId + index,
          members: [...present, lines[index] ?? ""],
        }),
      ),
    );
    try {
      await Promise.all(servers.map((server) => server.restart()));
      return { servers, lines };
    } catch (error) {
      await Promise.all(servers.map((server) => server.stop()));
      throw error;
    }
  }

  /** End all servers and remove their data. Twice is harmless. */
  async stop(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.stop()));
  }

  [asyncDispose](): Promise<void> {
    return this.stop();
  }
}

/** Ports drawn at the same time may be equal: draw until none is. */
async function distinctPorts(size: number): Promise<ServerPorts[]> {
  for (;;) {
    const ports = await Promise.all(Array.from({ length: size }, freePorts));
    const all = ports.flatMap(({ client, quorum, election }) => [client, quorum, election]);
    if (new Set(all).size === all.length) return ports;
  }
}
