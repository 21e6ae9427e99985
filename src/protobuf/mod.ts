/**
 * The scheduler and executor APIs of Mesos v1 in their other language: `application/x-protobuf`,
 * which Java, Go and C++ frameworks speak. Values are those of `fairlead/model`, JSON names
 * included; only the bytes differ.
 *
 * @example
 * ```ts
 * import { decodeSchedulerCall, encodeSchedulerCall } from "fairlead/protobuf";
 *
 * const bytes = encodeSchedulerCall({ type: "TEARDOWN", framework_id: { value: "f1" } });
 * console.assert(decodeSchedulerCall(bytes).type === "TEARDOWN");
 * ```
 *
 * @module
 */
export {
  decodeExecutorCall,
  decodeExecutorEvent,
  decodeSchedulerCall,
  decodeSchedulerEvent,
  encodeExecutorCall,
  encodeExecutorEvent,
  encodeSchedulerCall,
  encodeSchedulerEvent,
  PROTOBUF_TYPE,
} from "./codec.ts";
