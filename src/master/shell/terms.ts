/** From candidate to leader and back: one core, one registry, one driver a term. */
import { type Clock, FairleadError } from "../../base/mod.ts";
import { ensurePath, type Leadership, type Store } from "../../coordination/mod.ts";
import type { MasterInfo } from "../../model/mod.ts";
import type { MasterCore } from "../core/core.ts";
import { Driver } from "./driver.ts";
import type { Election } from "./election.ts";
import type { LogEntry } from "./log.ts";
import { RegistryWriter } from "./registry_writer.ts";
import type { Role } from "./role.ts";

/** Options of {@linkcode Terms}. */
export interface TermsOptions {
  readonly store: Store;
  /** Where the registry is kept. */
  readonly registryPath: string;
  readonly election: Election;
  readonly clock: Clock;
  /** What stands for election next: with an id that no term before had. */
  readonly createInfo: () => MasterInfo;
  readonly createCore: (info: MasterInfo) => MasterCore;
  /** How long a write to the registry took. */
  readonly onStored: (ms: number) => void;
  readonly onLog: (entry: LogEntry) => void;
  readonly onRole: (role: Role) => void;
}

/** How long a master waits before it stands for election again after its term failed. */
const RETRY_MS = 1_000;

/** A master's terms, one after the other, until it is stopped. */
export class Terms {
  readonly #options: TermsOptions;
  readonly #stop = new AbortController();
  #role: Role = { status: "waiting" };
  /** What stands for election, or leads. */
  #info: MasterInfo;
  #leader: MasterInfo | undefined;
  #running: Promise<unknown> | undefined;

  constructor(options: TermsOptions) {
    this.#options = options;
    this.#info = options.createInfo();
  }

  get role(): Role {
    return this.#role;
  }

  /** Aborted when the master stops. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Stand for election from now on. */
  start(): void {
    if (this.#stop.signal.aborted) return;
    this.#running ??= Promise.all([this.#serve(), this.#watch()]);
  }

  /** Give up the term, if there is one, and stand no more. Twice is harmless. */
  async stop(): Promise<void> {
    this.#stop.abort(new FairleadError("aborted", "The master is stopping"));
    await this.#running;
    this.#setRole({ status: "stopped" });
  }

  #setRole(role: Role): void {
    this.#role = role;
    this.#options.onRole(role);
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        for await (const leader of this.#options.election.leaders(signal)) {
          this.#leader = leader;
          if (this.#role.status === "waiting" || this.#role.status === "following") this.#follow();
        }
        await this.#pause();
      } catch (error) {
        await this.#pause("Cannot see who leads", error);
      }
    }
  }

  #follow(): void {
    const leader = this.#leader;
    const isOther = leader !== undefined && leader.id !== this.#info.id;
    this.#setRole(isOther ? { status: "following", leader } : { status: "waiting" });
  }

  async #serve(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        await using leadership = await this.#options.election.elect(this.#info, signal);
        await this.#lead(this.#info, leadership);
      } catch (error) {
        await this.#pause("Cannot lead", error);
      }
      if (this.#leader?.id === this.#info.id) this.#leader = undefined;
      // Ids of agents, frameworks and offers begin with the master's: a term's ids are its own.
      this.#info = this.#options.createInfo();
      if (!signal.aborted) this.#follow();
    }
  }

  /** After a failure: say so, and wait a little. */
  async #pause(act?: string, error?: unknown): Promise<void> {
    const { signal } = this.#stop;
    if (signal.aborted) return;
    if (act !== undefined) {
      const { code, message, cause } = FairleadError.from(error);
      const details = { code, ...(code === "core_failed" && { stack: stackOf(cause) }) };
      this.#options.onLog({ level: "error", message: `${act}: ${message}`, details });
    }
    await this.#options.clock.sleep(RETRY_MS, { signal }).catch(() => undefined);
  }

  /** One term, from reading the registry to its end; throws what ended it, unless it was lost. */
  async #lead(leader: MasterInfo, leadership: Leadership): Promise<void> {
    const { store, registryPath, clock, onLog } = this.#options;
    this.#setRole({ status: "recovering", leader });
    const failed = new AbortController();
    const over = AbortSignal.any([leadership.lost, failed.signal, this.#stop.signal]);
    const driver = new Driver({
      core: this.#options.createCore(leader),
      clock,
      isHeld: () => leadership.held,
      persist: ({ token, ops }) => writer.write(token, ops),
      onLog,
      onFailed: (error) => failed.abort(error),
    });
    const writer = new RegistryWriter({
      store,
      path: registryPath,
      fence: leadership.fence,
      signal: driver.signal,
      clock,
      onStored: this.#options.onStored,
      onPersisted: (token) => driver.step({ type: "persisted", token }),
      onFailed: (token, message) => driver.step({ type: "persist_failed", token, message }),
    });
    try {
      await ensurePath(store, registryPath, { signal: over });
      const nodes = await writer.read();
      over.throwIfAborted();
      driver.step({ type: "recovered", nodes });
      if (!over.aborted) {
        this.#setRole({ status: "leading", leader, driver, electedMs: clock.nowMs() });
        onLog({
          level: "info",
          message: "Elected as the leading master",
          details: { id: leader.id },
        });
      }
      await aborted(over);
    } finally {
      // Whoever asks from here on is told that nobody leads.
      this.#setRole({ status: "waiting" });
      driver.end("Master is not the leader any more");
      await writer.settled();
      onLog({ level: "info", message: "The term is over", details: { id: leader.id } });
    }
    failed.signal.throwIfAborted();
  }
}

/** Where a fault of ours is. */
function stackOf(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
