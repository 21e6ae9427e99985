import { StateFeed } from "fairlead/base";
import { expect, test } from "vitest";

const feed = () => new StateFeed<number>(0, (state) => state < 0);

test("a reader gets the present state and every further one, and ends with the last", async () => {
  const states = feed();
  states.enter(1);
  const read: number[] = [];
  const reading = (async () => {
    for await (const state of states.changes()) read.push(state);
  })();
  states.enter(2);
  states.enter(-1);
  states.enter(3);
  await reading;
  expect(read).toEqual([1, 2, -1]);
  expect(states.state).toBe(-1);
  for await (const state of states.changes()) expect(state).toBe(-1);
});

test("a reader that lags loses the oldest", async () => {
  const states = feed();
  const reader = states.changes();
  await reader.next();
  for (let state = 1; state <= 100; state += 1) states.enter(state);
  expect((await reader.next()).value).toBe(37);
  await reader.return(undefined);
});
