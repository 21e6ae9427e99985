/** Tasks that wait for an agent: what they run, and what they want of where they run. */
import { type Random, systemRandom } from "../base/mod.ts";
import type {
  CheckInfo,
  CommandInfo,
  ContainerInfo,
  DiscoveryInfo,
  ExecutorInfo,
  HealthCheck,
  KillPolicy,
  Offer,
  TaskInfo,
} from "../model/mod.ts";
import { type Constraint, parseConstraint } from "../placement/mod.ts";
import { toBase64 } from "./base64.ts";
import type { Part, ReservedUse } from "./match/demand.ts";
import { invalidTask, readAmount, readEnvironment, readId, readPorts } from "./task_read.ts";

/** Where a task goes, when that is decided. */
export interface Placed {
  readonly agentId: string;
  readonly hostname: string;
  readonly role: string;
  /** In the order in which they were asked for. */
  readonly ports: readonly number[];
  /** The first of the offers that are used. */
  readonly offer: Offer;
}

/** What a task or a group wants of the agent. */
export interface PlacementOptions {
  /** Only offers to this role. @default any */
  readonly role?: string;
  /** Whether resources reserved to the role are used. @default "prefer" */
  readonly reserved?: ReservedUse;
  /** The app that it is an instance of; constraints that count count within it. */
  readonly group?: string;
  /** Marathon's: objects, or text such as `hostname:UNIQUE` and `rack:LIKE:r[12]`. */
  readonly constraints?: readonly (Constraint | string)[];
  /** Only agents whose attribute `gpu_model` is one of these. */
  readonly gpuModels?: readonly string[];
}

/** How much a task uses. */
export interface AmountOptions {
  /** @default 0 */
  readonly cpus?: number;
  /** MB. @default 0 */
  readonly mem?: number;
  /** MB. @default 0 */
  readonly disk?: number;
  /** Whole devices. @default 0 */
  readonly gpus?: number;
  /** How many, or which: `2` any two, `[8080, 0]` that one and any one. */
  readonly ports?: number | readonly number[];
  /** Persistent volumes by id; the task goes where they are. */
  readonly volumes?: readonly string[];
  /** Amounts of other scalar kinds. */
  readonly resources?: Readonly<Record<string, number>>;
}

/** Options of {@linkcode task}, apart from where it may run. */
export interface TaskDefinition extends AmountOptions {
  readonly name: string;
  /** Unique among the tasks of the framework, for ever. @default the name and a random suffix */
  readonly id?: string;
  /** Text for a shell, or the program and its arguments, or all of a `CommandInfo`. */
  readonly command?: string | readonly string[] | CommandInfo;
  readonly env?: Readonly<Record<string, string>>;
  /** Files to fetch into the sandbox before the start. */
  readonly uris?: readonly string[];
  readonly user?: string;
  /** A container image. */
  readonly image?: string;
  /** All of a `ContainerInfo`, instead of an image. */
  readonly container?: ContainerInfo;
  /** An executor of the framework's own; its resources are counted where it does not run yet. */
  readonly executor?: ExecutorInfo;
  readonly healthCheck?: HealthCheck;
  readonly check?: CheckInfo;
  readonly killPolicy?: KillPolicy;
  readonly labels?: Readonly<Record<string, string>>;
  readonly discovery?: DiscoveryInfo;
  /** Bytes for an executor. */
  readonly data?: Uint8Array;
  /** It is killed when it runs longer. */
  readonly completionMsMax?: number;
  /** What it may burst to. */
  readonly limits?: { readonly cpus?: number; readonly mem?: number };
  /** Change the TaskInfo once it is known where it goes: a health check on a port, say. */
  readonly complete?: (info: TaskInfo, placed: Placed) => TaskInfo;
}

/** Options of {@linkcode task}. */
export interface TaskOptions extends TaskDefinition, PlacementOptions {
  /** Use cpus that can be taken back at any time. @default false */
  readonly revocable?: boolean;
  /** For the suffix of the id. @default systemRandom */
  readonly random?: Random;
}

/** Options of {@linkcode taskGroup}. */
export interface TaskGroupOptions extends PlacementOptions {
  /** @default the first task's name and a random suffix */
  readonly id?: string;
  readonly tasks: readonly TaskDefinition[];
  /** What the default executor itself uses. @default { cpus: 0.1, mem: 32, disk: 32 } */
  readonly executor?: { readonly cpus?: number; readonly mem?: number; readonly disk?: number };
  readonly random?: Random;
}

/** A task without agent and resources. */
export type TaskTemplate = Omit<TaskInfo, "agent_id" | "resources">;

