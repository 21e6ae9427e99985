import { invalidResource } from "./resource.ts";
import { toMillis } from "./value.ts";

const DECIMAL = /^\d+(\.\d*)?(e[+-]?\d+)?$/i;

/**
 * Read a decimal number as thousandths, rounded to three decimals.
 *
 * @throws {FairleadError} `invalid_resource` unless it is a decimal number in bounds.
 */
export function parseScalar(text: string, name: string): number {
  if (DECIMAL.test(text)) return toMillis(Number(text), name);
  if (/^-\s*[\d.]/.test(text)) return toMillis(Number(text.replace(/\s/g, "")), name);
  const fault = `${JSON.stringify(text)} is none of a number, [ranges] or {a set}`;
  throw invalidResource(name, fault, { value: text });
}

/** Thousandths as a decimal number without needless zeros: 1_500 is "1.5". */
export function formatMillis(millis: number): string {
  const units = Math.floor(millis / 1000);
  const rest = millis - units * 1000;
  if (rest === 0) return String(units);
  return `${units}.${String(rest).padStart(3, "0").replace(/0+$/, "")}`;
}
