import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Agent, type AgentOptions, createAgent } from "../../../../src/agent/node/mod.ts";
import { authenticator, RecordIoReader } from "../../../../src/http/mod.ts";
import type { ExecutorEvent, TaskState } from "../../../../src/model/mod.ts";
import { executor, framework, member } from "../../core/bench.ts";
import { HandContainerizer, PlayedMaster } from "../support.ts";

const EXECUTOR = executor("e1", { type: "CUSTOM" });
const IDS = { framework_id: { value: "f1" }, executor_id: { value: "e1" } };
const UUID = "AAAAAAAAQACAAAAAAAAAAA==";

let workDir = "";
let master: PlayedMaster;
let hand: HandContainerizer;
let agent: Agent;

async function start(options: Partial<AgentOptions> = {}): Promise<void> {
  agent = await createAgent({
    masters: master.url,
    workDir,
    port: 0,
    resources: "cpus:4;mem:1024;disk:2048",
    containerizers: [hand],
    linkBackoffMs: 5,
    linkBackoffMsMax: 20,
    ...options,
  });
  await agent.registered();
}

beforeEach(async () => {
  workDir = await mkdtemp(join(tmpdir(), "fairlead-executors-"));
  master = await PlayedMaster.open();
  hand = new HandContainerizer();
});
afterEach(async () => {
  await agent[Symbol.asyncDispose]();
  await master[Symbol.asyncDispose]();
  await rm(workDir, { recursive: true, force: true });
});

/** Have the executor's container running. */
async function launch(...ids: string[]): Promise<void> {
  master.say({
    type: "launch",
    framework: framework(),
    launches: ids.map((id) => ({ task: member(id), executor: EXECUTOR })),
  });
  await master.until(() => agent.state.containers.values().next().value?.phase === "running");
}

function token(): string {
  return hand.launched.at(-1)?.environment.MESOS_EXECUTOR_AUTHENTICATION_TOKEN ?? "";
}

