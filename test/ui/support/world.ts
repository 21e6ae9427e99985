/**
 * A made-up cluster that lives: agents, frameworks, roles and tasks by the shapes of the console's
 * API, equal for a seed, and a step that changes a part of it.
 */
import { SeededRandom } from "fairlead/base";
import type {
  ConsoleAgentRow,
  ConsoleAmounts,
  ConsoleDelta,
  ConsoleFrameworkRow,
  ConsoleOffer,
  ConsoleRoleRow,
  ConsoleSnapshot,
  ConsoleSummary,
  ConsoleTask,
  ConsoleTaskRow,
  ConsoleTaskStatus,
  TaskState,
} from "fairlead/model";

export interface WorldOptions {
  readonly agents: number;
  readonly tasks: number;
  readonly seed?: number;
  readonly gpus?: boolean;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

export const MASTER_ID = "7c8f2f0e-53a1-4b0c-9d0b-0c4f5c1f2a11";
/** The clock of the made-up master when it starts. */
export const START_MS = Date.UTC(2026, 2, 1, 14, 5, 9);

const ZONES = ["eu-1a", "eu-1b", "eu-1c"];
const RACKS = 24;
const FRAMEWORKS = [
  ["marathon", ["services"], 0.22],
  ["batch-nightly", ["batch"], 0.18],
  ["spark-etl", ["analytics"], 0.16],
  ["chronos", ["cron"], 0.05],
  ["training", ["ml/training"], 0.12],
  ["inference", ["ml/serving", "services"], 0.1],
  ["ci-runners", ["ci"], 0.12],
  ["kafka-operator", ["stateful"], 0.05],
] as const;
const WEIGHTS: Readonly<Record<string, number>> = { services: 3, "ml/serving": 2, stateful: 2 };
const APPS = ["web", "api", "worker", "ingest", "render", "index", "gateway", "resize", "report"];

const none: ConsoleAmounts = { cpus: 0, mem: 0, disk: 0, gpus: 0 };

function plus(a: ConsoleAmounts, b: ConsoleAmounts, sign = 1): ConsoleAmounts {
  const round = (value: number) => Math.round(value * 1_000) / 1_000;
  return {
    cpus: round(a.cpus + sign * b.cpus),
    mem: a.mem + sign * b.mem,
    disk: a.disk + sign * b.disk,
    gpus: a.gpus + sign * b.gpus,
  };
}

const nameOfState = (state: TaskState) => state.slice("TASK_".length).toLowerCase();

interface Made extends Mutable<ConsoleTaskRow> {
  statuses: ConsoleTaskStatus[];
}

/** The cluster itself. */
export class World {
  readonly agents = new Map<string, ConsoleAgentRow>();
  readonly frameworks = new Map<string, ConsoleFrameworkRow>();
  readonly tasks: Made[] = [];
  readonly offers: ConsoleOffer[] = [];
  roles: ConsoleRoleRow[] = [];
  sequence = 1;
  nowMs = START_MS;
  windows: {
    machines: { hostname: string; ip: string }[];
    startMs: number;
    durationMs?: number;
  }[] = [];
  down: { hostname: string; ip: string }[] = [];
  readonly weights = new Map(Object.entries(WEIGHTS));
  readonly quotas = new Map<
    string,
    { guarantees: ConsoleAmounts; limits: Partial<ConsoleAmounts> }
  >();
  readonly #random: SeededRandom;
  readonly #held = new Map<string, ConsoleAmounts>();

  constructor(options: WorldOptions) {
    this.#random = new SeededRandom(options.seed ?? 7);
    this.#addAgents(options);
    this.#addFrameworks();
    for (let index = 0; index < options.tasks; index += 1) this.#addTask(index);
    this.quotas.set("services", {
      guarantees: { ...none, cpus: 400, mem: 900_000 },
      limits: { cpus: options.agents * 24, mem: options.agents * 60_000 },
    });
    this.quotas.set("batch", { guarantees: none, limits: { cpus: options.agents * 10 } });
    this.#offerSome();
    this.#recount();
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#random.int(list.length)]!;
  }

