/** What everything in a simulation shares: time, what is to happen, chance, and what went wrong. */
import { SeededRandom } from "../base/mod.ts";
import { EventQueue } from "./events.ts";

/** Something that must never be so. */
export interface Violation {
  /** Which promise was broken, such as "one_leader". */
  readonly invariant: string;
  readonly message: string;
  /** Since the simulation began. */
  readonly atMs: number;
}

/** One line of a trace. */
export interface TraceEntry {
  /** Since the simulation began. */
  readonly atMs: number;
  /** Such as "master-0"; "world" for faults. */
  readonly node: string;
  readonly message: string;
}

/** When simulations begin, on a clock that is right: the first of January 2026. */
export const START_MS = 1_767_225_600_000;

/** Violations beyond this are counted only. */
const VIOLATIONS_MAX = 100;

/** Time stands still while an event runs; everything else is what events do. */
export class World {
  readonly events = new EventQueue();
  readonly violations: Violation[] = [];
  readonly #seed: number;
  readonly #onTrace: ((entry: TraceEntry) => void) | undefined;
  #nowMs = START_MS;
  #eventCount = 0;

  constructor(seed: number, onTrace?: (entry: TraceEntry) => void) {
    this.#seed = seed;
    this.#onTrace = onTrace;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** How long it has been going on. */
  get elapsedMs(): number {
    return this.#nowMs - START_MS;
  }

  /** How many events have happened. */
  get eventCount(): number {
    return this.#eventCount;
  }

  get isTraced(): boolean {
    return this.#onTrace !== undefined;
  }

  /** A source of chance of its own: what others draw changes nothing in it. */
  random(name: string): SeededRandom {
    return new SeededRandom(hash(`${this.#seed}/${name}`));
  }

  after(ms: number, run: () => void): void {
    this.events.set(this.#nowMs + ms, run);
  }

  /** Let happen what is due until then, or until it is enough; time is there afterwards. */
  runUntil(atMs: number, isEnough: () => boolean = () => false): void {
    for (let nextMs = this.events.nextMs; nextMs !== undefined; nextMs = this.events.nextMs) {
      if (nextMs > atMs) break;
      this.runNext();
      if (isEnough()) return;
    }
    this.#nowMs = Math.max(this.#nowMs, atMs);
  }

  /** It is so late now, and nothing has happened; what is due before is told late. */
  advanceTo(atMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, atMs);
  }

  /** Let the next thing happen; false when there is none. */
  runNext(): boolean {
    const event = this.events.take();
    if (event === undefined) return false;
    this.#nowMs = Math.max(this.#nowMs, event.atMs);
    this.#eventCount += 1;
    event.run();
    return true;
  }

  fail(invariant: string, message: string): void {
    this.trace("world", () => `VIOLATION ${invariant}: ${message}`);
    if (this.violations.length >= VIOLATIONS_MAX) return;
    this.violations.push({ invariant, message, atMs: this.elapsedMs });
  }

  /** The text is made only when somebody reads it. */
  trace(node: string, message: () => string): void {
    this.#onTrace?.({ atMs: this.elapsedMs, node, message: message() });
  }
}

/** FNV-1a over UTF-16 units, then mixed. */
function hash(text: string): number {
  let word = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    word = Math.imul(word ^ text.charCodeAt(at), 0x01000193);
  }
  word = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
  return (word ^ (word >>> 15)) >>> 0;
}
