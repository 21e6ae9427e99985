/**
 * A master on Node: listens for frameworks, operators and agents.
 *
 * @example
 * ```ts
 * import { MemoryTree } from "fairlead/coordination";
 * import { serveMaster } from "fairlead/master/node";
 *
 * await using store = new MemoryTree().connect();
 * await using served = await serveMaster({ store, port: 0 });
 * await served.master.leads();
 * const { status } = await fetch(`${served.url}/health`);
 * console.assert(status === 200);
 * ```
 *
 * @module
 */
export {
  type Advertise,
  protobufCodec,
  type ServedMaster,
  type ServeMasterOptions,
  serveMaster,
} from "./serve.ts";
