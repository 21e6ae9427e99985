/** Constraints that count instances: bits over agents, kept true as tasks are placed. */
import type { AttributeColumn } from "./agents.ts";
import { isCounting, type ReadRule } from "./batch.ts";
import type { CountingConstraint } from "./constraint.ts";
import { hasRow, intersect, type Mask, type MaskCache, setRow } from "./mask.ts";

/** How many instances of a group are on each row. */
export type GroupCounts = ReadonlyMap<number, number>;

/**
 * One counting constraint over the agents of now and the instances so far.
 *
 * A value of the attribute is open when an instance may be added on its rows. Adding one opens and
 * closes values one by one, so that it costs the rows of those values and not all.
 */
export class Counter {
  /** The rows of open values. */
  readonly mask: Mask;
  readonly #constraint: CountingConstraint;
  readonly #column: AttributeColumn;
  readonly #counts: Int32Array;
  readonly #isOpen: Uint8Array;
  /** Values that an instance could be the first on; only `group_by` asks. */
  readonly #isKnown: Uint8Array;
  #openCount = 0;

  /** @param known The rows that the rule's other constraints let through. */
  constructor(
    constraint: CountingConstraint,
    masks: MaskCache,
    known: Mask,
    instances: GroupCounts,
  ) {
    this.#constraint = constraint;
    this.#column = masks.table.attribute(constraint.field);
    const { values, of } = this.#column;
    this.#counts = new Int32Array(values.length);
    this.#isOpen = new Uint8Array(values.length).fill(1);
    this.#openCount = values.length;
    this.#isKnown = new Uint8Array(constraint.kind === "group_by" ? values.length : 0);
    this.mask = masks.present(constraint.field).slice();
    for (let row = 0; row < of.length && this.#isKnown.length > 0; row++) {
      if (of[row]! >= 0 && hasRow(known, row)) this.#isKnown[of[row]!] = 1;
    }
    for (const [row, count] of instances) {
      const value = of[row] ?? -1;
      if (value >= 0) this.#counts[value]! += count;
    }
    if (constraint.kind === "group_by" || instances.size > 0) this.#openAll();
  }

  /** Count one more instance on the row. */
  add(row: number): void {
    const value = this.#column.of[row]!;
    if (value < 0) return;
    const count = ++this.#counts[value]!;
    const { kind, limit } = this.#constraint;
    if (kind === "max_per") {
      if (count >= limit) this.#set(value, false);
    } else if (kind === "group_by" && this.#isOpen[value] === 1 && (limit === 0 || count > 1)) {
      this.#set(value, false);
      if (this.#openCount === 0) this.#openAll();
    } else if (kind === "group_by" || count === 1) this.#openAll();
  }

  /** Decide of every value anew whether it is open. */
  #openAll(): void {
    const { kind, limit } = this.#constraint;
    const counts = this.#counts;
    let used = 0;
    for (const count of counts) if (count > 0) used++;
    const mayUseMore = limit === 0 || used < limit;
    const isCandidate = (value: number) =>
      counts[value]! > 0 || (mayUseMore && this.#isKnown[value] === 1);
    let least = Infinity;
    for (let value = 0; value < counts.length && kind === "group_by"; value++) {
      if (isCandidate(value)) least = Math.min(least, counts[value]!);
    }
    for (let value = 0; value < counts.length; value++) {
      const count = counts[value]!;
      if (kind === "max_per") this.#set(value, count < limit);
      else if (kind === "cluster") this.#set(value, used === 0 || count > 0);
      else this.#set(value, isCandidate(value) && count === least);
    }
  }

  #set(value: number, isOpen: boolean): void {
    if ((this.#isOpen[value] === 1) === isOpen) return;
    this.#isOpen[value] = isOpen ? 1 : 0;
    this.#openCount += isOpen ? 1 : -1;
    const { start, rows } = this.#column;
    for (let at = start[value]!; at < start[value + 1]!; at++) {
      setRow(this.mask, rows[at]!, isOpen);
    }
  }
}

/** The mask of a rule that counts, kept true while tasks of its group are placed. */
export class CountingMask {
  readonly #counters: readonly Counter[];
  readonly #static: Mask;
  readonly #mask: Mask;

  /** @param mask Where the kernel reads the bits. */
  constructor(rule: ReadRule, masks: MaskCache, instances: GroupCounts, mask: Mask) {
    this.#static = masks.rule(rule);
    this.#mask = mask;
    this.#counters = rule.constraints
      .filter(isCounting)
      .map((constraint) => new Counter(constraint, masks, this.#static, instances));
    this.#write();
  }

  /** Count a task of the group that was placed on the row. */
  add(row: number): void {
    for (const counter of this.#counters) counter.add(row);
    this.#write();
  }

  #write(): void {
    this.#mask.set(this.#static);
    for (const counter of this.#counters) intersect(this.#mask, counter.mask);
  }
}
