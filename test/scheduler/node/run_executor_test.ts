import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import { runExecutor } from "../../../src/scheduler/node/mod.ts";
import { ROOT } from "../../support/files.ts";
import { ScriptedAgent } from "../support/agent.ts";
import { taskInfo } from "../support/drive.ts";

test("runExecutor() runs until the agent says that it is over", async () => {
  await using agent = await ScriptedAgent.listen();
  class Handlers {
    launched = 0;
    onLaunch() {
      this.launched += 1;
    }
    onShutdown() {
      this.launched += 10;
    }
  }
  const handlers = new Handlers();
  const over = runExecutor(handlers, { env: agent.environment() });
  await agent.until(() => agent.callsOf("SUBSCRIBE").length === 1);
  agent.send({ type: "LAUNCH", launch: { task: taskInfo("t1") } }, { type: "SHUTDOWN" });
  await over;
  expect(handlers.launched).toBe(11);
});

test("runExecutor() refuses to run where no agent started it", async () => {
  const run = runExecutor({ onLaunch: () => undefined }, { env: {} });
  await expect(run).rejects.toMatchObject({ code: "invalid_environment" });
});

test("a process of runExecutor() reads its own environment, and ends on SIGTERM", async () => {
  await using agent = await ScriptedAgent.listen();
  const code = `
    import { runExecutor } from "./dist/scheduler/node.js";
    await runExecutor({
      onLaunch: (task, executor) => void executor.update(task.task_id.value, "TASK_RUNNING"),
      onShutdown: (executor, { reason }) => void executor.update("t1", "TASK_KILLED", { message: reason }),
    });
    console.log("over");`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", code], {
    cwd: ROOT,
    env: { ...process.env, ...agent.environment() },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
  const output: Buffer[] = [];
  child.stdout.on("data", (chunk) => output.push(chunk));
  await agent.until(() => agent.callsOf("SUBSCRIBE").length === 1);
  agent.send({ type: "LAUNCH", launch: { task: taskInfo("t1") } });
  await agent.until(() => agent.callsOf("UPDATE").length === 1);
  child.kill("SIGTERM");
  await agent.until(() => agent.callsOf("UPDATE").length === 2);
  const updates = agent.callsOf("UPDATE").map(({ update }) => update.status);
  expect(updates[1]).toMatchObject({ state: "TASK_KILLED", message: "SIGTERM" });
  for (const { task_id, uuid = "" } of updates) {
    agent.send({ type: "ACKNOWLEDGED", acknowledged: { task_id, uuid } });
  }
  expect(await ended).toBe(0);
  expect(Buffer.concat(output).toString()).toBe("over\n");
});
