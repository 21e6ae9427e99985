import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { asyncDispose, FairleadError } from "../../../base/mod.ts";
import { type ServerStatus, serverStatus } from "../admin.ts";
import { installZooKeeper } from "./install.ts";

const READY_TIMEOUT_MS = 30_000;
const HOST = "127.0.0.1";

/** What may differ between the servers of tests. */
export interface ServerOptions {
  /** Lines of `zoo.cfg` besides or instead of the kit's own. */
  readonly settings?: Readonly<Record<string, string | number>> | undefined;
  /** System properties of Java: `{ "zookeeper.enforceQuota": "true" }`. */
  readonly properties?: Readonly<Record<string, string>> | undefined;
  /** The password of the user `super`, who may do everything. @default "secret" */
  readonly superPassword?: string | undefined;
  /** @default 256 */
  readonly heapMegabytes?: number | undefined;
  /**
   * The first transaction gets an epoch above this: so that clients of an older ensemble find
   * their sessions expired here and not their zxid ahead. @default 0
   */
  readonly epoch?: number | undefined;
  /** Where the data is. @default a new folder, removed with the server */
  readonly folder?: string | undefined;
}

/** Ports of one server, all on loopback. */
export interface ServerPorts {
  readonly client: number;
  readonly quorum: number;
  readonly election: number;
}

const SETTINGS: Readonly<Record<string, string | number>> = {
  tickTime: 1_000,
  initLimit: 10,
  syncLimit: 5,
  maxClientCnxns: 0,
  "admin.enableServer": "false",
  "4lw.commands.whitelist": "*",
  standaloneEnabled: "false",
  reconfigEnabled: "true",
  minSessionTimeout: 2_000,
  maxSessionTimeout: 120_000,
};

/** How the kit makes a server that belongs to an ensemble. */
export interface Membership {
  readonly id: number;
  /** Lines `server.N=…` of all members. */
  readonly members: readonly string[];
}

/** One real ZooKeeper server, a process of its own on loopback. */
export class ZooKeeperServer implements AsyncDisposable {
  readonly ports: ServerPorts;
  /** 0 for a server that stands alone. */
  readonly id: number;
  readonly folder: string;
  readonly #options: ServerOptions;
  readonly #isOwned: boolean;
  #process: ChildProcess | undefined;
  #exited: Promise<unknown> = Promise.resolve();

  private constructor(
    id: number,
    folder: string,
    { ports, options }: { ports: ServerPorts; options: ServerOptions },
  ) {
    this.id = id;
    this.folder = folder;
    this.ports = ports;
    this.#options = options;
    this.#isOwned = options.folder === undefined;
  }

