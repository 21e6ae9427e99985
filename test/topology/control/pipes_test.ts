import { expect, test } from "vitest";
import { VirtualClock } from "../../../src/base/mod.ts";
import { Pipes } from "../../../src/topology/control/pipes.ts";

test("Pipes forget a pipe whose end is absent for a minute, and its tombstone after ten", async () => {
  const clock = new VirtualClock();
  const closed: string[] = [];
  const pipes = new Pipes({ clock, onClosed: (id, why) => closed.push(`${id}: ${why}`) });
  pipes.prepare("a");
  await clock.advance(60_000);
  expect(pipes.has("a")).toBe(true);
  await clock.advance(1);
  expect(pipes.has("a")).toBe(false);
  expect(closed).toEqual(["a: an end is absent"]);
  expect(() => pipes.prepare("a")).toThrowError(expect.objectContaining({ code: "pipe_closed" }));
  await clock.advance(600_000);
  pipes.prepare("a");
  expect(pipes.has("a")).toBe(true);
});

test("Pipes are limited in number", () => {
  const pipes = new Pipes({ clock: new VirtualClock(), pipesMax: 2 });
  pipes.prepare("a");
  pipes.prepare("b");
  pipes.prepare("a");
  expect(() => pipes.prepare("c")).toThrowError(expect.objectContaining({ code: "pipe_limit" }));
});
