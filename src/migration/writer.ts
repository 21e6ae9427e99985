/** Writes to the target: in order, many at a time, each with the cursor, each exactly once. */

import { FairleadError, Fifo } from "../base/mod.ts";
import { type Acl, type Operation, utf8Bytes } from "../zookeeper/mod.ts";
import { type Cursor, decodeCursor, encodeCursor } from "./journal.ts";
import type { EnsembleClient } from "./ports.ts";
import { untilAnswered } from "./steady.ts";

/** Limits of a {@linkcode Writer}. */
export interface WriterLimits {
  /** Operations of one write. @default 200 */
  readonly operationsMax: number;
  /** Bytes of one write; a server takes `jute.maxbuffer`. @default 700_000 */
  readonly bytesMax: number;
  /** Writes without an answer at one time. @default 4 */
  readonly inFlightMax: number;
}

export const WRITER_LIMITS: WriterLimits = {
  operationsMax: 200,
  bytesMax: 700_000,
  inFlightMax: 4,
};

/** What is written together with one step of the cursor. */
export interface Write {
  readonly operations: readonly Operation[];
  readonly acls: readonly { readonly path: string; readonly acl: readonly Acl[] }[];
  /** What the cursor becomes, but for its sequence. */
  readonly patch: Partial<Cursor>;
  /** Nodes that servers delete by themselves: that one of them is gone already is fine. */
  readonly expendable?: ReadonlySet<string> | undefined;
  /** Called once it is done. */
  readonly done?: (() => void) | undefined;
}

/** A write that waits, and what it takes of a request. */
interface Waiting {
  readonly write: Write;
  readonly bytes: number;
}

interface Sent extends Write {
  readonly cursor: Cursor;
}

/** How often answers may be lost, one after the other. */
const LOST_MAX = 1_000;
const OPERATION_BYTES = 60;
const NOTHING: Waiting = { write: { operations: [], acls: [], patch: {} }, bytes: 0 };
/** How often the one before may write in between while its cursor is claimed. */
const CLAIMS_MAX = 1_000;

/**
 * The one that writes: each write is a multi whose first operation sets the cursor at the version
 * that the one before left. So of two migrators one fails with its next write, a write whose
 * answer was lost is known to be done or not, and writes that are under way together still happen
 * in order or not at all.
 */
export class Writer {
  readonly #client: EnsembleClient;
  readonly #path: string;
  readonly #limits: WriterLimits;
  #cursor: Cursor;
  #version: number;
  /** Sent and not answered, oldest first. */
  #sent: Sent[] = [];
  readonly #waiting = new Fifo<Waiting>();
  #waitingBytes = 0;
  #running: Promise<void> | undefined;
  #failure: unknown;
  #tellFailure: (failure: unknown) => void = () => {};
  #resolved = 0;
  /** Resolves with what a write failed with: nothing is written any more. */
  readonly failed = new Promise<unknown>((resolve) => {
    this.#tellFailure = resolve;
  });

  private constructor(
    client: EnsembleClient,
    path: string,
    { cursor, version, limits }: { cursor: Cursor; version: number; limits: WriterLimits },
  ) {
    this.#client = client;
    this.#path = path;
    this.#cursor = cursor;
    this.#version = version;
    this.#limits = limits;
  }

  /**
   * Take the cursor over: whoever had it fails from now on.
   *
   * @throws {FairleadError} `migration_fenced` when another one does the same now.
   */
  static async claim(
    client: EnsembleClient,
    path: string,
    owner: string,
    limits: Partial<WriterLimits> = {},
  ): Promise<Writer> {
    const all = { ...WRITER_LIMITS, ...limits };
    for (let tries = 1; ; tries += 1) {
      await untilAnswered(() => client.sync(path));
      const { data, stat } = await untilAnswered(() => client.get(path));
      const cursor = decodeCursor(data, path);
      const writer = new Writer(client, path, { cursor, version: stat.version, limits: all });
      try {
        await writer.write({ operations: [], acls: [], patch: { owner } });
        return writer;
      } catch (error) {
        // Whoever had it wrote in between: what that left is where to begin.
        if (tries >= CLAIMS_MAX || !isOvertakenBy(error, cursor.owner)) throw error;
      }
    }
  }

