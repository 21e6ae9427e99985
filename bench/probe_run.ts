/** One run of a probe in a process of its own, beside many processes and connections. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { decodeReport, type Report } from "fairlead/topology";

interface Size {
  readonly processes: number;
  readonly connections: number;
  /** The connections are spread over so many servers; few are folded, many are not. */
  readonly ports: number;
  readonly seconds: number;
}

const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4_096;
/** Of the probe's life: reading everything for the first time is no steady state. */
const WARM_MS = 15_000;
const ALL = "all were reported";

/** Both ends of all connections, held by two processes. */
const SERVERS = `
  import { createServer } from "node:net";
  const ports = [];
  for (let at = 0; at < Number(process.argv[1]); at += 1) {
    const server = createServer((socket) => socket.on("error", () => {}));
    await new Promise((done) => server.listen(0, "127.0.0.1", done));
    ports.push(server.address().port);
  }
  console.log(JSON.stringify(ports));`;
const CLIENTS = `
  import { connect } from "node:net";
  const ports = JSON.parse(process.argv[1]);
  for (let at = 0; at < Number(process.argv[2]); at += 1) {
    // A port of its own each: the kernel uses one again for another server.
    const [port, localPort] = [ports[at % ports.length], 20_000 + at];
    const socket = connect({ port, localPort, host: "127.0.0.1" });
    socket.on("error", () => {});
    await new Promise((done) => socket.on("connect", done));
  }
  console.log("connected");`;
/** As the example runs it: `example:probe` of package.json. */
const PROBE_FLAGS = [
  "--max-semi-space-size=4",
  "--initial-old-space-size=20",
  "--max-old-space-size=192",
  "--single-threaded",
];
const PROBE = `
  import { startProbe } from "fairlead/probe/node";
  startProbe({ collectors: [process.argv[1]], hostId: "bench" });`;

/** Start all, wait until it is warm, and measure. */
export async function cost(size: Size) {
  const children: ChildProcess[] = [];
  const script = (code: string, words: readonly string[], options: readonly string[] = []) => {
    const flags = [...options, "--input-type=module", "--eval", code, ...words];
    const child = spawn(process.execPath, flags, { stdio: ["ignore", "pipe", "inherit"] });
    children.push(child);
    return child;
  };
  try {
    const servers = script(SERVERS, [String(size.ports)]);
    const ports = await lineOf(servers);
    await lineOf(script(CLIENTS, [ports, String(size.connections)]));
    const there = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).length;
    for (let at = there; at < size.processes; at += 1) {
      children.push(spawn("sleep", ["3600"], { stdio: "ignore" }));
    }
    const collector = await openCollector();
    const probe = script(PROBE, [collector.address], PROBE_FLAGS);
    await new Promise((done) => setTimeout(done, WARM_MS));
    const measured = await measure(probe.pid ?? 0, size.seconds);
    return { ...measured, ...(await collector.facts()), answer: await collector.answer(size) };
  } finally {
    for (const child of children) child.kill("SIGKILL");
  }
}

async function lineOf(child: ChildProcess): Promise<string> {
  const [bytes] = await once(child.stdout ?? child, "data");
  return String(bytes).trim();
}

async function measure(pid: number, seconds: number) {
  const before = ticksOf(pid);
  const startMs = performance.now();
  let peakBytes = 0;
  let sumBytes = 0;
  for (let at = 0; at < seconds; at += 1) {
    await new Promise((done) => setTimeout(done, 1_000));
    const bytes = residentBytes(pid);
    peakBytes = Math.max(peakBytes, bytes);
    sumBytes += bytes;
  }
  const elapsed = (performance.now() - startMs) / 1_000;
  return {
    value: (100 * (ticksOf(pid) - before)) / TICKS_PER_SECOND / elapsed,
    rssMb: Math.round(sumBytes / seconds / 2 ** 20),
    rssPeakMb: Math.round(peakBytes / 2 ** 20),
  };
}

function ticksOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

function residentBytes(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]) * PAGE_BYTES;
}

/** Of so many reports the longest is a whole one. */
const KEPT = 4;

/** Takes reports and keeps the last ones. */
async function openCollector() {
  const kept: Buffer[] = [];
  let [count, bytes] = [0, 0];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    response.end('{"id":"bench"}');
    if (request.url !== "/api/report") return;
    const body = Buffer.concat(chunks);
    count += 1;
    bytes += body.length;
    kept.push(body);
    if (kept.length > KEPT) kept.shift();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const whole = () =>
    decodeReport(kept.toSorted((a, b) => a.length - b.length).at(-1) ?? Buffer.alloc(0), {
      contentType: "application/msgpack",
      contentEncoding: "gzip",
    });
  return {
    address: `127.0.0.1:${port}`,
    facts: async () => ({
      reports: count,
      reportKb: Math.round(bytes / Math.max(1, count) / 1_000),
      endpoints: (await whole()).topologies.Endpoint?.nodes.size ?? 0,
    }),
    answer: async (size: Size) => answerOf(await whole(), size),
  };
}

function answerOf(report: Report, { processes, connections }: Size): string {
  const found = report.topologies.Process?.nodes.size ?? 0;
  let counted = 0;
  let owned = 0;
  for (const node of report.topologies.Endpoint?.nodes.values() ?? []) {
    if (node.adjacency.length === 0) continue;
    const count = Number(node.latest.get("conn_count")?.value ?? 1);
    counted += count;
    if (node.latest.has("pid")) owned += count;
  }
  if (found >= processes && counted >= connections && owned >= connections) return ALL;
  return `${found} processes, ${counted} connections, ${owned} with a process`;
}
