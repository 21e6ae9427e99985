import { describe, expect, test } from "vitest";
import { sandboxFolder, volumeFolder } from "../../../src/agent/core/paths.ts";
import {
  type ContainerHost,
  checkSpec,
  limitsFor,
  prepareLaunch,
} from "../../../src/agent/core/spec.ts";
import type { ContainerLaunch } from "../../../src/agent/mod.ts";
import type { ContainerInfo, ResourceJson, TaskInfo } from "../../../src/model/mod.ts";
import { command, executor, framework, resources } from "./bench.ts";

const HOST: ContainerHost = {
  workDir: "/work",
  endpoint: "10.0.0.1:5051",
  ipAddress: "10.0.0.1",
  environment: { PATH: "/bin" },
  logs: { bytesMax: 1_000, filesMax: 2 },
  switchUser: true,
  limitCpus: false,
  limitDisk: true,
  executorShutdownGraceMs: 5_000,
  recoveryTimeoutMs: 900_000,
};
const MB = 2 ** 20;

function launch(
  task: Partial<TaskInfo> = {},
  more: Partial<ContainerLaunch> = {},
): ContainerLaunch {
  const info = command("t1", task);
  return {
    container: "c1",
    agentId: "a1",
    framework: framework(),
    executor: { executor_id: { value: "t1" } },
    task: info,
    resources: info.resources ?? [],
    ...more,
  };
}

function prepare(task: Partial<TaskInfo> = {}, host: Partial<ContainerHost> = {}) {
  return prepareLaunch(launch(task), { ...HOST, ...host });
}

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toMatchObject({ code: "invalid_launch" });
    return error instanceof Error ? error.message : "";
  }
  throw new Error("It was not refused");
}