/** One task of what waits. */
export interface PendingPiece {
  readonly template: TaskTemplate;
  readonly part: Part;
  readonly complete: ((info: TaskInfo, placed: Placed) => TaskInfo) | undefined;
}

/** What waits for an agent: a task, or a group whose tasks go to one agent together. */
export interface PendingTask {
  /** The task's id; of a group, the executor's. */
  readonly id: string;
  readonly kind: "task" | "group";
  readonly pieces: readonly PendingPiece[];
  /** What an executor uses: the default one of a group, or one of the framework's own. */
  readonly executorPart: Part | undefined;
  readonly role: string | undefined;
  readonly group: string | undefined;
  readonly constraints: readonly Constraint[];
  readonly gpuModels: readonly string[] | undefined;
}

/**
 * Describe a task, checked: `match` finds it an agent.
 *
 * With ports, the command sees `PORT0`, `PORT1` …, `PORT` (the first) and `PORTS`.
 *
 * @example
 * ```ts
 * import { task } from "fairlead/scheduler";
 *
 * const web = task({ name: "web", command: "python3 -m http.server $PORT", cpus: 0.5, mem: 64, ports: 1 });
 * console.assert(web.id.startsWith("web."));
 * ```
 *
 * @throws {FairleadError} `invalid_task` naming the field and what is allowed; `invalid_input` or
 * `invalid_pattern` for a constraint.
 */
export function task(options: TaskOptions): PendingTask {
  const { revocable = false, reserved = "prefer" } = options;
  const piece = readPiece(options, { reserved, revocable }, options.random ?? systemRandom);
  return {
    id: piece.template.task_id.value,
    kind: "task",
    pieces: [piece],
    executorPart: executorPart(options.executor, { reserved, revocable }),
    ...readPlacement(options),
  };
}

/**
 * Describe tasks that share an executor and an agent: all of them start, or none (LAUNCH_GROUP).
 *
 * @throws {FairleadError} as {@linkcode task}.
 */
export function taskGroup(options: TaskGroupOptions): PendingTask {
  const { reserved = "prefer", random = systemRandom, executor = {} } = options;
  const [first] = options.tasks;
  if (first === undefined) throw invalidTask("tasks", [], "a list of one or more");
  const view = { reserved, revocable: false };
  const pieces = options.tasks.map((each) => readPiece(each, view, random));
  for (const each of options.tasks) {
    if (each.executor !== undefined) {
      throw invalidTask("tasks.executor", "given", "left out: a group has one of its own");
    }
  }
  const ids = new Set(pieces.map(({ template }) => template.task_id.value));
  if (ids.size < pieces.length) throw invalidTask("tasks", [...ids], "of ids that differ");
  const ports = pieces.flatMap(({ part }) => part.ports.fixed);
  if (new Set(ports).size < ports.length) throw invalidTask("tasks.ports", ports, "all different");
  const amounts = { cpus: 0.1, mem: 32, disk: 32, ...executor };
  return {
    id: readId("id", options.id ?? idFor(first.name, random)),
    kind: "group",
    pieces,
    executorPart: { ...partOf(amounts), ...view },
    ...readPlacement(options),
  };
}

function readPlacement({ role, group, constraints = [], gpuModels }: PlacementOptions) {
  const read = constraints.map((each) => (typeof each === "string" ? parseConstraint(each) : each));
  return { role, group, constraints: read, gpuModels };
}

function readPiece(
  options: TaskDefinition,
  view: { readonly reserved: ReservedUse; readonly revocable: boolean },
  random: Random,
): PendingPiece {
  if (typeof options.name !== "string" || options.name === "") {
    throw invalidTask("name", options.name, "a text that is not empty");
  }
  const id = readId("id", options.id ?? idFor(options.name, random));
  const part = { ...partOf(options), ...view };
  if (Object.values(part.millis).every((millis) => millis === 0)) {
    throw invalidTask("cpus", options.cpus, "above 0, or else mem, disk or gpus: it uses nothing");
  }
  return { template: templateOf(options, id), part, complete: options.complete };
}

function partOf(options: AmountOptions): Omit<Part, "reserved" | "revocable"> {
  const millis: Record<string, number> = {};
  const { cpus = 0, mem = 0, disk = 0, gpus = 0, resources = {} } = options;
  for (const [name, value] of Object.entries({ cpus, mem, disk, gpus, ...resources })) {
    millis[name] = readAmount(name, value);
  }
  if (millis.gpus !== undefined && millis.gpus % 1_000 !== 0) {
    throw invalidTask("gpus", gpus, "a whole number");
  }
  return { millis, ports: readPorts(options.ports), volumes: options.volumes ?? [] };
}

