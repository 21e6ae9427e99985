/** A collector that listens, under the load of a datacenter: what it costs, and how late it is. */
import type { Answer, Params, ProcessCase, ProcessContender } from "./harness.ts";

const FULL = { hosts: 1_000, heavy: false, intervalMs: 3_000, minutes: 0.5 };
/** Seconds in all: hosts that report more often. */
const QUICK = { hosts: 20, heavy: false, intervalMs: 400, minutes: 0.01 };
const START_MS = 240_000;

/** One run in a process that starts the others. */
function run(call: string, ...words: readonly unknown[]) {
  return (params: Params): ProcessContender => ({
    flags: [],
    timeoutMs: Number(params.minutes) * 60_000 + START_MS,
    code: `
      const { ${call} } = await import("./.fairlead/bench/topology_run.js");
      const report = await ${call}(...${JSON.stringify([params, ...words])});
      console.log(JSON.stringify(report));
      process.exit(0);`,
  });
}

function check(answer: Answer): void {
  if (answer !== "everything reported was shown") {
    throw new Error(`Cannot count this run: ${answer}`);
  }
}

/** `topology/ingest_http` */
export const ingestHttpCase: ProcessCase = {
  name: "ingest_http",
  about: "percent of one core while every host reports each interval; with_stream: one client",
  measure: "process",
  unit: "% of a core",
  samples: 1,
  sweep: [FULL],
  quick: [QUICK],
  growth: "hosts",
  check,
  contenders: { posts: run("ingest", false), with_stream: run("ingest", true) },
};

/** `topology/stream` */
export const streamCase: ProcessCase = {
  name: "stream",
  about:
    "from a report to the frames of all clients, 95th percentile; 10 % of nodes change a second",
  measure: "process",
  unit: "ms",
  samples: 1,
  sweep: [
    { ...FULL, clients: 1 },
    { ...FULL, clients: 50 },
  ],
  quick: [{ ...QUICK, clients: 5 }],
  growth: "clients",
  check,
  contenders: { fairlead: run("stream") },
};

/** `topology/latency` */
export const latencyCase: ProcessCase = {
  name: "latency",
  about: "95th percentile, to the frame: of a report, and of a program that starts (1 s spy)",
  measure: "process",
  unit: "ms",
  samples: 1,
  sweep: [FULL],
  quick: [QUICK],
  growth: "hosts",
  check,
  contenders: {
    report: run("latency", "beacons"),
    program: run("latency", "processes"),
  },
};