  #addAgents({ agents, gpus = agents > 10 }: WorldOptions): void {
    for (let index = 0; index < agents; index += 1) {
      const isLarge = this.#random.next() < 0.3;
      const hasGpus = gpus && index % 11 === 5;
      const total = {
        cpus: isLarge ? 64 : 32,
        mem: isLarge ? 262_144 : 131_072,
        disk: 480_000,
        gpus: hasGpus ? 8 : 0,
      };
      const rack = (index % RACKS) + 1;
      const hostname = `node-${index + 1}.rack-${rack}.example`;
      const zone = ZONES[index % ZONES.length]!;
      const row: ConsoleAgentRow = {
        id: `${MASTER_ID}-S${index}`,
        hostname,
        address: `10.${20 + (index >> 14)}.${(index >> 7) & 127}.${(index & 127) + 1}:5051`,
        state: "active",
        total,
        used: none,
        offered: none,
        reserved: index % 9 === 0 ? { ...none, cpus: 4, mem: 8_192 } : none,
        tasks: 0,
        ...(agents > 10 ? { region: "eu-1", zone } : {}),
        attributes: { rack: `r${rack}`, ...(hasGpus ? { gpu: "a100" } : {}) },
        registeredMs: START_MS - 3_600_000 * (1 + this.#random.int(400)) - index * 1_000,
      };
      this.agents.set(row.id, row);
    }
    const states = ["draining", "unreachable", "deactivated", "drained", "inactive"] as const;
    const odd = Math.floor(agents / 60);
    for (let index = 0; index < odd; index += 1) {
      const id = `${MASTER_ID}-S${this.#random.int(agents)}`;
      this.agents.set(id, { ...this.agents.get(id)!, state: states[index % states.length]! });
    }
  }

  #addFrameworks(): void {
    for (const [index, [name, roles]] of FRAMEWORKS.entries()) {
      const id = `${MASTER_ID}-${String(index).padStart(4, "0")}`;
      this.frameworks.set(id, {
        id,
        name,
        roles,
        state: name === "chronos" ? "inactive" : "active",
        principal: `${name}-principal`,
        hostname: `${name}.example`,
        webuiUrl: `https://${name}.example/`,
        capabilities: ["MULTI_ROLE", "RESERVATION_REFINEMENT", "PARTITION_AWARE"],
        used: none,
        offered: none,
        tasks: {},
        registeredMs: START_MS - 86_400_000 * (index + 1),
        reregisteredMs: START_MS - 1_800_000 * (index + 1),
        failoverTimeoutS: 604_800,
      });
    }
  }

