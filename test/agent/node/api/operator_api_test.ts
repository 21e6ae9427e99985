import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { statOf } from "../../../../src/agent/node/launcher/identity.ts";
import { type Agent, createAgent } from "../../../../src/agent/node/mod.ts";
import { authenticator, encodeRecord, RecordIoReader } from "../../../../src/http/mod.ts";
import type { AgentResponse, OfType, ProcessIO } from "../../../../src/model/mod.ts";
import { command, executor, framework, member } from "../../core/bench.ts";
import { PlayedMaster } from "../support.ts";

let workDir = "";
let master: PlayedMaster;
let agent: Agent;
let container = "";
let sandbox = "";

beforeAll(async () => {
  workDir = await mkdtemp(join(tmpdir(), "fairlead-operators-"));
  master = await PlayedMaster.open();
  agent = await createAgent({
    masters: master.url,
    workDir,
    port: 0,
    hostname: "one",
    resources: "cpus:4;mem:1024;disk:2048;ports:[31000-31009]",
    attributes: "rack:r1;level:3",
    switchUser: false,
    authenticator: authenticator({
      basic: [
        { principal: "ops", secret: "s" },
        { principal: "guest", secret: "g" },
      ],
    }),
    authorize: (principal, action) => principal === "ops" || action === "GET_HEALTH",
  });
  await agent.registered();
  const script = "echo out; echo err >&2; mkdir sub; echo deep > sub/file; exec sleep 1000";
  master.launch(framework(), command("t1", { command: { value: script } }));
  const { container_status } = await master.reached("t1", "TASK_RUNNING");
  container = container_status?.container_id?.value ?? "";
  sandbox = join(workDir, "agents/m1-S0/frameworks/f1/executors/t1/runs", container);
});
afterAll(async () => {
  await agent.shutdown();
  await master[Symbol.asyncDispose]();
  await rm(workDir, { recursive: true, force: true });
});

const OPS = `Basic ${Buffer.from("ops:s").toString("base64")}`;
const GUEST = `Basic ${Buffer.from("guest:g").toString("base64")}`;

