/** A short round of `npm run -s chaos`, by seed: acceptance row 10 has the long ones. */
import { zooKeeperClasspath } from "fairlead/zookeeper/node";
import { expect, test } from "vitest";
import { runRound } from "./round.ts";

const hasServer = zooKeeperClasspath() !== undefined;
const reason = hasServer ? "" : " (skipped: ZooKeeper is not installed)";

test.skipIf(!hasServer).each([2, 5])(
  `a migration under faults diverges nowhere, seed %i${reason}`,
  async (seed) => {
    const result = await runRound({ seed, syncFaults: 2, soakFaults: 1 });
    const { violations, faults, operations, states, holdings, reads } = result;
    console.log(JSON.stringify(result));
    expect(violations, faults.join("; ")).toEqual([]);
    // The checkers had something to look at.
    expect(Math.min(operations, states, holdings, reads)).toBeGreaterThan(20);
  },
  300_000,
);
