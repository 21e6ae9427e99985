/** Well-formed messages with nonsense in them: nothing throws, nothing is half done. */
import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../../src/base/mod.ts";
import type { AgentMessage, ResourceJson, TaskStatus } from "../../../src/model/mod.ts";
import { Cluster, type FakeAgent, task } from "./cluster.ts";

/** A cluster whose faults may be logged. */
function forgiving(): Cluster {
  const cluster = new Cluster();
  cluster.mayFail = true;
  return cluster;
}

const NONSENSE: readonly ResourceJson[][] = [
  [{ name: "cpus", type: "SCALAR", scalar: { value: -1 } }],
  [{ name: "cpus", type: "SCALAR", scalar: { value: Number.NaN } }],
  [{ name: "cpus", type: "SCALAR" }],
  [{ name: "", type: "SCALAR", scalar: { value: 1 } }],
  [{ name: "cpus", type: "RANGES", ranges: { range: [{ begin: 9, end: 1 }] } }],
  [{ name: "ports", type: "SCALAR", scalar: { value: 1 } }],
  [{ name: "cpus", type: "SCALAR", scalar: { value: 1 }, role: "a//b" }],
  [{ name: "cpus", type: "SCALAR", scalar: { value: 1e300 } }],
  Array.from({ length: 40 }, (_, i) => ({ name: `k${i}`, type: "SCALAR", scalar: { value: 1 } })),
  [],
];

describe("an agent that sends resources that cannot be", () => {
  test.each(NONSENSE.map((resources, i) => [i, resources] as const))(
    "loses its link, and nothing else (%d)",
    (_, resources) => {
      const cluster = forgiving();
      const agent = cluster.agent();
      const framework = cluster.subscribe();
      cluster.settle();
      agent.say({ type: "resources", resources });
      const there = cluster.core.state.agents.get(agent.id)!;
      if (resources.length === 0) expect(String(there.record.resources)).toBe("");
      else {
        expect(agent.isOpen).toBe(false);
        expect(there.record.connection.status).toBe("disconnected");
        expect(framework.offers).toEqual([]);
      }
      agent.close();
      const again = cluster.stranger();
      again.id = agent.id;
      again.reregister();
      expect(again.of("registered").length).toBe(1);
    },
  );
});

test.each(NONSENSE.slice(0, -1).map((resources, i) => [i, resources] as const))(
  "a re-registration with tasks that cannot be is refused as a whole (%d)",
  (_, resources) => {
    const cluster = forgiving();
    cluster.agent({ resources: "cpus:4;ports:[1-2]" });
    const stranger = cluster.stranger();
    stranger.id = "old-S1";
    const { command: __, ...facts } = task("old-S1", "t1");
    const { command: ___, ...others } = task("old-S1", "t2");
    const framework_id = { value: "f1" };
    stranger.reregister({
      frameworks: [{ id: framework_id, user: "u", name: "n" }],
      tasks: [
        { ...facts, framework_id, state: "TASK_RUNNING" },
        { ...others, resources, framework_id, state: "TASK_RUNNING" },
      ],
    });
    if (stranger.of("registered").length > 0) return;
    expect(stranger.of("refused")).toMatchObject([{ reason: "invalid" }]);
    expect(cluster.core.state.agents.size).toBe(1);
    expect(cluster.core.state.frameworks.get("f1")?.tasks.size ?? 0).toBe(0);
  },
);

test.each([
  ["more kinds than there can be", NONSENSE[8]!],
  ["a kind of another type", [{ name: "ports", type: "SCALAR" as const, scalar: { value: 1 } }]],
])("a known agent that comes back with %s is refused or loses those tasks", (_, resources) => {
  const cluster = forgiving();
  const agent = cluster.agent();
  const framework = cluster.subscribe();
  cluster.settle();
  framework.launch(framework.offers, [task(agent.id, "t1")], 0);
  const { info } = cluster.core.state.frameworks.get(framework.id)!.record;
  const { command: __, ...facts } = task(agent.id, "t2");
  const framework_id = { value: framework.id };
  const odd = { ...facts, resources, framework_id, state: "TASK_RUNNING" as const };
  const { command: ___, ...known } = task(agent.id, "t1");
  const fine = { ...known, framework_id, state: "TASK_RUNNING" as const };
  agent.close();
  const again = cluster.stranger();
  again.id = agent.id;
  again.reregister({ frameworks: [info], tasks: [fine, odd] });
  const view = cluster.core.state.frameworks.get(framework.id)!;
  expect([...view.tasks.keys()]).toEqual(["t1"]);
  expect(again.of("kill").map(({ task_id }) => task_id)).toEqual(["t2"]);
  again.close();
  again.reregister({ agent_info: { ...again.info, resources }, frameworks: [info], tasks: [fine] });
  expect(again.of("refused")).toMatchObject([{ reason: "invalid" }]);
  expect([...view.tasks.keys()]).toEqual(["t1"]);
});

