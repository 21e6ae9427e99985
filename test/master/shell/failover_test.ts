import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MemoryTree } from "../../../src/coordination/mod.ts";
import { EmbeddedStore } from "../../../src/coordination/node/mod.ts";
import type { Role } from "../../../src/master/mod.ts";
import {
  INFO,
  inProcess,
  overSockets,
  post,
  RawFramework,
  type Reached,
  ScriptedAgent,
  taskFor,
} from "./support.ts";

/** Resolves when a master is what it is to be. */
async function until(reached: Reached, status: Role["status"]): Promise<void> {
  while (reached.master.role.status !== status) await new Promise((go) => setTimeout(go, 1));
}

const SUBSCRIBE = {
  type: "SUBSCRIBE",
  subscribe: { framework_info: { user: "u", name: "n" } },
};

test("a master that does not lead sends to the one that does: 307, same path, no scheme", async () => {
  const tree = new MemoryTree();
  await using first = await inProcess({ store: tree.connect() });
  await first.master.leads();
  await using second = await inProcess({ store: tree.connect() });
  await until(second, "following");
  const response = await post(second, "/master/api/v1/scheduler?_ts=1", SUBSCRIBE);
  expect(response.status).toBe(307);
  expect(response.headers.get("location")).toBe(
    "//master.example:5050/master/api/v1/scheduler?_ts=1",
  );
  const handshake = await second.link().catch((error: Error) => error.message);
  expect(handshake).toBe("refused: 307");
});

test("a master answers 503 while nobody leads", async () => {
  const store = new MemoryTree().connect({ sessionTimeoutMs: 1_000 });
  store.faults.cut();
  await using reached = await inProcess({ store });
  const response = await post(reached, "/api/v1/scheduler", SUBSCRIBE);
  expect(response.status).toBe(503);
  expect(await response.text()).toBe("No leader elected");
  expect((await reached.fetch("/redirect")).status).toBe(503);
  store.faults.heal();
});

test("leads() rejects with the signal's reason, and when the master is stopped", async () => {
  const store = new MemoryTree().connect({ sessionTimeoutMs: 1_000 });
  store.faults.cut();
  const reached = await inProcess({ store });
  const reason = new Error("enough");
  await expect(reached.master.leads({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  const waiting = reached.master.leads();
  store.faults.heal();
  store.faults.cut();
  await reached.master.stop();
  await expect(waiting).rejects.toMatchObject({ code: "aborted" });
});

test("when the leader goes, streams and links end, and the next one takes over what is there", async () => {
  const tree = new MemoryTree();
  const first = await overSockets({ store: tree.connect() });
  await first.master.leads();
  await using second = await overSockets({ store: tree.connect() });
  const agent = await ScriptedAgent.register(first);
  const framework = await RawFramework.subscribe(first, { info: { failover_timeout: 60 } });
  const offers = await framework.offers();
  await framework.launch(offers, [taskFor(offers[0]!, "t1")]);
  await framework.acknowledge(await framework.update());

  await first[Symbol.asyncDispose]();
  expect(await framework.rest()).toEqual([]);
  expect((await agent.end()).code).toBe(1_000);

  await second.master.leads();
  const again = await RawFramework.subscribe(second, {
    info: { failover_timeout: 60, id: { value: framework.id } },
    more: { framework_id: { value: framework.id } },
  });
  expect(again.id).toBe(framework.id);
  const back = new ScriptedAgent(await second.link());
  back.id = agent.id;
  back.say({
    type: "reregister",
    ...back.registration,
    tasks: [
      {
        ...taskFor(offers[0]!, "t1"),
        framework_id: { value: framework.id },
        state: "TASK_RUNNING",
      },
    ],
    executors: [],
    frameworks: [{ user: "me", name: "test", id: { value: framework.id } }],
    operations: [],
  });
  expect((await back.next("registered")).agent_id).toBe(agent.id);
  const tasks = [{ task_id: { value: "t1" } }];
  await again.call({ type: "RECONCILE", reconcile: { tasks } });
  expect(await again.update()).toMatchObject({ state: "TASK_RUNNING" });
});

test("a leader whose session is over ends its term and stands again, by another id", async () => {
  const store = new MemoryTree().connect({ sessionTimeoutMs: 10_000 });
  await using reached = await inProcess({ store });
  await reached.master.leads();
  const framework = await RawFramework.subscribe(reached);
  const agent = await ScriptedAgent.register(reached);
  const before = reached.master.role;
  store.faults.expire();
  expect(await framework.rest()).not.toContainEqual(expect.objectContaining({ type: "ERROR" }));
  await agent.end();
  await until(reached, "leading");
  expect(reached.master.role).not.toBe(before);
  const next = await RawFramework.subscribe(reached);
  expect(next.id.split("-0000")[0]).not.toBe(framework.id.split("-0000")[0]);
});

test("a registry that cannot be written ends the term; the call that waits is answered 503", async () => {
  const store = new MemoryTree().connect({ sessionTimeoutMs: 60_000 });
  await using reached = await inProcess({ store });
  await reached.master.leads();
  const framework = await RawFramework.subscribe(reached);
  store.faults.failCalls(1_000, "not_done");
  const response = await framework.post({ type: "TEARDOWN" });
  expect(response.status).toBe(503);
  await framework.rest();
  store.faults.failCalls(0, "done");
  await until(reached, "leading");
});

test("a core that throws ends the term and not the process: a broken registry is told, and retried", async () => {
  const tree = new MemoryTree();
  const store = tree.connect();
  await store.create("/fairlead/master/quotas", new TextEncoder().encode("no JSON"), {
    parents: true,
  });
  await using reached = await inProcess({ store });
  // Candidates came, went and came again: the first term is over.
  while (((await store.exists("/mesos"))?.childrenVersion ?? 0) < 3) {
    await new Promise((go) => setTimeout(go, 1));
  }
  expect((await post(reached, "/api/v1/scheduler", SUBSCRIBE)).status).toBe(503);
  await store.delete("/fairlead/master/quotas");
  await reached.master.leads();
});

test("a master that starts again on its embedded store knows its agents and frameworks", async () => {
  const path = await mkdtemp(join(tmpdir(), "fairlead-master-"));
  try {
    let frameworkId: string;
    let agentId: string;
    {
      await using store = await EmbeddedStore.open({ path });
      await using reached = await inProcess({ store });
      await reached.master.leads();
      agentId = (await ScriptedAgent.register(reached)).id;
      frameworkId = (await RawFramework.subscribe(reached)).id;
    }
    await using store = await EmbeddedStore.open({ path });
    await using reached = await inProcess({ store });
    await reached.master.leads();
    const { role } = reached.master;
    if (role.status !== "leading") throw new Error(role.status);
    const { state } = role.driver.core;
    expect([...state.recoveredAgents.keys()]).toEqual([agentId]);
    expect([...state.frameworks.keys()]).toEqual([frameworkId]);
  } finally {
    await rm(path, { recursive: true });
  }
});

test("a leader that is no master of ours is nobody to send to", async () => {
  const tree = new MemoryTree();
  const other = tree.connect();
  await other.create("/mesos/json.info_", new TextEncoder().encode("?"), {
    ephemeral: true,
    sequential: true,
    parents: true,
  });
  await using reached = await inProcess({ store: tree.connect() });
  await until(reached, "waiting");
  expect((await post(reached, "/api/v1/scheduler", SUBSCRIBE)).status).toBe(503);
  await other.close();
  await reached.master.leads();
  expect(reached.master.role).toMatchObject({ leader: { hostname: INFO.hostname } });
});
