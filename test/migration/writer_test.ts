import { FairleadError, SeededRandom } from "fairlead/base";
import { type EnsembleClient, Writer } from "fairlead/migration";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Cursor, encodeCursor } from "../../src/migration/journal.ts";
import { codeOf } from "../zookeeper/conformance.ts";
import { simulated } from "./world.ts";

const PATH = "/cursor";
const start: Cursor = {
  format: 1,
  id: "m",
  phase: "bootstrap",
  zxid: 0n,
  sequence: 0,
  owner: "nobody",
  ownSessions: [],
  deadlineMs: 0,
  reverseZxid: 0n,
};

async function open(seed: number, lossRatio: number) {
  const world = simulated(seed);
  const client = world.ensemble.connect({ isSuper: true, lossRatio });
  const setup = world.ensemble.connect();
  await world.wait(
    setup.multi([
      { type: "create", path: PATH, data: encodeCursor(start) },
      { type: "create", path: "/log" },
    ]),
  );
  return { ...world, client };
}

test("every write is done once, in order, whatever answers are lost", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.constantFrom(0, 0.05, 0.4),
      async (seed, lossRatio) => {
        const { wait, client, ensemble, clock } = await open(seed, lossRatio);
        const writer = await wait(Writer.claim(client, PATH, "me", { operationsMax: 3 }));
        const random = new SeededRandom(seed);
        const done: number[] = [];
        for (let index = 0; index < 40; index += 1) {
          writer.push({
            operations: [{ type: "create", path: "/log/n-", sequential: true }],
            acls:
              index % 7 === 0
                ? [{ path: "/log", acl: [{ permissions: 31, scheme: "world", id: "anyone" }] }]
                : [],
            patch: { zxid: BigInt(index) },
            done: () => done.push(index),
          });
          if (random.int(3) === 0) await clock.advance(random.int(20));
        }
        await wait(writer.flush());
        expect(done).toEqual(Array.from({ length: 40 }, (_, index) => index));
        expect(ensemble.children("/log")).toHaveLength(40);
        expect(writer.cursor).toMatchObject({ zxid: 39n, owner: "me" });
      },
    ),
    { numRuns: 60 },
  );
});

test("of two writers the older one fails with its next write, and changes nothing", async () => {
  const { wait, ensemble } = await open(1, 0);
  const first = await wait(Writer.claim(ensemble.connect({ isSuper: true }), PATH, "first"));
  const second = await wait(Writer.claim(ensemble.connect({ isSuper: true }), PATH, "second"));
  const create = (path: string) => ({
    operations: [{ type: "create" as const, path }],
    acls: [],
    patch: {},
  });
  expect(await codeOf(wait(first.write(create("/log/first"))))).toBe("migration_fenced");
  await wait(second.write(create("/log/second")));
  expect(ensemble.children("/log")).toEqual(["second"]);
  expect(() => first.push(create("/log/again"))).toThrow(
    expect.objectContaining({ code: "migration_fenced" }),
  );
});

test("what somebody else did to the target is an error that names the path", async () => {
  const { wait, ensemble, client } = await open(1, 0);
  const writer = await wait(Writer.claim(client, PATH, "me"));
  await wait(ensemble.connect().multi([{ type: "create", path: "/log/a" }]));
  const write = writer.write({
    operations: [{ type: "create", path: "/log/a" }],
    acls: [],
    patch: {},
  });
  await expect(wait(write)).rejects.toMatchObject({
    code: "target_diverged",
    details: { path: "/log/a" },
  });
});

test("a node that went by itself is no divergence, if it was one that may", async () => {
  const { wait, client } = await open(1, 0);
  const writer = await wait(Writer.claim(client, PATH, "me"));
  const operations = [
    { type: "create", path: "/log/a" },
    { type: "delete", path: "/log/gone" },
    { type: "create", path: "/log/b" },
  ] as const;
  await wait(writer.write({ operations, acls: [], patch: {}, expendable: new Set(["/log/gone"]) }));
  expect((await wait(client.children("/log"))).names.toSorted()).toEqual(["a", "b"]);
});

/** A client's calls, to be replaced one by one. */
function calls(client: EnsembleClient): EnsembleClient {
  return {
    lastZxid: 0n,
    session: client.session,
    get: (path) => client.get(path),
    exists: (path) => client.exists(path),
    children: (path) => client.children(path),
    getAcl: (path) => client.getAcl(path),
    setAcl: (path, acl, options) => client.setAcl(path, acl, options),
    getMany: (paths) => client.getMany(paths),
    sync: (path) => client.sync(path),
    multi: (operations) => client.multi(operations),
  };
}

