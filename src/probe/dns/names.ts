/** Names of addresses, looked up a few at a time and remembered. */
import type { Clock } from "../../base/mod.ts";

/** Options of {@linkcode AddressNames}. */
export interface AddressNamesOptions {
  /** The names of an address; it rejects, or gives none, where there are none. */
  reverse(ip: string): Promise<readonly string[]>;
  readonly clock: Clock;
  /** How many lookups begin a call at most. @default 8 */
  readonly lookupsMax?: number;
  /** How many lookups are under way at most. @default 16 */
  readonly waitingMax?: number;
  /** How long an answer holds, and that there is none. @default 600_000 */
  readonly holdMs?: number;
  /** How many addresses are remembered. @default 10_000 */
  readonly addressesMax?: number;
}

interface Entry {
  names: readonly string[];
  untilMs: number;
}

const NAMES_MAX = 8;
const NOTHING: readonly string[] = [];

/**
 * A cache in front of a resolver. `names` never waits: it says what is known, and looks up what is
 * not, within its limits. Of an address that is asked for again its old names hold until there are
 * new ones.
 */
export class AddressNames {
  readonly #options: Required<Omit<AddressNamesOptions, "reverse" | "clock">> & AddressNamesOptions;
  readonly #known = new Map<string, Entry>();
  readonly #waiting = new Set<string>();

  constructor(options: AddressNamesOptions) {
    const limits = { lookupsMax: 8, waitingMax: 16, holdMs: 600_000, addressesMax: 10_000 };
    this.#options = { ...limits, ...options };
  }

  /** The names of those addresses that have some, by address; sorted, each once. */
  names(ips: Iterable<string>): Map<string, readonly string[]> {
    const nowMs = this.#options.clock.nowMs();
    const found = new Map<string, readonly string[]>();
    let begun = 0;
    for (const ip of ips) {
      const entry = this.#known.get(ip);
      if (entry !== undefined && entry.names.length > 0) found.set(ip, entry.names);
      const isDue = entry === undefined || entry.untilMs <= nowMs;
      if (isDue && begun < this.#options.lookupsMax && this.#begin(ip)) begun += 1;
    }
    return found;
  }

  #begin(ip: string): boolean {
    if (this.#waiting.has(ip) || this.#waiting.size >= this.#options.waitingMax) return false;
    this.#waiting.add(ip);
    void this.#lookUp(ip);
    return true;
  }

  async #lookUp(ip: string): Promise<void> {
    const names = await this.#options.reverse(ip).catch(() => NOTHING);
    this.#waiting.delete(ip);
    // The oldest go first: a map keeps the order of coming.
    this.#known.delete(ip);
    const [oldest] = this.#known.keys();
    if (oldest !== undefined && this.#known.size >= this.#options.addressesMax) {
      this.#known.delete(oldest);
    }
    const untilMs = this.#options.clock.nowMs() + this.#options.holdMs;
    this.#known.set(ip, { names: [...new Set(names)].sort().slice(0, NAMES_MAX), untilMs });
  }
}
