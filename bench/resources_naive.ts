/**
 * The resource algebra as one writes it first: arrays of Mesos' JSON objects, identity by
 * JSON.stringify, floats rounded to thousandths, copies by JSON. The contender to beat.
 */

interface Range {
  begin: number;
  end: number;
}

/** One resource in the shape of Mesos' v1 JSON. */
export interface JsonResource {
  name: string;
  role: string;
  type: "SCALAR" | "RANGES";
  scalar?: { value: number };
  ranges?: { range: Range[] };
}

/** Read `cpus(role):2;ports:[1-5,7-9]`. */
export function parse(text: string): JsonResource[] {
  return text.split(";").map((item) => {
    const [, name = "", role = "*", value = ""] = /^(\w+)(?:\((.+)\))?:(.*)$/.exec(item) ?? [];
    if (!value.startsWith("[")) {
      return { name, role, type: "SCALAR", scalar: { value: Number(value) } };
    }
    const range = value
      .slice(1, -1)
      .split(",")
      .map((part) => part.split("-").map(Number))
      .map(([begin = 0, end = 0]) => ({ begin, end }));
    return { name, role, type: "RANGES", ranges: { range } };
  });
}

/** The sum, resource by resource. */
export function add(a: readonly JsonResource[], b: readonly JsonResource[]): JsonResource[] {
  const sum = copy(a);
  for (const each of copy(b)) {
    const same = sum.find((other) => identity(other) === identity(each));
    if (same === undefined) sum.push(each);
    else if (same.scalar && each.scalar) {
      same.scalar.value = round(same.scalar.value + each.scalar.value);
    } else if (same.ranges && each.ranges) {
      same.ranges.range = unite([...same.ranges.range, ...each.ranges.range]);
    }
  }
  return sum;
}

/** The difference; `b` must be in `a`. */
export function subtract(a: readonly JsonResource[], b: readonly JsonResource[]): JsonResource[] {
  const rest = copy(a);
  for (const each of b) {
    const same = rest.find((other) => identity(other) === identity(each));
    if (same?.scalar && each.scalar) {
      same.scalar.value = round(same.scalar.value - each.scalar.value);
    } else if (same?.ranges && each.ranges) {
      for (const taken of each.ranges.range) {
        same.ranges.range = same.ranges.range.flatMap((range) => without(range, taken));
      }
    }
  }
  return rest.filter((each) => amount(each) > 0);
}

/** Is all of `b` in `a`? */
export function contains(a: readonly JsonResource[], b: readonly JsonResource[]): boolean {
  return b.every((each) => {
    const same = a.find((other) => identity(other) === identity(each));
    if (same?.scalar && each.scalar) return same.scalar.value >= each.scalar.value;
    return each.ranges?.range.every((inner) =>
      same?.ranges?.range.some((outer) => outer.begin <= inner.begin && inner.end <= outer.end),
    );
  });
}

/** Amounts by kind. */
export function quantities(all: readonly JsonResource[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const each of all) sums[each.name] = round((sums[each.name] ?? 0) + amount(each));
  return sums;
}

function identity({ scalar: _scalar, ranges: _ranges, ...rest }: JsonResource): string {
  return JSON.stringify(rest);
}

function copy(all: readonly JsonResource[]): JsonResource[] {
  const copied: JsonResource[] = JSON.parse(JSON.stringify(all));
  return copied;
}

function amount({ scalar, ranges }: JsonResource): number {
  if (scalar) return scalar.value;
  return (ranges?.range ?? []).reduce((sum, { begin, end }) => sum + end - begin + 1, 0);
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

function unite(ranges: Range[]): Range[] {
  const united: Range[] = [];
  for (const range of ranges.sort((a, b) => a.begin - b.begin)) {
    const last = united.at(-1);
    if (last !== undefined && range.begin <= last.end + 1) last.end = Math.max(last.end, range.end);
    else united.push({ ...range });
  }
  return united;
}

function without({ begin, end }: Range, taken: Range): Range[] {
  const parts = [
    { begin, end: Math.min(end, taken.begin - 1) },
    { begin: Math.max(begin, taken.end + 1), end },
  ];
  return parts.filter((part) => part.begin <= part.end);
}
