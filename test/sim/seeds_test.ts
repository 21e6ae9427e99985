import { simulate } from "fairlead/sim";
import { expect, test } from "vitest";
import { clusterOf } from "./run/cluster.ts";

const SEEDS = 150;

test(`${SEEDS} clusters, an hour each and half an hour to come to rest, break no promise`, () => {
  let launches = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const result = simulate(clusterOf(seed));
    launches += result.launches;
    const again = `npm run -s sim -- --seed ${seed}`;
    expect(result.violations, `seed ${seed}: replay it with ${again}`).toEqual([]);
  }
  expect(launches).toBeGreaterThan(SEEDS * 50);
}, 600_000);
