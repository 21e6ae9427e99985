/** What containers use, as their engine says: for probes that cannot read control groups. */
import type { ContainerUse } from "../../reporters/containers.ts";
import { readEngine, type StatsAnswer } from "./answers.ts";
import type { Engine } from "./port.ts";

/** Options of {@linkcode EngineUsage}. */
export interface EngineUsageOptions {
  readonly engine: Engine;
  /** How many containers are asked for a look; those asked longest ago come first. @default 32 */
  readonly asksMax?: number;
}

interface Before {
  readonly cpuNs: number;
  readonly readMs: number;
}

/** An engine works for each answer: it is asked by so many at once. */
const LANES = 4;
const ASK_MS = 2_000;
const NS_PER_MS = 1e6;

/** Asks for one sample each; processor usage is a difference of two, by the engine's own time. */
export class EngineUsage {
  readonly #engine: Engine;
  readonly #asksMax: number;
  readonly #before = new Map<string, Before>();
  readonly #askedAt = new Map<string, number>();
  #round = 0;

  constructor({ engine, asksMax = 32 }: EngineUsageOptions) {
    this.#engine = engine;
    this.#asksMax = asksMax;
  }

  /**
   * What some of these containers use now, by id; one of which the engine says nothing is left out.
   *
   * @throws The signal's reason when it is aborted.
   */
  async read(ids: readonly string[], signal: AbortSignal): Promise<Map<string, ContainerUse>> {
    this.#round += 1;
    this.#keep(new Set(ids));
    const waits = (id: string) => this.#askedAt.get(id) ?? 0;
    const chosen = ids.toSorted((a, b) => waits(a) - waits(b)).slice(0, this.#asksMax);
    for (const id of chosen) this.#askedAt.set(id, this.#round);
    const uses = new Map<string, ContainerUse>();
    const lane = async () => {
      for (let id = chosen.pop(); id !== undefined; id = chosen.pop()) {
        const use = await this.#ask(id, signal);
        if (use !== undefined) uses.set(id, use);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return uses;
  }

  #keep(ids: ReadonlySet<string>): void {
    for (const id of this.#askedAt.keys()) {
      if (ids.has(id)) continue;
      this.#askedAt.delete(id);
      this.#before.delete(id);
    }
  }

  /** undefined for a container that is gone, and where the engine fails: its list fails then, too. */
  async #ask(id: string, signal: AbortSignal): Promise<ContainerUse | undefined> {
    try {
      const path = `/containers/${id}/stats`;
      const query = { stream: false, "one-shot": true };
      const answer = await this.#engine.json({ path, query, signal, timeoutMs: ASK_MS });
      return this.#useOf(
        id,
        readEngine((a) => a.Stats, answer),
      );
    } catch (error) {
      if (signal.aborted) throw error;
      return undefined;
    }
  }

  #useOf(id: string, { cpu_stats: cpu, memory_stats: memory, read }: StatsAnswer) {
    const used = memory?.usage ?? undefined;
    const cached = memory?.stats?.total_inactive_file ?? memory?.stats?.inactive_file ?? 0;
    return {
      cpuPercent: this.#percent(id, cpu?.cpu_usage?.total_usage, Date.parse(read ?? "")),
      memoryBytes: used === undefined ? undefined : Math.max(0, used - cached),
      memoryBytesMax: memory?.limit ?? undefined,
    };
  }

  #percent(id: string, cpuNs: number | null | undefined, readMs: number): number | undefined {
    if (typeof cpuNs !== "number" || Number.isNaN(readMs)) return undefined;
    const before = this.#before.get(id);
    this.#before.set(id, { cpuNs, readMs });
    if (before === undefined || cpuNs < before.cpuNs || readMs <= before.readMs) return undefined;
    return (100 * (cpuNs - before.cpuNs)) / ((readMs - before.readMs) * NS_PER_MS);
  }
}
