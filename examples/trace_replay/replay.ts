/** The trace through one placement policy: the published recipe, and what came of it. */
import { SeededRandom } from "fairlead/base";
import {
  type FreeResources,
  type Placement,
  PlacementCluster,
  type Policy,
  type TaskSpec,
} from "fairlead/placement";
import type { Pod, Trace } from "./trace.ts";

/** What one seed gave; all ratios are parts of the whole cluster. */
export interface SeedOutcome {
  readonly gpuAllocation: number;
  readonly cpuAllocation: number;
  /** Free GPU that an average pod cannot use, as a part of all free GPU. */
  readonly fragmentation: number;
  readonly placed: number;
  readonly refused: number;
  readonly ms: number;
  /** Demand so far and what is allocated of it, at a hundred points. */
  readonly curve: readonly (readonly [demand: number, allocated: number])[];
}

/**
 * Sort the pods by name, shuffle them with the seed, and append copies of pods drawn at random, as
 * long as their GPUs do not pass `demand` times those of the cluster.
 */
export function inflate(trace: Trace, demand: number, seed: number): Pod[] {
  const random = new SeededRandom(seed);
  const pods = [...trace.pods].sort((a, b) => (a.name < b.name ? -1 : 1));
  random.shuffle(pods);
  const limit = demand * gpuOf(trace);
  const inflated: Pod[] = [];
  let sum = 0;
  while (inflated.length < pods.length * COPIES_MAX) {
    const pod = pods[inflated.length] ?? pods[random.int(pods.length)]!;
    sum += pod.gpuMillis;
    if (sum > limit) break;
    inflated.push(pod);
  }
  return inflated;
}

/** A trace that asks for no GPUs ends too. */
const COPIES_MAX = 100;

function gpuOf({ nodes }: Trace): number {
  return nodes.reduce((sum, { gpus }) => sum + gpus * 1000, 0);
}

/** Submit the pods one after the other, skip what does not fit. */
export function replay(trace: Trace, pods: readonly Pod[], policy: Policy): SeedOutcome {
  const cluster = new PlacementCluster({ agents: trace.nodes });
  const tasks: TaskSpec[] = pods.map(({ cpusMillis, memMillis, gpuMillis, gpuModels }) => ({
    cpusMillis,
    memMillis,
    gpuMillis,
    ...(gpuModels.length > 0 && { gpuModels }),
  }));
  const start = performance.now();
  const placement = cluster.place(tasks, { policy });
  const ms = performance.now() - start;
  const cpus = trace.nodes.reduce((sum, { cpusMillis }) => sum + cpusMillis, 0);
  const gpus = gpuOf(trace);
  const held = { cpus: 0, gpus: 0 };
  for (let task = 0; task < pods.length; task++) {
    if (placement.agents[task]! < 0) continue;
    held.cpus += pods[task]!.cpusMillis;
    held.gpus += pods[task]!.gpuMillis;
  }
  return {
    gpuAllocation: held.gpus / gpus,
    cpuAllocation: held.cpus / cpus,
    fragmentation: fragmentation(
      trace.nodes.map(({ id, gpuModel }) => ({ gpuModel, free: cluster.free(id) })),
      trace.pods,
    ),
    placed: placement.placed,
    refused: placement.unplaced,
    ms,
    curve: curveOf(placement, pods, gpus),
  };
}

const POINTS = 100;

function curveOf(placement: Placement, pods: readonly Pod[], gpus: number): [number, number][] {
  const curve: [number, number][] = [];
  let demand = 0;
  let allocated = 0;
  for (let task = 0; task < pods.length; task++) {
    demand += pods[task]!.gpuMillis;
    if (placement.agents[task]! >= 0) allocated += pods[task]!.gpuMillis;
    const due = Math.floor(((task + 1) * POINTS) / pods.length);
    if (due > curve.length) curve.push([demand / gpus, allocated / gpus]);
  }
  return curve;
}

interface FreeNode {
  readonly gpuModel: string;
  readonly free: FreeResources;
}

/**
 * The expected part of free GPU that a pod drawn from the trace finds useless.
 *
 * Source: the fragmentation measure of "Beware of Fragmentation", USENIX ATC 2023, in own words: a
 * node that the pod does not fit is useless as a whole; else the devices too full for it are.
 */
function fragmentation(nodes: readonly FreeNode[], pods: readonly Pod[]): number {
  const shapes = new Map<string, { pod: Pod; count: number }>();
  for (const pod of pods) {
    const key = `${pod.cpusMillis} ${pod.memMillis} ${pod.gpuMillis} ${pod.gpuModels}`;
    const known = shapes.get(key);
    if (known) known.count++;
    else shapes.set(key, { pod, count: 1 });
  }
  let free = 0;
  let useless = 0;
  for (const node of nodes) {
    const sum = node.free.gpuMillis.reduce((all, device) => all + device, 0);
    if (sum === 0) continue;
    free += sum;
    for (const { pod, count } of shapes.values()) {
      useless += (uselessFor(node, pod, sum) * count) / pods.length;
    }
  }
  return free === 0 ? 0 : useless / free;
}

function uselessFor({ gpuModel, free }: FreeNode, pod: Pod, sum: number): number {
  const each = Math.min(pod.gpuMillis, 1000);
  const fitting = free.gpuMillis.filter((device) => device >= each);
  const fits =
    pod.gpuMillis > 0 &&
    pod.cpusMillis <= free.cpusMillis &&
    pod.memMillis <= free.memMillis &&
    fitting.length >= Math.ceil(pod.gpuMillis / 1000) &&
    (pod.gpuModels.length === 0 || pod.gpuModels.includes(gpuModel));
  return fits ? sum - fitting.reduce((all, device) => all + device, 0) : sum;
}
