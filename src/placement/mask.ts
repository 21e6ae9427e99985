/** Constraints as bits over agents: which rows each lets through, whatever is placed. */
import type { AgentTable } from "./agents.ts";
import { isCounting, type ReadRule } from "./batch.ts";
import type { ReadConstraint } from "./constraint.ts";
import { wordsOf } from "./kernel/layout.ts";

/** A bit for each row: may the agent be used? */
export type Mask = Uint32Array<ArrayBuffer>;

/** The masks of one moment: each is made once, however many rules ask for it. Not to be changed. */
export class MaskCache {
  readonly table: AgentTable;
  readonly #masks = new Map<string, Mask>();

  constructor(table: AgentTable) {
    this.table = table;
  }

  /** The rows that the constraint lets through. Patterns run once a value. */
  constraint(constraint: ReadConstraint): Mask {
    return this.#once(`constraint ${constraint.text}`, () => {
      const { values, of } = this.table.attribute(constraint.field);
      const isIn = values.map((value) => admitsValue(constraint, value));
      const isMissingIn = constraint.kind === "matches" && !constraint.isWanted;
      return maskWhere(of, (value) => (value < 0 ? isMissingIn : isIn[value]!));
    });
  }

  /** The rows whose agents have the attribute. */
  present(field: string): Mask {
    return this.#once(`present ${field}`, () =>
      maskWhere(this.table.attribute(field).of, (value) => value >= 0),
    );
  }

  /** The rows whose GPUs are of one of the models. */
  models(models: readonly string[]): Mask {
    return this.#once(`models ${JSON.stringify(models)}`, () => {
      const isIn = this.table.models.map((model) => models.includes(model));
      const of = this.table.columns.model.subarray(0, this.table.size);
      return maskWhere(of, (model) => isIn[model]!);
    });
  }

  /** What of a rule does not depend on instances; the caller may change it. */
  rule(rule: ReadRule): Mask {
    const mask = new Uint32Array(wordsOf(this.table.size)).fill(0xffffffff);
    for (const constraint of rule.constraints) {
      if (!isCounting(constraint)) intersect(mask, this.constraint(constraint));
    }
    if (rule.gpuModels !== undefined) intersect(mask, this.models(rule.gpuModels));
    return mask;
  }

  #once(key: string, make: () => Mask): Mask {
    const made = this.#masks.get(key) ?? make();
    this.#masks.set(key, made);
    return made;
  }
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
    if (isIn(of[row]!)) setRow(mask, row, true);
  }
  return mask;
}

/** Keep the bits that both have. */
export function intersect(mask: Mask, other: Mask): void {
  for (let word = 0; word < mask.length; word++) mask[word]! &= other[word]!;
}

/** Is the row's bit set? */
export function hasRow(mask: Mask, row: number): boolean {
  return ((mask[row >>> 5]! >>> (row & 31)) & 1) === 1;
}

/** Set or clear the row's bit. */
export function setRow(mask: Mask, row: number, isIn: boolean): void {
  const bit = 1 << (row & 31);
  mask[row >>> 5] = isIn ? mask[row >>> 5]! | bit : mask[row >>> 5]! & ~bit;
}
