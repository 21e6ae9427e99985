import { readJournal } from "fairlead/migration";
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
