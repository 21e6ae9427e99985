/** Tasks read, packed and sorted into classes: what a kernel places. */
import {
  CONSTRAINTS_MAX,
  type CountingConstraint,
  invalid,
  type ReadConstraint,
  readConstraint,
} from "./constraint.ts";
import {
  AMOUNT_MAX,
  isGpuMillis,
  readAmount,
  readGpuMillis,
  readModels,
  requireKeys,
  requireList,
  wrongKind,
} from "./read.ts";
import type { TaskColumns, TaskRule, TaskSpec } from "./types.ts";

const TASKS_MAX = 10_000_000;
const RULE_KEYS = ["group", "constraints", "gpuModels"];
const TASK_KEYS = ["id", "cpusMillis", "memMillis", "diskMillis", "gpuMillis", ...RULE_KEYS];
const COLUMN_KEYS = ["cpusMillis", "memMillis", "diskMillis", "gpuMillis", "rule", "rules"];
const CONSTRAINT_KEYS = ["field", "operator", "value"];

/** A rule that was read; those that count know the group whose instances they count. */
export interface ReadRule {
  readonly constraints: readonly ReadConstraint[];
  readonly gpuModels: readonly string[] | undefined;
  readonly group: string | undefined;
}

/** Tasks of one shape and one rule; a row each. */
export interface TaskClasses {
  readonly cpusMillis: Float64Array;
  readonly memMillis: Float64Array;
  readonly diskMillis: Float64Array;
  readonly gpuMillis: Float64Array;
  /** The row of `rules`; -1 for none. */
  readonly rule: Int32Array;
  /** How many tasks of the batch are of this class. */
  readonly count: Int32Array;
}

/**
 * Tasks that were checked and packed; they can be placed any number of times, on any cluster.
 *
 * Tasks of equal amounts and equal rules form a class, and what is learnt of one task of a class
 * serves the others.
 */
export class TaskBatch {
  /** How many tasks there are. */
  readonly size: number;
  /** The class of each task. */
  readonly classOf: Int32Array;
  readonly classes: TaskClasses;
  readonly rules: readonly ReadRule[];
  /** The row of `groups` of each task, -1 for none; no array where no task has a group. */
  readonly groupOf: Int32Array | undefined;
  readonly groups: readonly string[];
  readonly #idOf: (task: number) => string | undefined;

  /** @ignore Use {@linkcode prepareTasks}. */
  constructor(packed: Packed, idOf: (task: number) => string | undefined) {
    this.size = packed.classOf.length;
    this.classOf = packed.classOf;
    this.classes = packed.classes;
    this.rules = packed.rules;
    this.groupOf = packed.groupOf;
    this.groups = packed.groups;
    this.#idOf = idOf;
  }

  /** The id that the task was given, if any. */
  idOf(task: number): string | undefined {
    return this.#idOf(task);
  }
}

/** What a batch is made of. */
export interface Packed {
  readonly classOf: Int32Array;
  readonly classes: TaskClasses;
  readonly rules: readonly ReadRule[];
  readonly groupOf: Int32Array | undefined;
  readonly groups: readonly string[];
}

/**
 * Check tasks and pack them for placing.
 *
 * Cost: about 50 ns a task from columns, 40 ns from objects; `TaskBatch` memory is 8 bytes a task
 * and 50 a class. Objects are not copied: their ids are read when an assignment is asked for.
 *
 * @throws {FairleadError} `invalid_input` naming the task, the field and what it may be;
 * `invalid_pattern` for a pattern that could run away.
 */
export function prepareTasks(tasks: readonly TaskSpec[] | TaskColumns): TaskBatch {
  const isColumns = typeof tasks === "object" && tasks !== null && "cpusMillis" in tasks;
  if (isColumns) return new TaskBatch(packColumns(tasks), () => undefined);
  if (!Array.isArray(tasks)) {
    throw wrongKind(
      "tasks",
      tasks,
      "a list (array) of tasks, columns (an object with cpusMillis) or what prepareTasks gave",
    );
  }
  return new TaskBatch(packObjects(tasks), (task) => tasks[task]?.id);
}

