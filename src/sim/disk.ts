/** What a machine keeps: only what was synced is sure to be there after a crash. */
import type { Checkpoint } from "../agent/mod.ts";
import type { Random } from "../base/mod.ts";

interface Write {
  readonly path: string;
  /** As it lies on the disk: what the process changes later is not there. Absent: forgotten. */
  readonly text?: string;
}

/** Checkpoints by path, written in order. */
export class SimulatedDisk {
  readonly #durable = new Map<string, string>();
  #unsynced: Write[] = [];

  put(path: string, value: unknown): void {
    this.#unsynced.push({ path, text: JSON.stringify(value) });
  }

  forget(path: string): void {
    this.#unsynced.push({ path });
  }

  get isSynced(): boolean {
    return this.#unsynced.length === 0;
  }

  /** All that was written until now is kept. */
  sync(): void {
    this.#keep(this.#unsynced);
    this.#unsynced = [];
  }

  /** The machine or the process stops: of what was not synced, the first so many are kept. */
  crash(random: Random): void {
    this.#keep(this.#unsynced.slice(0, random.int(this.#unsynced.length + 1)));
    this.#unsynced = [];
  }

  read(): Checkpoint[] {
    return [...this.#durable].map(([path, text]) => ({ path, value: JSON.parse(text) }));
  }

  #keep(writes: readonly Write[]): void {
    for (const { path, text } of writes) {
      if (text === undefined) this.#durable.delete(path);
      else this.#durable.set(path, text);
    }
  }
}
