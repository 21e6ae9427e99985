/** All collectors: found by name again and again, each with a queue of its own. */
import { type Clock, FairleadError, type Random } from "../../base/mod.ts";
import type { Publication } from "./cycle.ts";
import { type Claims, type Collector, Target, type TargetCounts } from "./target.ts";

/** Options of {@linkcode Publisher}. */
export interface PublisherOptions {
  /** Names of collectors, as the user gave them. */
  readonly addresses: readonly string[];
  /**
   * The collectors behind a name now, each by an address of its own: one a DNS record.
   *
   * @throws When the name cannot be resolved; the collectors known before stay.
   */
  resolve(address: string, signal: AbortSignal): Promise<readonly Collector[]>;
  readonly clock: Clock;
  readonly random: Random;
  /** How often names are resolved anew; sooner while a collector cannot be reached. @default 10_000 */
  readonly resolveMs?: number;
  readonly timeoutMs?: number;
  readonly backoffMsMax?: number;
}

interface Name {
  readonly address: string;
  readonly targets: Map<string, Target>;
  isResolving: boolean;
  resolvedAtMs: number | undefined;
  lastError: string | undefined;
}

/**
 * Hands each publication to every collector. Names are resolved beside it: a resolver that hangs
 * delays nobody, and a collector that turns up gets the latest publication at once.
 */
export class Publisher implements AsyncDisposable {
  readonly #options: PublisherOptions;
  readonly #names: readonly Name[];
  readonly #ending = new AbortController();
  readonly #claims = new AddressClaims();
  #last: Publication | undefined;
  readonly #retiring = new Set<Target>();
  #retired = { published: 0, deltas: 0, failed: 0, dropped: 0, bytes: 0 };

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#names = options.addresses.map((address) => ({
      address,
      targets: new Map(),
      isResolving: false,
      resolvedAtMs: undefined,
      lastError: undefined,
    }));
  }

  /** By collector's address; only those that are known now. */
  get counts(): ReadonlyMap<string, TargetCounts> {
    return new Map(this.#targets().map((target) => [target.address, target.counts]));
  }

  /** Sums, with those of collectors that are known no more. */
  get totals(): Omit<TargetCounts, "lastError"> {
    return [...this.#targets(), ...this.#retiring].reduce(
      (sum, { counts }) => added(sum, counts),
      this.#retired,
    );
  }

  /** What went wrong last time with a name, by name. */
  get resolveErrors(): ReadonlyMap<string, string> {
    return new Map(
      this.#names.flatMap(({ address, lastError }) =>
        lastError === undefined ? [] : [[address, lastError]],
      ),
    );
  }

  /** Hand a publication to all collectors; it does not wait. */
  push(publication: Publication): void {
    if (this.#ending.signal.aborted) return;
    if (!publication.isShortcut) this.#last = publication;
    for (const target of this.#targets()) target.push(publication);
    for (const name of this.#names) if (this.#isDue(name)) void this.#resolve(name);
  }

  /** Stop publishing. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort(new FairleadError("aborted", "Cannot publish: the probe stops"));
    const targets = this.#targets();
    for (const { targets: held } of this.#names) held.clear();
    await Promise.all(targets.map((target) => target[Symbol.asyncDispose]()));
  }

  #targets(): Target[] {
    return this.#names.flatMap(({ targets }) => [...targets.values()]);
  }

  #isDue({ isResolving, resolvedAtMs, lastError, targets }: Name): boolean {
    if (isResolving) return false;
    if (resolvedAtMs === undefined || lastError !== undefined) return true;
    if ([...targets.values()].some((target) => target.isFailing)) return true;
    const { clock, resolveMs = 10_000 } = this.#options;
    const sinceMs = clock.nowMs() - resolvedAtMs;
    return sinceMs < 0 || sinceMs >= resolveMs;
  }

  async #resolve(name: Name): Promise<void> {
    name.isResolving = true;
    try {
      const found = await this.#options.resolve(name.address, this.#ending.signal);
      name.lastError = undefined;
      if (this.#ending.signal.aborted) for (const each of found) each.close();
      else this.#take(name, found);
    } catch (error) {
      name.lastError = FairleadError.from(error).message;
    } finally {
      name.resolvedAtMs = this.#options.clock.nowMs();
      name.isResolving = false;
    }
  }

  #take(name: Name, found: readonly Collector[]): void {
    const addresses = new Set(found.map(({ address }) => address));
    for (const [address, target] of name.targets) {
      if (addresses.has(address)) continue;
      name.targets.delete(address);
      void this.#retire(target);
    }
    for (const collector of found) {
      if (name.targets.has(collector.address)) collector.close();
      else name.targets.set(collector.address, this.#meet(collector));
    }
  }

  async #retire(target: Target): Promise<void> {
    this.#retiring.add(target);
    await target[Symbol.asyncDispose]();
    this.#retiring.delete(target);
    this.#retired = added(this.#retired, target.counts);
  }

  #meet(collector: Collector): Target {
    const { clock, random, timeoutMs, backoffMsMax } = this.#options;
    const target = new Target({
      collector,
      claims: this.#claims,
      clock,
      random,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(backoffMsMax === undefined ? {} : { backoffMsMax }),
    });
    if (this.#last !== undefined) target.push(this.#last);
    return target;
  }
}

type Totals = Omit<TargetCounts, "lastError">;

function added(sum: Totals, counts: Totals): Totals {
  return {
    published: sum.published + counts.published,
    deltas: sum.deltas + counts.deltas,
    failed: sum.failed + counts.failed,
    dropped: sum.dropped + counts.dropped,
    bytes: sum.bytes + counts.bytes,
  };
}

/** The first address that reaches a collector keeps it, until it is given up. */
class AddressClaims implements Claims {
  readonly #byId = new Map<string, string>();

  claim(id: string, address: string): boolean {
    const holder = this.#byId.get(id) ?? address;
    this.#byId.set(id, holder);
    return holder === address;
  }

  release(address: string): void {
    for (const [id, holder] of this.#byId) if (holder === address) this.#byId.delete(id);
  }
}
