import { describe, expect, test } from "vitest";
import { RecordIoReader } from "../../../src/http/mod.ts";
import {
  type MasterEvent,
  type MasterResponse,
  readMasterEvent,
  readMasterResponse,
} from "../../../src/model/mod.ts";
import {
  inProcess,
  JSON_TYPE,
  post,
  RawFramework,
  type Reached,
  ScriptedAgent,
  taskFor,
} from "../shell/support.ts";

/** Ask, and hold the answer against the schema. */
async function ask(reached: Reached, call: object): Promise<MasterResponse> {
  const response = await post(reached, "/api/v1", call);
  const body = await response.text();
  if (response.status !== 200) throw new Error(`${response.status}: ${body}`);
  return readMasterResponse(JSON.parse(body));
}

/** A master that leads, with an agent on which a framework runs a task. */
async function cluster(options: Parameters<typeof inProcess>[0] = {}) {
  const reached = await inProcess(options);
  await reached.master.leads();
  const agent = await ScriptedAgent.register(reached);
  const framework = await RawFramework.subscribe(reached);
  const offers = await framework.offers();
  await framework.launch(offers, [taskFor(offers[0]!, "t1", "cpus:2;mem:64")]);
  const status = await framework.update();
  return { reached, agent, framework, status };
}

async function* events(response: Response): AsyncGenerator<MasterEvent, undefined> {
  const records = new RecordIoReader({ recordBytesMax: 2 ** 26 });
  for await (const chunk of response.body!) {
    for (const record of records.push(chunk)) {
      yield readMasterEvent(JSON.parse(new TextDecoder().decode(record)));
    }
  }
  return undefined;
}

describe("POST /api/v1", () => {
  test("GET_STATE tells of agents, frameworks, tasks", async () => {
    const { reached, agent, framework } = await cluster();
    await using _ = reached;
    const answer = await ask(reached, { type: "GET_STATE" });
    if (answer.type !== "GET_STATE") throw new Error(answer.type);
    const { get_agents, get_frameworks, get_tasks, get_executors } = answer.get_state;
    expect(get_agents?.agents).toMatchObject([
      {
        agent_info: { id: { value: agent.id }, hostname: "agent.example" },
        active: true,
        pid: expect.stringMatching(/^slave\(1\)@.+:5051$/),
      },
    ]);
    const used = get_agents?.agents?.[0]?.allocated_resources ?? [];
    expect(used.find(({ name }) => name === "cpus")).toMatchObject({
      scalar: { value: 2 },
      allocation_info: { role: "web" },
    });
    expect(get_frameworks?.frameworks).toMatchObject([
      { framework_info: { id: { value: framework.id } }, active: true, connected: true },
    ]);
    expect(get_tasks?.tasks).toMatchObject([
      { task_id: { value: "t1" }, state: "TASK_RUNNING", agent_id: { value: agent.id } },
    ]);
    expect(get_executors).toEqual({ executors: [], orphan_executors: [] });
  });

  test.each([
    "GET_HEALTH",
    "GET_FLAGS",
    "GET_VERSION",
    "GET_METRICS",
    "GET_LOGGING_LEVEL",
    "GET_AGENTS",
    "GET_FRAMEWORKS",
    "GET_EXECUTORS",
    "GET_OPERATIONS",
    "GET_TASKS",
    "GET_ROLES",
    "GET_WEIGHTS",
    "GET_MASTER",
    "GET_MAINTENANCE_STATUS",
    "GET_MAINTENANCE_SCHEDULE",
    "GET_QUOTA",
  ])("%s is answered in the shape of the protos", async (type) => {
    const { reached } = await cluster();
    await using _ = reached;
    const answer = await ask(reached, { type });
    expect(answer).toMatchObject({ type, [type.toLowerCase()]: expect.any(Object) });
  });

  test("GET_ROLES counts what a role holds", async () => {
    const { reached, framework } = await cluster();
    await using _ = reached;
    const answer = await ask(reached, { type: "GET_ROLES" });
    if (answer.type !== "GET_ROLES") throw new Error(answer.type);
    const web = answer.get_roles.roles?.find(({ name }) => name === "web");
    expect(web).toMatchObject({ weight: 1, frameworks: [{ value: framework.id }] });
  });

  test("weights and quotas that are set are told", async () => {
    const { reached } = await cluster();
    await using _ = reached;
    const weights = { weight_infos: [{ role: "web", weight: 3 }] };
    const set = await post(reached, "/api/v1", {
      type: "UPDATE_WEIGHTS",
      update_weights: weights,
    });
    expect(set.status).toBe(200);
    expect(await ask(reached, { type: "GET_WEIGHTS" })).toMatchObject({ get_weights: weights });
    const config = { role: "web", limits: { cpus: { value: 4 } } };
    const limited = await post(reached, "/api/v1", {
      type: "UPDATE_QUOTA",
      update_quota: { quota_configs: [config] },
    });
    expect(limited.status).toBe(200);
    expect(await ask(reached, { type: "GET_QUOTA" })).toMatchObject({
      get_quota: { status: { configs: [config] } },
    });
  });

  test("GET_FLAGS and READ_FILE: the log is a file, and there is no other", async () => {
    const { reached } = await cluster();
    await using _ = reached;
    const path = "/master/log";
    const listed = await ask(reached, { type: "LIST_FILES", list_files: { path: "/master" } });
    expect(listed).toMatchObject({ list_files: { file_infos: [{ path }] } });
    const read = await ask(reached, { type: "READ_FILE", read_file: { path, offset: 0 } });
    if (read.type !== "READ_FILE") throw new Error(read.type);
    expect(atob(read.read_file.data)).toContain("framework");
    for (const other of ["/etc/passwd", "/master/log/../../etc/passwd", "/master/logs"]) {
      const call = { type: "READ_FILE", read_file: { path: other, offset: 0 } };
      expect((await post(reached, "/api/v1", call)).status).toBe(404);
    }
  });

  test("SET_LOGGING_LEVEL takes 0 to 3", async () => {
    const { reached } = await cluster();
    await using _ = reached;
    const level = (value: number) =>
      post(reached, "/api/v1", {
        type: "SET_LOGGING_LEVEL",
        set_logging_level: { level: value, duration: { nanoseconds: 60_000_000_000 } },
      });
    expect((await level(2)).status).toBe(202);
    expect(await ask(reached, { type: "GET_LOGGING_LEVEL" })).toMatchObject({
      get_logging_level: { level: 1 },
    });
    expect((await level(9)).status).toBe(400);
  });

  test("SET_LOGGING_LEVEL twice in a row is over when the second time is over", async () => {
    const { reached } = await cluster();
    await using _ = reached;
    const set = (level: number, seconds: number) =>
      post(reached, "/api/v1", {
        type: "SET_LOGGING_LEVEL",
        set_logging_level: { level, duration: { nanoseconds: seconds * 1e9 } },
      });
    const level = async () => await ask(reached, { type: "GET_LOGGING_LEVEL" });
    await set(2, 0.05);
    await set(1, 0.4);
    await expect.poll(level).toMatchObject({ get_logging_level: { level: 0 } });
  });

  test("TEARDOWN ends a framework, which is then completed", async () => {
    const { reached, framework } = await cluster();
    await using _ = reached;
    const gone = await post(reached, "/api/v1", {
      type: "TEARDOWN",
      teardown: { framework_id: { value: framework.id } },
    });
    expect(gone.status).toBe(200);
    const answer = await ask(reached, { type: "GET_FRAMEWORKS" });
    expect(answer).toMatchObject({
      get_frameworks: {
        frameworks: [],
        completed_frameworks: [{ framework_info: { id: { value: framework.id } } }],
      },
    });
    const tasks = await ask(reached, { type: "GET_TASKS" });
    expect(tasks).toMatchObject({ get_tasks: { tasks: [], completed_tasks: [{ name: "t1" }] } });
  });

  test.each([
    ["a GET", { method: "GET" }, 405],
    ["no Content-Type", { method: "POST", body: new Uint8Array([123]) }, 400],
    [
      "another Content-Type",
      { method: "POST", headers: { "content-type": "text/plain" }, body: "x" },
      415,
    ],
    ["no JSON", { method: "POST", headers: JSON_TYPE, body: "{" }, 400],
    ["no call", { method: "POST", headers: JSON_TYPE, body: '{"type":"JUMP"}' }, 400],
    [
      "an Accept that allows no JSON",
      {
        method: "POST",
        headers: { ...JSON_TYPE, accept: "text/html" },
        body: '{"type":"GET_HEALTH"}',
      },
      406,
    ],
  ])("%s is answered %j: %d", async (_what, init, status) => {
    await using reached = await inProcess();
    await reached.master.leads();
    expect((await reached.fetch("/api/v1?_ts=1", init)).status).toBe(status);
  });
});

