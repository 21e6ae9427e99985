import type { Sequence } from "./events.ts";

/** Sequences that failed once, each with what was wrong then. */
export const regressions: readonly (Sequence & { readonly fix: string })[] = [];
