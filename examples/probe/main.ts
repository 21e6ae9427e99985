/**
 * A probe as a process of its own: `npm run -s example:probe -- --help`.
 *
 * SIGINT and SIGTERM end it. It needs no collector to start: it looks for one again and again.
 */
import { Disposer } from "fairlead/base";
import { serve } from "fairlead/http/node";
import { OPEN_METRICS } from "fairlead/probe";
import { type RunningProbe, startProbe } from "fairlead/probe/node";
import { readText } from "../shared/files.ts";
import { startLogs } from "../shared/logs.ts";
import { type Running, run } from "../shared/run.ts";
import { type Listen, type ProbeFlags, probeCommand } from "./flags.ts";

const program = probeCommand().parse();
const flags = program.opts<ProbeFlags>();
const collectors = program.processedArgs.flat().map(String);
await startLogs(flags);
process.exitCode = await run(() => start(flags));

async function start(given: ProbeFlags): Promise<Running> {
  const opened = new Disposer();
  try {
    const probe = opened.use(startProbe(await optionsOf(given)));
    const listen = given["probe.http.listen"];
    if (listen !== undefined) await serveMetrics(probe, listen, opened);
    console.log(`probe     ${probe.hostId} (${probe.probeId}) → ${collectors.map(bare).join(" ")}`);
    return opened;
  } catch (error) {
    await opened.dispose();
    throw error;
  }
}

async function optionsOf(given: ProbeFlags) {
  const tlsCa = given["probe.tlsCa"];
  const ca = tlsCa === undefined ? {} : { ca: await readText("--probe.tls-ca", tlsCa) };
  const hostId = given["probe.hostId"];
  const token = given["probe.token"];
  const socket = given["probe.docker.socket"];
  return {
    collectors,
    spyIntervalMs: given["probe.spy.interval"],
    publishIntervalMs: given["probe.publish.interval"],
    fullEvery: given["probe.fullReportEvery"],
    procRoot: given["probe.proc.root"],
    processes: given["probe.processes"],
    connections: given["probe.endpoints"],
    names: given["probe.names"],
    omitArguments: given["probe.omit.cmdArgs"],
    withEnvironment: !given["probe.omit.envVars"],
    agents: given["probe.agents"],
    controls: given["probe.controls"],
    tls: { ...ca, insecure: given["probe.insecure"] },
    ...(hostId === undefined ? {} : { hostId }),
    ...(token === undefined ? {} : { token }),
    ...(given["probe.docker"]
      ? socket === undefined
        ? {}
        : { docker: socket }
      : { docker: false as const }),
    ...(given["probe.oci"] ? {} : { oci: false as const }),
    ...(given["probe.kubernetes"] ? { kubernetes: kubernetesOf(given) } : {}),
  };
}

function kubernetesOf(given: ProbeFlags) {
  const url = given["probe.kubernetes.api"];
  const tokenFile = given["probe.kubernetes.tokenFile"];
  const caFile = given["probe.kubernetes.caFile"];
  const nodeName = given["probe.kubernetes.nodeName"];
  return {
    ...(url === undefined ? {} : { url }),
    ...(tokenFile === undefined ? {} : { tokenFile }),
    ...(caFile === undefined ? {} : { caFile }),
    ...(nodeName === undefined ? {} : { nodeName }),
  };
}

async function serveMetrics(probe: RunningProbe, listen: Listen, opened: Disposer): Promise<void> {
  const server = await serve({
    ...listen,
    handler: (request) =>
      new URL(request.url).pathname === "/metrics"
        ? new Response(probe.metrics(), { headers: { "content-type": OPEN_METRICS } })
        : new Response("There is /metrics", { status: 404 }),
  });
  opened.use(server);
  console.log(`metrics   ${server.url.replace(/\/$/, "")}/metrics`);
}

/** An address without its password. */
function bare(address: string): string {
  return address.replace(/\/\/[^@/]*@/, "//");
}
