/** The same trace through the allocator: several roles share the cluster by weighted DRF. */
import { Allocator } from "fairlead/allocator";
import { type SeededRandom, systemClock } from "fairlead/base";
import { Quantities, Resources } from "fairlead/resources";

/** A machine of the trace; amounts in thousandths, memory in thousandths of a MB. */
export interface DrfNode {
  readonly id: string;
  readonly cpusMillis: number;
  readonly memMillis: number;
  readonly gpus: number;
}

/** A pod of the trace. */
export interface DrfPod {
  readonly cpusMillis: number;
  readonly memMillis: number;
  readonly gpuMillis: number;
}

/** How one role came out. */
export interface RoleOutcome {
  readonly role: string;
  readonly weight: number;
  readonly tasks: number;
  /** Tasks that still wait. */
  readonly waiting: number;
  /** Dominant share, and the same divided by weight. */
  readonly share: number;
  readonly weightedShare: number;
}

/** How the whole replay came out. */
export interface DrfOutcome {
  readonly roles: readonly RoleOutcome[];
  readonly cycles: number;
  readonly offers: number;
  /** Allocated part of the cluster, by kind. */
  readonly allocation: Readonly<Record<string, number>>;
  /** Jain's index over weighted shares of roles with waiting tasks: 1 is perfectly fair. */
  readonly fairness: number;
  /** The largest weighted share of those over the smallest. */
  readonly spread: number;
}

/** Roles and their weights: the third counts double. */
const WEIGHTS: Readonly<Record<string, number>> = { ads: 1, batch: 1, research: 2, web: 1 };
/** How deep into its queue a role looks for tasks that fit an offer. */
const LOOKAHEAD_MAX = 200;

/**
 * Deal the pods to the roles at random, then let each role fill its offers from its queue, first
 * fit, until a cycle offers nothing that anybody wants.
 *
 * Gpus count as one amount an agent: devices and models are the placement half's matter.
 */
export function replayDrf(
  nodes: readonly DrfNode[],
  pods: readonly DrfPod[],
  random: SeededRandom,
): DrfOutcome {
  const allocator = new Allocator({ seed: random.u32(), clock: systemClock, minAllocatable: [] });
  const queues = dealPods(pods, random);
  for (const [role, weight] of Object.entries(WEIGHTS)) {
    allocator.setWeight(role, weight);
    allocator.addFramework({ id: role, roles: [role], capabilities: ["GPU_RESOURCES"] });
  }
  for (const node of nodes) {
    allocator.addAgent({ id: node.id, resources: resourcesOf(node, node.gpus * 1000) });
  }
  const tasks = new Map<string, number>();
  let cycles = 0;
  let offers = 0;
  for (;;) {
    const allocation = allocator.run();
    cycles++;
    offers += allocation.size;
    if (allocation.size === 0) break;
    for (let i = 0; i < allocation.size; i++) {
      const role = allocation.role(i);
      const amount = (kind: string) => allocation.amount(i, kind);
      const taken = fill(queues.get(role)!, [amount("cpus"), amount("mem"), amount("gpus")]);
      if (taken.count === 0) allocator.decline(allocation.handle(i), { refuseMs: HOUR_MS });
      else allocator.accept(allocation.handle(i), { used: taken.used, refuseMs: 0 });
      tasks.set(role, (tasks.get(role) ?? 0) + taken.count);
    }
  }
  return conclude(allocator, { tasks, queues, cycles, offers });
}

const HOUR_MS = 3_600_000;

function dealPods(pods: readonly DrfPod[], random: SeededRandom): Map<string, DrfPod[]> {
  const roles = Object.keys(WEIGHTS);
  const queues = new Map<string, DrfPod[]>(roles.map((role) => [role, []]));
  for (const pod of pods) queues.get(roles[random.int(roles.length)]!)!.push(pod);
  return queues;
}

function resourcesOf(pod: { cpusMillis: number; memMillis: number }, gpuMillis: number): Resources {
  const text = Quantities.ofMillis({ cpus: pod.cpusMillis, mem: pod.memMillis, gpus: gpuMillis });
  return Resources.parse(text.toString());
}

/** Take tasks out of the queue, in order, as long as they fit. */
function fill(queue: DrfPod[], free: [number, number, number]): { count: number; used: Resources } {
  let [cpus, mem, gpus] = free;
  const sum = { cpusMillis: 0, memMillis: 0, gpuMillis: 0 };
  let count = 0;
  for (let i = 0; i < queue.length && i - count < LOOKAHEAD_MAX; ) {
    const pod = queue[i]!;
    if (pod.cpusMillis > cpus || pod.memMillis > mem || pod.gpuMillis > gpus) {
      i++;
      continue;
    }
    queue.splice(i, 1);
    cpus -= pod.cpusMillis;
    mem -= pod.memMillis;
    gpus -= pod.gpuMillis;
    sum.cpusMillis += pod.cpusMillis;
    sum.memMillis += pod.memMillis;
    sum.gpuMillis += pod.gpuMillis;
    count++;
  }
  return { count, used: resourcesOf(sum, sum.gpuMillis) };
}

function conclude(
  allocator: Allocator,
  run: {
    tasks: ReadonlyMap<string, number>;
    queues: ReadonlyMap<string, readonly DrfPod[]>;
    cycles: number;
    offers: number;
  },
): DrfOutcome {
  const shares = allocator.shares();
  const roles = shares.map(({ role, share, weight }) => ({
    role,
    weight,
    tasks: run.tasks.get(role) ?? 0,
    waiting: run.queues.get(role)?.length ?? 0,
    share: share * weight,
    weightedShare: share,
  }));
  const total = allocator.total();
  const allocation = Object.fromEntries(
    total.names().map((kind) => {
      const held = shares.reduce((sum, { allocated }) => sum + allocated.get(kind), 0);
      return [kind, held / total.get(kind)];
    }),
  );
  const waiting = roles.filter((role) => role.waiting > 0).map((role) => role.weightedShare);
  const sum = waiting.reduce((all, share) => all + share, 0);
  const squares = waiting.reduce((all, share) => all + share * share, 0);
  return {
    roles,
    cycles: run.cycles,
    offers: run.offers,
    allocation,
    fairness: waiting.length === 0 ? 1 : (sum * sum) / (waiting.length * squares),
    spread: waiting.length === 0 ? 1 : Math.max(...waiting) / Math.min(...waiting),
  };
}
