import type { StoreDriver } from "../open.ts";
import { type EmbeddedOptions, EmbeddedStore } from "./embedded_store.ts";
import { ZooKeeperStore, type ZooKeeperStoreOptions } from "./zookeeper_store.ts";

/**
 * The driver of addresses such as `embedded:./data` and `embedded:/var/lib/fairlead`.
 *
 * @param options What the address does not say.
 */
export function embeddedDriver(options: Omit<EmbeddedOptions, "path"> = {}): StoreDriver {
  return {
    scheme: "embedded",
    open: (path) => EmbeddedStore.open({ ...options, path }),
  };
}

/**
 * The driver of addresses such as `zk://a:2181,b:2181/fairlead`, as Mesos writes them; before the
 * hosts may stand `user:password@`, a digest.
 *
 * @param options What the address does not say.
 */
export function zooKeeperDriver(options: ZooKeeperStoreOptions = {}): StoreDriver {
  return {
    scheme: "zk",
    open: async (rest) => {
      const [, auth, connectString = ""] = /^\/\/(?:([^@/]*)@)?(.*)$/s.exec(rest) ?? [];
      const own = auth === undefined ? [] : [{ scheme: "digest", auth }];
      const credentials = [...own, ...(options.credentials ?? [])];
      return await ZooKeeperStore.connect(connectString, { ...options, credentials });
    },
  };
}
