/** The endpoints that tools knew before the v1 API: `/state`, `/containers`, `/files/...`. */
import { FairleadError } from "../../../base/mod.ts";
import { json, text } from "../../../http/mod.ts";
import {
  type AgentContainer,
  type AgentInfo,
  type Attribute,
  isTerminal,
  type ResourceJson,
  type Task,
} from "../../../model/mod.ts";
import type { AgentView } from "../../core/core.ts";
import { taskOf } from "../../core/link.ts";
import { sandboxFolder } from "../../core/paths.ts";
import type { ExecutorRecord, FrameworkRecord } from "../../core/records.ts";
import type { SandboxFiles } from "./files.ts";
import { amountsOf, completedTaskOf, isQueued, usedResources } from "./views.ts";

/** What of the agent `/state` needs besides its records. */
export interface LegacyFacts {
  readonly workDir: string;
  readonly endpoint: string;
  readonly version: string;
  readonly startMs: number;
  readonly flags: Readonly<Record<string, string>>;
}

const READ_BYTES_MAX = 65_536;

/** `/state`. */
export function legacyState(state: AgentView, facts: LegacyFacts): Record<string, unknown> {
  const { info } = state;
  return {
    version: facts.version,
    id: info.id?.value ?? "",
    pid: `slave(1)@${facts.endpoint}`,
    hostname: info.hostname,
    start_time: facts.startMs / 1_000,
    resources: amounts(info.resources ?? []),
    attributes: attributesOf(info),
    flags: facts.flags,
    frameworks: Array.from(state.frameworks.values(), (framework) =>
      legacyFramework(state, framework, facts),
    ),
    completed_frameworks: [],
    used_resources: amounts([...usedResources(state)]),
  };
}

function legacyFramework(state: AgentView, framework: FrameworkRecord, facts: LegacyFacts) {
  const { id, info, executors } = framework;
  return {
    id,
    name: info?.name ?? "",
    user: info?.user ?? "",
    failover_timeout: info?.failover_timeout ?? 0,
    checkpoint: info?.checkpoint ?? false,
    hostname: info?.hostname ?? "",
    roles: info?.roles ?? (info?.role === undefined ? [] : [info.role]),
    executors: Array.from(executors.values())
      .filter(({ phase }) => phase !== "ended")
      .map((executor) => legacyExecutor(state, executor, facts)),
    completed_executors: Array.from(executors.values())
      .filter(({ phase }) => phase === "ended")
      .map((executor) => legacyExecutor(state, executor, facts)),
  };
}

function legacyExecutor(state: AgentView, executor: ExecutorRecord, { workDir }: LegacyFacts) {
  const { framework, info, container, agentId, tasks } = executor;
  const all = [...tasks.values()];
  const legacy = (record: (typeof all)[number]) => legacyTask(taskOf(record, agentId));
  return {
    id: info.executor_id.value,
    name: info.name ?? "",
    source: info.source ?? "",
    container,
    directory: sandboxFolder(workDir, {
      agentId,
      frameworkId: framework.id,
      executorId: info.executor_id.value,
      container,
    }),
    resources: amounts([
      ...(info.resources ?? []),
      ...all.filter((task) => !isTerminal(task.state)).flatMap((task) => task.info.resources ?? []),
    ]),
    queued_tasks: all.filter(isQueued).map(legacy),
    tasks: all.filter((task) => !isTerminal(task.state) && !isQueued(task)).map(legacy),
    completed_tasks: [
      ...all.filter((task) => isTerminal(task.state)).map(legacy),
      ...state.completed
        .filter((each) => each.frameworkId === framework.id)
        .filter((each) => each.executorId === info.executor_id.value)
        .map((each) => legacyTask(completedTaskOf(each))),
    ],
  };
}

function legacyTask(task: Task): Record<string, unknown> {
  return {
    id: task.task_id.value,
    name: task.name,
    framework_id: task.framework_id.value,
    executor_id: task.executor_id?.value ?? "",
    slave_id: task.agent_id.value,
    state: task.state,
    resources: amounts(task.resources ?? []),
    statuses: (task.statuses ?? []).map(({ state, timestamp, healthy, container_status }) => ({
      state,
      timestamp,
      ...(healthy === undefined ? {} : { healthy }),
      ...(container_status === undefined ? {} : { container_status }),
    })),
    labels: task.labels?.labels ?? [],
    ...(task.discovery === undefined ? {} : { discovery: task.discovery }),
    ...(task.container === undefined ? {} : { container: task.container }),
  };
}

