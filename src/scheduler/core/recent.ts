/**
 * A map that forgets what is old: it holds the last `entriesMax / 2` entries for certain, and never
 * more than `entriesMax`.
 *
 * Two generations, so that forgetting costs nothing an entry.
 */
export class Recent<V> {
  readonly #half: number;
  #young = new Map<string, V>();
  #old = new Map<string, V>();

  constructor(entriesMax: number) {
    this.#half = Math.max(1, Math.floor(entriesMax / 2));
  }

  get(key: string): V | undefined {
    return this.#young.get(key) ?? this.#old.get(key);
  }

  set(key: string, value: V): void {
    this.#old.delete(key);
    this.#young.set(key, value);
    if (this.#young.size < this.#half) return;
    this.#old = this.#young;
    this.#young = new Map();
  }

  delete(key: string): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }

  values(): V[] {
    return [...this.#old.values(), ...this.#young.values()];
  }
}
