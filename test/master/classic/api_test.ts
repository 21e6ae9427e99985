import { describe, expect, test } from "vitest";
import { inProcess, RawFramework, type Reached, ScriptedAgent, taskFor } from "../shell/support.ts";

async function cluster() {
  const reached = await inProcess({ cluster: "demo" });
  await reached.master.leads();
  const agent = await ScriptedAgent.register(reached);
  const framework = await RawFramework.subscribe(reached);
  const offers = await framework.offers();
  await framework.launch(offers, [taskFor(offers[0]!, "t1", "cpus:2;mem:64")]);
  await framework.acknowledge(await framework.update());
  return { reached, agent, framework };
}

async function get(reached: Reached, path: string): Promise<Record<string, unknown>> {
  const response = await reached.fetch(path);
  const body = await response.text();
  if (response.status !== 200) throw new Error(`${response.status}: ${body}`);
  return JSON.parse(body);
}

describe("paths from before the v1 API", () => {
  test.each(["/state", "/master/state", "/state.json", "/master/state.json"])(
    "%s tells of slaves, frameworks and tasks in the old words",
    async (path) => {
      const { reached, agent, framework } = await cluster();
      await using _ = reached;
      expect(await get(reached, path)).toMatchObject({
        cluster: "demo",
        activated_slaves: 1,
        leader: expect.stringContaining("@"),
        slaves: [
          {
            id: agent.id,
            hostname: "agent.example",
            pid: expect.stringMatching(/^slave\(1\)@/),
            resources: { cpus: 8, mem: 8_000, disk: 0, gpus: 0, ports: "[31000-31009]" },
            used_resources: { cpus: 2, mem: 64 },
          },
        ],
        frameworks: [
          {
            id: framework.id,
            name: "test",
            active: true,
            roles: ["web"],
            tasks: [{ id: "t1", slave_id: agent.id, state: "TASK_RUNNING" }],
          },
        ],
        completed_frameworks: [],
      });
    },
  );

  test("/state-summary counts tasks by state", async () => {
    const { reached } = await cluster();
    await using _ = reached;
    expect(await get(reached, "/state-summary")).toMatchObject({
      frameworks: [{ name: "test", TASK_RUNNING: 1 }],
    });
  });

  test.each([
    ["/slaves", "slaves"],
    ["/frameworks", "frameworks"],
    ["/tasks?limit=10", "tasks"],
    ["/roles", "roles"],
    ["/quota", "infos"],
    ["/maintenance/schedule", "windows"],
    ["/maintenance/status", "down_machines"],
  ])("%s has %s", async (path, key) => {
    const { reached } = await cluster();
    await using _ = reached;
    expect(await get(reached, path)).toHaveProperty(key, expect.any(Array));
  });

  test("/teardown ends a framework", async () => {
    const { reached, framework } = await cluster();
    await using _ = reached;
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const missing = await reached.fetch("/teardown", { method: "POST", headers: form, body: "" });
    expect(missing.status).toBe(400);
    const body = `frameworkId=${framework.id}`;
    const done = await reached.fetch("/teardown", { method: "POST", headers: form, body });
    expect(done.status).toBe(200);
    expect(await get(reached, "/frameworks")).toMatchObject({ frameworks: [] });
  });
});

describe("metrics", () => {
  test("/metrics/snapshot has Mesos' gauges and counters", async () => {
    const { reached } = await cluster();
    await using _ = reached;
    expect(await get(reached, "/metrics/snapshot")).toMatchObject({
      "master/elected": 1,
      "master/slaves_active": 1,
      "master/frameworks_active": 1,
      "master/tasks_running": 1,
      "master/cpus_total": 8,
      "master/cpus_used": 2,
      "master/cpus_percent": 0.25,
      "master/messages_status_update_acknowledgement": 1,
    });
  });

  test("/metrics is Prometheus' text", async () => {
    const { reached } = await cluster();
    await using _ = reached;
    const response = await reached.fetch("/metrics");
    expect(response.headers.get("content-type")).toContain("version=0.0.4");
    expect(await response.text()).toMatch(/^fairlead_\w+ ?\S* \d/m);
  });
});
