import { describe, expect, test } from "vitest";
import {
  Executor,
  type ExecutorHandlers,
  readExecutorEnvironment,
} from "../../../src/scheduler/mod.ts";
import { ScriptedAgent } from "../support/agent.ts";
import { taskInfo } from "../support/drive.ts";

function run(agent: ScriptedAgent, handlers: ExecutorHandlers, more = {}): Executor {
  return new Executor(handlers, {
    environment: readExecutorEnvironment(agent.environment(more)),
    heartbeatMs: 0,
  });
}

/** Acknowledge every update as it comes. */
function acknowledgeAll(agent: ScriptedAgent): void {
  let seen = 0;
  const more = () => agent.callsOf("UPDATE").length > seen;
  const next = (): void => {
    void agent.until(more).then(() => {
      for (const { update } of agent.callsOf("UPDATE").slice(seen)) {
        const { task_id, uuid = "" } = update.status;
        agent.send({ type: "ACKNOWLEDGED", acknowledged: { task_id, uuid } });
        seen += 1;
      }
      next();
    });
  };
  next();
}

describe("Executor", () => {
  test("runs a task over a real socket", async () => {
    await using agent = await ScriptedAgent.listen();
    acknowledgeAll(agent);
    const told: boolean[] = [];
    await using executor = run(
      agent,
      {
        async onLaunch(task, self) {
          told.push(await self.update(task.task_id.value, "TASK_RUNNING"));
          const data = new Uint8Array([111, 107]);
          told.push(
            await self.update(task.task_id.value, "TASK_FINISHED", { data, message: "ok" }),
          );
        },
      },
      { MESOS_EXECUTOR_AUTHENTICATION_TOKEN: "abc" },
    );
    await agent.until(() => agent.callsOf("SUBSCRIBE").length === 1);
    agent.send({ type: "LAUNCH", launch: { task: taskInfo("t1") } });
    await agent.until(() => agent.callsOf("UPDATE").length === 2);
    expect(agent.callsOf("UPDATE")[1]?.update.status).toMatchObject({
      state: "TASK_FINISHED",
      message: "ok",
      data: "b2s=",
    });
    expect(agent.received.every(({ headers }) => headers.authorization === "Bearer abc")).toBe(
      true,
    );
    await executor.stop();
    expect(told).toEqual([true, true]);
    expect(executor.framework?.name).toBe("test");
    expect(executor.agent?.hostname).toBe("h1");
    expect(executor.info?.executor_id.value).toBe("e1");
  });

  test("a launch that throws is TASK_FAILED with its message; a group's tasks come one by one", async () => {
    await using agent = await ScriptedAgent.listen();
    acknowledgeAll(agent);
    await using _ = run(agent, {
      onLaunch: (task) => {
        throw new Error(`cannot start ${task.name}`);
      },
    });
    await agent.until(() => agent.callsOf("SUBSCRIBE").length === 1);
    const tasks = [taskInfo("t1"), taskInfo("t2")];
    agent.send({ type: "LAUNCH_GROUP", launch_group: { task_group: { tasks } } });
    await agent.until(() => agent.callsOf("UPDATE").length === 2);
    expect(agent.callsOf("UPDATE").map(({ update }) => update.status)).toMatchObject([
      { state: "TASK_FAILED", message: "cannot start t1" },
      { state: "TASK_FAILED", message: "cannot start t2" },
    ]);
  });

  test("comes back to its agent with what is not acknowledged", async () => {
    await using agent = await ScriptedAgent.listen();
    const heard: string[] = [];
    await using executor = run(agent, {
      onLaunch: (task, self) => void self.update(task.task_id.value, "TASK_RUNNING"),
      onSubscribed: () => void heard.push("subscribed"),
      onDisconnected: () => void heard.push("disconnected"),
    });
    await agent.until(() => agent.callsOf("SUBSCRIBE").length === 1);
    agent.send({ type: "LAUNCH", launch: { task: taskInfo("t1") } });
    await agent.until(() => agent.callsOf("UPDATE").length === 1);
    agent.cut();
    await agent.until(() => agent.callsOf("SUBSCRIBE").length === 2);
    const { subscribe } = agent.callsOf("SUBSCRIBE")[1] ?? {};
    expect(subscribe?.unacknowledged_tasks).toMatchObject([{ name: "t1" }]);
    const [update] = subscribe?.unacknowledged_updates ?? [];
    expect(update?.status.state).toBe("TASK_RUNNING");
    agent.send({
      type: "ACKNOWLEDGED",
      acknowledged: { task_id: { value: "t1" }, uuid: update?.status.uuid ?? "" },
    });
    await executor.stop();
    expect(heard).toEqual(["subscribed", "disconnected", "subscribed"]);
  });

  test("kills, messages and shutdown reach their handlers; what a handler throws is told", async () => {
    await using agent = await ScriptedAgent.listen();
    acknowledgeAll(agent);
    const heard: unknown[] = [];
    const executor = run(agent, {
      onLaunch: () => undefined,
      onKill: (taskId, self) => void self.update(taskId, "TASK_KILLED"),
      onMessage: async (data, self) => {
        heard.push(new TextDecoder().decode(data), await self.message(data));
        throw new Error("not today");
      },
      onShutdown: (self, { graceMs }) => {
        heard.push(graceMs);
        void self.update("t2", "TASK_KILLED");
      },
      onError: (error) => heard.push(error.message),
    });
    await agent.until(() => agent.callsOf("SUBSCRIBE").length === 1);
    agent.send(
      { type: "KILL", kill: { task_id: { value: "t1" } } },
      { type: "MESSAGE", message: { data: btoa("hello") } },
    );
    await agent.until(() => agent.callsOf("MESSAGE").length === 1);
    agent.send({ type: "ERROR", error: { message: "odd" } });
    await agent.until(() => agent.callsOf("UPDATE").length === 1);
    agent.send({ type: "SHUTDOWN" });
    await executor.done;
    expect(heard).toEqual(["hello", true, "not today", "The agent says: odd", 5_000]);
    expect(agent.callsOf("UPDATE").map(({ update }) => update.status.task_id.value)).toEqual([
      "t1",
      "t2",
    ]);
    expect(await executor.update("t3", "TASK_LOST")).toBe(false);
  });

  test("ends with an error when the agent does not know it", async () => {
    await using agent = await ScriptedAgent.listen({
      answer: () => ({ status: 400, body: "unknown executor" }),
    });
    const executor = run(agent, { onLaunch: () => undefined });
    await expect(executor.done).rejects.toMatchObject({
      code: "executor_refused",
      details: { status: 400, message: "unknown executor" },
    });
    await executor[Symbol.asyncDispose]();
  });
});
