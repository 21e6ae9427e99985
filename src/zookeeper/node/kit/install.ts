import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { FairleadError } from "../../../base/mod.ts";

const run = promisify(execFile);

/** Debian's own places; the jar's manifest names all the rest but a logger. */
const JARS = "/usr/share/java";
const SERVER_JAR = `${JARS}/zookeeper.jar`;
const LOGGER_JAR = `${JARS}/slf4j-simple.jar`;

/** Where Java finds the server; undefined when it is not installed. */
export function zooKeeperClasspath(): string | undefined {
  if (!existsSync(SERVER_JAR) || !existsSync(LOGGER_JAR)) return undefined;
  // Left out of the manifest of Debian's package, and needed for TLS.
  const netty = ["netty-codec", "netty-resolver", "netty-transport-native-unix-common"];
  const extra = netty.map((name) => `${JARS}/${name}.jar`).filter((path) => existsSync(path));
  return [SERVER_JAR, LOGGER_JAR, ...extra].join(":");
}

let installing: Promise<void> | undefined;

/**
 * Install Debian's package of the server if it is missing; only root on a Debian can.
 *
 * @returns The classpath of the server.
 * @throws {FairleadError} `zookeeper_missing`, with what to install by hand.
 */
export async function installZooKeeper(): Promise<string> {
  const found = zooKeeperClasspath();
  if (found !== undefined) return found;
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    installing ??= aptInstall();
    await installing;
  }
  const installed = zooKeeperClasspath();
  if (installed !== undefined) return installed;
  throw new FairleadError(
    "zookeeper_missing",
    "Cannot start ZooKeeper: it is not installed; on Debian: apt-get install -y --no-install-recommends zookeeper",
    { details: { jar: SERVER_JAR } },
  );
}

async function aptInstall(): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const wait = ["-o", "DPkg::Lock::Timeout=300"];
  const install = [...wait, "install", "-y", "-qq", "--no-install-recommends", "zookeeper"];
  try {
    await run("apt-get", [...wait, "update", "-qq"], { env });
    await run("apt-get", install, { env });
  } catch (cause) {
    const message = "Cannot install ZooKeeper: apt-get failed";
    throw new FairleadError("zookeeper_missing", message, { cause });
  }
}