test("an ACL of a writer that slept does not undo that of the one that took over", async () => {
  const { wait, ensemble } = await open(1, 0);
  const write = (permissions: number) => ({
    operations: [],
    acls: [{ path: "/log", acl: [{ permissions, scheme: "world", id: "anyone" }] }],
    patch: {},
  });
  const client = ensemble.connect({ isSuper: true });
  let wake = () => {};
  const asleep = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const sleepy: EnsembleClient = {
    ...calls(client),
    setAcl: async (path, acl, options) => {
      await asleep;
      return await client.setAcl(path, acl, options);
    },
  };
  const first = await wait(Writer.claim(sleepy, PATH, "first"));
  const late = first.write(write(1)).catch((error: unknown) => error);
  const second = await wait(Writer.claim(ensemble.connect({ isSuper: true }), PATH, "second"));
  await wait(second.write(write(1)));
  await wait(second.write(write(31)));
  wake();
  expect(await wait(late)).toMatchObject({ code: "migration_fenced" });
  expect((await wait(client.getAcl("/log"))).acl).toMatchObject([{ permissions: 31 }]);
});

test("a claim that the writer before it overtakes is made anew, on what that one left", async () => {
  const { wait, client, ensemble } = await open(1, 0);
  const old = await wait(Writer.claim(client, PATH, "old"));
  const other = ensemble.connect({ isSuper: true });
  let overtaken = 0;
  const racing: EnsembleClient = {
    ...calls(other),
    multi: async (operations) => {
      if (overtaken < 3) {
        overtaken += 1;
        await old.write({ operations: [], acls: [], patch: { zxid: BigInt(overtaken) } });
      }
      return await other.multi(operations);
    },
  };
  const next = await wait(Writer.claim(racing, PATH, "next"));
  expect(next.cursor).toMatchObject({ owner: "next", zxid: 3n });
  const write = { operations: [], acls: [], patch: { zxid: 9n } };
  expect(await codeOf(wait(old.write(write)))).toBe("migration_fenced");
  await wait(next.write(write));
  expect(next.cursor).toMatchObject({ owner: "next", zxid: 9n });
});

test("a claim among the writes that are under way cuts them off behind one of them", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 1_000_000 }),
      fc.integer({ min: 0, max: 60 }),
      fc.constantFrom(0, 0.2),
      async (seed, delayMs, lossRatio) => {
        const { wait, ensemble, clock } = await open(seed, lossRatio);
        const connect = () => ensemble.connect({ isSuper: true, lossRatio });
        const first = await wait(Writer.claim(connect(), PATH, "first", { operationsMax: 1 }));
        const told: number[] = [];
        for (let index = 1; index <= 12; index += 1) {
          const path = `/log/${String(index).padStart(2, "0")}`;
          first.push({
            operations: [{ type: "create", path }],
            acls: [],
            patch: { zxid: BigInt(index) },
            done: () => told.push(index),
          });
        }
        await clock.advance(delayMs);
        // Of the same name, as an operator's program that is started twice.
        const second = await wait(Writer.claim(connect(), PATH, "first"));
        const { zxid } = second.cursor;
        await wait(first.flush().catch(() => undefined));
        const written = ensemble.children("/log").toSorted().map(Number);
        expect(written).toEqual(Array.from({ length: Number(zxid) }, (_, index) => index + 1));
        expect(told).toEqual(written.slice(0, told.length));
        await wait(second.write({ operations: [], acls: [], patch: { zxid: 99n } }));
        expect(second.cursor.zxid).toBe(99n);
      },
    ),
    { numRuns: 200 },
  );
});

test("what waits is counted in bytes; what is too large for a request is said so", async () => {
  const { client, wait } = await open(1, 0);
  const writer = await wait(Writer.claim(client, PATH, "me"));
  const write = (data: Uint8Array) =>
    writer.push({ operations: [{ type: "set", path: "/log", data }], acls: [], patch: {} });
  for (let index = 0; index < 20; index += 1) write(new Uint8Array(500_000));
  expect(writer.backlogBytes).toBeGreaterThan(10_000_000);
  await wait(writer.flush());
  expect(writer.backlogBytes).toBe(0);
  const error = new FairleadError("request_too_large", "Cannot do it: it has too many bytes");
  Object.defineProperty(client, "multi", { value: () => Promise.reject(error) });
  write(new Uint8Array(1));
  expect(await codeOf(wait(writer.flush()))).toBe("request_too_large");
});
