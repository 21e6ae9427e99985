import { journalPaths, Writer } from "fairlead/migration";
import { OPEN_ACL } from "fairlead/zookeeper";
import { expect, test } from "vitest";
import { readOnly } from "../../src/migration/fences.ts";
import { makeJournal } from "../../src/migration/journal_nodes.ts";
import { originalAcl, readSavedAcls, saveAcls } from "../../src/migration/saved_acls.ts";
import { codeOf } from "../zookeeper/conformance.ts";
import { node } from "./support.ts";
import { simulated } from "./world.ts";

const OWN = [{ permissions: 31, scheme: "digest", id: "ada:x" }];

async function open() {
  const { ensemble, wait } = simulated();
  const client = ensemble.connect({ isSuper: true });
  await wait(makeJournal(client, { id: "m", owner: "me" }));
  const writer = await wait(Writer.claim(client, journalPaths("m").cursor, "me"));
  return { client, wait, ensemble, how: { client, writer, id: "m" } };
}

test("what many nodes have is kept in pieces, once, and read again", async () => {
  const { client, wait, ensemble, how } = await open();
  const many = Array.from({ length: 5_000 }, (_, index) => {
    return node(`/app/node-${index}`, index % 2 === 0 ? { acl: OWN } : {});
  });
  expect(await wait(readSavedAcls(client, "m"))).toBeUndefined();
  const saved = await wait(saveAcls(how, many));
  expect(saved.size).toBe(2_500);
  expect(ensemble.children("/fairlead-migration/m/acls").length).toBeGreaterThan(2);
  expect(await wait(readSavedAcls(client, "m"))).toEqual(saved);
  // Shut by now, they are not kept again.
  const shut = many.map((each) => ({ ...each, acl: readOnly(each.acl) }));
  expect(await wait(saveAcls(how, shut))).toEqual(saved);
  expect(shut.slice(0, 2).map((each) => originalAcl(each, saved))).toEqual([OWN, OPEN_ACL]);
  // Made behind it, and never shut.
  expect(originalAcl(node("/app/late", { acl: OWN }), saved)).toBe(OWN);
});

test("half a list is made anew; one that cannot be read is refused", async () => {
  const { client, wait, how } = await open();
  const acls = "/fairlead-migration/m/acls";
  const write = (path: string) =>
    wait(client.multi([{ type: "create", path, data: new Uint8Array(1) }]));
  await write(acls);
  await write(`${acls}/0000000000`);
  const saved = await wait(saveAcls(how, [node("/app", { acl: OWN })]));
  expect(await wait(readSavedAcls(client, "m"))).toEqual(saved);
  await write(`${acls}/9999999999`);
  expect(await codeOf(wait(readSavedAcls(client, "m")))).toBe("invalid_journal");
});
