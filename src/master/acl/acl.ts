import { ACL_OBJECTS } from "./actions.ts";
import { type Entity, type Rule, type Rules, readRules } from "./rules.ts";

/** Answers whether somebody may do something. */
export interface Acl {
  /**
   * Whether a principal may do something to an object; undefined principals are those who did not
   * authenticate, undefined objects are all of them. What is no action is allowed to nobody.
   *
   * Cost: as many set look-ups as there are rules for the principal and the action.
   */
  readonly allows: (principal: string | undefined, action: string, object?: string) => boolean;
}

/**
 * Make the rules of Mesos' ACLs askable.
 *
 * The first rule that matches both who and what decides; without one, `permissive` does. Roles that
 * end in "/%" stand for everything below: "eng/%" for "eng/web" and "eng/web/eu", not for "eng".
 *
 * @param json Mesos' JSON: `{ "permissive": false, "run_tasks": [{ "principals": …, "users": … }] }`.
 * @throws {FairleadError} `invalid_acl`; the message names the field and what is allowed.
 */
export function acl(json: unknown): Acl {
  const table = new Table(readRules(json));
  return { allows: (principal, action, object) => table.allows(principal, action, object) };
}

/** How many principals are remembered before all are forgotten. */
const PRINCIPALS_MAX = 1_000;

/** A rule as far as one principal sees it: what it matches, and what then holds. */
interface Answer {
  readonly objects: Matcher;
  readonly allowed: boolean;
}

interface Compiled {
  readonly subjects: Matcher;
  readonly answer: Answer;
}

class Table {
  readonly #permissive: boolean;
  readonly #rules = new Map<string, readonly Compiled[]>();
  /** By principal, then by action; the empty text is nobody in particular. */
  readonly #answers = new Map<string | undefined, Map<string, readonly Answer[]>>();

  constructor({ permissive, byAction }: Rules) {
    this.#permissive = permissive;
    for (const [action, objects] of Object.entries(ACL_OBJECTS)) {
      const rules = byAction.get(action) ?? [];
      this.#rules.set(
        action,
        rules.map((rule) => compile(rule, objects === "roles")),
      );
    }
  }

  allows(principal: string | undefined, action: string, object: string | undefined): boolean {
    const answers = this.#answersOf(principal, action);
    if (answers === undefined) return false;
    for (const { objects, allowed } of answers) {
      if (objects.matches(object)) return allowed;
    }
    return this.#permissive;
  }

  #answersOf(principal: string | undefined, action: string): readonly Answer[] | undefined {
    const known = this.#answers.get(principal)?.get(action);
    if (known !== undefined) return known;
    const rules = this.#rules.get(action);
    if (rules === undefined) return undefined;
    const answers = rules
      .filter(({ subjects }) => subjects.matches(principal))
      .map(({ answer }) => answer);
    this.#remember(principal).set(action, answers);
    return answers;
  }

  #remember(principal: string | undefined): Map<string, readonly Answer[]> {
    const known = this.#answers.get(principal);
    if (known !== undefined) return known;
    if (this.#answers.size >= PRINCIPALS_MAX) this.#answers.clear();
    const made = new Map<string, readonly Answer[]>();
    this.#answers.set(principal, made);
    return made;
  }
}

function compile({ subjects, objects }: Rule, nested: boolean): Compiled {
  return {
    subjects: new Matcher(subjects, false),
    answer: {
      objects: new Matcher(objects, nested),
      // ANY and NONE match everything; whatever matches NONE is not allowed.
      allowed: subjects.type !== "NONE" && objects.type !== "NONE",
    },
  };
}

/** Whether a name is one of those that an entity stands for. */
class Matcher {
  readonly #all: boolean;
  readonly #names: ReadonlySet<string>;
  /** What names begin with that lie below: "eng/" for "eng/%". */
  readonly #prefixes: readonly string[];

  constructor({ type, values }: Entity, nested: boolean) {
    const below = nested ? values.filter((value) => value.endsWith("/%")) : [];
    this.#all = type !== "SOME";
    this.#names = new Set(nested ? values.filter((value) => !value.endsWith("/%")) : values);
    this.#prefixes = below.map((value) => value.slice(0, -1));
  }

  /** Undefined stands for all names: only what matches all of them matches it. */
  matches(name: string | undefined): boolean {
    if (this.#all) return true;
    if (name === undefined) return false;
    return this.#names.has(name) || this.#prefixes.some((prefix) => name.startsWith(prefix));
  }
}
