/** From a waiting task and the pieces cut for it to what is launched. */
import type {
  CommandInfo,
  ExecutorInfo,
  Operation,
  ResourceJson,
  TaskInfo,
} from "../../model/mod.ts";
import type { PendingPiece, PendingTask } from "../task.ts";
import type { Part } from "./demand.ts";
import type { Cut } from "./pool.ts";
import type { Row } from "./rows.ts";

/** What a match launches of one waiting task. */
export type Made =
  | { readonly type: "LAUNCH"; readonly tasks: readonly TaskInfo[] }
  | {
      readonly type: "LAUNCH_GROUP";
      readonly tasks: readonly TaskInfo[];
      readonly operation: Operation;
    };

/** What has to be cut: the executor's part first, where there is one. */
export function demandParts({ executorPart, pieces }: PendingTask): Part[] {
  const parts = pieces.map(({ part }) => part);
  return executorPart === undefined ? parts : [executorPart, ...parts];
}

/** The same on a row, where the executor of a task may run already. */
export function partsOn(row: Row, task: PendingTask, parts: readonly Part[]): readonly Part[] {
  return runsOn(row, task) ? task.pieces.map(({ part }) => part) : parts;
}

/** Put together what is launched; the row takes note of the executor. */
export function assemble(task: PendingTask, cuts: readonly Cut[], row: Row): Made {
  const [first, ...others] = cuts;
  const isExecutorCut = cuts.length > task.pieces.length;
  const pieceCuts = isExecutorCut ? others : cuts;
  const tasks = task.pieces.map((piece, index) => infoOf(piece, pieceCuts[index] ?? NOTHING, row));
  const resources = isExecutorCut && first !== undefined ? first.resources : undefined;
  if (task.kind === "task") {
    const [info] = tasks;
    if (info?.executor === undefined) return { type: "LAUNCH", tasks };
    return { type: "LAUNCH", tasks: [withExecutor(info, info.executor, resources, row)] };
  }
  const [offer] = row.offers;
  const executor: ExecutorInfo = {
    type: "DEFAULT",
    executor_id: { value: task.id },
    ...(offer === undefined ? {} : { framework_id: offer.framework_id }),
    resources: [...(resources ?? [])],
  };
  const launch_group = { executor, task_group: { tasks } };
  return { type: "LAUNCH_GROUP", tasks, operation: { type: "LAUNCH_GROUP", launch_group } };
}

const NOTHING: Cut = { resources: [], ports: [] };

function runsOn(row: Row, { pieces }: PendingTask): boolean {
  const id = pieces[0]?.template.executor?.executor_id.value;
  return id !== undefined && row.executorIds.has(id);
}

function infoOf({ template, complete }: PendingPiece, cut: Cut, row: Row): TaskInfo {
  const { agentId, hostname } = row.facts;
  const [offer] = row.offers;
  const info: TaskInfo = { ...template, agent_id: row.agentId, resources: cut.resources };
  if (template.command !== undefined && cut.ports.length > 0) {
    info.command = withPorts(template.command, cut.ports);
  }
  if (complete === undefined || offer === undefined) return info;
  return complete(info, { agentId, hostname, role: row.role, ports: cut.ports, offer });
}

/** A framework's own executor: with what was cut for it, or as it runs. */
function withExecutor(
  info: TaskInfo,
  executor: ExecutorInfo,
  cut: readonly ResourceJson[] | undefined,
  row: Row,
): TaskInfo {
  row.executorIds.add(executor.executor_id.value);
  const allocation_info = { role: row.role };
  const resources = cut ?? (executor.resources ?? []).map((each) => ({ ...each, allocation_info }));
  const framework_id = executor.framework_id ?? row.offers[0]?.framework_id;
  return {
    ...info,
    executor: {
      ...executor,
      ...(framework_id === undefined ? {} : { framework_id }),
      resources: [...resources],
    },
  };
}

/** The environment names of Marathon: PORT0, PORT1 …, PORT, PORTS; what is set already stays. */
function withPorts(command: CommandInfo, ports: readonly number[]): CommandInfo {
  const given = command.environment?.variables ?? [];
  const names = new Set(given.map(({ name }) => name));
  const variables = [
    { name: "PORT", value: String(ports[0]) },
    { name: "PORTS", value: ports.join(",") },
    ...ports.map((port, index) => ({ name: `PORT${index}`, value: String(port) })),
  ].filter(({ name }) => !names.has(name));
  return { ...command, environment: { variables: [...given, ...variables] } };
}
