import type { FairleadError } from "fairlead/base";
import { expect, test } from "vitest";
import { GroupCommitter, type Journal } from "../../../../src/zookeeper/node/server/committer.ts";

/** A journal that writes when it is told to. */
class HeldJournal implements Journal<readonly string[]> {
  readonly batches: (readonly string[])[] = [];
  #settle: { resolve: () => void; reject: (error: unknown) => void } | undefined;

  commit(batch: readonly string[]): Promise<void> {
    this.batches.push(batch);
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
  }

  async finish(error?: unknown): Promise<void> {
    if (error === undefined) this.#settle?.resolve();
    else this.#settle?.reject(error);
    await turn();
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

class Source {
  changes: string[] = [];

  get isDirty(): boolean {
    return this.changes.length > 0;
  }

  takeChanges(): readonly string[] {
    return this.changes.splice(0);
  }
}

function make(journal: HeldJournal | undefined = new HeldJournal()) {
  const source = new Source();
  const failures: FairleadError[] = [];
  const committer = new GroupCommitter(source, journal, (error) => failures.push(error));
  const told: string[] = [];
  const write = (what: string) => {
    source.changes.push(what);
    committer.whenDurable(() => told.push(what));
  };
  const read = (what: string) => committer.whenDurable(() => told.push(what));
  return { journal, source, failures, committer, told, write, read };
}

test("what changes nothing is told at once while nothing is being written", () => {
  const { read, told, journal } = make();
  read("a read");
  expect([told, journal?.batches]).toEqual([["a read"], []]);
});

test("what came in one turn is one batch; what comes meanwhile is the next one, in order", async () => {
  const { write, read, told, journal } = make();
  write("1");
  write("2");
  read("read 2");
  await turn();
  expect([told, journal?.batches]).toEqual([[], [["1", "2"]]]);
  write("3");
  // It may have seen 3, which is not safe yet.
  read("read 3");
  write("4");
  await journal?.finish();
  expect(told).toEqual(["1", "2", "read 2"]);
  expect(journal?.batches).toEqual([
    ["1", "2"],
    ["3", "4"],
  ]);
  await journal?.finish();
  expect(told.slice(3)).toEqual(["3", "read 3", "4"]);
});

test("reads that wait for a batch need none of their own", async () => {
  const { write, read, told, journal } = make();
  write("1");
  await turn();
  read("read 1");
  await journal?.finish();
  expect(told).toEqual(["1", "read 1"]);
  expect(journal?.batches).toHaveLength(1);
});

test("a batch that cannot be written: nobody is told, not even later", async () => {
  const { write, read, told, journal, failures, committer } = make();
  write("1");
  await turn();
  read("read 1");
  await journal?.finish(new Error("no space left"));
  read("read 2");
  write("2");
  await turn();
  expect(told).toEqual([]);
  expect(failures).toHaveLength(1);
  await expect(committer.drain()).rejects.toMatchObject({
    code: "store_failed",
    cause: { message: "no space left" },
  });
});

test("drain() waits for what is being written and for what waits behind it", async () => {
  const { write, told, journal, committer } = make();
  write("1");
  await turn();
  write("2");
  const drained = committer.drain();
  await journal?.finish();
  expect(told).toEqual(["1"]);
  await journal?.finish();
  await drained;
  expect(told).toEqual(["1", "2"]);
});

test("without a journal everything is told at once", () => {
  const source = new Source();
  const committer = new GroupCommitter(source, undefined, () => undefined);
  source.changes.push("1");
  const told: string[] = [];
  committer.whenDurable(() => told.push("1"));
  expect([told, source.isDirty]).toEqual([["1"], false]);
});