  /** As of the last write that was answered. */
  get cursor(): Cursor {
    return this.#cursor;
  }

  /** Writes that are not done. */
  get backlog(): number {
    return this.#waiting.size + this.#sent.length;
  }

  /** What waits to be sent. */
  get backlogBytes(): number {
    return this.#waitingBytes;
  }

  /** Outcomes that were unknown and became known. */
  get resolved(): number {
    return this.#resolved;
  }

  /** @throws What an earlier write failed with. */
  push(write: Write): void {
    if (this.#failure !== undefined) throw this.#failure;
    const bytes = sizeOf(write.operations);
    this.#waiting.push({ write, bytes });
    this.#waitingBytes += bytes;
    this.#running ??= this.#run();
  }

  /** Write, and wait until that and all before is done. */
  async write(write: Write): Promise<void> {
    this.push(write);
    await this.flush();
  }

  /** Resolves when nothing is left to write. */
  async flush(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #run(): Promise<void> {
    // What is pushed within this turn goes together.
    await Promise.resolve();
    try {
      while (this.#waiting.size > 0) await this.#drain();
    } catch (error) {
      this.#failure = error;
      this.#tellFailure(error);
    } finally {
      this.#running = undefined;
    }
  }

  /** Send what waits, as much as may be under way, until all is answered. */
  async #drain(): Promise<void> {
    const answers: Promise<boolean>[] = [];
    while (this.#waiting.size > 0 || answers.length > 0) {
      while (this.#waiting.size > 0 && answers.length < this.#limits.inFlightMax) {
        const next = this.#waiting.peek();
        // An ACL is set by itself: everything before it has to be done for certain.
        if (next !== undefined && next.write.acls.length > 0 && answers.length > 0) break;
        const write = this.#gather();
        for (const { path, acl } of write.acls) await this.#setAcl(path, acl);
        answers.push(this.#send(write));
      }
      const isDone = await answers.shift();
      if (isDone !== false) continue;
      await Promise.all(answers.splice(0));
      await this.#recover();
    }
  }

  /** The next write, with those behind it that fit. */
  #gather(): Write {
    const { write: first, bytes: size } = this.#waiting.shift() ?? NOTHING;
    const operations = [...first.operations];
    let bytes = size;
    let patch = first.patch;
    const dones = [first.done];
    const expendable = new Set(first.expendable);
    for (let next = this.#waiting.peek(); next !== undefined; next = this.#waiting.peek()) {
      const { write } = next;
      const fits =
        write.acls.length === 0 &&
        operations.length + write.operations.length <= this.#limits.operationsMax &&
        bytes + next.bytes <= this.#limits.bytesMax;
      if (!fits) break;
      this.#waiting.shift();
      for (const operation of write.operations) operations.push(operation);
      bytes += next.bytes;
      patch = { ...patch, ...write.patch };
      for (const path of write.expendable ?? []) expendable.add(path);
      dones.push(write.done);
    }
    this.#waitingBytes -= bytes;
    const done = () => {
      for (const each of dones) each?.();
    };
    return { operations, acls: first.acls, patch, expendable, done };
  }

  /** Resolves to whether it was done; false: it is not known, or something before it failed. */
  async #send(write: Write): Promise<boolean> {
    const version = this.#version + this.#sent.length;
    const sent = this.#next(write);
    this.#sent.push(sent);
    const data = encodeCursor(sent.cursor);
    const set = { type: "set", path: this.#path, data, version } as const;
    try {
      await this.#client.multi([set, ...sent.operations]);
    } catch (error) {
      return this.#refused(error, sent);
    }
    this.#acknowledge(1);
    return true;
  }

  /** A write with the cursor that it leaves. */
  #next(write: Write): Sent {
    const last = this.#sent.at(-1)?.cursor ?? this.#cursor;
    return { ...write, cursor: { ...last, ...write.patch, sequence: last.sequence + 1 } };
  }

