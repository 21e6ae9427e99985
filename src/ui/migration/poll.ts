/** Asks a migration how it stands, again and again. */
import { type Clock, FairleadError, systemClock } from "../../base/mod.ts";
import { type MigrationAct, type MigrationStatus, readStatus } from "./status.ts";

const POLL_MS = 1_000;
const ANSWER_MS = 10_000;

/** Options of {@linkcode MigrationPoll}. */
export interface MigrationPollOptions {
  /** Address of the status; acts are posted to `acts` below it. */
  readonly src: string;
  /** Told every status, and why there is none. */
  readonly told: (status: MigrationStatus | undefined, problem: string) => void;
  readonly fetch?: typeof globalThis.fetch | undefined;
  readonly clock?: Clock | undefined;
}

/** Follows one migration until it is stopped. */
export class MigrationPoll {
  readonly #options: MigrationPollOptions;
  readonly #ending = new AbortController();

  constructor(options: MigrationPollOptions) {
    this.#options = options;
    void this.#run();
  }

  stop(): void {
    this.#ending.abort();
  }

  /**
   * Ask for an act; resolves when it was begun.
   *
   * @throws {FairleadError} `act_refused`, with the server's reason.
   */
  async act(name: MigrationAct, token: string, signal: AbortSignal): Promise<void> {
    const { src, fetch = globalThis.fetch } = this.#options;
    const response = await fetch(`${src}/acts`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ act: name }),
      signal,
    });
    if (response.ok) return;
    const why = response.status === 401 ? "the token is wrong" : await reasonOf(response);
    throw new FairleadError("act_refused", `Cannot ask for ${name}: ${why}`);
  }

  async #run(): Promise<void> {
    const { told, clock = systemClock } = this.#options;
    const { signal } = this.#ending;
    while (!signal.aborted) {
      const [status, problem] = await this.#ask();
      if (signal.aborted) return;
      told(status, problem);
      await clock.sleep(POLL_MS, { signal }).catch(() => undefined);
    }
  }

  async #ask(): Promise<[MigrationStatus | undefined, string]> {
    const { src, fetch = globalThis.fetch } = this.#options;
    const signal = AbortSignal.any([this.#ending.signal, AbortSignal.timeout(ANSWER_MS)]);
    try {
      const response = await fetch(src, { signal, cache: "no-store" });
      if (!response.ok) return [undefined, await reasonOf(response)];
      return [readStatus(await response.json()), ""];
    } catch (error) {
      return [undefined, FairleadError.from(error).message];
    }
  }
}

async function reasonOf(response: Response): Promise<string> {
  const text = await response.text();
  return text.slice(0, 300) || `it answered ${response.status}`;
}
