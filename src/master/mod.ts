/**
 * The master of a cluster: it keeps agents, offers what they have to frameworks, starts their
 * tasks and tells what becomes of them, with the semantics of Mesos. `MasterCore` decides and does
 * no I/O; `createMaster` connects it to streams, links and a store, on every runtime;
 * `fairlead/master/node` listens on sockets.
 *
 * @example
 * ```ts
 * import { MemoryTree } from "fairlead/coordination";
 * import { createMaster } from "fairlead/master";
 *
 * await using store = new MemoryTree().connect();
 * await using master = createMaster({ store, info: { ip: 0, port: 5050, hostname: "localhost" } });
 * await master.leads();
 * const framework_info = { user: "me", name: "first", role: "web" };
 * const response = await master.handler(
 *   new Request("http://localhost:5050/api/v1/scheduler", {
 *     method: "POST",
 *     headers: { "content-type": "application/json" },
 *     body: JSON.stringify({ type: "SUBSCRIBE", subscribe: { framework_info } }),
 *   }),
 * );
 * console.assert(response.headers.has("mesos-stream-id"));
 * ```
 *
 * @module
 */
export { type Acl, acl } from "./acl/acl.ts";
export type { AclAction } from "./acl/actions.ts";
export { MasterCore } from "./core/core.ts";
export type {
  MasterChange,
  MasterEffect,
  MasterInput,
  OperatorCall,
  RegistryNode,
  RegistryOp,
} from "./core/events.ts";
export type { MasterOptions } from "./core/options.ts";
export type { Authorize, MetricsPort } from "./core/ports.ts";
export type {
  AgentConnection,
  AgentRecord,
  AgentStanding,
  AgentView,
  CompletedFramework,
  ConnectionId,
  ExecutorRecord,
  FrameworkConnection,
  FrameworkRecord,
  FrameworkView,
  InverseOfferRecord,
  LinkId,
  MachineRecord,
  MasterState,
  OfferRecord,
  OperationRecord,
  QuotaRecord,
  RecoveredAgent,
  RequestId,
  TaskFacts,
  TaskRecord,
  UnreachableAgent,
} from "./core/records.ts";
export { MasterMetrics, type MetricsReading, type ReadGauges } from "./metrics/metrics.ts";
export { PROMETHEUS_TYPE } from "./metrics/prometheus.ts";
export type { SchedulerCodec } from "./shell/codecs.ts";
export type { Driver, Reply } from "./shell/driver.ts";
export type { LinkPeer } from "./shell/link.ts";
export { createMaster, type Master } from "./shell/master.ts";
export type { CreateMasterOptions, Limits } from "./shell/options.ts";
export type { Role } from "./shell/role.ts";
export { socketPair } from "./shell/sockets.ts";