function post(call: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${agent.url}/api/v1`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: OPS, ...headers },
    body: JSON.stringify(call),
  });
}

async function ask<Type extends AgentResponse["type"]>(
  type: Type,
  more: object = {},
): Promise<OfType<AgentResponse, Type>> {
  const response = await post({ type, ...more });
  expect(response.status, type).toBe(200);
  return response.json();
}

async function get(path: string): Promise<Response> {
  return fetch(`${agent.url}${path}`, { headers: { authorization: OPS } });
}

async function* records(response: Response): AsyncGenerator<ProcessIO> {
  const reader = new RecordIoReader({ recordBytesMax: 1e7 });
  for await (const piece of response.body ?? []) {
    for (const record of reader.push(piece)) yield JSON.parse(Buffer.from(record).toString());
  }
}

async function outputOf(response: Response): Promise<{ stdout: string; stderr: string }> {
  const output = { stdout: "", stderr: "" };
  for await (const io of records(response)) {
    if (io.type !== "DATA") continue;
    const text = Buffer.from(io.data.data ?? "", "base64").toString();
    if (io.data.type === "STDOUT") output.stdout += text;
    else output.stderr += text;
  }
  return output;
}

const VIRTUAL = "/frameworks/f1/executors/t1/runs/latest";

describe("POST /api/v1 of an agent", () => {
  test("tells of health, version, flags, metrics and itself", async () => {
    expect((await ask("GET_HEALTH")).get_health).toEqual({ healthy: true });
    expect((await ask("GET_VERSION")).get_version.version_info.version).toMatch(/^\d+\.\d+\.\d+$/);
    const { flags } = (await ask("GET_FLAGS")).get_flags;
    expect(flags).toContainEqual({ name: "work_dir", value: workDir });
    const { metrics } = (await ask("GET_METRICS")).get_metrics;
    expect(metrics).toContainEqual({ name: "slave/tasks_running", value: 1 });
    expect((await ask("GET_AGENT")).get_agent.agent_info).toMatchObject({
      id: { value: "m1-S0" },
      hostname: "one",
    });
    expect((await ask("GET_OPERATIONS")).get_operations.operations).toEqual([]);
    const providers = await ask("GET_RESOURCE_PROVIDERS");
    expect(providers.get_resource_providers.resource_providers).toEqual([]);
  });

  test("tells of tasks, executors, frameworks and containers", async () => {
    const { get_tasks, get_executors, get_frameworks } = (await ask("GET_STATE")).get_state;
    expect(get_tasks).toEqual((await ask("GET_TASKS")).get_tasks);
    expect(get_executors).toEqual((await ask("GET_EXECUTORS")).get_executors);
    expect(get_frameworks).toEqual((await ask("GET_FRAMEWORKS")).get_frameworks);
    expect(get_tasks?.launched_tasks).toMatchObject([{ name: "t1", state: "TASK_RUNNING" }]);
    expect(get_executors?.executors).toMatchObject([
      { executor_info: { executor_id: { value: "t1" } } },
    ]);
    expect(get_frameworks?.frameworks).toMatchObject([{ framework_info: { name: "f1" } }]);
    const { containers } = (await ask("GET_CONTAINERS")).get_containers;
    expect(containers).toMatchObject([
      {
        framework_id: { value: "f1" },
        executor_id: { value: "t1" },
        container_id: { value: container },
        container_status: { executor_pid: expect.any(Number) },
        resource_statistics: { timestamp: expect.any(Number) },
      },
    ]);
    expect(containers?.[0]?.resource_statistics?.mem_rss_bytes).toBeGreaterThan(0);
  });

  test("shows sandboxes by their virtual and their real path, in pieces", async () => {
    for (const root of [VIRTUAL, `/frameworks/f1/executors/t1/runs/${container}`, sandbox]) {
      const { file_infos } = (await ask("LIST_FILES", { list_files: { path: root } })).list_files;
      expect(file_infos?.map(({ path }) => path)).toEqual([
        `${root}/stderr`,
        `${root}/stdout`,
        `${root}/sub`,
      ]);
    }
    const deep = await ask("READ_FILE", {
      read_file: { path: `${VIRTUAL}/sub/file`, offset: 1, length: 3 },
    });
    expect(deep.read_file).toEqual({ size: 5, data: Buffer.from("eep").toString("base64") });
  });

  test("shows nothing else: no way out of a sandbox, up or by links", async () => {
    await symlink("/etc/passwd", join(sandbox, "passwd"));
    await symlink(join(workDir, "executor.key"), join(sandbox, "key"));
    await mkdir(join(workDir, "volumes/roles/other/v"), { recursive: true });
    await writeFile(join(workDir, "volumes/roles/other/v/secret"), "secret");
    await symlink(join(workDir, "volumes/roles/other/v"), join(sandbox, "volume"));
    const paths = [
      `${VIRTUAL}/passwd`,
      `${VIRTUAL}/key`,
      `${VIRTUAL}/volume/secret`,
      `${VIRTUAL}/../../../../../../../../executor.key`,
      `${sandbox}/../../../../../../../../executor.key`,
      `${workDir}/executor.key`,
      `${workDir}/checkpoints`,
      "/etc/passwd",
      "/frameworks/../executor.key",
      "/frameworks/f1/executors/../../../executor.key/runs/x",
      `${VIRTUAL}/nothing`,
      "",
      "/",
    ];
    for (const path of paths) {
      const read = await post({ type: "READ_FILE", read_file: { path, offset: 0 } });
      expect([403, 404], path).toContain(read.status);
      const list = await post({ type: "LIST_FILES", list_files: { path } });
      expect([403, 404], path).toContain(list.status);
    }
    for (const name of ["passwd", "key", "volume"]) await rm(join(sandbox, name));
  });

  test("opens a session inside a task: output, exit and environment", async () => {
    const response = await post({
      type: "LAUNCH_NESTED_CONTAINER_SESSION",
      launch_nested_container_session: {
        container_id: { value: "s1", parent: { value: container } },
        command: {
          value: 'cat sub/file; echo "$GREETING" >&2',
          environment: { variables: [{ name: "GREETING", value: "hello" }] },
        },
      },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/recordio");
    expect(response.headers.get("message-content-type")).toBe("application/json");
    expect(await outputOf(response)).toEqual({ stdout: "deep\n", stderr: "hello\n" });
  });

  test("feeds input into a session, which has a terminal of the size that it is told", async () => {
    const id = { value: "s2", parent: { value: container } };
    const session = await post({
      type: "LAUNCH_NESTED_CONTAINER_SESSION",
      launch_nested_container_session: {
        container_id: id,
        command: { value: 'read a; stty size; read b; echo "[$a$b]"' },
        container: { type: "MESOS", tty_info: { window_size: { rows: 10, columns: 20 } } },
      },
    });
    const call = (input: object) => {
      const record = { type: "ATTACH_CONTAINER_INPUT", attach_container_input: input };
      return encodeRecord(JSON.stringify(record));
    };
    const data = (text: string) => {
      const stdin = { type: "STDIN", data: Buffer.from(text).toString("base64") };
      return call({ type: "PROCESS_IO", process_io: { type: "DATA", data: stdin } });
    };
    const size = { window_size: { rows: 33, columns: 44 } };
    const resize = call({
      type: "PROCESS_IO",
      process_io: { type: "CONTROL", control: { type: "TTY_INFO", tty_info: size } },
    });
    const body = Buffer.concat([
      call({ type: "CONTAINER_ID", container_id: id }),
      resize,
      data("one\n"),
      data("two\n"),
    ]);
    const attached = await fetch(`${agent.url}/api/v1`, {
      method: "POST",
      headers: {
        "content-type": "application/recordio",
        "message-content-type": "application/json",
        authorization: OPS,
      },
      body,
    });
    expect(attached.status).toBe(200);
    const { stdout } = await outputOf(session);
    expect(stdout).toContain("33 44");
    expect(stdout).toContain("[onetwo]");
  });

  test("a session ends with its reader", async () => {
    const gone = new AbortController();
    const response = await fetch(`${agent.url}/api/v1`, {
      method: "POST",
      signal: gone.signal,
      headers: { "content-type": "application/json", authorization: OPS },
      body: JSON.stringify({
        type: "LAUNCH_NESTED_CONTAINER_SESSION",
        launch_nested_container_session: {
          container_id: { value: "s3", parent: { value: container } },
          command: { value: "echo $$; exec sleep 1000" },
        },
      }),
    });
    let pid = 0;
    for await (const io of records(response)) {
      if (io.type === "DATA") pid = Number(Buffer.from(io.data.data ?? "", "base64"));
      if (pid > 0) break;
    }
    gone.abort();
    await master.until(() => statOf(pid) === undefined);
  });

  test("follows the output of a task to its end", async () => {
    const script = "while [ ! -e go ]; do sleep 0.05; done; echo now; echo then >&2";
    master.launch(framework(), command("t2", { command: { value: script } }));
    const { container_status } = await master.reached("t2", "TASK_RUNNING");
    const id = container_status?.container_id;
    const response = await post({
      type: "ATTACH_CONTAINER_OUTPUT",
      attach_container_output: { container_id: id },
    });
    expect(response.status).toBe(200);
    const runs = join(workDir, "agents/m1-S0/frameworks/f1/executors/t2/runs/latest");
    await writeFile(join(runs, "go"), "");
    expect(await outputOf(response)).toEqual({ stdout: "now\n", stderr: "then\n" });
    await master.reached("t2", "TASK_FINISHED");
  });

  test("starts containers on their own and beside others; wait, kill, remove", async () => {
    const id = { value: "alone" };
    const launch = { container_id: id, command: { value: "sleep 1000" } };
    expect((await post({ type: "LAUNCH_CONTAINER", launch_container: launch })).status).toBe(200);
    expect((await post({ type: "LAUNCH_CONTAINER", launch_container: launch })).status).toBe(202);
    const shown = await ask("GET_CONTAINERS", { get_containers: { show_standalone: true } });
    expect(shown.get_containers.containers).toContainEqual(
      expect.objectContaining({ container_id: id }),
    );
    const nested = {
      container_id: { value: "child", parent: id },
      command: { value: "echo beside > file; exit 3" },
    };
    const beside = { type: "LAUNCH_NESTED_CONTAINER", launch_nested_container: nested };
    expect((await post(beside)).status).toBe(200);
    const ended = await ask("WAIT_NESTED_CONTAINER", {
      wait_nested_container: { container_id: nested.container_id },
    });
    expect(ended.wait_nested_container).toMatchObject({ exit_status: 3 * 256 });
    const remove = { remove_container: { container_id: id } };
    expect((await post({ type: "REMOVE_CONTAINER", ...remove })).status).toBe(409);
    const waiting = ask("WAIT_CONTAINER", { wait_container: { container_id: id } });
    await post({ type: "KILL_CONTAINER", kill_container: { container_id: id, signal: 15 } });
    expect((await waiting).wait_container).toMatchObject({ exit_status: 15 });
    expect((await post({ type: "REMOVE_CONTAINER", ...remove })).status).toBe(200);
    expect((await post({ type: "REMOVE_CONTAINER", ...remove })).status).toBe(404);
  });

  test("a group is one container, or its parts", async () => {
    master.say({
      type: "launch_group",
      framework: framework(),
      executor: executor("pod", { type: "DEFAULT" }),
      tasks: ["a", "b"].map((id) => member(id, { command: { value: "sleep 1000" } })),
    });
    await master.reached("a", "TASK_RUNNING");
    await master.reached("b", "TASK_RUNNING");
    const of = (containers: Awaited<typeof whole>) =>
      containers?.filter(({ executor_id }) => executor_id?.value === "pod") ?? [];
    const whole = (await ask("GET_CONTAINERS")).get_containers.containers;
    expect(of(whole)).toHaveLength(1);
    const parts = await ask("GET_CONTAINERS", { get_containers: { show_nested: true } });
    expect(of(parts.get_containers.containers)).toHaveLength(2);
    const path = "/frameworks/f1/executors/pod/runs/latest/tasks";
    const { file_infos } = (await ask("LIST_FILES", { list_files: { path } })).list_files;
    expect(file_infos?.map((file) => file.path)).toEqual([`${path}/a`, `${path}/b`]);
    const out = await ask("READ_FILE", { read_file: { path: `${path}/a/stdout`, offset: 0 } });
    expect(out.read_file.size).toBe(0);
    master.kill("a");
    await master.reached("b", "TASK_KILLED");
  });

  test("answers with Mesos' status codes", async () => {
    const url = `${agent.url}/api/v1`;
    const headers = { authorization: OPS };
    expect((await fetch(url, { headers })).status).toBe(405);
    expect((await fetch(url, { method: "POST", headers })).status).toBe(400);
    expect((await post({ type: "GET_HEALTH" }, { "content-type": "text/plain" })).status).toBe(415);
    expect((await post({ type: "NONSENSE" })).status).toBe(400);
    expect((await post({ type: "GET_HEALTH" }, { accept: "text/html" })).status).toBe(406);
    expect((await post({ type: "PRUNE_IMAGES" })).status).toBe(501);
    const wait = { wait_container: { container_id: { value: "nobody" } } };
    expect((await post({ type: "WAIT_CONTAINER", ...wait })).status).toBe(404);
    expect((await post({ type: "GET_STATE" }, { authorization: "" })).status).toBe(401);
    expect((await post({ type: "GET_STATE" }, { authorization: GUEST })).status).toBe(403);
    expect((await post({ type: "GET_HEALTH" }, { authorization: GUEST })).status).toBe(200);
  });
});

describe("the endpoints of old", () => {
  test("/health needs no name, the others do", async () => {
    expect((await fetch(`${agent.url}/health`)).status).toBe(200);
    expect((await fetch(`${agent.url}/state`)).status).toBe(401);
    expect((await get("/nothing")).status).toBe(404);
  });

  test("/state, /containers, /monitor/statistics, /flags, /version", async () => {
    for (const path of ["/state", "/state.json", "/slave(1)/state"]) {
      expect(await (await get(path)).json()).toMatchObject({
        id: "m1-S0",
        hostname: "one",
        attributes: { rack: "r1", level: 3 },
        resources: { cpus: 4, mem: 1_024, ports: "[31000-31009]" },
        frameworks: [
          {
            id: "f1",
            executors: [
              {
                id: "t1",
                container,
                directory: sandbox,
                tasks: [{ id: "t1", state: "TASK_RUNNING", slave_id: "m1-S0" }],
              },
            ],
          },
        ],
      });
    }
    expect(await (await get("/monitor/statistics")).json()).toMatchObject([
      { executor_id: "t1", statistics: { timestamp: expect.any(Number) } },
    ]);
    expect((await get("/containers")).status).toBe(200);
    expect(await (await get("/flags")).json()).toMatchObject({ flags: { work_dir: workDir } });
    expect((await get("/version")).status).toBe(200);
  });

  test("/files/browse, /files/read and /files/download", async () => {
    const path = encodeURIComponent(sandbox);
    expect(await (await get(`/files/browse?path=${path}`)).json()).toMatchObject([
      { path: `${sandbox}/stderr`, mode: expect.stringMatching(/^-rw/), size: 4 },
      { path: `${sandbox}/stdout` },
      { path: `${sandbox}/sub`, mode: expect.stringMatching(/^drwx/) },
    ]);
    const read = (query: string) => get(`/files/read?path=${path}/stdout${query}`);
    expect(await (await read("&offset=0&length=2")).json()).toEqual({ offset: 0, data: "ou" });
    expect(await (await read("&offset=-1")).json()).toEqual({ offset: 4, data: "" });
    const file = await get(`/files/download?path=${path}/stdout`);
    expect([await file.text(), file.headers.get("content-disposition")]).toEqual([
      "out\n",
      "attachment; filename=stdout",
    ]);
    expect((await get("/files/read?path=/etc/passwd&offset=0")).status).toBe(404);
    expect((await get("/files/browse")).status).toBe(400);
  });

  test("/metrics/snapshot under Mesos' names, /metrics for Prometheus", async () => {
    const snapshot = await (await get("/metrics/snapshot")).json();
    expect(snapshot).toMatchObject({
      "slave/registered": 1,
      "slave/tasks_running": 1,
      "slave/cpus_total": 4,
      "slave/cpus_used": 1,
      "slave/cpus_percent": 0.25,
    });
    const response = await get("/metrics");
    expect(response.headers.get("content-type")).toContain("version=0.0.4");
    const text = await response.text();
    expect(text).toContain("# TYPE fairlead_agent_tasks_running gauge\n");
    expect(text).toMatch(/^fairlead_agent_tasks_finished_total \d+$/m);
    for (const line of text.trim().split("\n")) {
      expect(line).toMatch(/^(# TYPE [a-z_0-9]+ (gauge|counter)|[a-z_0-9]+ [0-9.e+-]+)$/);
    }
  });
});

describe("questions of the master", () => {
  test("are answered as the API answers", async () => {
    master.say(
      { type: "ask", id: 1, ask: { type: "READ_FILE", path: `${VIRTUAL}/stdout`, offset: 0 } },
      { type: "ask", id: 2, ask: { type: "LIST_FILES", path: "/etc" } },
      { type: "ask", id: 3, ask: { type: "GET_METRICS" } },
      { type: "ask", id: 4, ask: { type: "GET_CONTAINERS" } },
    );
    await master.until(() => master.all("answer").length === 4);
    const answers = new Map(master.all("answer").map((answer) => [answer.id, answer]));
    expect(answers.get(1)?.body).toEqual({
      type: "READ_FILE",
      read_file: { size: 4, data: Buffer.from("out\n").toString("base64") },
    });
    expect(answers.get(2)?.error?.code).toBe("not_found");
    expect(answers.get(3)?.body).toMatchObject({ type: "GET_METRICS" });
    expect(answers.get(4)?.body).toMatchObject({ type: "GET_CONTAINERS" });
  });
});
