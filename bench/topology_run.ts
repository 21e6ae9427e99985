/** Runs of a collector under load: it, the probes and those who watch are processes of their own. */
import { Peer } from "./harness_peer.ts";
import type { World } from "./topology_bodies.ts";

/** How much is reported, and for how long. */
export interface Run extends World {
  readonly intervalMs: number;
  readonly minutes: number;
}

/** A run in which somebody watches. */
export interface WatchRun extends Run {
  readonly clients: number;
}

const MINUTE_MS = 60_000;
/** All have reported, and the machine code is warm. */
const WARM_INTERVALS = 2;
const BEACON_MS = 250;
const ALL = "everything reported was shown";

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Stage {
  readonly url: string;
  readonly collector: Peer;
  readonly load: Peer;
  watch(settings: object): Promise<Peer>;
}

/** What a watching process tells. */
type Watched = Readonly<Record<string, number>>;

async function onStage<T>(
  run: Run,
  changing: number,
  act: (stage: Stage) => Promise<T>,
): Promise<T> {
  const peers: Peer[] = [];
  const open = (program: string, settings: object): Peer => {
    const peer = new Peer(program, settings);
    peers.push(peer);
    return peer;
  };
  try {
    const collector = open("topology_collector_process", {});
    const { url } = await collector.next<{ url: string }>("listening");
    const { hosts, heavy, intervalMs } = run;
    const load = open("topology_load_process", { url, hosts, heavy, intervalMs, changing });
    await load.next("ready");
    await load.ask("begin");
    await sleep(intervalMs * WARM_INTERVALS);
    const watch = async (settings: object) => {
      const peer = open("topology_watch_process", { url, everyMs: BEACON_MS, ...settings });
      await peer.next("open");
      return peer;
    };
    return await act({ url, collector, load, watch });
  } finally {
    await Promise.all(peers.map((peer) => peer.end()));
  }
}

/** What the collector cost between two moments, in percent of one core. */
async function measure({ collector, load }: Stage, during: () => Promise<Watched>) {
  await load.ask("mark");
  const before = await collector.ask("facts");
  const watched = await during();
  const after = await collector.ask("facts");
  const sent = await load.ask("tell");
  const spent = (name: string) => (after[name] ?? 0) - (before[name] ?? 0);
  return {
    cpuPercent: (100 * spent("cpuMs")) / spent("atMs"),
    rssPeakMb: after.rssPeakMb ?? 0,
    renders: spent("renders"),
    loadCpuPercent: Math.round((100 * (sent.cpuMs ?? 0)) / (after.atMs ?? 1)),
    sent,
    watched,
  };
}

/** Reports that were taken and that were not, and how long the answers took. */
function sentFacts(sent: Watched) {
  const { taken = 0, failed = 0, skipped = 0, late = 0, p50Ms = 0, p99Ms = 0 } = sent;
  return { taken, dropped: failed + skipped + late, answerP50Ms: p50Ms, answerP99Ms: p99Ms };
}

/** What watching costs whom. */
function watchFacts({ frames = 0, bytesPerSecond = 0, p50Ms = 0, p95Ms = 0 }: Watched) {
  return { frames, bytesPerSecond, p50Ms, p95Ms };
}

/** `topology/ingest_http`: what taking reports costs, with nobody watching or with one client. */
export async function ingest(run: Run, isWatched: boolean) {
  return await onStage(run, 1, async (stage) => {
    const ms = run.minutes * MINUTE_MS;
    const watch = isWatched ? await stage.watch({ what: "beacons", clients: 1 }) : undefined;
    const measured = await measure(stage, async () => {
      if (watch !== undefined) return await runWatch(watch, ms);
      await sleep(ms);
      return {};
    });
    const { sent, watched, cpuPercent, ...facts } = measured;
    return {
      value: cpuPercent,
      ...facts,
      ...sentFacts(sent),
      ...(isWatched ? watchFacts(watched) : {}),
      answer: answerOf(sent, await countHosts(stage.url), run),
    };
  });
}

async function runWatch(watch: Peer, ms: number): Promise<Watched> {
  const ran = watch.next("run", ms + MINUTE_MS);
  watch.say({ type: "run", ms });
  return await ran;
}

async function countHosts(url: string): Promise<number> {
  const response = await fetch(`${url}/api/topology/hosts`);
  const { nodes }: { nodes: Record<string, { pseudo?: boolean }> } = await response.json();
  return Object.values(nodes).filter(({ pseudo }) => pseudo !== true).length;
}

function answerOf({ failed = 0, taken = 0 }: Watched, shown: number, { hosts }: Run): string {
  return failed === 0 && taken > 0 && shown >= hosts
    ? ALL
    : `${failed} of ${taken + failed} reports failed, ${shown} of ${hosts} hosts are shown`;
}

/** `topology/stream`: a tenth of the nodes changes a second, and clients watch. */
export async function stream(run: WatchRun) {
  return await onStage(run, 0.1, async (stage) => {
    const watch = await stage.watch({ what: "beacons", clients: run.clients });
    const measured = await measure(stage, () => runWatch(watch, run.minutes * MINUTE_MS));
    const { sent, watched, renders, ...facts } = measured;
    const { p50Ms = 0, frames = 0, nodes = 0, edges = 0 } = watched;
    const { bytesPerSecond = 0, firstFrameBytes = 0, firstDecodeMs = 0, decodeMs = 0 } = watched;
    return {
      value: watched.p95Ms ?? 0,
      p50Ms,
      bytesPerSecond,
      firstFrameBytes,
      firstDecodeMs,
      decodeMs,
      frames,
      renders,
      nodes,
      edges,
      ...facts,
      ...sentFacts(sent),
      answer: watchAnswer(watched, run, renders),
    };
  });
}

/** Rendering for each client would be so many times as many renders as states. */
const RENDERS_PER_FRAME_MAX = 3;
const RENDERS_SPARE = 20;

function watchAnswer(watched: Watched, { hosts, clients }: WatchRun, renders = 0): string {
  const { nodes = 0, seen = 0, done = 0, delays = 0, frames = 0 } = watched;
  const isShared = renders <= frames * RENDERS_PER_FRAME_MAX + RENDERS_SPARE;
  const isWhole = nodes >= hosts * 10 && seen === done && delays === seen * clients;
  return isWhole && isShared && done > 0
    ? ALL
    : `${nodes} nodes, ${seen} of ${done} seen by the first, ${delays} by all, ${renders} renders`;
}

/** `topology/latency`: from what is done to the frame that shows it, under the whole load. */
export async function latency(run: Run, what: "beacons" | "processes") {
  return await onStage(run, 1, async (stage) => {
    const watch = await stage.watch({ what, clients: 1 });
    const measured = await measure(stage, () => runWatch(watch, run.minutes * MINUTE_MS));
    const { sent, watched, ...facts } = measured;
    return {
      value: watched.p95Ms ?? 0,
      p50Ms: watched.p50Ms ?? 0,
      done: watched.done ?? 0,
      ...facts,
      ...sentFacts(sent),
      answer: watchAnswer(watched, { ...run, clients: 1 }),
    };
  });
}