function packObjects(tasks: readonly TaskSpec[]): Packed {
  const packer = new Packer(tasks.length);
  for (let i = 0; i < tasks.length; i++) {
    const task = tasks[i]!;
    checkTask(task, i);
    if (task.id !== undefined && typeof task.id !== "string") {
      throw wrongKind(`tasks[${i}].id`, task.id, "a text");
    }
    const { cpusMillis = 0, memMillis = 0, diskMillis = 0, gpuMillis = 0 } = task;
    checkAmounts(i, cpusMillis, memMillis, diskMillis, gpuMillis);
    const hasRule =
      task.group !== undefined || task.constraints !== undefined || task.gpuModels !== undefined;
    const rule = hasRule ? packer.rule(task, i) : -1;
    packer.add(i, cpusMillis, memMillis, diskMillis, gpuMillis, rule);
  }
  return packer.finish();
}

/** Keys are counted, and only looked at where there are more than are known. */
function checkTask(task: TaskSpec, i: number): void {
  if (typeof task === "object" && task !== null) {
    let keys = 0;
    for (const _ in task) keys++;
    if (keys > 0 && keys === countKnown(task)) return;
  }
  requireKeys(task, `tasks[${i}]`, TASK_KEYS);
}

function countKnown(task: TaskSpec): number {
  return (
    (task.id === undefined ? 0 : 1) +
    (task.cpusMillis === undefined ? 0 : 1) +
    (task.memMillis === undefined ? 0 : 1) +
    (task.diskMillis === undefined ? 0 : 1) +
    (task.gpuMillis === undefined ? 0 : 1) +
    (task.group === undefined ? 0 : 1) +
    (task.constraints === undefined ? 0 : 1) +
    (task.gpuModels === undefined ? 0 : 1)
  );
}

function packColumns(columns: TaskColumns): Packed {
  requireKeys(columns, "tasks", COLUMN_KEYS);
  const { cpusMillis, memMillis, diskMillis, gpuMillis, rule, rules = [] } = columns;
  requireColumn(cpusMillis, "cpusMillis");
  requireColumn(memMillis, "memMillis");
  const size = cpusMillis.length;
  for (const [name, column] of Object.entries({ memMillis, diskMillis, gpuMillis, rule })) {
    if (column !== undefined) requireColumn(column, name);
    if (column !== undefined && column.length !== size) {
      throw invalid(`${name}.length`, column.length, `${size}, as cpusMillis has`);
    }
  }
  const packer = new Packer(size);
  requireList(rules, "rules", "rules");
  for (const [i, each] of rules.entries()) requireKeys(each, `rules[${i}]`, RULE_KEYS);
  const known = rules.map((each, i) => packer.rule(each, i, "rules"));
  for (let i = 0; i < size; i++) {
    const cpus = cpusMillis[i]!;
    const mem = memMillis[i]!;
    const disk = diskMillis === undefined ? 0 : diskMillis[i]!;
    const gpu = gpuMillis === undefined ? 0 : gpuMillis[i]!;
    checkAmounts(i, cpus, mem, disk, gpu);
    const row = rule === undefined ? -1 : rule[i]!;
    const id = row === -1 ? -1 : known[row];
    if (id === undefined)
      throw invalid(`rule[${i}]`, row, `-1 or a row of rules (${rules.length})`);
    packer.add(i, cpus, mem, disk, gpu, id);
  }
  return packer.finish();
}

function requireColumn(column: ArrayLike<number>, name: string): void {
  const isColumn = typeof column === "object" && column !== null && Number.isInteger(column.length);
  if (isColumn && column.length >= 0) return;
  throw wrongKind(name, column, "an array of numbers, one a task");
}

function checkAmounts(i: number, cpus: number, mem: number, disk: number, gpu: number): void {
  if (isAmount(cpus) && isAmount(mem) && isAmount(disk) && isGpuMillis(gpu)) return;
  readAmount(cpus, `tasks[${i}].cpusMillis`);
  readAmount(mem, `tasks[${i}].memMillis`);
  readAmount(disk, `tasks[${i}].diskMillis`);
  readGpuMillis(gpu, `tasks[${i}].gpuMillis`);
}