/** The resources of an executor as amounts and ports; undefined where it has none. */
function executorPart(
  executor: ExecutorInfo | undefined,
  view: { readonly reserved: ReservedUse; readonly revocable: boolean },
): Part | undefined {
  const resources = executor?.resources ?? [];
  if (resources.length === 0) return undefined;
  const millis: Record<string, number> = {};
  const ports: number[] = [];
  for (const { name, scalar, ranges } of resources) {
    if (scalar !== undefined) millis[name] = (millis[name] ?? 0) + readAmount(name, scalar.value);
    else if (name === "ports") ports.push(...numbersOf(ranges?.range ?? []));
    else throw invalidTask("executor.resources", name, "scalars and ports");
  }
  return { millis, ports: readPorts(ports), volumes: [], ...view };
}

function numbersOf(ranges: readonly { begin: number; end: number }[]): number[] {
  return ranges.flatMap(({ begin, end }) => {
    if (end - begin > 1_000) throw invalidTask("executor.resources", "ports", "1,000 at most");
    return Array.from({ length: Math.max(0, end - begin + 1) }, (_, index) => begin + index);
  });
}

function templateOf(options: TaskDefinition, id: string): TaskTemplate {
  const { executor, healthCheck, check, killPolicy, discovery, limits, completionMsMax } = options;
  const command = commandOf(options);
  const container = containerOf(options);
  if (executor !== undefined && options.command !== undefined) {
    throw invalidTask("command", "given", "left out where an executor is given");
  }
  if (executor === undefined && options.command === undefined && container === undefined) {
    throw invalidTask("command", undefined, "given, or else an executor or an image");
  }
  return {
    name: options.name,
    task_id: { value: id },
    ...(executor === undefined ? { command } : { executor }),
    ...(container === undefined ? {} : { container }),
    ...(healthCheck === undefined ? {} : { health_check: healthCheck }),
    ...(check === undefined ? {} : { check }),
    ...(killPolicy === undefined ? {} : { kill_policy: killPolicy }),
    ...(discovery === undefined ? {} : { discovery }),
    ...(options.labels === undefined ? {} : { labels: labelsOf(options.labels) }),
    ...(options.data === undefined ? {} : { data: toBase64(options.data) }),
    ...(completionMsMax === undefined
      ? {}
      : { max_completion_time: { nanoseconds: completionMsMax * 1_000_000 } }),
    ...(limits === undefined ? {} : { limits: limitsOf(limits) }),
  };
}

function commandOf({ command, env, uris, user }: TaskDefinition): CommandInfo {
  const given = commandInfo(command);
  const variables = [...(given.environment?.variables ?? []), ...readEnvironment(env ?? {})];
  return {
    ...given,
    ...(variables.length === 0 ? {} : { environment: { variables } }),
    ...(uris === undefined ? {} : { uris: uris.map((value) => ({ value })) }),
    ...(user === undefined ? {} : { user }),
  };
}

function commandInfo(command: TaskDefinition["command"]): CommandInfo {
  // Without a command, the image's own entry point runs.
  if (command === undefined) return { shell: false };
  if (typeof command === "string") {
    if (command === "") throw invalidTask("command", command, "a text that is not empty");
    return { shell: true, value: command };
  }
  if (!isArguments(command)) return command;
  const [value, ...rest] = command;
  if (value === undefined) throw invalidTask("command", [], "a program and its arguments");
  return { shell: false, value, arguments: [value, ...rest] };
}

function isArguments(command: readonly string[] | CommandInfo): command is readonly string[] {
  return Array.isArray(command);
}

function containerOf({ image, container }: TaskDefinition): ContainerInfo | undefined {
  if (image === undefined) return container;
  if (container !== undefined) {
    throw invalidTask("container", "given", "left out where an image is given");
  }
  return { type: "MESOS", mesos: { image: { type: "DOCKER", docker: { name: image } } } };
}

function labelsOf(labels: Readonly<Record<string, string>>) {
  return { labels: Object.entries(labels).map(([key, value]) => ({ key, value })) };
}

function limitsOf({ cpus, mem }: NonNullable<TaskDefinition["limits"]>) {
  return {
    ...(cpus === undefined ? {} : { cpus: { value: cpus } }),
    ...(mem === undefined ? {} : { mem: { value: mem } }),
  };
}

function idFor(name: string, random: Random): string {
  const word = () => random.u32().toString(16).padStart(8, "0");
  return `${name.replace(/[^A-Za-z0-9._-]/g, "_").slice(0, 200)}.${word()}${word()}`;
}
