/** From the JSON of ACLs to rules: checked, one list an action. */
import * as z from "zod/mini";
import english from "zod/v4/locales/en.js";
import { FairleadError } from "../../base/mod.ts";
import { ACL_OBJECTS } from "./actions.ts";

/** Who, or what: some that are named, anybody, or nobody. */
export interface Entity {
  readonly type: "SOME" | "ANY" | "NONE";
  readonly values: readonly string[];
}

/** Whoever is one of the subjects may do it to the objects. */
export interface Rule {
  readonly subjects: Entity;
  readonly objects: Entity;
}

/** ACLs after reading. */
export interface Rules {
  /** What holds when no rule matches. */
  readonly permissive: boolean;
  readonly byAction: ReadonlyMap<string, readonly Rule[]>;
}

const entity = () =>
  z.strictObject({
    type: z._default(z.enum(["SOME", "ANY", "NONE"]), "SOME"),
    values: z._default(z.array(z.string()), []),
  });

/**
 * Read ACLs in Mesos' JSON.
 *
 * An action or field that is not known is refused: a rule that says nothing because of a slip of
 * the pen would open what it was to close.
 *
 * @throws {FairleadError} `invalid_acl`; the message names the field and what is allowed.
 */
export function readRules(json: unknown): Rules {
  const { permissive = true, ...lists } = read(z.record(z.string(), z.unknown()), json, []);
  const byAction = new Map<string, readonly Rule[]>();
  for (const [action, list] of Object.entries(lists)) {
    byAction.set(action, readList(action, list));
  }
  return { permissive: read(z.boolean(), permissive, ["permissive"]), byAction };
}

function readList(action: string, json: unknown): Rule[] {
  const objects = new Map<string, string>(Object.entries(ACL_OBJECTS)).get(action);
  if (objects === undefined) throw invalid([action], "no such action");
  const rule = z.strictObject({ principals: entity(), [objects]: entity() });
  return read(z.array(rule), json, [action]).map((fields) => ({
    subjects: fields.principals ?? NOBODY,
    objects: fields[objects] ?? NOBODY,
  }));
}

const NOBODY: Entity = { type: "NONE", values: [] };

function read<T extends z.ZodMiniType>(
  schema: T,
  json: unknown,
  above: readonly PropertyKey[],
): z.output<T> {
  const result = schema.safeParse(json, { error: english().localeError });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw invalid(
    [...above, ...(issue?.path ?? [])],
    issue?.message ?? "not understood",
    result.error,
  );
}

function invalid(path: readonly PropertyKey[], fault: string, cause?: unknown): FairleadError {
  const field = path.map(String).join(".") || "the whole";
  return new FairleadError("invalid_acl", `Cannot read ACLs: ${field}: ${fault}`, {
    cause,
    details: { field },
  });
}