describe("SUBSCRIBE", () => {
  test("tells the state, then what changes", async () => {
    const { reached, framework } = await cluster();
    await using _ = reached;
    const response = await post(reached, "/api/v1", { type: "SUBSCRIBE" });
    const stream = events(response);
    const first = (await stream.next()).value;
    expect(first).toMatchObject({
      type: "SUBSCRIBED",
      subscribed: { get_state: { get_tasks: { tasks: [{ name: "t1" }] } } },
    });
    const second = await ScriptedAgent.register(reached);
    expect((await stream.next()).value).toMatchObject({
      type: "AGENT_ADDED",
      agent_added: { agent: { agent_info: { id: { value: second.id } } } },
    });
    const [offer] = await framework.offers();
    await framework.launch([offer!], [taskFor(offer!, "t2")]);
    expect((await stream.next()).value).toMatchObject({
      type: "TASK_ADDED",
      task_added: { task: { task_id: { value: "t2" } } },
    });
    expect((await stream.next()).value).toMatchObject({
      type: "TASK_UPDATED",
      task_updated: { state: "TASK_RUNNING", framework_id: { value: framework.id } },
    });
    await framework.call({ type: "TEARDOWN" });
    let last = (await stream.next()).value;
    while (last?.type === "TASK_UPDATED") last = (await stream.next()).value;
    expect(last).toMatchObject({ type: "FRAMEWORK_REMOVED" });
  });
});

test("ACLs hide tasks and frameworks from those who may not see them", async () => {
  const acls = {
    view_frameworks: [{ principals: { type: "ANY" }, users: { values: ["somebody"] } }],
    view_tasks: [{ principals: { type: "ANY" }, users: { values: ["somebody"] } }],
    permissive: false,
    register_frameworks: [{ principals: { type: "ANY" }, roles: { type: "ANY" } }],
    run_tasks: [{ principals: { type: "ANY" }, users: { type: "ANY" } }],
    register_agents: [{ principals: { type: "ANY" }, agents: { type: "ANY" } }],
  };
  const { reached } = await cluster({ acls });
  await using _ = reached;
  expect(await ask(reached, { type: "GET_TASKS" })).toMatchObject({ get_tasks: { tasks: [] } });
  expect(await ask(reached, { type: "GET_FRAMEWORKS" })).toMatchObject({
    get_frameworks: { frameworks: [] },
  });
});
