import { connectSide } from "fairlead/migration/node";
import { ZooKeeperEnsemble } from "fairlead/zookeeper/node";
import { expect, test } from "vitest";

test("connectSide() gives a client and the ensemble's log", async () => {
  await using ensemble = await ZooKeeperEnsemble.start({ size: 1 });
  await using side = await connectSide({ connectString: ensemble.connectString });
  await side.client.create("/a");
  const ending = new AbortController();
  for await (const event of side.feed(0n, ending.signal)) {
    if (event.type !== "snapshot") continue;
    expect(event.nodes.map(({ path }) => path)).toContain("/a");
    break;
  }
});
