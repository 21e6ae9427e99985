/** Before all tests: what they need of Debian, once, so that no two workers install at a time. */

import { FairleadError } from "../../src/base/mod.ts";
import { installZooKeeper } from "../../src/zookeeper/node/mod.ts";
import { installNats } from "./nats_server.ts";

export default async function install(): Promise<void> {
  try {
    await installZooKeeper();
  } catch (error) {
    // The tests of ZooKeeper fail with the same words; all others go on.
    if (!(error instanceof FairleadError)) throw error;
    process.stderr.write(`${error.message}\n`);
  }
  // Its tests say that they are skipped where it is not there.
  await installNats();
}
