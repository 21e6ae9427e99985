import { CREATE_FLAGS, OPCODES } from "fairlead/zookeeper";
import { expect, test } from "vitest";
import { Bench } from "./harness.ts";

const { createContainer, createTtl } = OPCODES;

test("reap() takes containers that had children, and no fresh or full ones", () => {
  const bench = new Bench();
  const client = bench.client();
  for (const path of ["/used", "/fresh", "/full"]) {
    client.create(path, CREATE_FLAGS.container, createContainer);
  }
  client.create("/used/a");
  client.create("/full/a");
  client.delete("/used/a");
  bench.core.reap();
  const left = ["/used", "/fresh", "/full"].filter((path) => bench.core.tree.get(path));
  expect(left).toEqual(["/fresh", "/full"]);
});

test("reap() takes nodes whose time is over: from the last change, and not before the last child", () => {
  const bench = new Bench();
  const client = bench.client();
  client.create("/a", CREATE_FLAGS.ttl, createTtl, 1_000n);
  client.create("/p", CREATE_FLAGS.ttl, createTtl, 1_000n);
  client.create("/p/c", CREATE_FLAGS.ttl, createTtl, 1_000n);
  const there = () => ["/a", "/p", "/p/c"].filter((path) => bench.core.tree.get(path));
  bench.dateMs += 1_000;
  bench.core.reap();
  expect(there()).toEqual(["/a", "/p", "/p/c"]);
  client.ask(OPCODES.setData, (writer) => {
    writer.text("/a");
    writer.buffer(null);
    writer.int(-1);
  });
  const before = bench.core.zxid;
  bench.dateMs += 1;
  bench.core.reap();
  expect(there()).toEqual(["/a", "/p"]);
  bench.core.reap();
  expect(there()).toEqual(["/a"]);
  expect(bench.core.zxid).toBe(before + 2n);
});
