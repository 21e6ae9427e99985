import { readJournal } from "fairlead/migration";
import type { Operation } from "fairlead/zookeeper";
import { expect, test } from "vitest";
import { journalPaths } from "../../src/migration/journal.ts";
import { makeJournal } from "../../src/migration/journal_nodes.ts";
import { codeOf } from "../zookeeper/conformance.ts";
import { simulated } from "./world.ts";

test("makeJournal() makes what is missing and lets the rest be; readJournal() reads it", async () => {
  const { ensemble, wait } = simulated();
  const client = ensemble.connect({ isSuper: true });
  expect(await wait(readJournal(client, "m"))).toBeUndefined();
  await wait(makeJournal(client, { id: "m", owner: "me" }, 7n));
  await wait(makeJournal(client, { id: "m", owner: "you" }, 9n));
  const { ledger } = journalPaths("m");
  for (const entry of ["one", "two"]) {
    const data = new TextEncoder().encode(entry);
    await wait(client.multi([{ type: "create", path: `${ledger}/`, data, sequential: true }]));
  }
  const journal = await wait(readJournal(client, "m"));
  expect(journal?.cursor).toMatchObject({ phase: "bootstrap", zxid: 7n, owner: "me" });
  expect(journal?.ledger).toEqual(["one", "two"]);
});

test("readJournal() refuses what no release of ours wrote", async () => {
  const { ensemble, wait } = simulated();
  const client = ensemble.connect({ isSuper: true });
  await wait(makeJournal(client, { id: "m", owner: "me" }));
  const { cursor } = journalPaths("m");
  await wait(client.multi([{ type: "set", path: cursor, data: new Uint8Array(3) }]));
  expect(await codeOf(wait(readJournal(client, "m")))).toBe("invalid_journal");
});

test("makeJournal() shuts clients out of what is ours, where we are a superuser", async () => {
  const { ensemble, wait } = simulated();
  const user = { scheme: "digest", user: "super" };
  const root = Object.assign(ensemble.connect({ isSuper: true }), { whoAmI: async () => [user] });
  await wait(makeJournal(root, { id: "m", owner: "me" }));
  const client = ensemble.connect();
  const paths = journalPaths("m");
  const data = new Uint8Array(0);
  const write = (operation: Operation) => codeOf(wait(client.multi([operation])));
  expect(await write({ type: "set", path: paths.cursor, data })).toBe("no_auth");
  expect(await write({ type: "create", path: `${paths.requests}/finalize-1` })).toBe("no_auth");
  expect(await write({ type: "create", path: "/fairlead-migration/others" })).toBe("no_auth");
  const before = ensemble.node(paths.cursor)?.acl;
  expect(before?.some(({ scheme }) => scheme === "world")).toBe(false);
});
