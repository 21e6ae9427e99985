/** A log of every call an allocator was given, from which each of its decisions can be made again. */
import { FairleadError } from "../base/mod.ts";
import type { Allocation } from "./allocation.ts";
import { Allocator } from "./allocator.ts";
import { type AllocatorCall, applyCall } from "./calls.ts";
import { decode, encode } from "./codec.ts";
import type { AllocatorOptions } from "./options.ts";
import type { OfferHandle } from "./types.ts";

/** A call and when it was made. */
export interface JournalEntry {
  readonly atMs: number;
  readonly call: AllocatorCall;
}

const FORMAT = 1;
const ENTRIES_MAX = 1_000_000;

/** Options of a journal besides those of its allocator. */
export interface JournalOptions extends AllocatorOptions {
  /** A journal that is full refuses further calls. @default 1000000 */
  readonly entriesMax?: number;
}

/**
 * An allocator that is driven by calls as data and remembers them.
 *
 * `replay` makes the same calls at the same times: the same offers come out, on any runtime and
 * with either kernel. Calls that throw change nothing and are not kept.
 */
export class Journal {
  readonly allocator: Allocator;
  readonly #options: AllocatorOptions;
  /** As bytes, so that a spec changed later does not change what was said. */
  readonly #entries: Uint8Array[] = [];
  readonly #entriesMax: number;

  constructor({ entriesMax = ENTRIES_MAX, ...options }: JournalOptions = {}) {
    this.allocator = new Allocator(options);
    this.#options = options;
    if (!(entriesMax >= 1)) {
      throw new FairleadError(
        "invalid_argument",
        `Cannot keep ${entriesMax} calls: entriesMax must be a number from 1`,
        { details: { field: "entriesMax", value: entriesMax, min: 1 } },
      );
    }
    this.#entriesMax = entriesMax;
  }

  /** All calls, each read anew. */
  get entries(): readonly JournalEntry[] {
    return this.#entries.map((bytes) => readEntry(decode(bytes)));
  }

  /**
   * Make a call and keep it.
   *
   * @throws {FairleadError} what the call throws; `journal_full`.
   */
  apply(call: AllocatorCall): Allocation | OfferHandle[] | undefined {
    if (this.#entries.length >= this.#entriesMax) {
      throw new FairleadError(
        "journal_full",
        `Cannot keep another call: the journal holds ${this.#entries.length}`,
        { details: { entriesMax: this.#entriesMax } },
      );
    }
    const atMs = this.allocator.nowMs();
    const kept = encode({ atMs, call });
    const result = applyCall(this.allocator, call);
    this.#entries.push(kept);
    return result;
  }

  /** The options and all calls as bytes. */
  toBytes(): Uint8Array {
    const { clock: _, ...options } = this.#options;
    return encode({ format: FORMAT, options, entries: this.entries });
  }

  /**
   * Make all calls of a journal again, on an allocator of its own.
   *
   * @param onRun Is handed the offers of every run, while they can be read.
   * @param kernel Another kernel than the journal's; it decides the same.
   * @throws {FairleadError} `snapshot_mismatch` when the bytes are not a journal's.
   */
  static replay(
    bytes: Uint8Array,
    {
      onRun = () => {},
      kernel,
    }: {
      readonly onRun?: (allocation: Allocation) => void;
      readonly kernel?: "wasm" | "typed";
    } = {},
  ): Allocator {
    const { options, entries } = readJournal(decode(bytes));
    let nowMs = 0;
    const clock = { nowMs: () => nowMs };
    const allocator = new Allocator({ ...options, clock, ...(kernel && { kernel }) });
    for (const { atMs, call } of entries) {
      nowMs = atMs;
      const result = applyCall(allocator, call);
      if (call.call === "run" && result && !Array.isArray(result)) onRun(result);
    }
    return allocator;
  }
}

function readEntry(value: unknown): JournalEntry {
  if (isEntry(value)) return value;
  throw new FairleadError("snapshot_mismatch", "Cannot read an entry: it is not a journal's");
}

/** Only the envelope is looked at: `applyCall` refuses what it does not know. */
function isEntry(value: unknown): value is JournalEntry {
  return typeof value === "object" && value !== null && "atMs" in value && "call" in value;
}

interface JournalData {
  readonly format: number;
  readonly options: AllocatorOptions;
  readonly entries: readonly JournalEntry[];
}

function isJournal(value: unknown): value is JournalData {
  if (typeof value !== "object" || value === null) return false;
  return "format" in value && value.format === FORMAT && "options" in value && "entries" in value;
}

function readJournal(value: unknown): JournalData {
  if (isJournal(value)) return value;
  throw new FairleadError(
    "snapshot_mismatch",
    `Cannot replay: the bytes are not a journal of format ${FORMAT}`,
  );
}
