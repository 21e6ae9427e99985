import { Quantities, type Resources } from "../../../src/resources/mod.ts";

/** Thousandths by kind; a kind that is not named has 0. */
export type Amounts = Map<string, number>;

/** The thousandths of a kind. */
export function amountOf(amounts: Amounts, kind: string): number {
  return amounts.get(kind) ?? 0;
}

/** Add to one kind, in place; an amount that comes to 0 is not kept. */
export function addAmount(amounts: Amounts, kind: string, millis: number): void {
  const sum = amountOf(amounts, kind) + millis;
  if (sum === 0) amounts.delete(kind);
  else amounts.set(kind, sum);
}

/** Add all of `other`, `factor` times, in place. */
export function addAmounts(amounts: Amounts, other: Amounts, factor = 1): void {
  for (const [kind, millis] of other) addAmount(amounts, kind, factor * millis);
}

/** Whether there is at least as much of every kind as in `other`. */
export function containsAmounts(amounts: Amounts, other: Amounts): boolean {
  for (const [kind, millis] of other) if (amountOf(amounts, kind) < millis) return false;
  return true;
}

/** Whether there is something of some kind. */
export function hasSomething(amounts: Amounts): boolean {
  for (const millis of amounts.values()) if (millis > 0) return true;
  return false;
}

/** Resources as amounts; a shared volume counts once. */
export function amountsOf(resources: Resources): Amounts {
  return new Map(resources.quantities());
}

/** Amounts as the immutable value of the public API. */
export function toQuantities(amounts: Amounts): Quantities {
  return Quantities.ofMillis(amounts);
}
