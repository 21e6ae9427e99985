/** What tasks meet on a real machine: processes, sandboxes, checks, volumes, limits. */

import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { probeHost } from "../../../src/agent/node/containers/mod.ts";
import { statOf } from "../../../src/agent/node/launcher/identity.ts";
import { type Agent, createAgent } from "../../../src/agent/node/mod.ts";
import type { ResourceJson, TaskInfo } from "../../../src/model/mod.ts";
import { command, executor, framework, member, resources } from "../core/bench.ts";
import { PlayedMaster } from "./support.ts";

let workDir = "";
let master: PlayedMaster;
let agent: Agent;
const host = await probeHost();
const root = process.getuid?.() === 0;

beforeAll(async () => {
  workDir = await mkdtemp(join(tmpdir(), "fairlead-tasks-"));
  await chmod(workDir, 0o755);
  master = await PlayedMaster.open();
  agent = await createAgent({
    masters: master.url,
    workDir,
    port: 0,
    resources: "cpus:64;mem:8192;disk:8192;ports:[31000-31009]",
  });
  await agent.registered();
});
afterAll(async () => {
  await agent.shutdown();
  await master[Symbol.asyncDispose]();
  await rm(workDir, { recursive: true, force: true });
});

function shell(id: string, value: string, more: Partial<TaskInfo> = {}): TaskInfo {
  return command(id, { command: { value }, ...more });
}

function sandbox(taskId: string): string {
  return join(workDir, `agents/m1-S0/frameworks/f1/executors/${taskId}/runs/latest`);
}

function output(taskId: string, name = "stdout"): Promise<string> {
  return readFile(join(sandbox(taskId), name), "utf8");
}

/** Wait for a file in a sandbox. */
function appears(taskId: string, name: string): Promise<void> {
  return vi.waitFor(() => stat(join(sandbox(taskId), name)).then(() => undefined), {
    timeout: 10_000,
    interval: 20,
  });
}

