import { expect, test } from "vitest";
import type { SocketEnd } from "../../../src/http/mod.ts";
import { socketPair } from "../../../src/master/mod.ts";

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

test("socketPair() tells messages in order, and never at once", async () => {
  const [left, right] = socketPair("p");
  const got: unknown[] = [];
  right.onMessage((message) => got.push(message));
  expect(left.send("a")).toBe(true);
  left.send(Uint8Array.of(1));
  expect(got).toEqual([]);
  expect(left.bufferedBytes).toBe(2);
  await turn();
  expect(got).toEqual(["a", Uint8Array.of(1)]);
  expect(left.bufferedBytes).toBe(0);
  expect(right.protocol).toBe("p");
});

test("socketPair() keeps messages until somebody listens", async () => {
  const [left, right] = socketPair();
  left.send("a");
  await turn();
  const got: unknown[] = [];
  right.onMessage((message) => got.push(message));
  await turn();
  expect(got).toEqual(["a"]);
});

test("socketPair() tells both ends of a close, after what was sent before", async () => {
  const [left, right] = socketPair();
  const got: unknown[] = [];
  const ends: SocketEnd[] = [];
  right.onMessage((message) => got.push(message));
  for (const end of [left, right]) end.onClose((how) => ends.push(how));
  left.send("last");
  left.close(1_000, "done");
  expect(left.send("late")).toBe(false);
  await turn();
  expect(got).toEqual(["last"]);
  expect(ends).toEqual([
    { code: 1_000, reason: "done" },
    { code: 1_000, reason: "done" },
  ]);
  expect(right.isOpen).toBe(false);
});

test("socketPair() tells the other end that a socket was cut", async () => {
  const [left, right] = socketPair();
  const ends: SocketEnd[] = [];
  right.onClose((how) => ends.push(how));
  left.terminate();
  left.terminate();
  await turn();
  expect(ends).toEqual([{ code: 1_006, reason: "" }]);
  let late: SocketEnd | undefined;
  right.onClose((how) => {
    late = how;
  });
  expect(late?.code).toBe(1_006);
});
