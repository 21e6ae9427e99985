/** Writes to the target: in order, many at a time, each with the cursor, each exactly once. */

import { FairleadError, Fifo, systemRandom } from "../base/mod.ts";
import { type Acl, type Operation, utf8Bytes } from "../zookeeper/mod.ts";
import { type Cursor, decodeCursor, encodeCursor, ownerPath } from "./journal.ts";
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
/** Before those of a write: who owns the cursor, and the cursor. */
const OWN_OPERATIONS = 2;
const NOTHING: Waiting = { write: { operations: [], acls: [], patch: {} }, bytes: 0 };
/** How often the one before may write in between while its cursor is claimed. */
const CLAIMS_MAX = 1_000;

/**
 * The one that writes: each write is a multi that first checks who owns the cursor, then sets the
 * cursor at the version that the one before left. So of two migrators one fails with its next write,
 * a write whose answer was lost is known to be done or not, and writes that are under way together
 * still happen in order or not at all.
 *
 * The cursor's version alone would not do: a claim among several writes under way takes the place of
 * the first of them, and the second would find the version that it expects.
 */
export class Writer {
  readonly #client: EnsembleClient;
  readonly #path: string;
  readonly #limits: WriterLimits;
  #cursor: Cursor;
  #version: number;
  /** Of the node that says who owns the cursor: it changes with each claim. */
  #claim: number;
  /** Sent and not answered, oldest first. */
  #sent: Sent[] = [];
  readonly #waiting = new Fifo<Waiting>();
  #waitingBytes = 0;
  #running: Promise<void> | undefined;
  #failure: unknown;
  #tellFailure: (failure: unknown) => void = () => {};
  #resolved = 0;
  #failed = this.#newFailed();

  private constructor(
    client: EnsembleClient,
    path: string,
    { cursor, version, claim, limits }: Begin & { readonly limits: WriterLimits },
  ) {
    this.#client = client;
    this.#path = path;
    this.#cursor = cursor;
    this.#version = version;
    this.#claim = claim;
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
    const begin = await claimCursor(client, path, owner);
    return new Writer(client, path, { ...begin, limits: { ...WRITER_LIMITS, ...limits } });
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

  /** Resolves with what a write failed with: nothing is written any more. */
  get failed(): Promise<unknown> {
    return this.#failed;
  }

  #newFailed(): Promise<unknown> {
    return new Promise((resolve) => {
      this.#tellFailure = resolve;
    });
  }

