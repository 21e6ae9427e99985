import { ChangeQueue } from "fairlead/base";
import { expect, test } from "vitest";

test("what is not kept is stood for by one resync, after what was kept", async () => {
  const queue = new ChangeQueue<number>(2);
  for (const value of [1, 2, 3, 4]) queue.push(value);
  const read = queue.read(undefined);
  const got = [];
  for (let count = 0; count < 3; count += 1) got.push((await read.next()).value);
  expect(got).toEqual([1, 2, { type: "resync", cause: "overflow" }]);
  queue.push(5);
  expect((await read.next()).value).toBe(5);
});

test("the first resync says armed, later ones what they are asked to", async () => {
  const queue = new ChangeQueue<number>();
  queue.resync("reconnected");
  queue.resync("reconnected");
  const read = queue.read(undefined);
  expect((await read.next()).value).toEqual({ type: "resync", cause: "armed" });
  expect((await read.next()).value).toEqual({ type: "resync", cause: "reconnected" });
});

test("it ends when it is closed and throws when it fails, twice is harmless", async () => {
  const closed = new ChangeQueue<number>();
  closed.push(1);
  closed.close();
  closed.close();
  closed.push(2);
  const read = closed.read(undefined);
  expect(await read.next()).toEqual({ done: false, value: 1 });
  expect((await read.next()).done).toBe(true);
  const failed = new ChangeQueue<number>();
  failed.fail(new Error("gone"));
  await expect(failed.read(undefined).next()).rejects.toThrow("gone");
});
