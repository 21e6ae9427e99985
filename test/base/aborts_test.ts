import { Aborts } from "fairlead/base";
import { expect, test } from "vitest";

test("one signal ends all waits that were added, and none that was removed", () => {
  const aborts = new Aborts();
  const controller = new AbortController();
  const ended: string[] = [];
  const first = (reason: unknown) => ended.push(`first ${reason}`);
  const second = (reason: unknown) => ended.push(`second ${reason}`);
  aborts.add(controller.signal, first);
  aborts.add(controller.signal, second);
  aborts.remove(controller.signal, first);
  aborts.add(undefined, first);
  aborts.remove(undefined, first);
  controller.abort("enough");
  expect(ended).toEqual(["second enough"]);
});

test("thousands of waits of one signal are one listener, and none after the last", () => {
  const aborts = new Aborts();
  const { signal } = new AbortController();
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  Object.assign(signal, {
    addEventListener(...args: Parameters<typeof add>) {
      listeners += 1;
      add(...args);
    },
    removeEventListener(...args: Parameters<typeof remove>) {
      listeners -= 1;
      remove(...args);
    },
  });
  const acts = Array.from({ length: 2_000 }, () => () => {});
  for (const act of acts) aborts.add(signal, act);
  expect(listeners).toBe(1);
  for (const act of acts) aborts.remove(signal, act);
  expect(listeners).toBe(0);
});