/** A message that the types allow and sense does not. */
function nonsense(random: SeededRandom, agent: FakeAgent): AgentMessage {
  const pick = <T>(list: readonly T[]): T => list[random.int(list.length)]!;
  const id = () => pick(["", "t1", "m1-0000", "m1-S0", "m1-S9", "x".repeat(300), "__proto__"]);
  const status: TaskStatus = {
    task_id: { value: id() },
    state: pick([
      "TASK_RUNNING",
      "TASK_FINISHED",
      "TASK_UNREACHABLE",
      "TASK_UNKNOWN",
      "TASK_STAGING",
    ]),
    ...(random.int(2) === 0 && { uuid: id() }),
    ...(random.int(3) === 0 && { timestamp: Number.NaN }),
  };
  switch (random.int(8)) {
    case 0:
      return { type: "update", framework_id: id(), status };
    case 1:
      return {
        type: "update",
        framework_id: "m1-0000",
        status: { ...status, task_id: { value: "t1" } },
      };
    case 2:
      return { type: "executor_exited", framework_id: id(), executor_id: id(), status: -1 };
    case 3:
      return {
        type: "operation_update",
        uuid: id(),
        status: { state: "OPERATION_FINISHED" },
        resources: pick(NONSENSE),
      };
    case 4:
      return { type: "answer", id: random.int(5) - 1 };
    case 5:
      return { type: "message", framework_id: id(), executor_id: id(), data: "" };
    case 6:
      return { type: "resources", resources: pick(NONSENSE) };
    default:
      return {
        type: "reregister",
        ...agent.registration,
        agent_info: { ...agent.info, id: { value: id() }, resources: pick(NONSENSE) },
        tasks: [],
        executors: [{ framework_id: id(), executor_info: { executor_id: { value: id() } } }],
        frameworks: [{ user: "", name: "", ...(random.int(2) === 0 && { id: { value: id() } }) }],
        operations: [],
      };
  }
}

test.each(Array.from({ length: 20 }, (_, i) => i + 1))(
  "agents may say anything (seed %d)",
  (seed) => {
    const random = new SeededRandom(seed);
    const cluster = forgiving();
    const first = cluster.agent();
    const framework = cluster.subscribe();
    cluster.settle();
    framework.launch(framework.offers, [task(first.id, "t1")], 0);
    let agent = first;
    for (let i = 0; i < 150; i++) {
      if (!agent.isOpen) {
        agent = cluster.stranger({ hostname: `h${random.int(3)}` });
        if (random.int(2) === 0) agent.id = `m1-S${random.int(4)}`;
        agent.open();
        if (random.int(2) === 0) agent.say({ type: "register", ...agent.registration });
      }
      agent.say(nonsense(random, agent));
      cluster.advance(random.int(2_000));
    }
    const good = cluster.agent({ hostname: "good" });
    expect(good.of("registered").length).toBe(1);
  },
);

test("a quota that the allocator refuses gets into no registry", () => {
  const cluster = forgiving();
  const kinds = (from: number) =>
    Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`k${from + i}`, { value: 1 }]));
  const call = (role: string, from: number) =>
    cluster.operate({
      type: "UPDATE_QUOTA",
      update_quota: { quota_configs: [{ role, limits: kinds(from) }] },
    });
  expect(call("a", 0).status).toBe(200);
  expect(call("b", 20)).toMatchObject({ status: 400, message: expect.stringContaining("32") });
  expect([...cluster.core.state.quotas.keys()]).toEqual(["a"]);
  expect(cluster.failover().core.state.quotas.size).toBe(1);
});