function isAmount(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= AMOUNT_MAX;
}

/** A group's row and the row of its rule; what `Packer.rule` finds for a task. */
interface Known {
  readonly group: number;
  readonly rule: number;
}

/** Gives each task its class, by an open hash table over the classes. */
class Packer {
  readonly #classOf: Int32Array;
  #groupOf: Int32Array | undefined;
  #slots = new Int32Array(1_024).fill(-1);
  #amounts = new Float64Array(4 * 256);
  #ruleOf = new Int32Array(256);
  #count = new Int32Array(256);
  #classes = 0;
  readonly #rules: ReadRule[] = [];
  readonly #ruleByKey = new Map<string, number>();
  readonly #groups = new Map<string, number>();
  readonly #known: Known[] = [];
  readonly #knownByKey = new Map<string, number>();
  readonly #knownByGroup = new Map<string, number>();

  constructor(tasks: number) {
    if (tasks > TASKS_MAX) throw invalid("tasks.length", tasks, `at most ${TASKS_MAX}`);
    this.#classOf = new Int32Array(tasks);
  }

  /** Find or read a rule; the answer is good for `add`. */
  rule(rule: TaskRule, i: number, list = "tasks"): number {
    const isPlain = rule.constraints === undefined && rule.gpuModels === undefined;
    if (isPlain && typeof rule.group === "string") {
      const known = this.#knownByGroup.get(rule.group);
      if (known !== undefined) return known;
    }
    if (rule.group !== undefined && typeof rule.group !== "string") {
      throw wrongKind(`${list}[${i}].group`, rule.group, "a text that is not empty");
    }
    if (rule.constraints !== undefined) {
      requireList(rule.constraints, `${list}[${i}].constraints`, "constraints");
    }
    if (rule.gpuModels !== undefined) {
      requireList(rule.gpuModels, `${list}[${i}].gpuModels`, "GPU models");
    }
    const key = JSON.stringify([rule.group, rule.constraints, rule.gpuModels]);
    const known = this.#knownByKey.get(key);
    if (known !== undefined) return known;
    const id = this.#known.push(this.#read(rule, `${list}[${i}]`)) - 1;
    this.#knownByKey.set(key, id);
    if (isPlain && rule.group !== undefined) this.#knownByGroup.set(rule.group, id);
    return id;
  }

  add(i: number, cpus: number, mem: number, disk: number, gpu: number, known: number): void {
    let rule = -1;
    if (known >= 0) {
      const found = this.#known[known]!;
      rule = found.rule;
      if (found.group >= 0) {
        this.#groupOf ??= new Int32Array(this.#classOf.length).fill(-1);
        this.#groupOf[i] = found.group;
      }
    }
    const cls = this.#find(cpus, mem, disk, gpu, rule);
    this.#count[cls]!++;
    this.#classOf[i] = cls;
  }

