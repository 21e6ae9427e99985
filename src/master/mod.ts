/**
 * The master of a cluster: it keeps agents, offers what they have to frameworks, starts their
 * tasks and tells what becomes of them, with the semantics of Mesos. `MasterCore` decides and does
 * no I/O; shells connect it to streams, links and a store.
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
