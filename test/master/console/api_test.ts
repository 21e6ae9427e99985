import { describe, expect, test } from "vitest";
import { serverSentEventDecoder } from "../../../src/http/mod.ts";
import type {
  ConsoleAgent,
  ConsoleDelta,
  ConsoleExplanations,
  ConsoleFileChunk,
  ConsoleFiles,
  ConsoleOffers,
  ConsoleSnapshot,
  ConsoleSummary,
  ConsoleTask,
  ConsoleTasks,
} from "../../../src/model/mod.ts";
import { inProcess, RawFramework, type Reached, ScriptedAgent, taskFor } from "../shell/support.ts";

async function get<T>(reached: Reached, path: string): Promise<T> {
  const response = await reached.fetch(`/api/fairlead${path}`);
  const body = await response.text();
  if (response.status !== 200) throw new Error(`${response.status}: ${body}`);
  return JSON.parse(body);
}

async function cluster() {
  const reached = await inProcess({ cluster: "demo" });
  await reached.master.leads();
  const agent = await ScriptedAgent.register(reached);
  const framework = await RawFramework.subscribe(reached);
  const offers = await framework.offers();
  const tasks = ["web-1", "web-2", "db"].map((id) => taskFor(offers[0]!, id, "cpus:1;mem:64"));
  await framework.launch(offers, tasks);
  for (const _ of tasks) await framework.acknowledge(await framework.update());
  return { reached, agent, framework };
}

test("GET /summary adds the cluster up", async () => {
  const { reached } = await cluster();
  await using _ = reached;
  const summary = await get<ConsoleSummary>(reached, "/summary");
  expect(summary).toMatchObject({
    cluster: "demo",
    agents: { active: 1, inactive: 0, unreachable: 0, draining: 0 },
    frameworks: { active: 1, inactive: 0, completed: 0 },
    tasks: { running: 3 },
    total: { cpus: 8, mem: 8_000, disk: 0, gpus: 0 },
    used: { cpus: 3, mem: 192 },
  });
});

test("GET /summary is that of now, though no console looks", async () => {
  await using reached = await inProcess({ cluster: "demo" });
  await reached.master.leads();
  const none = await get<ConsoleSummary>(reached, "/summary");
  expect(none).toMatchObject({ agents: { active: 0 }, total: { cpus: 0 } });
  await ScriptedAgent.register(reached);
  const one = await get<ConsoleSummary>(reached, "/summary");
  expect(one).toMatchObject({ agents: { active: 1 }, total: { cpus: 8, mem: 8_000 } });
});

describe("GET /tasks", () => {
  test("filters, sorts and pages", async () => {
    const { reached, agent } = await cluster();
    await using _ = reached;
    const page = await get<ConsoleTasks>(reached, "/tasks?q=web&sort=name&desc=1&limit=1");
    expect(page.total).toBe(2);
    expect(page.tasks).toMatchObject([
      { id: "web-2", agentId: agent.id, hostname: "agent.example", state: "TASK_RUNNING" },
    ]);
    expect((await get<ConsoleTasks>(reached, "/tasks?state=completed")).total).toBe(0);
    expect((await get<ConsoleTasks>(reached, "/tasks?state=TASK_RUNNING")).total).toBe(3);
  });

  test.each(["limit=-1", "limit=x", "offset=1.5", "sort=age"])("refuses %s", async (query) => {
    const { reached } = await cluster();
    await using _ = reached;
    const response = await reached.fetch(`/api/fairlead/tasks?${query}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: "invalid_query" });
  });

  test("tells one task with its history", async () => {
    const { reached, framework } = await cluster();
    await using _ = reached;
    const task = await get<ConsoleTask>(reached, `/tasks/${framework.id}/db`);
    expect(task).toMatchObject({
      id: "db",
      command: "true",
      statuses: [{ state: "TASK_RUNNING" }],
      sandbox: `/frameworks/${framework.id}/executors/db/runs/latest`,
    });
    expect((await reached.fetch(`/api/fairlead/tasks/${framework.id}/nobody`)).status).toBe(404);
  });
});

test("GET /agents/{id} tells one agent in full", async () => {
  const { reached, agent, framework } = await cluster();
  await using _ = reached;
  const found = await get<ConsoleAgent>(reached, `/agents/${agent.id}`);
  expect(found).toMatchObject({
    id: agent.id,
    state: "active",
    tasks: 3,
    used: { cpus: 3 },
    frameworks: [framework.id],
    resources: expect.stringContaining("cpus:8"),
  });
});

test("GET /offers and /explain", async () => {
  const { reached, framework } = await cluster();
  await using _ = reached;
  const second = await ScriptedAgent.register(reached);
  await framework.offers();
  const { total, offers } = await get<ConsoleOffers>(reached, `/offers?agent=${second.id}`);
  expect(total).toBe(1);
  expect(offers).toMatchObject([
    { frameworkId: framework.id, amounts: { cpus: 8 }, ports: "31000-31009" },
  ]);
  const why = await get<ConsoleExplanations>(reached, `/explain?framework=${framework.id}`);
  expect(why.counts).toMatchObject({ offered: 1 });
  expect((await reached.fetch("/api/fairlead/explain?framework=x")).status).toBe(404);
});

describe("GET /stream", () => {
  test("begins with a snapshot, then tells what changes", async () => {
    const { reached } = await cluster();
    await using _ = reached;
    const response = await reached.fetch("/api/fairlead/stream");
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const events = response
      .body!.pipeThrough(serverSentEventDecoder({ eventLengthMax: 2 ** 24 }))
      .getReader();
    const first = (await events.read()).value;
    expect(first?.event).toBe("snapshot");
    const snapshot: ConsoleSnapshot = JSON.parse(first?.data ?? "");
    expect(snapshot.agents).toHaveLength(1);
    expect(snapshot.frameworks).toMatchObject([{ name: "test", tasks: { running: 3 } }]);
    const second = await ScriptedAgent.register(reached);
    const next = (await events.read()).value;
    expect(next?.event).toBe("delta");
    const delta: ConsoleDelta = JSON.parse(next?.data ?? "");
    expect(delta.agents.map(({ id }) => id)).toContain(second.id);
    expect(delta.sequence).toBeGreaterThan(snapshot.sequence);
    await events.cancel();
  });
});

test("files of agents are read through their links", async () => {
  const { reached, agent } = await cluster();
  await using _ = reached;
  const listing = get<ConsoleFiles>(reached, `/agents/${agent.id}/files?path=/box`);
  const first = await agent.next("ask");
  expect(first.ask).toEqual({ type: "LIST_FILES", path: "/box" });
  agent.say({
    type: "answer",
    id: first.id,
    body: {
      type: "LIST_FILES",
      list_files: { file_infos: [{ path: "/box/stdout", size: 5, mode: 0o100_644 }] },
    },
  });
  expect(await listing).toEqual({
    files: [
      {
        path: "/box/stdout",
        name: "stdout",
        directory: false,
        size: 5,
        mtimeMs: 0,
        mode: "-rw-r--r--",
      },
    ],
  });
  const chunk = get<ConsoleFileChunk>(reached, `/agents/${agent.id}/files/read?path=/box/stdout`);
  const second = await agent.next("ask");
  agent.say({
    type: "answer",
    id: second.id,
    body: { type: "READ_FILE", read_file: { size: 5, data: btoa("hello") } },
  });
  expect(await chunk).toEqual({ offset: 0, data: "hello", length: 5, size: 5 });
});
