/**
 * The agent: what runs on every machine of a cluster, starts tasks, watches them and tells the
 * master. What starts a container is a port, `Containerizer`.
 *
 * @example
 * ```ts
 * import { type ContainerSpec, describeWaitStatus, exitedWith } from "fairlead/agent";
 *
 * const spec: ContainerSpec = {
 *   id: "c1",
 *   sandbox: "/tmp/sandbox",
 *   command: { shell: true, value: "sleep 10", arguments: [] },
 *   environment: { PATH: "/usr/bin:/bin" },
 *   volumes: [],
 *   limits: { cpus: 1, memBytes: 64 * 2 ** 20 },
 *   shares: { cpus: 0.5 },
 *   logs: { bytesMax: 10_000_000, filesMax: 2 },
 * };
 * console.assert(spec.command.shell && describeWaitStatus(exitedWith(1)) === "exited with status 1");
 * ```
 *
 * @module
 */
export type {
  CheckResult,
  CheckSpec,
  Container,
  ContainerCommand,
  Containerizer,
  ContainerLimits,
  ContainerSignal,
  ContainerSpec,
  ContainerStatistics,
  ContainerVolume,
  ExecOptions,
  ExecSession,
  LogRotation,
  Recovered,
  Termination,
  WindowSize,
} from "./containerizer.ts";
export { AgentCore, type AgentView } from "./core/core.ts";
export type {
  AgentEffect,
  AgentInput,
  CheckKind,
  Checkpoint,
  ContainerLaunch,
  ExecutorConnection,
  VolumeFolder,
} from "./core/events.ts";
export { AGENT_TIMES, type AgentCoreOptions, type AgentTimes } from "./core/options.ts";
export type {
  CompletedTask,
  Connection,
  ExecutorRecord,
  FrameworkRecord,
  OperationRecord,
  TaskRecord,
  UpdateStream,
} from "./core/records.ts";
export {
  describeWaitStatus,
  exitCodeOf,
  exitedWith,
  killedBy,
  signalOf,
} from "./wait_status.ts";