describe("prepareLaunch()", () => {
  test("gives a command its sandbox, its environment and its user", () => {
    const { spec, folders, executorSandbox } = prepare();
    const sandbox = "/work/agents/a1/frameworks/f1/executors/t1/runs/c1";
    expect(spec).toEqual({
      id: "c1",
      sandbox,
      command: { shell: true, value: "sleep 10", arguments: [] },
      environment: {
        PATH: "/bin",
        LIBPROCESS_PORT: "0",
        MESOS_AGENT_ENDPOINT: "10.0.0.1:5051",
        MESOS_CHECKPOINT: "1",
        MESOS_CONTAINER_IP: "10.0.0.1",
        MESOS_DIRECTORY: sandbox,
        MESOS_EXECUTOR_ID: "t1",
        MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD: "5secs",
        MESOS_FRAMEWORK_ID: "f1",
        MESOS_RECOVERY_TIMEOUT: "900secs",
        MESOS_SANDBOX: sandbox,
        MESOS_SLAVE_ID: "a1",
        MESOS_SLAVE_PID: "slave(1)@10.0.0.1:5051",
        MESOS_SUBSCRIPTION_BACKOFF_MAX: "2secs",
        MESOS_TASK_ID: "t1",
      },
      user: "root",
      volumes: [],
      limits: { memBytes: 64 * MB },
      shares: { cpus: 1, memBytes: 64 * MB },
      logs: { bytesMax: 1_000, filesMax: 2 },
    });
    expect(folders).toEqual([sandbox]);
    expect(executorSandbox).toBe(sandbox);
  });

  test("the command's variables win, secrets among them are resolved", () => {
    const { spec } = prepare({
      command: {
        value: "run",
        environment: {
          variables: [
            { name: "PATH", value: "/mine" },
            { name: "EMPTY" },
            {
              name: "TOKEN",
              type: "SECRET",
              secret: { type: "VALUE", value: { data: Buffer.from("grün").toString("base64") } },
            },
          ],
        },
      },
    });
    expect(spec.environment).toMatchObject({ PATH: "/mine", EMPTY: "", TOKEN: "grün" });
    const variables = [
      { name: "T", type: "SECRET" as const, secret: { reference: { name: "vault" } } },
    ];
    expect(refusal(() => prepare({ command: { value: "x", environment: { variables } } }))).toMatch(
      /secret of variable T/,
    );
  });

  test("a program and its argv; an image's own entry point; nothing at all", () => {
    const program = { shell: false, value: "/bin/echo", arguments: ["echo", "hi"] };
    expect(prepare({ command: program }).spec.command).toEqual({
      shell: false,
      value: "/bin/echo",
      arguments: ["echo", "hi"],
    });
    const container: ContainerInfo = {
      type: "MESOS",
      mesos: { image: { type: "DOCKER", docker: { name: "web" } } },
    };
    const image = prepare({ command: { shell: false }, container }).spec;
    expect(image.command).toEqual({ shell: false, arguments: [] });
    expect(image.environment.MESOS_SANDBOX).toBe("/mnt/mesos/sandbox");
    expect(refusal(() => prepare({ command: { shell: true } }))).toMatch(/no command/);
  });

  test("the user: the command's, else the framework's, none when users are not switched", () => {
    expect(prepare({ command: { value: "x", user: "alice" } }).spec.user).toBe("alice");
    expect(prepare().spec.user).toBe("root");
    expect(prepare({}, { switchUser: false }).spec).not.toHaveProperty("user");
  });

  test("limits: memory as asked, cpus when told, bursts as asked, disks of volumes apart", () => {
    const all = { resources: resources("cpus:2;mem:100;disk:50;gpus:1") };
    expect(prepare(all).spec.limits).toEqual({ memBytes: 100 * MB, diskBytes: 50 * MB, gpus: 1 });
    expect(prepare(all, { limitCpus: true, limitDisk: false }).spec.limits).toEqual({
      cpus: 2,
      memBytes: 100 * MB,
      gpus: 1,
    });
    const burst = { ...all, limits: { cpus: { value: 4 }, mem: { value: 200 } } };
    expect(prepare(burst).spec.limits).toMatchObject({ cpus: 4, memBytes: 200 * MB });
    const endless = {
      ...all,
      limits: {
        cpus: { value: Number.POSITIVE_INFINITY },
        mem: { value: Number.POSITIVE_INFINITY },
      },
    };
    expect(prepare(endless).spec.limits).toEqual({ diskBytes: 50 * MB, gpus: 1 });
    const twice = { resources: [...resources("cpus:1"), ...resources("cpus:0.5")] };
    expect(prepare(twice).spec.shares.cpus).toBe(1.5);
    expect(limitsFor(resources("cpus:1;mem:10;disk:5"), HOST)).toEqual({
      limits: { memBytes: 10 * MB, diskBytes: 5 * MB },
      shares: { cpus: 1, memBytes: 10 * MB },
    });
  });

  test("a custom executor: its own command, no task's id; the role that its resources have", () => {
    const { task: _, ...rest } = launch();
    const { spec, uris } = prepareLaunch(
      {
        ...rest,
        executor: executor("e1", {
          command: { value: "./run", uris: [{ value: "http://h/e" }] },
          shutdown_grace_period: { nanoseconds: 2e9 },
        }),
        resources: [
          { name: "cpus", type: "SCALAR", scalar: { value: 1 }, allocation_info: { role: "eng" } },
        ],
      },
      HOST,
    );
    expect(spec.command.value).toBe("./run");
    expect(spec.environment).not.toHaveProperty("MESOS_TASK_ID");
    expect(spec.environment).toMatchObject({
      MESOS_EXECUTOR_ID: "e1",
      MESOS_ALLOCATION_ROLE: "eng",
      MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD: "2secs",
    });
    expect(uris).toEqual([{ value: "http://h/e" }]);
  });

  test("a member of a group has a sandbox inside its executor's", () => {
    const { spec, executorSandbox, folders } = prepareLaunch(
      launch({}, { container: "p1.c1", parent: "p1", executor: executor("pod") }),
      HOST,
    );
    expect(executorSandbox).toBe("/work/agents/a1/frameworks/f1/executors/pod/runs/p1");
    expect(spec.sandbox).toBe(`${executorSandbox}/containers/c1`);
    expect(spec.parent).toBe("p1");
    expect(folders).toEqual([executorSandbox, spec.sandbox]);
  });

  test("volumes: persistent ones, host paths, pieces of sandboxes", () => {
    const disk: ResourceJson = {
      name: "disk",
      type: "SCALAR",
      scalar: { value: 100 },
      reservations: [{ type: "DYNAMIC", role: "eng/web" }],
      disk: {
        persistence: { id: "v1" },
        volume: { container_path: "data", mode: "RW" },
      },
    };
    const task = {
      resources: [...resources("cpus:1"), disk],
      container: {
        type: "MESOS" as const,
        volumes: [
          { container_path: "/etc/hosts", host_path: "/etc/hosts", mode: "RO" as const },
          { container_path: "cache", host_path: "inner/cache", mode: "RW" as const },
          {
            container_path: "shared",
            source: {
              type: "SANDBOX_PATH" as const,
              sandbox_path: { type: "PARENT" as const, path: "shared" },
            },
          },
        ],
      },
    };
    const info = launch(task, { container: "p1.c1", parent: "p1", executor: executor("pod") });
    const { spec, folders, executorSandbox } = prepareLaunch(info, HOST);
    const persistent = "/work/volumes/roles/eng web/v1";
    expect(spec.volumes).toEqual([
      { source: persistent, target: "data", readOnly: false },
      { source: "/etc/hosts", target: "/etc/hosts", readOnly: true },
      { source: `${spec.sandbox}/inner/cache`, target: "cache", readOnly: false },
      { source: `${executorSandbox}/shared`, target: "shared", readOnly: false },
    ]);
    expect(folders).toEqual([
      executorSandbox,
      spec.sandbox,
      persistent,
      `${spec.sandbox}/inner/cache`,
      `${executorSandbox}/shared`,
    ]);
    expect(spec.limits).not.toHaveProperty("diskBytes");
  });

  test.each([
    ["up and out", { container_path: "../out", host_path: "/tmp" }],
    ["nowhere", { container_path: "", host_path: "/tmp" }],
    ["out of the host's side", { container_path: "x", host_path: "../../etc" }],
    ["of a kind that nobody has", { container_path: "x", source: { type: "CSI_VOLUME" as const } }],
  ])("refuses a volume %s", (_, volume) => {
    const container: ContainerInfo = { type: "MESOS", volumes: [{ mode: "RW", ...volume }] };
    expect(refusal(() => prepare({ container }))).toMatch(/leads out|no agent here has/);
  });
});

