/** The probes of a datacenter in one process: each host reports by its own connection. */
import { createInterface } from "node:readline";
import { HttpCollector } from "fairlead/probe/node";
import { percentile } from "./harness_stats.ts";
import { Bodies, datacenterOf, type World } from "./topology_bodies.ts";

/** What is reported how often. */
interface Load extends World {
  readonly url: string;
  readonly intervalMs: number;
  /** The share of nodes that change a second. */
  readonly changing: number;
}

interface Host {
  readonly bodies: Bodies;
  readonly collector: HttpCollector;
  isBusy: boolean;
}

/** An answer that comes later than the next report is due is of no use. */
const TICK_MS = 5;
const TENTHS = 10;
const load: Load = JSON.parse(process.argv[2] ?? "{}");
const center = datacenterOf(load);
const url = new URL(load.url);
const never = new AbortController().signal;
const hosts: readonly Host[] = Array.from({ length: load.hosts }, (_, host) => ({
  bodies: new Bodies(center, host),
  collector: new HttpCollector({ url, ip: url.hostname, probeId: `bench-${host}`, version: "0" }),
  isBusy: false,
}));
/** How many of ten hosts have something new to say in an interval. */
const movers = Math.min(TENTHS, Math.round((load.changing * TENTHS * load.intervalMs) / 1_000));

let counts = none();

function none() {
  return { taken: 0, failed: 0, skipped: 0, late: 0, bytes: 0, answerMs: [] as number[] };
}

/** One report of one host, unless it still waits for the answer to its last one. */
async function publish(host: Host, moves: boolean): Promise<void> {
  if (host.isBusy) {
    counts.skipped += 1;
    return;
  }
  host.isBusy = true;
  const body = host.bodies.next(Date.now(), moves);
  const startMs = performance.now();
  try {
    await host.collector.send(body, never);
    counts.taken += 1;
    counts.bytes += body.length;
    const tookMs = performance.now() - startMs;
    counts.answerMs.push(tookMs);
    if (tookMs > load.intervalMs) counts.late += 1;
  } catch {
    counts.failed += 1;
  } finally {
    host.isBusy = false;
  }
}

/** Spread over the interval, in turn. */
function run(): void {
  const startMs = performance.now();
  let sent = 0;
  setInterval(() => {
    const due = Math.floor(((performance.now() - startMs) * hosts.length) / load.intervalMs);
    for (; sent < due; sent += 1) {
      const at = sent % hosts.length;
      const round = Math.floor(sent / hosts.length);
      const host = hosts[at];
      // All say everything at first.
      if (host) void publish(host, round < 1 || (at + round) % TENTHS < movers);
    }
  }, TICK_MS);
}

function tell() {
  const { answerMs, ...rest } = counts;
  const p = (part: number) => (answerMs.length === 0 ? 0 : percentile(answerMs, part));
  const { user, system } = process.cpuUsage();
  return { ...rest, p50Ms: p(0.5), p99Ms: p(0.99), cpuMs: (user + system) / 1_000 };
}

const commands: Readonly<Record<string, () => object>> = {
  begin: () => {
    run();
    return {};
  },
  mark: () => {
    counts = none();
    return {};
  },
  tell,
};

createInterface({ input: process.stdin }).on("line", (line) => {
  const { type } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify({ type, ...commands[type]?.() })}\n`);
});
process.stdin.on("end", () => process.exit(0));
process.stdout.write(`${JSON.stringify({ type: "ready" })}\n`);
