/** Runs a cluster of processes: one master, agents, frameworks; each case is one run. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Peer } from "./harness_peer.ts";

/** The size of a run. */
export interface ClusterSize {
  readonly agents: number;
  readonly frameworks: number;
  readonly seconds: number;
}

/** What a case does with a cluster that stands. */
export interface Cluster {
  master: Peer;
  readonly agents: Peer;
  readonly frameworks: Peer;
  /** Start the master again, where it was. */
  restart(): Promise<void>;
}

async function withCluster<T>(
  size: ClusterSize,
  shape: {
    readonly resources: string;
    readonly mode: "fill" | "launch";
    readonly perOffer: number;
  },
  act: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  const data = await mkdtemp(join(tmpdir(), "fairlead-bench-"));
  const peers: Peer[] = [];
  const open = (program: string, settings: object): Peer => {
    const peer = new Peer(program, settings);
    peers.push(peer);
    return peer;
  };
  try {
    const master = open("cluster_master_process", { port: 0, data });
    const { url } = await master.next<{ url: string }>("leading");
    const port = Number(new URL(url).port);
    const agents = open("cluster_agents_process", {
      url,
      count: size.agents,
      first: 0,
      resources: shape.resources,
    });
    await agents.next("connected");
    const frameworks = open("cluster_frameworks_process", {
      url,
      count: size.frameworks,
      mode: shape.mode,
      perOffer: shape.perOffer,
    });
    await frameworks.next("subscribed");
    const cluster: Cluster = {
      master,
      agents,
      frameworks,
      restart: async () => {
        await cluster.master.end("SIGKILL");
        cluster.master = open("cluster_master_process", { port, data });
        await cluster.master.next("leading");
      },
    };
    return await act(cluster);
  } finally {
    await Promise.all(peers.map((peer) => peer.end()));
    await rm(data, { recursive: true, force: true });
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function percentile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

/** How often agents come free. */
const FREES_PER_SECOND = 200;

/** How long it takes from an agent's "it has ended" to the offer at a framework. */
export async function offers(size: ClusterSize): Promise<object> {
  return await withCluster(
    size,
    { resources: "cpus:4;mem:4096", mode: "fill", perOffer: 1 },
    async ({ master, agents, frameworks }) => {
      await until(async () => ((await frameworks.ask("counts")).running ?? 0) >= size.agents);
      await sleep(1_000);
      frameworks.say({ type: "forget" });
      await master.ask("facts");
      agents.say({ type: "finish", perSecond: FREES_PER_SECOND });
      await sleep(size.seconds * 1_000);
      agents.say({ type: "stop" });
      await sleep(500);
      const { frees } = await agents.ask<{ frees: Moments }>("frees");
      const { offered } = await frameworks.ask<{ offered: Moments }>("offered");
      const latencies = match(frees, offered);
      const facts = await master.ask("facts");
      return {
        value: percentile(latencies, 0.5),
        answer:
          latencies.length === frees.length ? "every free agent was offered" : "some were not",
        p99Ms: percentile(latencies, 0.99),
        maxMs: latencies.at(-1) ?? 0,
        freed: frees.length,
        rssMb: Math.round((facts.rss ?? 0) / 2 ** 20),
        stallMs: Math.round(facts.longestStallMs ?? 0),
      };
    },
  );
}

type Moments = readonly (readonly [agentId: string, atMs: number])[];

/** Each freeing with the first offer of that agent after it; sorted latencies. */
function match(frees: Moments, offered: Moments): number[] {
  const byAgent = new Map<string, number[]>();
  for (const [id, atMs] of offered) {
    const list = byAgent.get(id);
    if (list === undefined) byAgent.set(id, [atMs]);
    else list.push(atMs);
  }
  const latencies: number[] = [];
  for (const [id, atMs] of frees) {
    const list = byAgent.get(id) ?? [];
    const index = list.findIndex((each) => each >= atMs - 1);
    if (index < 0) continue;
    latencies.push(Math.max(0, (list[index] ?? 0) - atMs));
    list.splice(0, index + 1);
  }
  return latencies.sort((a, b) => a - b);
}

/** Resources of which nobody runs out within the longest run. */
const PLENTY = "cpus:64;mem:262144";

/** How many tasks a second come to run, from ACCEPT to an acknowledged TASK_RUNNING. */
export async function launch(size: ClusterSize): Promise<object> {
  return await withCluster(
    size,
    { resources: PLENTY, mode: "launch", perOffer: 10 },
    async ({ master, agents, frameworks }) => {
      await sleep(2_000);
      await master.ask("facts");
      const before = await agents.ask("counts");
      const fromMs = performance.now();
      await sleep(size.seconds * 1_000);
      const after = await agents.ask("counts");
      const seconds = (performance.now() - fromMs) / 1_000;
      const facts = await master.ask("facts");
      frameworks.say({ type: "close" });
      const ends = await settled(agents, frameworks);
      return {
        value: Math.round(((after.acknowledged ?? 0) - (before.acknowledged ?? 0)) / seconds),
        answer: verdict(ends),
        ...ends,
        rssMb: Math.round((facts.rss ?? 0) / 2 ** 20),
        stallMs: Math.round(facts.longestStallMs ?? 0),
      };
    },
  );
}

/** Wait until everything that was asked for runs and is acknowledged. */
async function settled(agents: Peer, frameworks: Peer): Promise<Record<string, number>> {
  let counts: Record<string, number> = {};
  await until(async () => {
    const there = await agents.ask("counts");
    const here = await frameworks.ask("counts");
    counts = {
      asked: here.asked ?? 0,
      launched: there.launched ?? 0,
      running: here.running ?? 0,
      acknowledged: there.acknowledged ?? 0,
      launchedTwice: there.twice ?? 0,
      ended: here.ended ?? 0,
    };
    return counts.asked === counts.acknowledged;
  }, 60_000).catch(() => undefined);
  return counts;
}

function verdict(counts: Record<string, number>): string {
  const lost = (counts.asked ?? 0) - (counts.acknowledged ?? 0);
  return lost === 0 && counts.launchedTwice === 0
    ? "none lost, none twice"
    : `${lost} lost, ${counts.launchedTwice} twice`;
}

/** How long after the death of a master that starts again the first new task runs. */
export async function failover(size: ClusterSize): Promise<object> {
  return await withCluster(
    size,
    { resources: PLENTY, mode: "launch", perOffer: 1 },
    async (cluster) => {
      const { agents, frameworks } = cluster;
      await sleep(size.seconds * 1_000);
      const running = await agents.ask("counts");
      frameworks.say({ type: "mark" });
      const killedMs = performance.timeOrigin + performance.now();
      const back = agents.next("connected");
      await cluster.restart();
      const leadsMs = performance.timeOrigin + performance.now();
      await back;
      const connectedMs = performance.timeOrigin + performance.now();
      let runningMs = 0;
      await until(async () => {
        const counts = await frameworks.ask("counts");
        runningMs = counts.runningMs ?? 0;
        return runningMs > 0;
      });
      await sleep(2_000);
      frameworks.say({ type: "close" });
      await sleep(3_000);
      const there = await agents.ask("counts");
      const here = await frameworks.ask("counts");
      const lost = (here.running ?? 0) - (there.running ?? 0);
      const twice = there.twice ?? 0;
      return {
        value: Math.round(runningMs - killedMs) / 1_000,
        answer:
          lost <= 0 && twice === 0 && (there.killed ?? 0) === 0
            ? "no task lost, none twice"
            : `${lost} lost, ${twice} twice, ${there.killed} killed`,
        leadsAgainS: Math.round(leadsMs - killedMs) / 1_000,
        agentsBackS: Math.round(connectedMs - killedMs) / 1_000,
        tasksBefore: running.running ?? 0,
        tasksAfter: there.running ?? 0,
      };
    },
  );
}

/** Longer than anything here takes on a busy machine. */
const WAIT_MS_MAX = 120_000;

async function until(holds: () => Promise<boolean>, limitMs = WAIT_MS_MAX): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error("Cannot wait any longer");
    await sleep(100);
  }
}
