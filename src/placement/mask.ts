/** Constraints as bits over agents: which rows a rule lets through, kept true as tasks are placed. */
import type { AgentTable, AttributeColumn } from "./agents.ts";
import { isCounting, type ReadRule } from "./batch.ts";
import type { CountingConstraint, ReadConstraint } from "./constraint.ts";
import { wordsOf } from "./kernel/layout.ts";

/** A bit for each row: may the agent be used? */
export type Mask = Uint32Array<ArrayBuffer>;

/** How many instances of a group are on each row. */
export type GroupCounts = ReadonlyMap<number, number>;

/** The rows that the constraint lets through, whatever is placed. Patterns run once a value. */
export function staticMask(constraint: ReadConstraint, table: AgentTable): Mask {
  const { values, of } = table.attribute(constraint.field);
  const isIn = values.map((value) => admitsValue(constraint, value));
  const isMissingIn = constraint.kind === "matches" && !constraint.isWanted;
  return maskWhere(of, (value) => (value < 0 ? isMissingIn : isIn[value]!));
}

/** The rows whose GPUs are of one of the models. */
export function modelMask(models: readonly string[], table: AgentTable): Mask {
  const isIn = table.models.map((model) => models.includes(model));
  const of = table.columns.model.subarray(0, table.size);
  return maskWhere(of, (model) => isIn[model]!);
}

/** What of a rule does not depend on instances. */
export function staticRuleMask(rule: ReadRule, table: AgentTable): Mask {
  const mask = new Uint32Array(wordsOf(table.size)).fill(0xffffffff);
  for (const constraint of rule.constraints) {
    if (!isCounting(constraint)) intersect(mask, staticMask(constraint, table));
  }
  if (rule.gpuModels !== undefined) intersect(mask, modelMask(rule.gpuModels, table));
  return mask;
}

function admitsValue(constraint: ReadConstraint, value: string): boolean {
  switch (constraint.kind) {
    case "equals":
      return constraint.value === value;
    case "matches":
      return constraint.pattern.matches(value) === constraint.isWanted;
    default:
      return true;
  }
}

function maskWhere(of: Int32Array, isIn: (value: number) => boolean): Mask {
  const mask = new Uint32Array(wordsOf(of.length));
  for (let row = 0; row < of.length; row++) {
    if (isIn(of[row]!)) mask[row >>> 5]! |= 1 << (row & 31);
  }
  return mask;
}

function intersect(mask: Mask, other: Mask): void {
  for (let word = 0; word < mask.length; word++) mask[word]! &= other[word]!;
}

/** Is the row's bit set? */
export function hasRow(mask: Mask, row: number): boolean {
  return ((mask[row >>> 5]! >>> (row & 31)) & 1) === 1;
}

/** A counting constraint over the agents of now and the instances so far. */
export class Counter {
  readonly constraint: CountingConstraint;
  readonly #column: AttributeColumn;
  readonly #counts: Int32Array;
  /** Values that some agent has which the rule's other constraints let through. */
  readonly #isKnown: Uint8Array;

  constructor(constraint: CountingConstraint, table: AgentTable, known: Mask, counts: GroupCounts) {
    this.constraint = constraint;
    this.#column = table.attribute(constraint.field);
    const { values, of } = this.#column;
    this.#counts = new Int32Array(values.length);
    this.#isKnown = new Uint8Array(values.length);
    for (let row = 0; row < of.length; row++) {
      if (of[row]! >= 0 && hasRow(known, row)) this.#isKnown[of[row]!] = 1;
    }
    for (const [row, count] of counts) {
      const value = of[row] ?? -1;
      if (value >= 0) this.#counts[value]! += count;
    }
  }

  /** Count one more instance on the row. */
  add(row: number): void {
    const value = this.#column.of[row]!;
    if (value >= 0) this.#counts[value]!++;
  }

  /** For each value, may an instance be added? Agents without the attribute never qualify. */
  open(): boolean[] {
    const { kind, limit } = this.constraint;
    const counts = [...this.#counts];
    if (kind === "max_per") return counts.map((count) => count < limit);
    const used = counts.filter((count) => count > 0).length;
    if (kind === "cluster") return counts.map((count) => used === 0 || count > 0);
    const mayUseMore = limit === 0 || used < limit;
    const isCandidate = counts.map(
      (count, v) => count > 0 || (mayUseMore && this.#isKnown[v] === 1),
    );
    const least = counts.reduce(
      (min, count, value) => (isCandidate[value] ? Math.min(min, count) : min),
      Infinity,
    );
    return counts.map((count, value) => isCandidate[value]! && count === least);
  }

  /** The rows that the constraint lets through now. */
  mask(): Mask {
    const open = this.open();
    return maskWhere(this.#column.of, (value) => value >= 0 && open[value]!);
  }

  /** Does the number of instances on a value decide nothing about other values? */
  get isLocal(): boolean {
    return this.constraint.kind === "max_per";
  }

  /** After an instance on `row`: is its value full? */
  isFull(row: number): boolean {
    const value = this.#column.of[row]!;
    return value >= 0 && this.#counts[value]! >= this.constraint.limit;
  }

  /** Take the rows that share the row's value out of the mask. */
  close(row: number, mask: Mask): void {
    const { of } = this.#column;
    const value = of[row]!;
    for (let other = 0; other < of.length; other++) {
      if (of[other] === value) mask[other >>> 5]! &= ~(1 << (other & 31));
    }
  }
}

/** The mask of a rule that counts, kept true while tasks of its group are placed. */
export class CountingMask {
  readonly counters: readonly Counter[];
  readonly #static: Mask;
  readonly #mask: Mask;

  /** @param mask Where the kernel reads the bits. */
  constructor(rule: ReadRule, table: AgentTable, counts: GroupCounts, mask: Mask) {
    this.#static = staticRuleMask(rule, table);
    this.#mask = mask;
    this.counters = rule.constraints
      .filter(isCounting)
      .map((constraint) => new Counter(constraint, table, this.#static, counts));
    this.#rebuild();
  }

  /** Count a task of the group that was placed on the row. */
  add(row: number): void {
    for (const counter of this.counters) counter.add(row);
    if (!this.counters.every((counter) => counter.isLocal)) {
      this.#rebuild();
      return;
    }
    for (const counter of this.counters) {
      if (counter.isFull(row)) counter.close(row, this.#mask);
    }
  }

  #rebuild(): void {
    this.#mask.set(this.#static);
    for (const counter of this.counters) intersect(this.#mask, counter.mask());
  }
}
