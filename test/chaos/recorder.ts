/** Follows the logs of both ensembles and keeps what clients were told. */
import type { SnapshotNode } from "fairlead/zookeeper";
import { tap } from "fairlead/zookeeper/node";
import type { Call, Holding, LogEntry, SideName } from "./history.ts";

const CREDENTIALS = [{ scheme: "digest", auth: "super:secret" }];

/** The log of one ensemble, from a snapshot on. */
export class LogRecorder {
  readonly entries: LogEntry[] = [];
  readonly #connectString: string;
  readonly #ending = new AbortController();
  readonly #reading: Promise<void>;
  #failure: unknown;
  #reached = 0n;
  #begun: () => void = () => {};
  readonly begun: Promise<void>;

  constructor(connectString: string) {
    this.#connectString = connectString;
    this.begun = new Promise((resolve) => {
      this.#begun = resolve;
    });
    this.#reading = this.#read();
  }

  /** How far it has read. */
  get reached(): bigint {
    return this.#reached;
  }

  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#reading;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #read(): Promise<void> {
    const { signal } = this.#ending;
    try {
      for await (const event of tap({
        connectString: this.#connectString,
        credentials: CREDENTIALS,
        signal,
      })) {
        if (event.type === "resumed") continue;
        const isSnapshot = event.type === "snapshot";
        this.entries.push(event);
        this.#reached = isSnapshot ? event.zxid : event.transaction.zxid;
        this.#begun();
      }
    } catch (error) {
      if (!signal.aborted) this.#failure = error;
      this.#begun();
    }
  }
}

/** All of an ensemble at one moment, by a snapshot of its leader. */
export async function readTree(connectString: string): Promise<readonly SnapshotNode[]> {
  const ending = new AbortController();
  const options = { connectString, credentials: CREDENTIALS, signal: ending.signal };
  for await (const event of tap(options)) if (event.type === "snapshot") return event.nodes;
  throw new Error(`Cannot read ${connectString}: its log ended`);
}

/** What the clients of a round saw. */
export class Recorder {
  readonly calls: Call[] = [];
  readonly holdings: Holding[] = [];
  /** From the switch until the server said that the session is expired, ms, by side. */
  readonly expiries: number[] = [];
  /** Torn groups that a reader saw on the target. */
  readonly torn: string[] = [];
  reads = 0;
  readonly numbers = new Map<string, { told: number; asked: number }>();

  /** Calls whose answer was lost, and that were found out. */
  get resolved(): number {
    return this.calls.filter(({ outcome, isDone }) => outcome === "unknown" && isDone !== undefined)
      .length;
  }

  count(side: SideName): number {
    return this.calls.filter((call) => call.side === side && call.outcome === "ok").length;
  }
}
