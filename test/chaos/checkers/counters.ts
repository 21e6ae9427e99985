/** C6: counters by compare-and-set are exact. */
import type { Call, Violation } from "../history.ts";

const violation = (message: string): Violation => ({ checker: "C6", message });

interface Increment {
  readonly value: number;
  readonly calledMs: number;
  readonly answeredMs: number;
}

/**
 * C6: the increments that were done, told or found out, are 1, 2, 3 … up to what the counter has:
 * none lost, none twice; and one that was answered before another was asked for has the lower
 * value. That makes the counter's history linearizable, for its values are all different.
 *
 * @param finals What each counter has at the end.
 */
export function checkCounters(
  calls: readonly Call[],
  finals: ReadonlyMap<string, number>,
): Violation[] {
  return [...finals].flatMap(([path, final]) => {
    const done = calls.flatMap(({ kind, outcome, isDone, writes, calledMs, answeredMs }) => {
      if (kind !== "increment" || !(outcome === "ok" || isDone === true)) return [];
      const text = writes.find((write) => write.path === path)?.text;
      return text === undefined
        ? []
        : [{ value: Number(text.split(" ")[0]), calledMs, answeredMs }];
    });
    return [...checkValues(path, done, final), ...checkOrder(path, done)];
  });
}

function checkValues(path: string, done: readonly Increment[], final: number): Violation[] {
  const values = done.map(({ value }) => value).toSorted((one, other) => one - other);
  const wrong = values.findIndex((value, index) => value !== index + 1);
  if (wrong >= 0) {
    return [violation(`${path}: increment ${wrong + 1} of those done made it ${values[wrong]}`)];
  }
  if (values.length === final) return [];
  return [violation(`${path} is ${final}, and ${values.length} increments were done`)];
}

function checkOrder(path: string, done: readonly Increment[]): Violation[] {
  const byValue = done.toSorted((one, other) => one.value - other.value);
  let latestCallMs = 0;
  return byValue.flatMap(({ value, calledMs, answeredMs }) => {
    const isLate = answeredMs < latestCallMs;
    latestCallMs = Math.max(latestCallMs, calledMs);
    return isLate ? [violation(`${path}: ${value} was answered before a lower one was asked`)] : [];
  });
}