  #addTask(index: number): void {
    const part = this.#random.next();
    let sum = 0;
    const at = FRAMEWORKS.findIndex(([, , weight]) => {
      sum += weight;
      return part < sum;
    });
    const framework = [...this.frameworks.values()][Math.max(0, at)]!;
    const agent = this.#agentWithRoom();
    const kind = this.#random.next();
    const state: TaskState =
      kind < 0.82
        ? "TASK_RUNNING"
        : kind < 0.84
          ? "TASK_STAGING"
          : kind < 0.95
            ? "TASK_FINISHED"
            : kind < 0.975
              ? "TASK_FAILED"
              : kind < 0.99
                ? "TASK_KILLED"
                : "TASK_LOST";
    const startedMs = START_MS - this.#random.int(40_000_000) - 5_000;
    const isOver = !["TASK_RUNNING", "TASK_STAGING"].includes(state);
    const app = this.#pick(APPS);
    const wantsGpus = framework.name === "training" && agent.total.gpus > 0;
    const resources = {
      cpus: this.#pick([0.5, 1, 2, 4]),
      mem: this.#pick([512, 1_024, 4_096, 8_192, 16_384]),
      disk: this.#pick([0, 0, 1_024, 10_240, 40_960]),
      gpus: wantsGpus ? this.#pick([1, 2]) : 0,
    };
    if (!isOver) this.#held.set(agent.id, plus(this.#held.get(agent.id) ?? none, resources));
    const role = this.#pick(framework.roles);
    this.tasks.push({
      id: `${app}-${index.toString(36)}.${(this.#random.u32() >>> 8).toString(16)}`,
      name: `${app}-${index}`,
      frameworkId: framework.id,
      agentId: agent.id,
      hostname: agent.hostname,
      role,
      state,
      ...(state === "TASK_RUNNING" && kind < 0.3 ? { healthy: kind > 0.004 } : {}),
      resources,
      ...(state === "TASK_STAGING" ? {} : { startedMs }),
      ...(isOver ? { finishedMs: startedMs + this.#random.int(4_000_000) } : {}),
      ...(state === "TASK_FAILED"
        ? {
            message: "Command exited with status 1",
            reason: "REASON_COMMAND_EXECUTOR_FAILED" as const,
          }
        : {}),
      statuses: statusesOf(state, startedMs, this.#random.int(4_000_000)),
    });
  }

  /** An agent with room for the largest task, as far as a few tries find one. */
  #agentWithRoom(): ConsoleAgentRow {
    for (let tries = 0; ; tries += 1) {
      const row = this.agents.get(`${MASTER_ID}-S${this.#random.int(this.agents.size)}`)!;
      const held = this.#held.get(row.id) ?? none;
      if (tries < 6 && (held.cpus + 4 > row.total.cpus || held.mem + 8_192 > row.total.mem)) {
        continue;
      }
      return row;
    }
  }

  #offerSome(): void {
    const active = [...this.frameworks.values()].filter(({ state }) => state === "active");
    let number = 1;
    for (const agent of this.agents.values()) {
      if (agent.state !== "active" || this.#random.next() > 0.12) continue;
      const framework = this.#pick(active);
      this.offers.push({
        id: `${MASTER_ID}-O${number++}`,
        agentId: agent.id,
        hostname: agent.hostname,
        frameworkId: framework.id,
        role: framework.roles[0]!,
        amounts: { cpus: 2 + this.#random.int(8), mem: 4_096, disk: 10_240, gpus: 0 },
        ports: "31000-31999",
        sinceMs: START_MS - this.#random.int(4_000),
      });
    }
  }

  /** Sums of tasks and offers, by agent, framework and role. */
  #recount(): void {
    const used = new Map<string, ConsoleAmounts>();
    const offered = new Map<string, ConsoleAmounts>();
    const counts = new Map<string, Record<string, number>>();
    const running = new Map<string, number>();
    const add = (map: Map<string, ConsoleAmounts>, key: string, amounts: ConsoleAmounts) =>
      map.set(key, plus(map.get(key) ?? none, amounts));
    for (const task of this.tasks) {
      const held = counts.get(task.frameworkId) ?? {};
      held[nameOfState(task.state)] = (held[nameOfState(task.state)] ?? 0) + 1;
      counts.set(task.frameworkId, held);
      if (task.finishedMs !== undefined) continue;
      add(used, task.agentId, task.resources);
      add(used, task.frameworkId, task.resources);
      add(used, `role ${task.role}`, task.resources);
      add(used, `${task.role} ${task.frameworkId}`, task.resources);
      running.set(task.agentId, (running.get(task.agentId) ?? 0) + 1);
    }
    for (const { agentId, frameworkId, amounts } of this.offers) {
      add(offered, agentId, amounts);
      add(offered, frameworkId, amounts);
    }
    for (const [id, row] of this.agents) {
      this.agents.set(id, {
        ...row,
        used: used.get(id) ?? none,
        offered: offered.get(id) ?? none,
        tasks: running.get(id) ?? 0,
      });
    }
    for (const [id, row] of this.frameworks) {
      this.frameworks.set(id, {
        ...row,
        used: used.get(id) ?? none,
        offered: offered.get(id) ?? none,
        tasks: counts.get(id) ?? {},
      });
    }
    this.#makeRoles(used);
  }

  #makeRoles(used: ReadonlyMap<string, ConsoleAmounts>): void {
    const total = this.#sumOf("total");
    const names = new Set([
      ...FRAMEWORKS.flatMap(([, roles]) => [...roles]),
      ...this.quotas.keys(),
    ]);
    const share = (held: ConsoleAmounts) =>
      Math.max(held.cpus / (total.cpus || 1), held.mem / (total.mem || 1));
    this.roles = [...names].map((role) => {
      const held = used.get(`role ${role}`) ?? none;
      const members = [...this.frameworks.values()].filter(({ roles }) => roles.includes(role));
      return {
        role,
        share: share(held),
        weight: this.weights.get(role) ?? 1,
        guarantees: this.quotas.get(role)?.guarantees ?? none,
        limits: this.quotas.get(role)?.limits ?? {},
        allocated: held,
        consumed: held,
        frameworks: members.map(({ id }) => {
          const allocated = used.get(`${role} ${id}`) ?? none;
          return { id, share: share(allocated), allocated };
        }),
      };
    });
  }

