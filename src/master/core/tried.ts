/** Refusals of what lies below, as sentences. */
import { FairleadError } from "../../base/mod.ts";

/** What is wrong, where somebody below refuses; undefined when nobody does. */
export function tried(act: () => void): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (!(error instanceof FairleadError)) throw error;
    return error.message;
  }
}
