import { ZooKeeperServer } from "fairlead/zookeeper/node";
import { clientConformance } from "../conformance.ts";

clientConformance("ZooKeeper 3.8", async () => {
  const server = await ZooKeeperServer.start();
  return {
    address: server.address,
    superAuth: "super:secret",
    stop: () => server.stop(),
  };
});
