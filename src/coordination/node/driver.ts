import type { StoreDriver } from "../open.ts";
import { type EmbeddedOptions, EmbeddedStore } from "./embedded_store.ts";

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