  /**
   * Start one server that stands alone, and wait until it serves.
   *
   * @throws {FairleadError} `zookeeper_missing`, `zookeeper_failed`.
   */
  static async start(options: ServerOptions = {}): Promise<ZooKeeperServer> {
    const server = await ZooKeeperServer.prepare(await freePorts(), options);
    try {
      await server.restart();
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  /** Make the folder and the configuration of a server; `restart` starts it. */
  static async prepare(
    ports: ServerPorts,
    options: ServerOptions = {},
    membership?: Membership,
  ): Promise<ZooKeeperServer> {
    const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "fairlead-zookeeper-")));
    const server = new ZooKeeperServer(membership?.id ?? 0, folder, { ports, options });
    await server.#configure(membership);
    return server;
  }

  /** `127.0.0.1:port`, for clients. */
  get address(): string {
    return `${HOST}:${this.ports.client}`;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Start it if it does not run; resolves when it serves. */
  async restart(): Promise<void> {
    await this.spawn();
    await this.ready();
  }

  /** Start it and do not wait. */
  async spawn(): Promise<void> {
    if (this.#process !== undefined) return;
    const classpath = await installZooKeeper();
    const log = openSync(join(this.folder, "server.log"), "a");
    const child = spawn("java", [...this.#javaOptions(), "-cp", classpath, MAIN, this.#config], {
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    this.#process = child;
    endWithUs(child);
    this.#exited = new Promise((resolve) => {
      child.once("error", resolve);
      child.once("exit", resolve);
    }).then(() => {
      if (this.#process === child) this.#process = undefined;
    });
  }

  /** Resolves with its status once it serves, alone or in a quorum. */
  async ready(timeoutMs = READY_TIMEOUT_MS): Promise<ServerStatus> {
    const deadlineMs = performance.now() + timeoutMs;
    for (;;) {
      try {
        return await serverStatus(this.address, { timeoutMs: 1_000 });
      } catch (cause) {
        if (this.#process === undefined || performance.now() > deadlineMs) {
          throw await this.#failed(cause);
        }
      }
      await sleep(25);
    }
  }

  async status(): Promise<ServerStatus> {
    return await serverStatus(this.address);
  }

  /** End it at once, as a crash does. */
  async kill(): Promise<void> {
    this.#process?.kill("SIGKILL");
    await this.#exited;
  }

  /** It stays, and does nothing any more until `thaw`. */
  freeze(): void {
    this.#process?.kill("SIGSTOP");
  }

  thaw(): void {
    this.#process?.kill("SIGCONT");
  }

  /** End it, and remove its data unless the folder was named. Twice is harmless. */
  async stop(): Promise<void> {
    this.thaw();
    this.#process?.kill("SIGTERM");
    const timer = setTimeout(() => this.#process?.kill("SIGKILL"), 2_000);
    await this.#exited;
    clearTimeout(timer);
    if (this.#isOwned) await rm(this.folder, { recursive: true, force: true });
  }

  [asyncDispose](): Promise<void> {
    return this.stop();
  }

  get #config(): string {
    return join(this.folder, "zoo.cfg");
  }

  #javaOptions(): string[] {
    const { superPassword = "secret", heapMegabytes = 256, properties = {} } = this.#options;
    const digest = createHash("sha1").update(`super:${superPassword}`).digest("base64");
    const all = {
      "zookeeper.extendedTypesEnabled": "true",
      "zookeeper.DigestAuthenticationProvider.superDigest": `super:${digest}`,
      "org.slf4j.simpleLogger.defaultLogLevel": "warn",
      ...properties,
    };
    return [
      `-Xmx${heapMegabytes}m`,
      "-Xms64m",
      "-XX:+UseSerialGC",
      "-XX:-UsePerfData",
      "-XX:TieredStopAtLevel=4",
      ...Object.entries(all).map(([key, value]) => `-D${key}=${value}`),
    ];
  }

  async #configure(membership: Membership | undefined): Promise<void> {
    const data = join(this.folder, "data");
    await mkdir(join(data, "version-2"), { recursive: true });
    const settings: Record<string, string | number> = {
      ...SETTINGS,
      dataDir: data,
      dataLogDir: join(this.folder, "log"),
      ...this.#options.settings,
    };
    if (membership === undefined) {
      settings.clientPort = this.ports.client;
      settings.clientPortAddress = HOST;
      delete settings.standaloneEnabled;
    } else {
      await writeFile(join(data, "myid"), `${membership.id}\n`);
    }
    const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
    await writeFile(this.#config, [...lines, ...(membership?.members ?? []), ""].join("\n"));
    const { epoch } = this.#options;
    if (epoch === undefined) return;
    for (const name of ["currentEpoch", "acceptedEpoch"]) {
      await writeFile(join(data, "version-2", name), String(epoch));
    }
  }

  async #failed(cause: unknown): Promise<FairleadError> {
    const log = await readFile(join(this.folder, "server.log"), "utf8").catch(() => "");
    const message = `Cannot start ZooKeeper at ${this.address}: it does not serve; its log ends with: ${log.slice(-600)}`;
    return new FairleadError("zookeeper_failed", message, {
      cause,
      details: { address: this.address, folder: this.folder },
    });
  }
}

const running = new Set<ChildProcess>();
let isHeard = false;

/** A process that ends without stopping its servers takes them along, unless it is killed itself. */
function endWithUs(child: ChildProcess): void {
  if (!isHeard) {
    isHeard = true;
    process.once("exit", () => {
      for (const each of running) each.kill("SIGKILL");
    });
  }
  running.add(child);
  child.once("exit", () => running.delete(child));
}

const MAIN = "org.apache.zookeeper.server.quorum.QuorumPeerMain";

/** Three ports that nobody uses now. */
export async function freePorts(): Promise<ServerPorts> {
  const [client, quorum, election] = await Promise.all([freePort(), freePort(), freePort()]);
  return { client, quorum, election };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, HOST, () => {
      const address = server.address();
      const port = typeof address === "object" ? (address?.port ?? 0) : 0;
      server.close(() => resolve(port));
    });
  });
}
