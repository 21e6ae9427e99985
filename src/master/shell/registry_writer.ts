/** Writes the registry: in order, several persists in one transaction, and only while we lead. */
import { type Clock, FairleadError } from "../../base/mod.ts";
import type { Store, StoreOp } from "../../coordination/mod.ts";
import type { RegistryNode, RegistryOp } from "../core/events.ts";

interface Pending {
  readonly token: number;
  readonly ops: readonly RegistryOp[];
  readonly bytes: number;
}

/** Options of a {@linkcode RegistryWriter}. */
export interface RegistryWriterOptions {
  readonly store: Store;
  /** The node that the registry is below; it exists. */
  readonly path: string;
  /** Goes first in every write: it fails unless we still lead. */
  readonly fence: StoreOp;
  /** Ends what waits: the term is over. */
  readonly signal: AbortSignal;
  readonly clock: Pick<Clock, "nowMs">;
  /** How long a write took. */
  readonly onStored: (ms: number) => void;
  readonly onPersisted: (token: number) => void;
  readonly onFailed: (token: number, message: string) => void;
}

/** What a path and an operation add to a value's own bytes. */
const OP_BYTES = 256;

/**
 * The registry as the core writes it, on a store.
 *
 * Each persist is applied as a whole, after all before it; what waits while one transaction is
 * under way goes into the next together. After a failure nothing is written any more.
 */
export class RegistryWriter {
  readonly #options: RegistryWriterOptions;
  /** Nodes that are there, by path below the registry: a put is a set or a create. */
  readonly #known = new Set<string>();
  /** Folders of nodes that are there. */
  readonly #folders = new Set<string>();
  #waiting: Pending[] = [];
  #writing: Promise<void> | undefined;
  #failed = false;

  constructor(options: RegistryWriterOptions) {
    this.#options = options;
  }

  /** Read all that is there. */
  async read(): Promise<RegistryNode[]> {
    const { store, path, signal } = this.#options;
    await store.sync({ signal });
    const nodes: RegistryNode[] = [];
    for (const folder of (await store.list(path, { signal })) ?? []) {
      this.#folders.add(folder);
      const names = (await store.list(`${path}/${folder}`, { signal })) ?? [];
      if (names.length === 0) await this.#readNode(folder, nodes);
      for (let from = 0; from < names.length; from += READS_AT_ONCE) {
        const some = names.slice(from, from + READS_AT_ONCE);
        await Promise.all(some.map((name) => this.#readNode(`${folder}/${name}`, nodes)));
      }
    }
    return nodes;
  }

  async #readNode(path: string, nodes: RegistryNode[]): Promise<void> {
    const { store, path: root, signal } = this.#options;
    const node = await store.get(`${root}/${path}`, { signal });
    // An empty folder is no node.
    if (node === undefined || node.value.length === 0) return;
    this.#known.add(path);
    nodes.push({ path, value: node.value });
  }

  /** Apply these changes after all before them; the options' callbacks tell how it went. */
  write(token: number, ops: readonly RegistryOp[]): void {
    if (this.#failed) return;
    let bytes = 0;
    for (const op of ops) bytes += OP_BYTES + (op.op === "put" ? op.value.length : 0);
    this.#waiting.push({ token, ops, bytes });
    this.#writing ??= this.#writeAll();
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  async #writeAll(): Promise<void> {
    // What else this turn of the loop persists goes along.
    await Promise.resolve();
    while (this.#waiting.length > 0 && !this.#failed) {
      const batch = this.#take();
      try {
        await this.#apply(batch.flatMap(({ ops }) => ops));
      } catch (error) {
        this.#failed = true;
        this.#options.onFailed(batch[0]?.token ?? 0, FairleadError.from(error).message);
        break;
      }
      for (const { token } of batch) this.#options.onPersisted(token);
    }
    this.#writing = undefined;
  }

  /** As many as fit into one transaction, at least one. */
  #take(): Pending[] {
    const bytesMax = this.#options.store.limits.multiBytesMax;
    let bytes = 0;
    let count = 0;
    for (const pending of this.#waiting) {
      bytes += pending.bytes;
      if (count > 0 && bytes > bytesMax) break;
      count += 1;
    }
    const batch = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    return batch;
  }

  async #apply(ops: readonly RegistryOp[]): Promise<void> {
    const { store, fence, clock, signal, onStored } = this.#options;
    const known = new Map<string, boolean>();
    const operations: StoreOp[] = [];
    for (const op of ops) {
      const isKnown = known.get(op.path) ?? this.#known.has(op.path);
      known.set(op.path, op.op === "put");
      this.#translate(op, isKnown, operations);
    }
    if (operations.length > 0) {
      const startMs = clock.nowMs();
      await store.multi([fence, ...operations], { signal });
      onStored(clock.nowMs() - startMs);
    }
    for (const [path, isKnown] of known) {
      if (isKnown) this.#known.add(path);
      else this.#known.delete(path);
    }
  }

  #translate(op: RegistryOp, isKnown: boolean, operations: StoreOp[]): void {
    const path = `${this.#options.path}/${op.path}`;
    if (op.op === "delete") {
      if (isKnown) operations.push({ type: "delete", path });
      return;
    }
    if (isKnown) {
      operations.push({ type: "set", path, value: op.value });
      return;
    }
    const folder = folderOf(op.path);
    if (folder !== op.path && !this.#folders.has(folder)) {
      operations.push({ type: "create", path: `${this.#options.path}/${folder}` });
      this.#folders.add(folder);
    }
    operations.push({ type: "create", path, value: op.value });
  }
}

const READS_AT_ONCE = 1_000;

function folderOf(path: string): string {
  return path.split("/", 1)[0] ?? path;
}