describe("a task", () => {
  test("has its environment and nothing of the agent's; its folder is its sandbox", async () => {
    master.launch(framework(), shell("env", "env | cut -d= -f1 | sort; pwd; echo oops >&2"));
    await master.reached("env", "TASK_FINISHED");
    const lines = (await output("env")).trim().split("\n");
    const folder = lines.pop();
    expect(
      folder?.endsWith(master.statuses("env")[0]?.container_status?.container_id?.value ?? "-"),
    ).toBe(true);
    const names = lines.filter((name) => !name.startsWith("MESOS_"));
    expect(names.filter((name) => !["PWD", "_", "SHLVL", "OLDPWD"].includes(name))).toEqual([
      "LIBPROCESS_PORT",
      "PATH",
    ]);
    expect(lines).toContain("MESOS_TASK_ID");
    expect(await output("env", "stderr")).toBe("oops\n");
  });

  test("is asked to go before it is killed, with all that it has started", async () => {
    const script = 'trap "echo bye; exit 7" TERM; sleep 1000 & echo $! > new; mv new child; wait';
    master.launch(framework(), shell("trap", script));
    await master.reached("trap", "TASK_RUNNING");
    await appears("trap", "child");
    const child = Number(await output("trap", "child"));
    master.kill("trap");
    expect(await master.reached("trap", "TASK_KILLED")).toMatchObject({
      message: "Command exited with status 7",
    });
    expect(await output("trap")).toBe("bye\n");
    await master.until(() => statOf(child) === undefined);
  });

  test("that does not listen is killed when its grace is over", async () => {
    const deaf = shell("deaf", 'trap "" TERM; touch ready; while true; do sleep 0.1; done', {
      kill_policy: { grace_period: { nanoseconds: 300e6 } },
    });
    master.launch(framework("f1", ["TASK_KILLING_STATE"]), deaf);
    await master.reached("deaf", "TASK_RUNNING");
    await appears("deaf", "ready");
    const fromMs = Date.now();
    master.kill("deaf");
    await master.reached("deaf", "TASK_KILLING");
    expect(await master.reached("deaf", "TASK_KILLED")).toMatchObject({
      message: "Command terminated with signal Killed",
    });
    expect(Date.now() - fromMs).toBeGreaterThanOrEqual(295);
  });

  test("gets its files before it starts", async () => {
    const source = join(workDir, "hello.sh");
    await writeFile(source, "#!/bin/sh\necho fetched\n");
    await chmod(source, 0o644);
    const task = command("fetch", {
      command: {
        value: "./run.sh",
        uris: [{ value: source, executable: true, output_file: "run.sh" }],
      },
    });
    master.launch(framework(), task);
    await master.reached("fetch", "TASK_STARTING");
    await master.reached("fetch", "TASK_FINISHED");
    expect(await output("fetch")).toBe("fetched\n");
    const missing = command("nofetch", {
      command: { value: "true", uris: [{ value: "/no/such" }] },
    });
    master.launch(framework(), missing);
    expect(await master.reached("nofetch", "TASK_FAILED")).toMatchObject({
      reason: "REASON_CONTAINER_LAUNCH_FAILED",
      message: expect.stringContaining("/no/such"),
    });
  });

  test.skipIf(!root)("runs as the user that it names, in a sandbox of that user's", async () => {
    const whoami = { value: "id -un; touch mine", user: "nobody" };
    master.launch(framework(), command("user", { command: whoami }));
    await master.reached("user", "TASK_FINISHED");
    expect(await output("user")).toBe("nobody\n");
    const nobody = { value: "true", user: "no-such-user" };
    master.launch(framework(), command("nouser", { command: nobody }));
    expect(await master.reached("nouser", "TASK_FAILED")).toMatchObject({
      message: expect.stringContaining("no-such-user"),
    });
  });

  test("that runs longer than it may is ended", async () => {
    const task = shell("long", "sleep 1000", { max_completion_time: { nanoseconds: 300e6 } });
    master.launch(framework(), task);
    expect(await master.reached("long", "TASK_FAILED")).toMatchObject({
      reason: "REASON_MAX_COMPLETION_TIME_REACHED",
    });
  });

  test.skipIf(!host.cgroups.controllers.has("memory"))(
    "that takes more memory than it asked for fails, and it says so with numbers",
    async () => {
      const script = "exec tail /dev/zero";
      master.launch(
        framework(),
        shell("hungry", script, { resources: resources("cpus:1;mem:32") }),
      );
      expect(await master.reached("hungry", "TASK_FAILED")).toMatchObject({
        reason: "REASON_CONTAINER_LIMITATION_MEMORY",
        limitation: { resources: [{ name: "mem" }] },
      });
    },
  );

  test("that writes more than its disk fails", async () => {
    const script = "head -c 5000000 /dev/zero > big; sleep 1000";
    const task = shell("writer", script, { resources: resources("cpus:1;mem:64;disk:1") });
    master.launch(framework(), task);
    expect(await master.reached("writer", "TASK_FAILED")).toMatchObject({
      reason: "REASON_CONTAINER_LIMITATION_DISK",
    });
  }, 40_000);
});

