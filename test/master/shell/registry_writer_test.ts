import { expect, test } from "vitest";
import { systemClock } from "../../../src/base/mod.ts";
import { MemoryTree, type Store } from "../../../src/coordination/mod.ts";
import type { RegistryOp } from "../../../src/master/mod.ts";
import { RegistryWriter } from "../../../src/master/shell/registry_writer.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const put = (path: string, value = path): RegistryOp => ({ op: "put", path, value: bytes(value) });
const remove = (path: string): RegistryOp => ({ op: "delete", path });

async function opened(store: Store) {
  if (!(await store.exists("/leader"))) await store.create("/leader");
  if (!(await store.exists("/registry"))) await store.create("/registry");
  const done: (number | string)[] = [];
  const writer = new RegistryWriter({
    store,
    path: "/registry",
    fence: { type: "check", path: "/leader" },
    signal: new AbortController().signal,
    clock: systemClock,
    onStored: () => undefined,
    onPersisted: (token) => done.push(token),
    onFailed: (token, message) => done.push(`${token}: ${message}`),
  });
  const read = async () => {
    const nodes = await writer.read();
    return Object.fromEntries(
      nodes.map(({ path, value }) => [path, new TextDecoder().decode(value)]),
    );
  };
  return { writer, done, read };
}

test("what was written is read again, in folders and beside them", async () => {
  await using store = new MemoryTree().connect();
  const { writer, done, read } = await opened(store);
  expect(await read()).toEqual({});
  writer.write(1, [put("agents/a"), put("agents/b"), put("quotas", "[]")]);
  writer.write(2, [put("agents/a", "new"), remove("agents/b"), remove("agents/never")]);
  await writer.settled();
  expect(done).toEqual([1, 2]);
  const again = await opened(store);
  expect(await again.read()).toEqual({ "agents/a": "new", quotas: "[]" });
  again.writer.write(3, [put("agents/a", "newer"), put("gone/b")]);
  await again.writer.settled();
  expect(await again.read()).toEqual({ "agents/a": "newer", "gone/b": "gone/b", quotas: "[]" });
});

test("a node that never was may be removed before its folder is there", async () => {
  await using store = new MemoryTree().connect();
  const { writer, done } = await opened(store);
  writer.write(1, [remove("unreachable/a")]);
  await writer.settled();
  writer.write(2, [put("unreachable/a")]);
  await writer.settled();
  expect(done).toEqual([1, 2]);
});

test("what waits goes into one transaction, as far as it fits", async () => {
  await using store = new MemoryTree({ limits: { multiBytesMax: 10_000 } }).connect();
  const { writer, done } = await opened(store);
  const before = (await store.exists("/registry"))?.modifiedZxid ?? 0n;
  for (let token = 1; token <= 20; token += 1) {
    writer.write(token, [put(`agents/${token}`, "x".repeat(1_000))]);
  }
  await writer.settled();
  expect(done).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  const zxids = await Promise.all(
    done.map(async (token) => (await store.get(`/registry/agents/${token}`))?.createdZxid ?? 0n),
  );
  expect(new Set(zxids).size).toBe(3);
  expect(zxids.every((zxid) => zxid > before)).toBe(true);
});

test("nothing is written once somebody else leads", async () => {
  await using store = new MemoryTree().connect();
  const { writer, done } = await opened(store);
  await store.delete("/leader");
  writer.write(1, [put("agents/a")]);
  await writer.settled();
  writer.write(2, [put("agents/b")]);
  await writer.settled();
  expect(done).toEqual([expect.stringMatching(/^1: .*\/leader/)]);
  expect(await store.list("/registry")).toEqual([]);
});
