import { ClusterStore } from "fairlead/ui";
import fc from "fast-check";
import { expect, test } from "vitest";
import { World } from "../support/world.ts";

function started(options = { agents: 40, tasks: 120 }) {
  const world = new World(options);
  const store = new ClusterStore();
  store.applySnapshot(world.snapshot());
  return { world, store };
}

test("ClusterStore holds what a snapshot tells", () => {
  const { world, store } = started();
  expect(store.agents.size).toBe(40);
  expect([...store.frameworks.values()]).toEqual([...world.frameworks.values()]);
  expect(store.roles.get("services")?.weight).toBe(3);
  expect(store.summary?.cluster).toBe("harbor-eu");
  expect(store.sequence).toBe(1);
});

test("ClusterStore after any deltas equals the world they came from", () => {
  const part = fc.constantFrom(0.02, 0.1, 1);
  fc.assert(
    fc.property(fc.array(fc.tuple(part, fc.boolean()), { maxLength: 12 }), (steps) => {
      const { world, store } = started();
      for (const [changed, drops] of steps) {
        if (drops) {
          const [id = ""] = world.agents.keys();
          world.agents.delete(id);
          expect(store.applyDelta(world.delta([], [], [id]))).toBe(true);
        }
        expect(store.applyDelta(world.step(changed))).toBe(true);
      }
      expect(new Map(store.agents)).toEqual(world.agents);
    }),
    { numRuns: 30 },
  );
});

test("ClusterStore keeps the row of what did not change", () => {
  const { world, store } = started();
  const before = new Map(store.agents);
  const delta = world.step(0.1);
  store.applyDelta(delta);
  const changed = new Set(delta.agents.map(({ id }) => id));
  for (const [id, row] of store.agents) expect(row === before.get(id)).toBe(!changed.has(id));
});

test("ClusterStore refuses a delta over a gap, and skips one that it has", () => {
  const { world, store } = started();
  const first = world.step();
  world.step();
  const third = world.step();
  expect(store.applyDelta(first)).toBe(true);
  expect(store.applyDelta(first)).toBe(true);
  expect(store.version).toBe(2);
  expect(store.applyDelta(third)).toBe(false);
  const late = world.delta([], []);
  const { since: _, ...without } = late;
  expect(store.applyDelta(without)).toBe(true);
});

test("ClusterStore refuses a delta before the first snapshot", () => {
  expect(new ClusterStore().applyDelta(new World({ agents: 2, tasks: 0 }).step())).toBe(false);
});

test("ClusterStore tells what happened, newest first", () => {
  const { world, store } = started();
  const [agent] = [...world.agents.values()];
  const [framework] = [...world.frameworks.values()];
  world.agents.set(agent!.id, { ...agent!, state: "draining" });
  const failed = (framework!.tasks.failed ?? 0) + 3;
  world.frameworks.set(framework!.id, {
    ...framework!,
    state: "inactive",
    tasks: { ...framework!.tasks, failed },
  });
  store.applyDelta(world.delta([agent!.id], [framework!.id], [`${agent!.id}0`]));
  const told = store.events.map(({ subject, text, tone }) => `${tone} ${subject} ${text}`);
  expect(told.slice(0, 3)).toEqual([
    `bad ${framework!.name} 3 tasks failed`,
    `warn ${framework!.name} disconnected`,
    `warn ${agent!.hostname} is draining`,
  ]);
});

test("ClusterStore tells many alike in one line", () => {
  const { world, store } = started();
  for (const [id, row] of world.agents) world.agents.set(id, { ...row, state: "unreachable" });
  store.applyDelta(world.delta([...world.agents.keys()], []));
  expect(store.events[0]).toMatchObject({
    subject: "40 agents",
    text: "is unreachable",
    subjectId: "",
  });
});

test("ClusterStore opens its journal with the latest registrations", () => {
  const { world, store } = started();
  expect(store.events.length).toBe(12);
  const newest = [...world.frameworks.values()].map(({ reregisteredMs = 0 }) => reregisteredMs);
  expect(store.events[0]?.atMs).toBe(Math.max(...newest));
});

test("ClusterStore after a new snapshot tells what it missed", () => {
  const { world, store } = started();
  const [first, second] = [...world.agents.values()];
  world.agents.delete(first!.id);
  world.agents.set(second!.id, { ...second!, state: "unreachable" });
  store.applySnapshot(world.snapshot());
  expect(store.agents.has(first!.id)).toBe(false);
  const told = store.events.slice(0, 2).map(({ subject, text }) => `${subject} ${text}`);
  expect(told).toEqual([
    `${first!.hostname} left the cluster`,
    `${second!.hostname} is unreachable`,
  ]);
});

test("ClusterStore samples the load once a second, and keeps some minutes", () => {
  const { world, store } = started({ agents: 4, tasks: 4 });
  for (let step = 0; step < 700; step += 1) store.applyDelta(world.step());
  expect(store.samples.length).toBe(240);
  const gaps = store.samples.slice(1).map(({ atMs }, at) => atMs - store.samples[at]!.atMs);
  expect(new Set(gaps)).toEqual(new Set([1_000]));
});
