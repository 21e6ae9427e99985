import { aclFence, readOnly } from "fairlead/migration";
import { type Acl, OPEN_ACL } from "fairlead/zookeeper";
import { expect, test } from "vitest";
import { isFenced } from "../../src/migration/fences.ts";
import { codeOf } from "../zookeeper/conformance.ts";
import { simulated } from "./world.ts";

test("readOnly() leaves reading to whom it was given, and is never empty", () => {
  expect(readOnly(OPEN_ACL)).toEqual([{ permissions: 1, scheme: "world", id: "anyone" }]);
  const hidden = [{ permissions: 30, scheme: "digest", id: "ada:x" }];
  expect(readOnly(hidden)).toHaveLength(1);
  expect(readOnly(hidden)[0]).toMatchObject({ permissions: 1 });
  expect(readOnly(readOnly(OPEN_ACL))).toEqual(readOnly(OPEN_ACL));
  expect([isFenced(readOnly(OPEN_ACL), OPEN_ACL), isFenced(OPEN_ACL, OPEN_ACL)]).toEqual([
    true,
    false,
  ]);
});

test("aclFence() shuts writers out and lets them in again, twice as well as once", async () => {
  const { ensemble, wait } = simulated();
  const root = ensemble.connect({ isSuper: true });
  const client = ensemble.connect();
  await wait(client.multi([{ type: "create", path: "/a" }]));
  const nodes = ["/a", "/gone"].map((path) => ({ path, acl: OPEN_ACL }));
  const fence = aclFence(root, () => nodes);
  const { signal } = new AbortController();
  const write = () => codeOf(wait(client.multi([{ type: "set", path: "/a", data: null }])));
  await wait(fence.close(signal));
  await wait(fence.close(signal));
  expect(await write()).toBe("no_auth");
  await wait(fence.open(signal));
  await wait(fence.open(signal));
  expect(await write()).toBe("");
});

test("aclFence() shuts a node anew whose ACL was set while it was shut", async () => {
  const { ensemble, wait } = simulated();
  const root = ensemble.connect({ isSuper: true });
  const client = ensemble.connect();
  await wait(client.multi([{ type: "create", path: "/a" }]));
  const other = [...OPEN_ACL, { permissions: 1, scheme: "digest", id: "ada:x" }];
  let acl: readonly Acl[] = OPEN_ACL;
  const fence = aclFence(root, () => [{ path: "/a", acl }]);
  const { signal } = new AbortController();
  await wait(fence.close(signal));
  // It came in the log before the fence's own, and was not known when the fence was shut.
  acl = other;
  await wait(fence.close(signal));
  expect((await wait(client.getAcl("/a"))).acl).toEqual(readOnly(other));
});

test("aclFence() opens what is shut, and leaves what a client has set since", async () => {
  const { ensemble, wait } = simulated();
  const root = ensemble.connect({ isSuper: true });
  await wait(root.multi(["/a", "/b"].map((path) => ({ type: "create", path }) as const)));
  const nodes = ["/a", "/b", "/gone"].map((path) => ({ path, acl: OPEN_ACL }));
  const { signal } = new AbortController();
  await wait(aclFence(root, () => nodes).close(signal));
  // Another process began to open it, and was killed; a client was quick.
  const own = [{ permissions: 31, scheme: "digest", id: "ada:x" }];
  await wait(root.setAcl("/b", own));
  await wait(aclFence(root, () => nodes).open(signal));
  expect((await wait(root.getAcl("/a"))).acl).toEqual(OPEN_ACL);
  expect((await wait(root.getAcl("/b"))).acl).toEqual(own);
});

test("aclFence() neither shuts nor opens anything for one whose turn is over", async () => {
  const { ensemble, wait } = simulated();
  const root = ensemble.connect({ isSuper: true });
  const paths = Array.from({ length: 600 }, (_, index) => `/n${index}`);
  await wait(root.multi(paths.map((path) => ({ type: "create", path }) as const)));
  let turns = 1;
  const check = async () => {
    turns -= 1;
    if (turns < 0) throw new Error("another one's turn");
  };
  const nodes = () => paths.map((path) => ({ path, acl: OPEN_ACL }));
  const { signal } = new AbortController();
  const isShut = async (path: string) =>
    isFenced((await wait(root.getAcl(path))).acl, OPEN_ACL) ? 1 : 0;
  const shut = async () => {
    let count = 0;
    for (const path of paths) count += await isShut(path);
    return count;
  };
  await expect(wait(aclFence(root, nodes, check).close(signal))).rejects.toThrow("turn");
  expect(await shut()).toBe(512);
  await wait(aclFence(root, nodes).close(signal));
  turns = 0;
  await expect(wait(aclFence(root, nodes, check).open(signal))).rejects.toThrow("turn");
  expect(await shut()).toBe(600);
});
