/** Statuses of tasks, read by hand: see hot_pieces.ts. */
import {
  cold,
  type Fields,
  fieldsOf,
  hotBoolean,
  hotBytes,
  hotDouble,
  hotId,
  hotInteger,
  hotLabels,
  hotList,
  hotString,
  UNUSUAL,
} from "./hot_pieces.ts";
import { NetworkInfo } from "./infos.ts";
import {
  CheckStatusInfo,
  type ContainerID,
  ContainerStatus,
  TASK_STATES,
  TaskResourceLimitation,
  type TaskSource,
  type TaskState,
  type TaskStatus,
} from "./status.ts";
import { TimeInfo } from "./values.ts";

const STATES: ReadonlyMap<unknown, TaskState> = new Map(TASK_STATES.map((state) => [state, state]));
const SOURCES: ReadonlyMap<unknown, TaskSource> = new Map([
  ["SOURCE_MASTER", "SOURCE_MASTER"],
  ["SOURCE_AGENT", "SOURCE_AGENT"],
  ["SOURCE_EXECUTOR", "SOURCE_EXECUTOR"],
]);

function nameOf<T>(names: ReadonlyMap<unknown, T>, value: unknown): T {
  const name = names.get(value);
  if (name === undefined) throw UNUSUAL;
  return name;
}

export function hotStatus(value: unknown): TaskStatus {
  const from = fieldsOf(value);
  const status: TaskStatus = { task_id: hotId(from.task_id), state: nameOf(STATES, from.state) };
  if (from.message != null) status.message = hotString(from.message);
  if (from.source != null) status.source = nameOf(SOURCES, from.source);
  if (from.reason != null) status.reason = hotString(from.reason);
  if (from.data != null) status.data = hotBytes(from.data);
  if (from.agent_id != null) status.agent_id = hotId(from.agent_id);
  if (from.executor_id != null) status.executor_id = hotId(from.executor_id);
  if (from.timestamp != null) status.timestamp = hotDouble(from.timestamp);
  if (from.uuid != null) status.uuid = hotBytes(from.uuid);
  if (from.healthy != null) status.healthy = hotBoolean(from.healthy);
  if (from.container_status != null) {
    status.container_status = hotContainerStatus(from.container_status);
  }
  readRare(from, status);
  return status;
}

function readRare(from: Fields, status: TaskStatus): void {
  if (from.check_status != null) status.check_status = cold(CheckStatusInfo, from.check_status);
  if (from.labels != null) status.labels = hotLabels(from.labels);
  if (from.unreachable_time != null) {
    status.unreachable_time = cold(TimeInfo, from.unreachable_time);
  }
  if (from.limitation != null) status.limitation = cold(TaskResourceLimitation, from.limitation);
}

function hotContainerStatus(value: unknown): ContainerStatus {
  const from = fieldsOf(value);
  if (from.cgroup_info != null) return cold(ContainerStatus, value);
  const status: ContainerStatus = {};
  if (from.container_id != null) status.container_id = hotContainerId(from.container_id);
  if (from.network_infos != null) {
    status.network_infos = hotList(from.network_infos, hotNetwork);
  }
  if (from.executor_pid != null) {
    status.executor_pid = hotInteger(from.executor_pid, 0, 2 ** 32 - 1);
  }
  return status;
}

/** How many containers may hold each other before the schema decides. */
const PARENTS_MAX = 8;

function hotContainerId(value: unknown, depth = 0): ContainerID {
  if (depth > PARENTS_MAX) throw UNUSUAL;
  const from = fieldsOf(value);
  const id: ContainerID = { value: hotString(from.value) };
  if (from.parent != null) id.parent = hotContainerId(from.parent, depth + 1);
  return id;
}

function hotNetwork(value: unknown): NetworkInfo {
  const from = fieldsOf(value);
  if (from.groups != null || from.port_mappings != null || from.labels != null) {
    return cold(NetworkInfo, value);
  }
  const network: NetworkInfo = {};
  if (from.ip_addresses != null) network.ip_addresses = hotList(from.ip_addresses, hotAddress);
  if (from.name != null) network.name = hotString(from.name);
  return network;
}

type IpAddress = NonNullable<NetworkInfo["ip_addresses"]>[number];

function hotAddress(value: unknown): IpAddress {
  const from = fieldsOf(value);
  const address: IpAddress = {};
  if (from.protocol != null) address.protocol = hotString(from.protocol);
  if (from.ip_address != null) address.ip_address = hotString(from.ip_address);
  return address;
}