function amounts(resources: readonly ResourceJson[]): Record<string, number | string> {
  const all: Record<string, number | string> = { cpus: 0, mem: 0, disk: 0, gpus: 0 };
  for (const [name, amount] of amountsOf(resources)) all[name] = amount;
  for (const { name, ranges } of resources) {
    const text = (ranges?.range ?? []).map(({ begin, end }) => `${begin}-${end}`).join(", ");
    if (ranges !== undefined) all[name] = `[${text}]`;
  }
  return all;
}

function attributesOf({ attributes }: AgentInfo): Record<string, unknown> {
  return Object.fromEntries((attributes ?? []).map((each) => [each.name, attributeValue(each)]));
}

function attributeValue({ scalar, text, set, ranges }: Attribute): unknown {
  if (scalar !== undefined) return scalar.value;
  if (text !== undefined) return text.value;
  if (set !== undefined) return set.item ?? [];
  return (ranges?.range ?? []).map(({ begin, end }) => `${begin}-${end}`).join(", ");
}

/** `/containers`. */
export function legacyContainers(containers: readonly AgentContainer[]): unknown[] {
  return containers.map((each) => ({
    framework_id: each.framework_id?.value ?? "",
    executor_id: each.executor_id?.value ?? "",
    executor_name: each.executor_name ?? "",
    source: each.executor_id?.value ?? "",
    container_id: each.container_id.value,
    status: each.container_status ?? {},
    statistics: each.resource_statistics ?? {},
  }));
}

/** `/files/browse`, `/files/read` and `/files/download`. */
export async function legacyFiles(url: URL, files: SandboxFiles): Promise<Response> {
  const path = url.searchParams.get("path");
  if (path === null) return text(400, "Expecting 'path=value' in query.");
  try {
    if (url.pathname === "/files/browse") return json(200, await browse(path, files));
    if (url.pathname === "/files/read") return json(200, await read(path, url, files));
    return download(path, files);
  } catch (error) {
    const { code, message } = FairleadError.from(error);
    if (code === "not_found") return text(404, message);
    if (code === "forbidden") return text(403, message);
    throw error;
  }
}

async function browse(path: string, files: SandboxFiles): Promise<unknown[]> {
  const listed = await files.list(path);
  return listed.map(({ path: each, nlink, size, mtime, mode, uid, gid }) => ({
    path: each,
    nlink,
    size,
    mtime: Math.floor((mtime?.nanoseconds ?? 0) / 1e9),
    mode: modeText(mode ?? 0),
    uid,
    gid,
  }));
}

const KINDS: ReadonlyMap<number, string> = new Map([
  [0o040_000, "d"],
  [0o120_000, "l"],
  [0o010_000, "p"],
  [0o140_000, "s"],
  [0o020_000, "c"],
  [0o060_000, "b"],
]);

/** As `ls -l` shows it. */
function modeText(mode: number): string {
  const kind = KINDS.get(mode & 0o170_000) ?? "-";
  const bits = Array.from("rwxrwxrwx", (letter, index) =>
    (mode & (0o400 >> index)) === 0 ? "-" : letter,
  );
  return kind + bits.join("");
}

async function read(path: string, url: URL, files: SandboxFiles): Promise<unknown> {
  const offset = Number(url.searchParams.get("offset") ?? -1);
  const length = Number(url.searchParams.get("length") ?? READ_BYTES_MAX);
  if (!(offset >= 0)) {
    const { size } = await files.read(path, { offset: 0, length: 0 });
    return { offset: size, data: "" };
  }
  const wanted = length >= 0 ? Math.min(length, READ_BYTES_MAX) : READ_BYTES_MAX;
  const { data } = await files.read(path, { offset, length: wanted });
  return { offset, data: Buffer.from(data, "base64").toString() };
}

/** The whole file, as it is when it is read. */
async function download(path: string, files: SandboxFiles): Promise<Response> {
  const { size } = await files.read(path, { offset: 0, length: 0 });
  let offset = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { data } = await files.read(path, { offset, length: size - offset });
      const bytes = Buffer.from(data, "base64");
      if (bytes.length === 0) return controller.close();
      offset += bytes.length;
      controller.enqueue(bytes);
    },
  });
  const name = path.slice(path.lastIndexOf("/") + 1).replaceAll(/[^\w.-]/g, "_");
  return new Response(body, {
    headers: {
      "content-type": "application/octet-stream",
      "content-disposition": `attachment; filename=${name}`,
    },
  });
}