  /**
   * Write on behind what was done, after the target refused a write: that one and all behind it are
   * forgotten. To be called when nothing is under way.
   */
  restart(): void {
    this.#failure = undefined;
    this.#failed = this.#newFailed();
    this.#sent = [];
    while (this.#waiting.shift() !== undefined);
    this.#waitingBytes = 0;
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
    try {
      await this.#sendAll(answers);
    } finally {
      // What is under way comes to its end, whatever became of one of them.
      await Promise.allSettled(answers);
    }
  }

  async #sendAll(answers: Promise<boolean>[]): Promise<void> {
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
    const check = { type: "check", path: ownerPath(this.#path), version: this.#claim } as const;
    const set = { type: "set", path: this.#path, data, version } as const;
    try {
      await this.#client.multi([check, set, ...sent.operations]);
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
    // Another one's, or behind a write that failed or whose outcome is unknown: reading tells.
    const isCursors = typeof index === "number" && index < OWN_OPERATIONS;
    if (isCursors && (code === "bad_version" || code === "no_node")) return false;
    if (this.#sent[0] !== sent) return false;
    if (code === "no_node" && typeof index === "number" && isExpendable(sent, index)) {
      const at = index - OWN_OPERATIONS;
      this.#sent[0] = { ...sent, operations: sent.operations.toSpliced(at, 1) };
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
    const client = this.#client;
    const { cursor, version } = await readCursor(client, this.#path);
    // Read after the cursor: who owns it now owned it then.
    const claim = await untilAnswered(() => client.exists(ownerPath(this.#path)));
    const steps = cursor.sequence - this.#cursor.sequence;
    const isSteady = steps >= 0 && version - this.#version === steps;
    if (claim?.version !== this.#claim || !isSteady) throw fenced(cursor);
    this.#acknowledge(steps);
  }

  async #setAcl(path: string, acl: readonly Acl[]): Promise<void> {
    for (;;) {
      const known = await untilAnswered(() => this.#client.exists(path));
      // It was deleted by what comes next, before an earlier try was cut off.
      if (known === undefined) return;
      // Who sleeps behind this finds another version, if the one that took over has set it too.
      await this.check();
      try {
        const how = { version: known.aversion };
        await untilAnswered(() => this.#client.setAcl(path, acl, how));
        return;
      } catch (error) {
        const code = error instanceof FairleadError ? error.code : "";
        if (code === "no_node") return;
        if (code !== "bad_version") throw error;
      }
    }
  }

  /**
   * Look whether it is still ours to write.
   *
   * @throws {FairleadError} `migration_fenced` when another one has taken over.
   */
  async check(): Promise<void> {
    const client = this.#client;
    const path = ownerPath(this.#path);
    await untilAnswered(() => client.sync(path));
    const claim = await untilAnswered(() => client.exists(path));
    if (claim?.version === this.#claim) return;
    throw fenced((await readCursor(client, this.#path)).cursor);
  }

  #lost(): FairleadError {
    return new FairleadError(
      "target_unreachable",
      `Cannot go on with the migration: the target lost ${LOST_MAX} answers in a row`,
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

/** Where a writer begins. */
interface Begin {
  readonly cursor: Cursor;
  /** Of the cursor. */
  readonly version: number;
  /** Version of the node that says who owns it. */
  readonly claim: number;
}

async function readCursor(client: EnsembleClient, path: string) {
  await untilAnswered(() => client.sync(path));
  const { data, stat } = await untilAnswered(() => client.get(path));
  return { cursor: decodeCursor(data, path), version: stat.version };
}

/** Write a name into the cursor and beside it, on what the one before left. */
async function claimCursor(client: EnsembleClient, path: string, owner: string): Promise<Begin> {
  const token = `${owner} ${systemRandom.u32()}-${systemRandom.u32()}`;
  let rival: string | undefined;
  for (let tries = 1; ; tries += 1) {
    // First who owns it: the cursor that is read behind that is at least as new.
    await untilAnswered(() => client.sync(path));
    const before = await readOwner(client, path);
    const found = await readCursor(client, path);
    if (before?.token === token) return { ...found, claim: before.version };
    rival ??= before?.token ?? "";
    // The one before may write in between; another one that claims may not.
    if (tries > CLAIMS_MAX || rival !== (before?.token ?? "")) throw fenced(found.cursor);
    const cursor = { ...found.cursor, owner, sequence: found.cursor.sequence + 1 };
    const data = new TextEncoder().encode(token);
    const at = ownerPath(path);
    const name =
      before === undefined
        ? ({ type: "create", path: at, data } as const)
        : ({ type: "set", path: at, data, version: before.version } as const);
    const set = {
      type: "set",
      path,
      data: encodeCursor(cursor),
      version: found.version,
    } as const;
    try {
      await client.multi([name, set]);
      return { cursor, version: found.version + 1, claim: (before?.version ?? -1) + 1 };
    } catch (error) {
      if (!isUndecided(error)) throw error;
    }
  }
}

async function readOwner(client: EnsembleClient, path: string) {
  const at = ownerPath(path);
  if ((await untilAnswered(() => client.exists(at))) === undefined) return undefined;
  const { data, stat } = await untilAnswered(() => client.get(at));
  return { token: new TextDecoder().decode(data ?? undefined), version: stat.version };
}

/** Whether reading tells what became of a claim: its answer was lost, or somebody was faster. */
function isUndecided(error: unknown): boolean {
  const codes = ["connection_loss", "timeout", "bad_version", "node_exists"];
  return error instanceof FairleadError && codes.includes(error.code);
}

function fenced({ owner }: Cursor): FairleadError {
  return new FairleadError(
    "migration_fenced",
    `Cannot go on with the migration: "${owner}" has taken it over`,
    { details: { owner } },
  );
}

/** The operation at an index of the multi, whose first ones are the cursor's. */
function isExpendable({ operations, expendable }: Sent, index: number): boolean {
  const operation = operations[index - OWN_OPERATIONS];
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
