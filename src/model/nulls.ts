import { FairleadError } from "../base/mod.ts";

/** How deep JSON may nest: far beyond any call, far below what breaks a stack. */
const DEPTH_MAX = 64;

/**
 * The same JSON without `null`s: clients write `null` for fields that they do not set, and for
 * members of lists; both mean absent. What has none comes back as it is.
 *
 * @throws {FairleadError} `invalid_call` when it nests deeper than 64 levels.
 */
export function dropNulls(json: unknown, depth = 0): unknown {
  if (typeof json !== "object" || json === null) return json;
  if (depth > DEPTH_MAX) {
    throw new FairleadError("invalid_call", `Cannot read JSON: it nests deeper than ${DEPTH_MAX}`, {
      details: { depthMax: DEPTH_MAX },
    });
  }
  return Array.isArray(json) ? dropFromList(json, depth) : dropFromObject(json, depth);
}

function dropFromList(json: readonly unknown[], depth: number): unknown[] {
  const kept: unknown[] = [];
  for (const item of json) if (item !== null) kept.push(dropNulls(item, depth + 1));
  return kept;
}

function dropFromObject(json: object, depth: number): unknown {
  const kept: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(json)) {
    if (value === null || value === undefined || key === "__proto__") continue;
    kept[key] = dropNulls(value, depth + 1);
  }
  return kept;
}