  #sumOf(field: "total" | "used" | "offered"): ConsoleAmounts {
    let sum = none;
    for (const row of this.agents.values()) sum = plus(sum, row[field]);
    return sum;
  }

  summary(): ConsoleSummary {
    const tasks: Record<string, number> = {};
    for (const { state } of this.tasks) {
      tasks[nameOfState(state)] = (tasks[nameOfState(state)] ?? 0) + 1;
    }
    const agents = { active: 0, inactive: 0, unreachable: 0, draining: 0 };
    for (const { state } of this.agents.values()) {
      if (state === "active" || state === "unreachable") agents[state] += 1;
      else if (state === "draining" || state === "drained") agents.draining += 1;
      else agents.inactive += 1;
    }
    const frameworks = { active: 0, inactive: 0, completed: 0 };
    for (const { state } of this.frameworks.values()) {
      frameworks[state === "recovered" ? "inactive" : state] += 1;
    }
    return {
      cluster: "harbor-eu",
      version: "0.1.0",
      masterId: MASTER_ID,
      hostname: "master-1.example",
      startedMs: START_MS - 90_000_000,
      electedMs: START_MS - 89_000_000,
      nowMs: this.nowMs,
      agents,
      frameworks,
      tasks,
      offers: this.offers.length,
      total: this.#sumOf("total"),
      used: this.#sumOf("used"),
      offered: this.#sumOf("offered"),
    };
  }

  snapshot(): ConsoleSnapshot {
    return {
      sequence: this.sequence,
      summary: this.summary(),
      agents: [...this.agents.values()],
      frameworks: [...this.frameworks.values()],
      roles: this.roles,
    };
  }

  /**
   * Half a second of life: a tenth of the agents has other numbers.
   *
   * @param bias How many more CPUs are used on each of them, on the average.
   */
  step(part = 0.1, bias = 0): ConsoleDelta {
    const ids = [...this.agents.keys()];
    const number = Math.max(1, Math.floor(ids.length * part));
    const changed = new Set<string>();
    for (let index = 0; index < number; index += 1) {
      const id = this.#pick(ids);
      const row = this.agents.get(id)!;
      const cpus = Math.min(
        row.total.cpus,
        Math.max(0, row.used.cpus + this.#random.int(5) - 2 + bias),
      );
      const mem = Math.min(
        row.total.mem,
        Math.max(0, row.used.mem + (this.#random.int(9) - 4 + bias) * 512),
      );
      this.agents.set(id, { ...row, used: { ...row.used, cpus, mem } });
      changed.add(id);
    }
    return this.delta([...changed], []);
  }

  /** A delta of these rows; roles come along. */
  delta(
    agents: readonly string[],
    frameworks: readonly string[],
    removed: readonly string[] = [],
  ): ConsoleDelta {
    this.nowMs += 500;
    this.sequence += 1;
    return {
      sequence: this.sequence,
      since: this.sequence - 1,
      summary: this.summary(),
      agents: agents.flatMap((id) => this.agents.get(id) ?? []),
      agentsRemoved: removed,
      frameworks: frameworks.flatMap((id) => this.frameworks.get(id) ?? []),
      frameworksRemoved: [],
      roles: this.roles,
    };
  }

  /** Everything counted anew after a change of tasks, weights or quotas. */
  recount(): void {
    this.#recount();
  }

  task(frameworkId: string, taskId: string): ConsoleTask | undefined {
    const task = this.tasks.find((each) => each.frameworkId === frameworkId && each.id === taskId);
    if (task === undefined) return undefined;
    return {
      ...task,
      command: `exec /opt/${task.name.split("-")[0]}/bin/serve --port $PORT0 --workers 4`,
      image: "registry.example/platform/web:2026.02.3",
      labels: { team: "platform", tier: "frontend" },
      ports: "31002-31003",
      containerId: "b3c5f2d0-3f1c-4f7e-a1de-52f5f3c1d0aa",
      executorId: task.id,
      sandbox: `/frameworks/${frameworkId}/executors/${task.id}/runs/latest`,
    };
  }
}

function statusesOf(state: TaskState, startedMs: number, ranMs: number): ConsoleTaskStatus[] {
  const statuses: ConsoleTaskStatus[] = [
    { state: "TASK_STAGING", timestampMs: startedMs - 1_180, source: "SOURCE_MASTER" },
  ];
  if (state === "TASK_STAGING") return statuses;
  statuses.push(
    {
      state: "TASK_STARTING",
      timestampMs: startedMs - 240,
      source: "SOURCE_EXECUTOR",
      message: "Fetched 2 files, 14 MB",
    },
    { state: "TASK_RUNNING", timestampMs: startedMs, source: "SOURCE_EXECUTOR" },
    {
      state: "TASK_RUNNING",
      timestampMs: startedMs + 10_020,
      source: "SOURCE_EXECUTOR",
      reason: "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED",
      healthy: true,
    },
  );
  if (state === "TASK_RUNNING") return statuses;
  const failed = state === "TASK_FAILED";
  statuses.push({
    state,
    timestampMs: startedMs + ranMs,
    source: "SOURCE_EXECUTOR",
    ...(failed
      ? { reason: "REASON_COMMAND_EXECUTOR_FAILED", message: "Command exited with status 1" }
      : {}),
  });
  return statuses;
}