describe("health checks and checks", () => {
  test("HTTP, COMMAND and TCP: healthy as long as they answer", async () => {
    let status = 200;
    const server = createServer((_request, response) => response.writeHead(status).end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const times = { delay_seconds: 0, interval_seconds: 0.1, grace_period_seconds: 0 };
    master.launch(
      framework(),
      shell("http", "sleep 1000", {
        health_check: {
          type: "HTTP",
          http: { port, path: "/" },
          consecutive_failures: 2,
          ...times,
        },
      }),
      shell("tcp", "sleep 1000", { health_check: { type: "TCP", tcp: { port }, ...times } }),
      shell("cmd", "touch here; sleep 1000", {
        health_check: { type: "COMMAND", command: { value: "test -e here" }, ...times },
        check: {
          type: "COMMAND",
          command: { command: { value: "exit 3" } },
          delay_seconds: 0,
          interval_seconds: 0.1,
        },
      }),
    );
    const healthy = (id: string, value: boolean) =>
      master.until(() => master.statuses(id).find((each) => each.healthy === value));
    for (const id of ["http", "tcp", "cmd"]) await healthy(id, true);
    await master.until(() =>
      master.statuses("cmd").some(({ check_status }) => check_status?.command?.exit_code === 3),
    );
    status = 500;
    await healthy("http", false);
    expect(await master.reached("http", "TASK_KILLED")).toMatchObject({ healthy: false });
    await new Promise((resolve) => server.close(resolve));
    await healthy("tcp", false);
    await master.reached("tcp", "TASK_KILLED");
    master.kill("cmd");
    await master.reached("cmd", "TASK_KILLED");
  });
});

describe("persistent volumes", () => {
  const [plain] = resources("disk:100");
  if (plain === undefined) throw new Error("no disk");
  const reserved: ResourceJson = { ...plain, reservations: [{ type: "DYNAMIC", role: "eng" }] };
  const volume: ResourceJson = {
    ...reserved,
    disk: { persistence: { id: "v1" }, volume: { container_path: "data", mode: "RW" } },
  };

  function operate(uuid: string, operation: object) {
    master.say({
      type: "operation",
      framework_id: "f1",
      uuid,
      operation: { id: { value: uuid }, ...operation } as never,
      feedback: true,
    });
    return master.until(() => master.all("operation_update").find((each) => each.uuid === uuid));
  }

  test("keep their data from task to task, until they are destroyed", async () => {
    await operate("1", { type: "RESERVE", reserve: { resources: [reserved] } });
    await operate("2", { type: "CREATE", create: { volumes: [volume] } });
    const uses = { resources: [...resources("cpus:1;mem:32"), volume] };
    master.launch(framework(), shell("write", "echo kept > data/file", uses));
    await master.reached("write", "TASK_FINISHED");
    master.launch(framework(), shell("read", "cat data/file", uses));
    await master.reached("read", "TASK_FINISHED");
    expect(await output("read")).toBe("kept\n");
    const folder = join(workDir, "volumes/roles/eng/v1");
    expect(await readFile(join(folder, "file"), "utf8")).toBe("kept\n");
    const destroyed = await operate("3", { type: "DESTROY", destroy: { volumes: [volume] } });
    expect(destroyed.status.state).toBe("OPERATION_FINISHED");
    await vi.waitFor(() => expect(stat(folder)).rejects.toThrow(), { timeout: 10_000 });
    master.launch(framework(), shell("late", "true", uses));
    expect(await master.reached("late", "TASK_LOST")).toMatchObject({
      reason: "REASON_RESOURCES_UNKNOWN",
    });
  });
});

describe("task groups", () => {
  test("share a folder of their executor's sandbox, and end together", async () => {
    const shared = {
      type: "MESOS" as const,
      volumes: [
        {
          container_path: "shared",
          mode: "RW" as const,
          source: {
            type: "SANDBOX_PATH" as const,
            sandbox_path: { type: "PARENT" as const, path: "shared" },
          },
        },
      ],
    };
    const one = "while [ ! -e shared/token ]; do sleep 0.05; done; cat shared/token; exit 1";
    master.say({
      type: "launch_group",
      framework: framework(),
      executor: executor("pod", { type: "DEFAULT" }),
      tasks: [
        member("reader", { command: { value: one }, container: shared }),
        member("writer2", {
          command: { value: "echo passed > shared/token; sleep 1000" },
          container: shared,
        }),
      ],
    });
    await master.reached("reader", "TASK_FAILED");
    await master.reached("writer2", "TASK_KILLED");
    await master.until(() => master.all("executor_exited").length > 0);
    const text = await readFile(
      join(workDir, "agents/m1-S0/frameworks/f1/executors/pod/runs/latest/tasks/reader/stdout"),
      "utf8",
    );
    expect(text).toBe("passed\n");
  });
});
