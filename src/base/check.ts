import { FairleadError } from "./error.ts";

/** The allowed range of a number; both ends belong to it. */
export interface NumberBounds {
  readonly min: number;
  readonly max: number;
}

/**
 * Return `value` if it is a finite number within the bounds.
 *
 * For the few options of this layer, where a schema library would weigh more than what it checks.
 *
 * @throws {FairleadError} `invalid_option`; the message names the field and the allowed range.
 */
export function requireNumber(field: string, value: number, { min, max }: NumberBounds): number {
  if (Number.isFinite(value) && value >= min && value <= max) return value;
  throw outOfRange(field, value, "a number", { min, max });
}

/**
 * Return `value` if it is an integer within the bounds.
 *
 * @throws {FairleadError} `invalid_option`; the message names the field and the allowed range.
 */
export function requireInteger(field: string, value: number, { min, max }: NumberBounds): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw outOfRange(field, value, "an integer", { min, max });
}

function outOfRange(field: string, value: number, kind: string, { min, max }: NumberBounds) {
  return new FairleadError(
    "invalid_option",
    `Cannot use ${field} = ${value}: it must be ${kind} from ${min} to ${max}`,
    { details: { field, value, min, max } },
  );
}
