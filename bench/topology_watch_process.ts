/** Clients of a stream in a process of their own, with what they are to see. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { HttpCollector, reportCodec, startProbe } from "fairlead/probe/node";
import { instantOfMs, makeNode, makeReport, makeTopology } from "fairlead/topology";
import { Watch } from "./topology_watch.ts";

interface Settings {
  readonly url: string;
  readonly clients: number;
  /** `beacons`: reports of a container whose name changes; `processes`: programs that start. */
  readonly what: "beacons" | "processes";
  readonly everyMs: number;
}

const { url, clients, what, everyMs }: Settings = JSON.parse(process.argv[2] ?? "{}");
const address = new URL(url);
const never = new AbortController().signal;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A collector takes 64 reports of a probe at once. */
const BEACONS = 16;
const CONTAINER = "beacon;<container>";
const HOST = "bench-probe";

async function beacon(watch: Watch, number: number): Promise<void> {
  const name = `beacon-${number}`;
  const node = makeNode("Container", CONTAINER, {
    at: instantOfMs(Date.now()),
    latest: {
      docker_container_id: "beacon",
      docker_container_name: name,
      docker_container_state: "running",
      host_node_id: "beacons;<host>",
    },
  });
  const report = makeReport({ Container: makeTopology([node]) }, { ts: instantOfMs(Date.now()) });
  const body = await reportCodec().encode(report);
  const identity = { probeId: `beacon-${number % BEACONS}`, version: "0" };
  const collector = new HttpCollector({ url: address, ip: address.hostname, ...identity });
  const seen = watch.see(performance.now(), () => isAtLeast(watch, number));
  await collector.send(body, never);
  await seen;
  collector.close();
}

/** Whether the container has the name that it got with a report, or a later one. */
function isAtLeast(watch: Watch, number: number): boolean {
  const label = watch.node(CONTAINER)?.label ?? "";
  return Number(label.replace("beacon-", "")) >= number;
}

let sleeper: ChildProcess | undefined;

/** A program that starts is to be seen; the one before ends. */
async function program(watch: Watch): Promise<void> {
  sleeper?.kill("SIGKILL");
  const doneMs = performance.now();
  const child = spawn("sleep", ["60"], { stdio: "ignore" });
  sleeper = child;
  await watch.see(doneMs, () => watch.node(`${HOST};${child.pid}`) !== undefined);
}

function openProbe(): void {
  startProbe({
    collectors: [address.host],
    hostId: HOST,
    spyIntervalMs: 1_000,
    publishIntervalMs: 1_000,
    docker: false,
    oci: false,
    plugins: false,
  });
}

async function open(): Promise<Watch> {
  const watch = await Watch.open(url, what === "beacons" ? "containers" : "processes", clients);
  if (what === "processes") openProbe();
  return watch;
}

/** Until the time is up; then what was seen, and how many things were done. */
async function run(watch: Watch, ms: number) {
  watch.mark();
  let done = 0;
  for (const startMs = performance.now(); performance.now() - startMs < ms; ) {
    done += 1;
    await (what === "beacons" ? beacon(watch, Date.now()) : program(watch));
    // Not in step with whoever looks or sends at intervals.
    await sleep(everyMs * (0.5 + ((done * 0.618) % 1)));
  }
  return { done, ...watch.facts(), ...watch.size };
}

const watch = await open();
process.stdout.write(`${JSON.stringify({ type: "open" })}\n`);
createInterface({ input: process.stdin }).on("line", async (line) => {
  const { type, ms } = JSON.parse(line);
  const facts = type === "run" ? await run(watch, ms) : {};
  process.stdout.write(`${JSON.stringify({ type, ...facts })}\n`);
});
process.stdin.on("end", () => {
  sleeper?.kill("SIGKILL");
  process.exit(0);
});
