/** Which controls there are, which of them may be used, and who used them. */
import { FairleadError } from "../../base/mod.ts";
import type { Control } from "../../topology/mod.ts";
import type { ControlCounts } from "../metrics.ts";
import type { ControlAnswer, ControlCall, ControlContext, ControlHandler } from "./call.ts";

/** A control and what it does; one without `control` is called by programs only (a resize). */
export interface ControlEntry {
  readonly id: string;
  readonly control?: Omit<Control, "id">;
  readonly handler: ControlHandler;
  /** The control with which this one is allowed. @default itself */
  readonly allowedWith?: string;
}

/** A line of the audit: one for each call, whatever became of it. */
export interface ControlAudit {
  readonly call: ControlCall;
  readonly outcome: keyof ControlCounts;
  readonly error?: string;
}

/** Options of {@linkcode ControlRegistry}. */
export interface ControlRegistryOptions {
  /** Ids of the controls that may be used; `*` for all. @default none */
  readonly allowed?: readonly string[];
  /** Told of each call, after it. */
  onCall?(audit: ControlAudit): void;
}

const ALL = "*";
/** Names that nobody registered are counted together: callers choose them. */
const UNKNOWN = "unknown";

/** Nothing is done that was not allowed by name. */
export class ControlRegistry {
  readonly #allowed: ReadonlySet<string>;
  readonly #onCall: (audit: ControlAudit) => void;
  readonly #entries = new Map<string, ControlEntry>();
  readonly #counts = new Map<string, { done: number; failed: number; refused: number }>();

  constructor({ allowed = [], onCall = () => {} }: ControlRegistryOptions = {}) {
    this.#allowed = new Set(allowed);
    this.#onCall = onCall;
  }

  /** How calls went, by control. */
  get counts(): ReadonlyMap<string, ControlCounts> {
    return this.#counts;
  }

  /** Whether anything may be used at all. */
  get isOpen(): boolean {
    return [...this.#entries.values()].some((entry) => this.#mayUse(entry));
  }

  /** Make a control known; one of the same id is replaced. */
  add(entry: ControlEntry): void {
    this.#entries.set(entry.id, entry);
    if (this.#mayUse(entry)) this.#countOf(entry.id);
  }

  /** Forget a control. */
  delete(id: string): void {
    this.#entries.delete(id);
  }

  /** The controls that may be used, as reports have them. */
  controls(ids: readonly string[]): ReadonlyMap<string, Control> {
    const found = new Map<string, Control>();
    for (const id of ids) {
      const entry = this.#entries.get(id);
      if (entry?.control !== undefined && this.#mayUse(entry)) {
        found.set(id, { id, ...entry.control });
      }
    }
    return found;
  }

  /** Do what is asked for, if it may be done; it never rejects. */
  async call(call: ControlCall, context: ControlContext): Promise<ControlAnswer> {
    const entry = this.#entries.get(call.control);
    if (entry === undefined) {
      const error = `Control ${JSON.stringify(call.control)} not recognised`;
      return this.#end(UNKNOWN, { call, outcome: "refused", error });
    }
    if (!this.#mayUse(entry)) {
      const { message } = refused(call.control);
      return this.#end(entry.id, { call, outcome: "refused", error: message });
    }
    try {
      const answer = await entry.handler(call, context);
      const outcome = answer.error === undefined ? "done" : "failed";
      this.#end(entry.id, { call, outcome, ...errorOf(answer.error) });
      return answer;
    } catch (thrown) {
      const error = FairleadError.from(thrown).message;
      return this.#end(entry.id, { call, outcome: "failed", error });
    }
  }

  #mayUse({ id, allowedWith = id }: ControlEntry): boolean {
    return this.#allowed.has(ALL) || this.#allowed.has(allowedWith);
  }

  #end(id: string, audit: ControlAudit): ControlAnswer {
    this.#countOf(id)[audit.outcome] += 1;
    try {
      this.#onCall(audit);
    } catch {
      // What was done is done, also when it cannot be written down.
    }
    return errorOf(audit.error);
  }

  #countOf(id: string) {
    const known = this.#counts.get(id);
    if (known !== undefined) return known;
    const counts = { done: 0, failed: 0, refused: 0 };
    this.#counts.set(id, counts);
    return counts;
  }
}

function errorOf(error: string | undefined): { readonly error?: string } {
  return error === undefined ? {} : { error };
}

function refused(control: string): FairleadError {
  return new FairleadError(
    "control_refused",
    `Cannot run ${control}: this probe does not allow it`,
  );
}
