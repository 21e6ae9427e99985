/** A custom executor on the SDK's helper, under a real agent and a real master. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createAgent } from "../../src/agent/node/mod.ts";
import { MemoryTree } from "../../src/coordination/mod.ts";
import { serveMaster } from "../../src/master/node/mod.ts";
import { connect, type FrameworkEvent, match, task } from "../../src/scheduler/mod.ts";
import { ROOT } from "../support/files.ts";

/** Runs every task until it is told its end by a message, or killed. */
const SCRIPT = `
import { runExecutor } from "${ROOT}dist/scheduler/node.js";
const text = (bytes) => new TextDecoder().decode(bytes);
await runExecutor({
  onLaunch: (task, executor) => void executor.update(task.task_id.value, "TASK_RUNNING"),
  onKill: (id, executor) => void executor.update(id, "TASK_KILLED"),
  async onMessage(data, executor) {
    const id = text(data);
    await executor.update(id, "TASK_FINISHED", { data: new TextEncoder().encode("bye " + id) });
    await executor.message(new TextEncoder().encode("done " + id));
  },
});
`;

/** Reads on, over several calls: what was found is taken when the next one asks. */
async function until<T>(
  events: AsyncIterator<FrameworkEvent, void>,
  find: (event: FrameworkEvent) => T | undefined,
): Promise<T> {
  for (;;) {
    const { done, value } = await events.next();
    if (done) throw new Error("the events ended");
    const found = find(value);
    if (found !== undefined) return found;
  }
}

test("tasks of one executor run, end by message and by kill, and outlive their agent's process", async () => {
  const folder = await mkdtemp(join(tmpdir(), "fairlead-executor-"));
  const script = join(folder, "executor.mjs");
  await writeFile(script, SCRIPT);
  const store = new MemoryTree().connect();
  const served = await serveMaster({ store, port: 0, core: { allocationDelayMs: 0 } });
  const agentOptions = {
    masters: served.url,
    workDir: join(folder, "agent"),
    resources: "cpus:4;mem:1024;disk:1024;ports:[31000-31010]",
    switchUser: false,
  };
  let agent = await createAgent({ ...agentOptions, port: 0 });
  try {
    await using scheduler = connect({ master: served.url, framework: { name: "executors" } });
    const events = scheduler.events();
    const executor = {
      type: "CUSTOM" as const,
      executor_id: { value: "e1" },
      command: { value: `exec ${process.execPath} ${script}` },
      resources: [
        { name: "cpus", type: "SCALAR" as const, scalar: { value: 0.5 } },
        { name: "mem", type: "SCALAR" as const, scalar: { value: 64 } },
      ],
    };
    const tasks = ["t1", "t2", "t3"].map((id) =>
      task({ name: id, id, executor, cpus: 0.5, mem: 32 }),
    );
    const agentId = await until(events, (event) => {
      if (event.type !== "OFFERS") return undefined;
      const matched = match(event.offers, tasks);
      void scheduler.apply(matched);
      return matched.launches[0]?.agent.agentId;
    });
    const running = new Set<string>();
    await until(events, (event) => {
      if (event.type !== "UPDATE") return undefined;
      expect(event.status).toMatchObject({ state: "TASK_RUNNING", source: "SOURCE_EXECUTOR" });
      running.add(event.status.task_id.value);
      return running.size === 3 ? true : undefined;
    });

    const to = { agentId, executorId: "e1" };
    expect(await scheduler.message(to, new TextEncoder().encode("t1"))).toEqual({ taken: true });
    const heard: string[] = [];
    await until(events, (event) => {
      if (event.type === "UPDATE") heard.push(event.status.state, atob(event.status.data ?? ""));
      if (event.type === "MESSAGE") heard.push(atob(event.data));
      return heard.length === 3 ? true : undefined;
    });
    expect(heard).toEqual(["TASK_FINISHED", "bye t1", "done t1"]);

    const { port } = agent;
    await agent[Symbol.asyncDispose]();
    agent = await createAgent({ ...agentOptions, port });
    await scheduler.kill("t2");
    const killed = await until(events, (event) =>
      event.type === "UPDATE" && event.status.task_id.value === "t2" ? event.status : undefined,
    );
    expect(killed).toMatchObject({ state: "TASK_KILLED", source: "SOURCE_EXECUTOR" });
    expect(scheduler.tasks.map(({ taskId }) => taskId)).toEqual(["t3"]);
    await scheduler.shutdownExecutor("e1", agentId);
    const ended = await until(events, (event) =>
      event.type === "UPDATE" && event.status.task_id.value === "t3" ? event.status : undefined,
    );
    expect(ended.state).toMatch(/^TASK_(FAILED|LOST|GONE|KILLED)$/);
    await scheduler.teardown();
  } finally {
    await agent.shutdown();
    await served.close();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
});
