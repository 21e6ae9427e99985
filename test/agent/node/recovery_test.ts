import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { statOf } from "../../../src/agent/node/launcher/identity.ts";
import type { TaskInfo } from "../../../src/model/mod.ts";
import { command, framework } from "../core/bench.ts";
import { type AgentProcess, startAgent } from "./process.ts";
import { PlayedMaster } from "./support.ts";

let workDir = "";
let master: PlayedMaster;
let agent: AgentProcess | undefined;

beforeEach(async () => {
  workDir = await mkdtemp(join(tmpdir(), "fairlead-recovery-"));
  master = await PlayedMaster.open();
});
afterEach(async () => {
  await agent?.end();
  agent = undefined;
  await master[Symbol.asyncDispose]();
  await rm(workDir, { recursive: true, force: true });
});

function shell(id: string, value: string): TaskInfo {
  return command(id, { command: { shell: true, value } });
}

function pidOf(taskId: string): number {
  const running = master.statuses(taskId).find(({ state }) => state === "TASK_RUNNING");
  return running?.container_status?.executor_pid ?? 0;
}

describe("an agent that is killed and started again", () => {
  test("finds all 50 tasks again, by pid, and completes every update", async () => {
    agent = await startAgent(master.url, workDir);
    await master.registrations(1);
    const sleepers = Array.from({ length: 50 }, (_, index) => `sleeper${index}`);
    master.launch(framework(), ...sleepers.map((id) => shell(id, "sleep 1000")));
    const shorts = ["short0", "short3"];
    const gate = join(workDir, "gate");
    master.launch(
      framework(),
      ...shorts.map((id) =>
        shell(id, `while [ ! -e ${gate} ]; do sleep 0.05; done; exit ${id.slice(5)}`),
      ),
    );
    for (const id of [...sleepers, ...shorts]) await master.reached(id, "TASK_RUNNING");
    const pids = sleepers.map(pidOf);

    await agent.kill();
    for (const pid of pids) expect(statOf(pid)).toBeDefined();
    // Two end while nobody watches.
    await writeFile(gate, "");
    await new Promise((resolve) => setTimeout(resolve, 500));
    agent = await startAgent(master.url, workDir);

    await master.registrations(2);
    const [again] = master.all("reregister");
    expect(again?.agent_info.id?.value).toBe("m1-S0");
    expect(again?.tasks.map(({ task_id }) => task_id.value)).toEqual(
      expect.arrayContaining(sleepers),
    );
    expect(await master.reached("short0", "TASK_FINISHED")).toMatchObject({
      message: "Command exited with status 0",
    });
    expect(await master.reached("short3", "TASK_FAILED")).toMatchObject({
      message: "Command exited with status 3",
    });
    expect(sleepers.map(pidOf)).toEqual(pids);
    // No sleeper was started again: what is said twice (its acknowledgement was on the way when
    // the agent died) is the same update.
    for (const id of sleepers) {
      expect(new Set(master.statuses(id).map(({ uuid }) => uuid)).size).toBe(1);
    }

    for (const id of sleepers) master.kill(id);
    for (const id of sleepers) {
      expect(await master.reached(id, "TASK_KILLED")).toMatchObject({
        message: "Command terminated with signal Terminated",
      });
    }
    for (const pid of pids) expect(statOf(pid)).toBeUndefined();
  });

  test("says again what was not acknowledged before, once more and not twice", async () => {
    master.acknowledges = false;
    agent = await startAgent(master.url, workDir);
    await master.registrations(1);
    master.launch(framework(), shell("t1", "echo hello; exit 7"));
    const running = await master.reached("t1", "TASK_RUNNING");
    await agent.kill();
    master.acknowledges = true;
    agent = await startAgent(master.url, workDir);
    const failed = await master.reached("t1", "TASK_FAILED");
    expect(failed.message).toBe("Command exited with status 7");
    const all = master.statuses("t1");
    expect(all.map(({ state }) => state)).toEqual(["TASK_RUNNING", "TASK_RUNNING", "TASK_FAILED"]);
    expect(all[1]?.uuid).toBe(running.uuid);
    const runs = join(workDir, "agents/m1-S0/frameworks/f1/executors/t1/runs/latest");
    expect(await readFile(join(runs, "stdout"), "utf8")).toBe("hello\n");
  });
});