describe("paths", () => {
  test("ids cannot lead out of their folder", () => {
    const ids = { agentId: "a", frameworkId: "..", executorId: "x/../../y", container: "c%\0" };
    expect(sandboxFolder("/work", ids)).toBe(
      "/work/agents/a/frameworks/%2E%2E/executors/x%2F..%2F..%2Fy/runs/c%25%00",
    );
    expect(sandboxFolder("/work", { ...ids, frameworkId: "", executorId: "." })).toContain(
      "/frameworks/%/executors/%2E/",
    );
  });

  test("volumes of a role are not inside those of another", () => {
    expect(volumeFolder("/work", { role: "a/b", id: "v", mount: false })).toBe(
      "/work/volumes/roles/a b/v",
    );
    expect(volumeFolder("/work", { role: "a", id: "v", root: "/disk", mount: false })).toBe(
      "/disk/volumes/roles/a/v",
    );
    expect(volumeFolder("/work", { role: "a", id: "v", root: "/disk", mount: true })).toBe("/disk");
  });
});

describe("checkSpec()", () => {
  test("reads health checks of every kind, with Mesos' defaults", () => {
    const http = command("t", {
      health_check: {
        type: "HTTP",
        http: { port: 80, scheme: "https", path: "/h" },
        timeout_seconds: 3,
      },
    });
    expect(checkSpec(http, "health_check", "10.1.1.1")).toEqual({
      type: "HTTP",
      timeoutMs: 3_000,
      scheme: "https",
      host: "10.1.1.1",
      port: 80,
      path: "/h",
    });
    const tcp = command("t", { health_check: { type: "TCP", tcp: { port: 81 } } });
    expect(checkSpec(tcp, "health_check", "h")).toEqual({
      type: "TCP",
      timeoutMs: 20_000,
      host: "h",
      port: 81,
    });
    const line = command("t", {
      health_check: { type: "COMMAND", command: { value: "true" }, timeout_seconds: 0 },
    });
    expect(checkSpec(line, "health_check", "h")).toMatchObject({
      type: "COMMAND",
      timeoutMs: 3_600_000,
      command: { shell: true, value: "true" },
    });
  });

  test("reads checks; a task without one has nothing to look at", () => {
    const task = command("t", {
      check: { type: "COMMAND", command: { command: { value: "x", user: "bob" } } },
    });
    expect(checkSpec(task, "check", "h")).toMatchObject({ type: "COMMAND", user: "bob" });
    expect(checkSpec(task, "health_check", "h")).toBeUndefined();
    const http = command("t", { check: { type: "HTTP", http: { port: 1 } } });
    expect(checkSpec(http, "check", "h")).toMatchObject({ path: "/", scheme: "http" });
  });
});