function post(call: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${agent.url}/api/v1/executor`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof call === "string" ? call : JSON.stringify(call),
  });
}

function update(taskId: string, state: TaskState, uuid = UUID): Promise<Response> {
  const status = { task_id: { value: taskId }, state, uuid };
  return post({ type: "UPDATE", ...IDS, update: { status } });
}

/** The events of a stream, as they come. */
async function* events(response: Response): AsyncGenerator<ExecutorEvent> {
  const reader = new RecordIoReader({ recordBytesMax: 1e6 });
  for await (const piece of response.body ?? []) {
    for (const record of reader.push(piece)) yield JSON.parse(Buffer.from(record).toString());
  }
}

async function subscribe(headers: Record<string, string> = {}) {
  const response = await post({ type: "SUBSCRIBE", ...IDS, subscribe: {} }, headers);
  expect(response.status).toBe(200);
  const stream = events(response);
  return async () => (await stream.next()).value;
}

describe("POST /api/v1/executor", () => {
  test("an executor subscribes, gets its task, tells of it and is acknowledged", async () => {
    await start();
    await launch("t1");
    expect(hand.launched[0]?.environment).toMatchObject({
      MESOS_EXECUTOR_ID: "e1",
      MESOS_FRAMEWORK_ID: "f1",
      MESOS_AGENT_ENDPOINT: `127.0.0.1:${agent.port}`,
      MESOS_CHECKPOINT: "1",
      MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD: "5secs",
    });
    const next = await subscribe();
    expect(await next()).toMatchObject({
      type: "SUBSCRIBED",
      subscribed: { executor_info: { executor_id: { value: "e1" } } },
    });
    expect(await next()).toMatchObject({ type: "LAUNCH", launch: { task: { name: "t1" } } });
    expect((await update("t1", "TASK_RUNNING")).status).toBe(202);
    expect(await next()).toEqual({
      type: "ACKNOWLEDGED",
      acknowledged: { task_id: { value: "t1" }, uuid: UUID },
    });
    expect(await master.reached("t1", "TASK_RUNNING")).toMatchObject({ uuid: UUID });
    master.kill("t1");
    expect(await next()).toMatchObject({ type: "KILL", kill: { task_id: { value: "t1" } } });
    const message = { type: "MESSAGE", ...IDS, message: { data: "aGk=" } };
    expect((await post(message)).status).toBe(202);
    expect((await post({ type: "HEARTBEAT", ...IDS })).status).toBe(202);
    await master.until(() => master.all("message").length > 0);
    expect(master.all("message")).toMatchObject([{ executor_id: "e1", data: "aGk=" }]);
  });

  test("answers with Mesos' status codes, in its order", async () => {
    await start();
    await launch("t1");
    const status = async (answer: Promise<Response>) => (await answer).status;
    const url = `${agent.url}/api/v1/executor`;
    expect(await status(fetch(url))).toBe(405);
    expect(await status(fetch(url, { method: "POST" }))).toBe(400);
    expect(await status(post("{}", { "content-type": "text/plain" }))).toBe(415);
    expect(await status(post("{"))).toBe(400);
    expect(await status(post({ type: "NONSENSE", ...IDS }))).toBe(400);
    const unknown = { type: "SUBSCRIBE", subscribe: {} };
    const stranger = await post({ ...unknown, ...IDS, framework_id: { value: "f9" } });
    expect([stranger.status, await stranger.text()]).toEqual([400, "Framework cannot be found"]);
    const nobody = await post({ ...unknown, ...IDS, executor_id: { value: "e9" } });
    expect([nobody.status, await nobody.text()]).toEqual([400, "Executor cannot be found"]);
    expect(await status(update("t1", "TASK_RUNNING"))).toBe(403);
    const accept = { accept: "text/html" };
    expect(await status(post({ type: "SUBSCRIBE", ...IDS, subscribe: {} }, accept))).toBe(406);
    await subscribe();
    const bare = { status: { task_id: { value: "t1" }, state: "TASK_RUNNING" } };
    expect(await status(post({ type: "UPDATE", ...IDS, update: bare }))).toBe(400);
    const long = JSON.stringify({ type: "MESSAGE", ...IDS, message: { data: "a".repeat(5e6) } });
    expect(await status(post(long))).toBe(413);
  });

  test("speaks protobuf to those who ask for it", async () => {
    await start();
    await launch("t1");
    const { encodeExecutorCall, decodeExecutorEvent } = await import(
      "../../../../src/protobuf/mod.ts"
    );
    const type = "application/x-protobuf";
    const response = await fetch(`${agent.url}/api/v1/executor`, {
      method: "POST",
      headers: { "content-type": type, accept: type },
      body: Buffer.from(encodeExecutorCall({ type: "SUBSCRIBE", ...IDS, subscribe: {} })),
    });
    expect(response.headers.get("content-type")).toBe(type);
    const reader = new RecordIoReader({ recordBytesMax: 1e6 });
    for await (const piece of response.body ?? []) {
      const [first] = reader.push(piece);
      if (first === undefined) continue;
      expect(decodeExecutorEvent(first).type).toBe("SUBSCRIBED");
      break;
    }
  });

  test("with an authenticator an executor needs the token that it was given", async () => {
    const basic = [{ principal: "ops", secret: "s" }];
    await start({ authenticator: authenticator({ basic }) });
    await launch("t1");
    const call = { type: "SUBSCRIBE", ...IDS, subscribe: {} };
    expect((await post(call)).status).toBe(401);
    expect((await post(call, { authorization: "Bearer x.y" })).status).toBe(401);
    const next = await subscribe({ authorization: `Bearer ${token()}` });
    expect(await next()).toMatchObject({ type: "SUBSCRIBED" });
  });

  test("a token of another executor, or of an earlier run, is refused", async () => {
    await start();
    await launch("t1");
    const first = token();
    hand.end(hand.launched[0]?.id ?? "");
    await master.reached("t1", "TASK_FAILED");
    await master.until(() => agent.state.frameworks.size === 0);
    await launch("t2");
    const call = { type: "SUBSCRIBE", ...IDS, subscribe: {} };
    expect((await post(call, { authorization: `Bearer ${first}` })).status).toBe(403);
  });

  test("an executor outlives the agent, with its token", async () => {
    await start();
    await launch("t1");
    const authorization = `Bearer ${token()}`;
    const next = await subscribe({ authorization });
    await next();
    await update("t1", "TASK_RUNNING");
    await master.reached("t1", "TASK_RUNNING");
    await agent[Symbol.asyncDispose]();
    await start();
    const again = await subscribe({ authorization });
    expect(await again()).toMatchObject({ type: "SUBSCRIBED" });
    expect((await update("t1", "TASK_FINISHED", "AAAAAAAAQACAAAAAAAAAAB==")).status).toBe(202);
    await master.reached("t1", "TASK_FINISHED");
  });

  test("one that hangs up may come back", async () => {
    await start();
    await launch("t1");
    const gone = new AbortController();
    const response = await fetch(`${agent.url}/api/v1/executor`, {
      method: "POST",
      signal: gone.signal,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ type: "SUBSCRIBE", ...IDS, subscribe: {} }),
    });
    expect(response.status).toBe(200);
    gone.abort();
    const executors = agent.state.frameworks.get("f1")?.executors;
    await master.until(() => executors?.get("e1")?.connection === undefined || undefined, 5_000);
    const next = await subscribe();
    expect(await next()).toMatchObject({ type: "SUBSCRIBED" });
  });
});
