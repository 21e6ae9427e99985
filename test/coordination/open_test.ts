import { MemoryTree, memoryDriver, openStore } from "fairlead/coordination";
import { expect, test } from "vitest";

test("memoryDriver() opens stores on one tree", async () => {
  const tree = new MemoryTree();
  const drivers = [memoryDriver(tree)];
  await using here = await openStore("memory:", { drivers });
  await using there = await openStore("memory:", { drivers });
  await here.create("/a");
  expect(await there.list("/")).toEqual(["a"]);
  expect(tree.sessions).toBe(2);
});

test("openStore() hands the rest of the address over as it is", async () => {
  const asked: string[] = [];
  const open = async (rest: string) => {
    asked.push(rest);
    return new MemoryTree().connect();
  };
  const drivers = [{ scheme: "zk", open }];
  await using _store = await openStore("zk://a:2181,b:2181/fairlead?x=1", { drivers });
  expect(asked).toEqual(["//a:2181,b:2181/fairlead?x=1"]);
});

test.each([
  ["zk://secret@host/", 'by "zk:": the drivers at hand are memory:'],
  ["/var/lib/fairlead", "by an address without a scheme"],
  ["", "by an address without a scheme"],
])("openStore() refuses %j without repeating it", async (address, message) => {
  const opening = openStore(address, { drivers: [memoryDriver()] });
  await expect(opening).rejects.toMatchObject({
    code: "unknown_store",
    message: expect.stringContaining(message),
  });
  await expect(opening).rejects.not.toMatchObject({ message: expect.stringContaining("secret") });
});
