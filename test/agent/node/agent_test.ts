import { mkdtemp, readdir, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AgentOptions, createAgent } from "../../../src/agent/node/mod.ts";
import { SeededRandom } from "../../../src/base/mod.ts";
import { command, framework } from "../core/bench.ts";
import { HandContainerizer, PlayedMaster } from "./support.ts";

let workDir = "";
let master: PlayedMaster;
let hand: HandContainerizer;

beforeEach(async () => {
  workDir = await mkdtemp(join(tmpdir(), "fairlead-agent-"));
  master = await PlayedMaster.open();
  hand = new HandContainerizer();
});
afterEach(async () => {
  await master[Symbol.asyncDispose]();
  await rm(workDir, { recursive: true, force: true });
});

function options(more: Partial<AgentOptions> = {}): AgentOptions {
  return {
    masters: master.url,
    workDir,
    port: 0,
    hostname: "one",
    resources: "cpus:4;mem:1024;disk:2048;ports:[31000-31009]",
    attributes: "rack:r1",
    containerizers: [hand],
    linkBackoffMs: 5,
    linkBackoffMsMax: 20,
    ...more,
  };
}

describe("createAgent()", () => {
  test("registers with what it has, runs a task and tells of it", async () => {
    await using agent = await createAgent(options());
    expect(await agent.registered()).toBe("m1-S0");
    expect(master.all("register")).toMatchObject([
      {
        link_version: 1,
        agent_info: {
          hostname: "one",
          port: agent.port,
          attributes: [{ name: "rack", type: "TEXT", text: { value: "r1" } }],
        },
      },
    ]);
    master.launch(framework(), command("t1"));
    const running = await master.reached("t1", "TASK_RUNNING");
    expect(running.container_status).toMatchObject({
      executor_pid: 1_001,
      network_infos: [{ ip_addresses: [{ ip_address: "127.0.0.1" }] }],
    });
    const [spec] = hand.launched;
    expect(spec?.environment).toMatchObject({
      MESOS_TASK_ID: "t1",
      MESOS_FRAMEWORK_ID: "f1",
      MESOS_SLAVE_ID: "m1-S0",
      MESOS_SANDBOX: spec?.sandbox,
    });
    expect(Object.keys(spec?.environment ?? {})).not.toContain("HOME");
    const runs = join(workDir, "agents/m1-S0/frameworks/f1/executors/t1/runs");
    expect(spec?.sandbox).toBe(join(runs, spec?.id ?? ""));
    expect(await readlink(join(runs, "latest"))).toBe(spec?.sandbox);
    hand.end(hand.of("t1"));
    expect(await master.reached("t1", "TASK_FINISHED")).toMatchObject({
      message: "Command exited with status 0",
    });
  });

  test("tells why a container cannot be started", async () => {
    await using agent = await createAgent(options());
    await agent.registered();
    hand.failure = new Error("no such user: nobody2");
    master.launch(framework(), command("t1"), command("t2", { command: { shell: true } }));
    expect(await master.reached("t1", "TASK_FAILED")).toMatchObject({
      reason: "REASON_CONTAINER_LAUNCH_FAILED",
      message: "no such user: nobody2",
    });
    expect(await master.reached("t2", "TASK_FAILED")).toMatchObject({
      message: "Cannot launch: there is no command",
    });
  });

  test("comes back after the link was cut, with what runs, and says again what was not heard", async () => {
    await using agent = await createAgent(options());
    await agent.registered();
    master.acknowledges = false;
    master.launch(framework(), command("t1"));
    const first = await master.reached("t1", "TASK_RUNNING");
    master.drop();
    await master.registrations(2);
    expect(master.all("reregister")).toMatchObject([
      {
        tasks: [{ task_id: { value: "t1" }, state: "TASK_RUNNING" }],
        frameworks: [{ name: "f1" }],
      },
    ]);
    await master.until(() => master.statuses("t1").length >= 2);
    expect(master.statuses("t1")[1]?.uuid).toBe(first.uuid);
  });

  test("follows 307 to the leader, and a master that says it does not lead to the next", async () => {
    await using other = await PlayedMaster.open();
    await using third = await PlayedMaster.open();
    master.refuses = { status: 307, location: `//127.0.0.1:${other.port}/api/v1/link` };
    await using agent = await createAgent(options({ masters: [master.url, third.url] }));
    await agent.registered();
    expect(other.all("register")).toHaveLength(1);
    other.say({ type: "refused", reason: "not_leader", message: "no more" });
    await third.registrations(1);
    expect(third.all("reregister")).toHaveLength(1);
  });

  test("sends its credentials, asks a detector, and tries again when there is no leader", async () => {
    let asked = 0;
    await using agent = await createAgent(
      options({
        masters: async () => (++asked < 3 ? undefined : master.url),
        credentials: { principal: "agent", secret: "s3cret" },
      }),
    );
    await agent.registered();
    expect(asked).toBe(3);
    expect(master.requests[0]?.headers.authorization).toBe(
      `Basic ${Buffer.from("agent:s3cret").toString("base64")}`,
    );
  });

  test("goes to a new leader at once when the detector hears of it", async () => {
    const tried: string[] = [];
    let move = () => {};
    const moved = new Promise<void>((resolve) => {
      move = resolve;
    });
    let leading = "http://127.0.0.1:1";
    await using agent = await createAgent(
      options({
        masters: {
          leader: async () => leading,
          changed: (address: string) => {
            tried.push(address);
            return moved;
          },
        },
        // Without the news it would pause for three minutes.
        linkBackoffMs: 3_600_000,
        linkBackoffMsMax: 3_600_000,
        random: Object.assign(new SeededRandom(1), { next: () => 0 }),
      }),
    );
    while (tried.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    leading = master.url;
    move();
    await agent.registered();
    expect(tried[0]).toBe("http://127.0.0.1:1");
  });

  test("a new agent of the same folder finds its identity and its tasks again", async () => {
    {
      await using agent = await createAgent(options());
      await agent.registered();
      master.launch(framework(), command("t1"), command("t2"));
      await master.reached("t1", "TASK_RUNNING");
      await master.reached("t2", "TASK_RUNNING");
    }
    hand.end(hand.of("t2"));
    await using again = await createAgent(options());
    expect(await again.registered()).toBe("m1-S0");
    expect(await master.reached("t2", "TASK_FINISHED")).toBeDefined();
    expect(again.state.frameworks.get("f1")?.tasks.get("t1")).toMatchObject({
      state: "TASK_RUNNING",
      pid: master.statuses("t1")[0]?.container_status?.executor_pid,
    });
    expect(hand.launched).toHaveLength(2);
  });

  test("shutdown() ends all tasks with their grace, and keeps the identity", async () => {
    const agent = await createAgent(options());
    await agent.registered();
    master.launch(framework(), command("t1"));
    await master.reached("t1", "TASK_RUNNING");
    await agent.shutdown();
    expect(hand.signals).toEqual(["SIGTERM"]);
    expect(master.statuses("t1").at(-1)?.state).toBe("TASK_KILLED");
    await using again = await createAgent(options());
    expect(await again.registered()).toBe("m1-S0");
    await again.shutdown({ unregister: true });
    await master.until(() => master.all("unregister").length > 0);
    await using anew = await createAgent(options());
    await anew.registered();
    expect(master.all("register")).toHaveLength(2);
  });

  test("refuses a folder or a port that is taken, and leaves nothing behind", async () => {
    await using agent = await createAgent(options());
    await expect(createAgent(options())).rejects.toMatchObject({ code: "work_dir_in_use" });
    const other = await mkdtemp(join(tmpdir(), "fairlead-agent-"));
    await expect(createAgent(options({ workDir: other, port: agent.port }))).rejects.toMatchObject({
      code: "address_in_use",
    });
    expect(await readdir(other)).toEqual(["checkpoints"]);
    await rm(other, { recursive: true });
  });

  test("refuses to go on with less than it had", async () => {
    const agent = await createAgent(options());
    await agent.registered();
    await agent.shutdown();
    await expect(createAgent(options({ resources: "cpus:2" }))).rejects.toMatchObject({
      code: "incompatible_reconfiguration",
    });
  });

  test("refuses options that cannot be, by name", async () => {
    await expect(createAgent(options({ port: 70_000 }))).rejects.toMatchObject({
      code: "invalid_option",
      details: { field: "port" },
    });
    await expect(createAgent(options({ attributes: "rack" }))).rejects.toMatchObject({
      code: "invalid_option",
    });
  });
});
