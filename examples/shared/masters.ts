/** From the flag --master to what finds the master: addresses, or an ensemble of ZooKeeper. */
import type { Disposer } from "fairlead/base";
import { type Detector, masterDetector, openStore } from "fairlead/coordination";
import { zooKeeperDriver } from "fairlead/coordination/node";

/**
 * A detector for `zk://user:password@host:2181,host:2181/mesos`; undefined for addresses.
 *
 * @param opened Closes the connection to the ensemble.
 */
export async function detectorOf(
  [address = ""]: readonly string[],
  opened: Disposer,
  tls = false,
): Promise<Detector | undefined> {
  const [, hosts, path] = /^(zk:\/\/[^/]+)(\/.+)$/.exec(address) ?? [];
  if (hosts === undefined || path === undefined) return undefined;
  const store = opened.use(await openStore(hosts, { drivers: [zooKeeperDriver()] }));
  return masterDetector(store, path, { tls });
}
