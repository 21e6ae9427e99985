/** Drops packets on loopback by iptables, where we may: partitions that no proxy can make. */
import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";

const run = promisify(execFile);
const IPTABLES = ["/usr/sbin/iptables", "/sbin/iptables"].find((path) => existsSync(path));

/** Which packets are lost. */
export interface Rule {
  /** Ports of the servers that are cut off. */
  readonly ports: readonly number[];
  /** To the ports, from them, or both. */
  readonly way: "to" | "from" | "both";
  /** Only those that this user sends. */
  readonly uid?: number | undefined;
  /** DROP says nothing; REJECT breaks connections. */
  readonly target: "DROP" | "REJECT";
}

/** A chain of our own, which goes with us. */
export class Firewall implements AsyncDisposable {
  readonly #chain = `fairlead-${process.pid}`;
  readonly #remove = () => removeNow(this.#chain);

  private constructor() {
    process.once("exit", this.#remove);
  }

  /** Undefined where we are not root, or there is no iptables. */
  static async open(): Promise<Firewall | undefined> {
    if (IPTABLES === undefined || process.getuid?.() !== 0) return undefined;
    const firewall = new Firewall();
    try {
      await tables("-N", firewall.#chain);
      await tables("-I", "OUTPUT", "-o", "lo", "-j", firewall.#chain);
      return firewall;
    } catch {
      await firewall[Symbol.asyncDispose]();
      return undefined;
    }
  }

  async add({ ports, way, uid, target }: Rule): Promise<void> {
    const match = { to: "--dports", from: "--sports", both: "--ports" }[way];
    const owner = uid === undefined ? [] : ["-m", "owner", "--uid-owner", String(uid)];
    const places = ["-m", "multiport", match, ports.join(",")];
    const reject = target === "REJECT" ? ["--reject-with", "tcp-reset"] : [];
    await tables("-A", this.#chain, "-p", "tcp", ...owner, ...places, "-j", target, ...reject);
  }

  /** No rule any more. */
  async clear(): Promise<void> {
    await tables("-F", this.#chain);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.off("exit", this.#remove);
    removeNow(this.#chain);
  }
}

async function tables(...words: string[]): Promise<void> {
  await run(IPTABLES ?? "iptables", ["-w", ...words]);
}

function removeNow(chain: string): void {
  for (const words of [
    ["-D", "OUTPUT", "-o", "lo", "-j", chain],
    ["-F", chain],
    ["-X", chain],
  ]) {
    try {
      execFileSync(IPTABLES ?? "iptables", ["-w", ...words], { stdio: "ignore" });
    } catch {
      // It is not there.
    }
  }
}
