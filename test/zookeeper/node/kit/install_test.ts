import { installZooKeeper, zooKeeperClasspath } from "fairlead/zookeeper/node";
import { expect, test } from "vitest";

test("installZooKeeper() gives the classpath, and twice the same", async () => {
  const classpath = await installZooKeeper();
  expect(classpath).toContain("zookeeper.jar");
  expect(await installZooKeeper()).toBe(classpath);
  expect(zooKeeperClasspath()).toBe(classpath);
});
