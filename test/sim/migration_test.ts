import { simulateMigration } from "fairlead/sim";
import { expect, test } from "vitest";

test("300 migrations under load, killed at any moment: nothing is lost, done twice or torn", async () => {
  let kills = 0;
  let resolved = 0;
  const ends = new Set<string>();
  for (let seed = 1; seed <= 300; seed += 1) {
    const result = await simulateMigration({ seed });
    expect(result.violations, `simulateMigration({ seed: ${seed} })`).toEqual([]);
    kills += result.kills;
    resolved += result.resolved;
    ends.add(result.phase);
  }
  expect(kills).toBeGreaterThan(200);
  expect(resolved).toBeGreaterThan(50);
  expect([...ends].sort()).toEqual(["aborted", "soak"]);
}, 180_000);

test("the same seed gives the same run", async () => {
  const [one, other] = [await simulateMigration({ seed: 7 }), await simulateMigration({ seed: 7 })];
  expect(one).toEqual(other);
});
