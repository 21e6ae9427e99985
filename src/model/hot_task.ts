/** Tasks and their commands, read by hand: see hot_pieces.ts. */
import {
  cold,
  type Fields,
  fieldsOf,
  hotBoolean,
  hotBytes,
  hotId,
  hotLabels,
  hotList,
  hotResource,
  hotString,
  UNUSUAL,
} from "./hot_pieces.ts";
import {
  CheckInfo,
  CommandInfo,
  ContainerInfo,
  DiscoveryInfo,
  type Environment,
  ExecutorInfo,
  HealthCheck,
  type TaskInfo,
} from "./infos.ts";
import { Amounts, DurationInfo, KillPolicy } from "./values.ts";

export function hotTask(value: unknown): TaskInfo {
  const from = fieldsOf(value);
  const task: TaskInfo = {
    name: hotString(from.name),
    task_id: hotId(from.task_id),
    agent_id: hotId(from.agent_id),
  };
  if (from.resources != null) task.resources = hotList(from.resources, hotResource);
  if (from.executor != null) task.executor = cold(ExecutorInfo, from.executor);
  if (from.command != null) task.command = hotCommand(from.command);
  if (from.container != null) task.container = cold(ContainerInfo, from.container);
  if (from.data != null) task.data = hotBytes(from.data);
  if (from.labels != null) task.labels = hotLabels(from.labels);
  readRare(from, task);
  return task;
}

function readRare(from: Fields, task: TaskInfo): void {
  if (from.health_check != null) task.health_check = cold(HealthCheck, from.health_check);
  if (from.check != null) task.check = cold(CheckInfo, from.check);
  if (from.kill_policy != null) task.kill_policy = cold(KillPolicy, from.kill_policy);
  if (from.discovery != null) task.discovery = cold(DiscoveryInfo, from.discovery);
  if (from.max_completion_time != null) {
    task.max_completion_time = cold(DurationInfo, from.max_completion_time);
  }
  if (from.limits != null) task.limits = cold(Amounts, from.limits);
}

function hotCommand(value: unknown): CommandInfo {
  const from = fieldsOf(value);
  if (from.uris != null) return cold(CommandInfo, value);
  const command: CommandInfo = {};
  if (from.environment != null) command.environment = hotEnvironment(from.environment);
  if (from.shell != null) command.shell = hotBoolean(from.shell);
  if (from.value != null) command.value = hotString(from.value);
  if (from.arguments != null) command.arguments = hotList(from.arguments, hotString);
  if (from.user != null) command.user = hotString(from.user);
  return command;
}

function hotEnvironment(value: unknown): Environment {
  const { variables } = fieldsOf(value);
  return variables == null ? {} : { variables: hotList(variables, hotVariable) };
}

type Variable = NonNullable<Environment["variables"]>[number];

function hotVariable(item: unknown): Variable {
  const from = fieldsOf(item);
  if (from.secret != null) throw UNUSUAL;
  const variable: Variable = { name: hotString(from.name) };
  if (from.type != null) {
    if (from.type !== "VALUE") throw UNUSUAL;
    variable.type = from.type;
  }
  if (from.value != null) variable.value = hotString(from.value);
  return variable;
}
