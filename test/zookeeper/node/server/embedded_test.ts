import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { digestId, EmbeddedZooKeeper } from "fairlead/zookeeper/node";
import { clientConformance } from "../../conformance.ts";

const superAuth = "super:secret";

clientConformance("embedded, in memory", async () => {
  const server = await EmbeddedZooKeeper.start({ superDigest: digestId(superAuth) });
  return { address: server.connectString, superAuth, stop: () => server.stop() };
});

clientConformance("embedded, on disk", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "fairlead-embedded-"));
  const server = await EmbeddedZooKeeper.start({ dataDir, superDigest: digestId(superAuth) });
  return {
    address: server.connectString,
    superAuth,
    async stop() {
      await server.stop();
      await rm(dataDir, { recursive: true });
    },
  };
});