  finish(): Packed {
    const column = (kind: number) => {
      const values = new Float64Array(this.#classes);
      for (let c = 0; c < this.#classes; c++) values[c] = this.#amounts[c * 4 + kind]!;
      return values;
    };
    return {
      classOf: this.#classOf,
      classes: {
        cpusMillis: column(0),
        memMillis: column(1),
        diskMillis: column(2),
        gpuMillis: column(3),
        rule: this.#ruleOf.slice(0, this.#classes),
        count: this.#count.slice(0, this.#classes),
      },
      rules: this.#rules,
      groupOf: this.#groupOf,
      groups: [...this.#groups.keys()],
    };
  }

  #find(cpus: number, mem: number, disk: number, gpu: number, rule: number): number {
    const mask = this.#slots.length - 1;
    let at = hash(cpus, mem, disk, gpu, rule) & mask;
    for (;;) {
      const cls = this.#slots[at]!;
      if (cls < 0) return this.#insert(at, cpus, mem, disk, gpu, rule);
      const row = cls * 4;
      if (
        this.#amounts[row] === cpus &&
        this.#amounts[row + 1] === mem &&
        this.#amounts[row + 2] === disk &&
        this.#amounts[row + 3] === gpu &&
        this.#ruleOf[cls] === rule
      ) {
        return cls;
      }
      at = (at + 1) & mask;
    }
  }

  #insert(at: number, cpus: number, mem: number, disk: number, gpu: number, rule: number): number {
    const cls = this.#classes++;
    this.#slots[at] = cls;
    this.#amounts.set([cpus, mem, disk, gpu], cls * 4);
    this.#ruleOf[cls] = rule;
    if (this.#classes === this.#ruleOf.length) this.#grow();
    return cls;
  }

  #grow(): void {
    const capacity = this.#ruleOf.length * 2;
    this.#amounts = widened(this.#amounts, new Float64Array(capacity * 4));
    this.#ruleOf = widened(this.#ruleOf, new Int32Array(capacity));
    this.#count = widened(this.#count, new Int32Array(capacity));
    this.#slots = new Int32Array(capacity * 4).fill(-1);
    const mask = this.#slots.length - 1;
    for (let cls = 0; cls < this.#classes; cls++) {
      const [cpus, mem, disk, gpu] = this.#amounts.subarray(cls * 4, cls * 4 + 4);
      let at = hash(cpus!, mem!, disk!, gpu!, this.#ruleOf[cls]!) & mask;
      while (this.#slots[at]! >= 0) at = (at + 1) & mask;
      this.#slots[at] = cls;
    }
  }

  #read(rule: TaskRule, where: string): Known {
    const { group, gpuModels, constraints = [] } = rule;
    if (group === "") {
      throw invalid(`${where}.group`, group, "a text that is not empty");
    }
    if (constraints.length > CONSTRAINTS_MAX) {
      throw invalid(
        `${where}.constraints.length`,
        constraints.length,
        `at most ${CONSTRAINTS_MAX}`,
      );
    }
    if (gpuModels?.length === 0) {
      throw invalid(`${where}.gpuModels`, "[]", "a list of at least one model");
    }
    readModels(gpuModels, `${where}.gpuModels`);
    const read = Array.from(constraints, (each, c) => {
      requireKeys(each, `${where}.constraints[${c}]`, CONSTRAINT_KEYS);
      return readConstraint(each, `${where}.constraints[${c}]`);
    });
    const counts = read.some(isCounting);
    if (counts && group === undefined) {
      throw invalid(
        `${where}.group`,
        group,
        "given, for a constraint counts the group's instances",
      );
    }
    const groupRow = group === undefined ? -1 : intern(this.#groups, group);
    if (read.length === 0 && gpuModels === undefined) return { group: groupRow, rule: -1 };
    const key = JSON.stringify([counts ? group : null, constraints, gpuModels]);
    const found = this.#ruleByKey.get(key);
    if (found !== undefined) return { group: groupRow, rule: found };
    const row = this.#rules.push({
      constraints: read,
      gpuModels,
      group: counts ? group : undefined,
    });
    this.#ruleByKey.set(key, row - 1);
    return { group: groupRow, rule: row - 1 };
  }
}

/** Does the constraint count instances? */
export function isCounting(constraint: ReadConstraint): constraint is CountingConstraint {
  return constraint.kind !== "equals" && constraint.kind !== "matches";
}

function intern(rows: Map<string, number>, name: string): number {
  let row = rows.get(name);
  if (row === undefined) {
    row = rows.size;
    rows.set(name, row);
  }
  return row;
}

function widened<A extends Float64Array | Int32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}

function hash(cpus: number, mem: number, disk: number, gpu: number, rule: number): number {
  let word = Math.imul(cpus | 0, 0x9e3779b1) ^ Math.imul(mem | 0, 0x85ebca77);
  word = Math.imul(word ^ (word >>> 15), 0xc2b2ae3d) ^ Math.imul(disk | 0, 0x27d4eb2f);
  word = Math.imul(word ^ (word >>> 13), 0x165667b1) ^ Math.imul(gpu + rule * 16_411, 0x9e3779b1);
  word = Math.imul(word ^ (word >>> 16), 0x85ebca77);
  return word ^ (word >>> 14);
}
