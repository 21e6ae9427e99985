/** A framework of others on a real cluster: npm's mesos-framework, as it is. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createAgent } from "../../src/agent/node/mod.ts";
import { MemoryTree } from "../../src/coordination/mod.ts";
import { serveMaster } from "../../src/master/node/mod.ts";
import type { TaskStatus } from "../../src/model/mod.ts";
import { isAlive, operatorCall, until } from "./support/cluster.ts";

const CLIENT = fileURLToPath(new URL("./support/mesos_framework_client.mjs", import.meta.url));

/** What the client told. */
interface Told {
  readonly event: string;
  readonly value: unknown;
}

/** The client's process, and all that it has told. */
class Client implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly told: Told[] = [];

  constructor(port: number, logFolder: string) {
    const args = [String(port), userInfo().username, logFolder];
    this.#process = fork(CLIENT, args, { cwd: logFolder, silent: true });
    this.#process.on("message", (told: Told) => this.told.push(told));
  }

  all(event: string): unknown[] {
    return this.told.filter((each) => each.event === event).map(({ value }) => value);
  }

  statuses(): TaskStatus[] {
    return this.all("update").map((value) => (value as { status: TaskStatus }).status);
  }

  teardown(): void {
    this.#process.send("teardown");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await exited;
  }
}

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fairlead-e2e-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("mesos-framework subscribes, runs three tasks, and is torn down", async () => {
  await using store = new MemoryTree().connect();
  await using served = await serveMaster({ store, port: 0, closeTimeoutMs: 500 });
  await served.master.leads();
  const workDir = join(folder, "agent");
  const resources = "cpus:2;mem:1024;disk:1024;ports:[31000-31009]";
  const agent = await createAgent({ masters: served.url, workDir, port: 0, resources });
  // Whatever happens, no task runs on.
  await using _ = { [Symbol.asyncDispose]: () => agent.shutdown() };
  await agent.registered();
  await using client = new Client(served.port, folder);

  await until(() => client.statuses().filter(isRunning).length === 3);
  const [subscribed] = client.all("subscribed") as { frameworkId: string }[];
  const id = subscribed?.frameworkId ?? "";
  expect(id).toMatch(/-0000$/);
  expect(client.all("task_launched")).toHaveLength(3);
  const ids = client.statuses().map(({ task_id }) => task_id.value);
  expect(new Set(ids).size).toBe(3);
  const tasks = [...(agent.state.frameworks.get(id)?.tasks.values() ?? [])];
  const pids = tasks.map(({ pid }) => pid ?? 0);
  expect(pids.map(isAlive)).toEqual([true, true, true]);
  expect(tasks.map(({ state }) => state)).toEqual(Array(3).fill("TASK_RUNNING"));
  const runs = join(workDir, "agents", agent.id ?? "", "frameworks", id, "executors");
  for (const task of ids) {
    const output = join(runs, task, "runs/latest/stdout");
    await until(async () => (await readFile(output, "utf8")) === "up on 127.0.0.1\n");
  }
  await until(() => client.all("sent_acknowledge").length >= client.statuses().length);
  const running = await operatorCall(served.url, { type: "GET_TASKS" });
  expect(running).toMatchObject({
    get_tasks: { tasks: Array(3).fill({ framework_id: { value: id }, state: "TASK_RUNNING" }) },
  });
  expect(client.all("error")).toEqual([]);

  client.teardown();
  await until(() => client.all("sent_teardown").length === 1);
  await until(() => agent.state.frameworks.get(id) === undefined && !pids.some(isAlive));
  const left = await operatorCall(served.url, { type: "GET_STATE" });
  expect(left).toMatchObject({
    get_state: {
      get_frameworks: { completed_frameworks: [{ framework_info: { id: { value: id } } }] },
    },
  });
  expect(left).not.toHaveProperty(["get_state", "get_frameworks", "frameworks", 0]);
  expect(left).not.toHaveProperty(["get_state", "get_tasks", "tasks", 0]);
});

function isRunning({ state }: TaskStatus): boolean {
  return state === "TASK_RUNNING";
}