  #acknowledge(count: number): void {
    for (const { cursor, done } of this.#sent.splice(0, count)) {
      this.#cursor = cursor;
      this.#version += 1;
      done?.();
    }
  }

  #refused(error: unknown, sent: Sent): boolean {
    const code = error instanceof FairleadError ? error.code : "";
    if (code === "connection_loss" || code === "timeout") return false;
    const index = error instanceof FairleadError ? error.details.index : undefined;
    // Behind a write that failed or whose outcome is unknown the versions cannot fit.
    if (code === "bad_version" && index === 0) return false;
    if (this.#sent[0] !== sent) return false;
    if (code === "no_node" && typeof index === "number" && isExpendable(sent, index)) {
      this.#sent[0] = { ...sent, operations: sent.operations.toSpliced(index - 1, 1) };
      return false;
    }
    if (code === "request_too_large") throw error;
    throw this.#diverged(error);
  }

  /** Find out what became of the writes that were under way, and do what was not done. */
  async #recover(): Promise<void> {
    for (let tries = 1; this.#sent.length > 0; tries += 1) {
      if (tries > LOST_MAX) throw this.#lost();
      await this.#resolve();
      const again = this.#sent;
      this.#sent = [];
      let isDone = true;
      for (const write of again) {
        if (isDone) {
          for (const { path, acl } of write.acls) await this.#setAcl(path, acl);
          isDone = await this.#send(write);
        } else this.#sent.push(this.#next(write));
      }
    }
  }

  /** Read the cursor: it says which writes were done. */
  async #resolve(): Promise<void> {
    this.#resolved += 1;
    const { cursor, version } = await this.#read();
    const { owner } = this.#sent[0]?.cursor ?? this.#cursor;
    const steps = cursor.sequence - this.#cursor.sequence;
    const isSteady = version - this.#version === steps;
    // Before the first write of ours the cursor is another's: then a step of it is not ours.
    const isOurs = cursor.owner === owner && steps >= 0;
    const isUntouched = cursor.owner === this.#cursor.owner && steps === 0;
    if (!isSteady || !(isOurs || isUntouched)) throw this.#fenced(cursor);
    this.#acknowledge(steps);
  }

  async #read(): Promise<{ cursor: Cursor; version: number }> {
    await untilAnswered(() => this.#client.sync(this.#path));
    const { data, stat } = await untilAnswered(() => this.#client.get(this.#path));
    return { cursor: decodeCursor(data, this.#path), version: stat.version };
  }

  async #setAcl(path: string, acl: readonly Acl[]): Promise<void> {
    try {
      await untilAnswered(() => this.#client.setAcl(path, acl));
    } catch (error) {
      // It was deleted by what comes next, before an earlier try was cut off.
      if (!(error instanceof FairleadError) || error.code !== "no_node") throw error;
    }
  }

  #lost(): FairleadError {
    return new FairleadError(
      "target_unreachable",
      `Cannot go on with the migration: the target lost ${LOST_MAX} answers in a row`,
    );
  }

  #fenced({ owner }: Cursor): FairleadError {
    return new FairleadError(
      "migration_fenced",
      `Cannot go on with the migration: "${owner}" has taken it over`,
      { details: { owner } },
    );
  }

  #diverged(cause: unknown): FairleadError {
    const { message, details } = FairleadError.from(cause);
    return new FairleadError(
      "target_diverged",
      `Cannot go on with the migration: somebody else writes to the target: ${message}`,
      { cause, details: { path: details.path } },
    );
  }
}

function isOvertakenBy(error: unknown, owner: string): boolean {
  const isFenced = error instanceof FairleadError && error.code === "migration_fenced";
  return isFenced && error.details.owner === owner;
}

/** The operation at an index of the multi, whose first one is the cursor's. */
function isExpendable({ operations, expendable }: Sent, index: number): boolean {
  const operation = operations[index - 1];
  return operation?.type === "delete" && expendable?.has(operation.path) === true;
}

/** What operations take of a request, about; bytes. */
export function sizeOf(operations: readonly Operation[]): number {
  let bytes = 0;
  for (const operation of operations) {
    bytes += OPERATION_BYTES + utf8Bytes(operation.path);
    if ("data" in operation) bytes += operation.data?.length ?? 0;
    if (operation.type !== "create") continue;
    for (const { scheme, id } of operation.acl ?? []) bytes += 12 + scheme.length + id.length;
  }
  return bytes;
}
