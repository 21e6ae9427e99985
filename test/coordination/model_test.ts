/** Random calls on each driver and on a naive model: equal answers, equal trees, equal after reopening. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FairleadError } from "fairlead/base";
import {
  MemoryTree,
  type OpResult,
  readTree,
  type Store,
  type StoreOp,
} from "fairlead/coordination";
import { EmbeddedStore } from "fairlead/coordination/node";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ModelStore, type Outcome } from "./model.ts";

const path = fc.constantFrom("/a", "/b", "/a/x", "/a/y", "/b/x", "/a/x/1", "/a/n0000000001");
const value = fc.uint8Array({ maxLength: 3 });
const version = fc.option(fc.nat(3), { nil: undefined });
const operation: fc.Arbitrary<StoreOp> = fc.oneof(
  fc.record({
    type: fc.constant("create" as const),
    path,
    value,
    ephemeral: fc.boolean(),
    sequential: fc.constantFrom(false, false, true),
  }),
  fc.record({ type: fc.constant("set" as const), path, value, version }),
  fc.record({ type: fc.constant("delete" as const), path, version }),
  fc.record({ type: fc.constant("check" as const), path, version }),
);
const step = fc.oneof(
  { weight: 20, arbitrary: fc.array(operation, { minLength: 1, maxLength: 4 }) },
  { weight: 1, arbitrary: fc.constant("new session" as const) },
);
const steps = fc.array(step, { maxLength: 60 });

/** A driver in the hands of this test. */
interface Driven {
  store: Store;
  /** End the session, and begin another on the same tree. */
  renew(): Promise<void>;
  close(): Promise<void>;
}

function outcomeOf(result: OpResult): string {
  if (result.type === "create") return `create ${result.path}`;
  return result.type === "set" ? `set ${result.stat.version}` : result.type;
}

async function attempt(store: Store, operations: readonly StoreOp[]): Promise<Outcome> {
  try {
    return (await store.multi(operations)).map(outcomeOf);
  } catch (error) {
    return [`!${FairleadError.from(error).code}`];
  }
}

async function linesOf(store: Store): Promise<string[]> {
  return [...(await readTree(store, "/"))]
    .map(([each, node]) => {
      const kind = node.ephemeralOwner === undefined ? "p" : "e";
      return `${each} ${node.value.join()} v${node.version} c${node.childrenVersion} n${node.childrenCount} ${kind}`;
    })
    .sort();
}

async function compare(driven: Driven, sequence: (readonly StoreOp[] | "new session")[]) {
  const model = new ModelStore();
  for (const each of sequence) {
    if (each === "new session") {
      model.endSession();
      await driven.renew();
    } else {
      expect(await attempt(driven.store, each)).toEqual(model.apply(each));
    }
  }
  expect(await linesOf(driven.store)).toEqual(model.lines());
  expect(await driven.store.list("/")).toEqual(model.children("/"));
  await driven.renew();
  model.endSession();
  expect(await linesOf(driven.store)).toEqual(model.lines());
}

test("the memory driver is like the model", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      const tree = new MemoryTree();
      const driven: Driven = {
        store: tree.connect(),
        async renew() {
          await this.store.close();
          this.store = tree.connect();
        },
        close: () => driven.store.close(),
      };
      await compare(driven, sequence);
      await driven.close();
    }),
    { numRuns: 300 },
  );
});

test("the embedded driver is like the model, and after each reopening", async () => {
  const folder = await mkdtemp(join(tmpdir(), "fairlead-model-"));
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      runs += 1;
      const at = join(folder, String(runs));
      const driven: Driven = {
        store: await EmbeddedStore.open({ path: at }),
        async renew() {
          await this.store.close();
          this.store = await EmbeddedStore.open({ path: at });
        },
        close: () => driven.store.close(),
      };
      await compare(driven, sequence);
      await driven.close();
    }),
    { numRuns: 40 },
  );
  await rm(folder, { recursive: true });
});
