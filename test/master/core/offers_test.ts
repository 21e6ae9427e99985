import { expect, test } from "vitest";
import { Cluster, task } from "./cluster.ts";

test("offers of one run reach a framework in one event", () => {
  const cluster = new Cluster();
  for (const hostname of ["a", "b", "c"]) cluster.agent({ hostname });
  const framework = cluster.subscribe();
  cluster.settle();
  expect(framework.of("OFFERS").length).toBe(1);
  expect(framework.offers.length).toBe(3);
});

test("offers come within the allocation delay of what made them possible", () => {
  const cluster = new Cluster({ allocationDelayMs: 3 });
  const framework = cluster.subscribe();
  cluster.settle();
  cluster.agent();
  expect(cluster.core.nextDueMs()).toBe(cluster.clock.nowMs() + 3);
  cluster.advance(3);
  expect(framework.offers.length).toBe(1);
});

test("an offer tells all there is to know of its agent, and resources by role", () => {
  const cluster = new Cluster();
  cluster.agent({ resources: "cpus:4;mem:1000;ports:[1-3,7-8];cpus(eng):2;zones:{a,b}" });
  const framework = cluster.subscribe({
    roles: ["eng"],
    capabilities: [{ type: "MULTI_ROLE" }],
  });
  cluster.settle();
  const [offer] = framework.offers;
  expect(offer).toMatchObject({
    attributes: [{ name: "rack", type: "TEXT", text: { value: "r1" } }],
    allocation_info: { role: "eng" },
  });
  const allocation_info = { role: "eng" };
  expect(offer?.resources).toEqual([
    { name: "cpus", type: "SCALAR", scalar: { value: 4 }, allocation_info },
    {
      name: "cpus",
      type: "SCALAR",
      scalar: { value: 2 },
      reservations: [{ type: "STATIC", role: "eng" }],
      allocation_info,
    },
    { name: "mem", type: "SCALAR", scalar: { value: 1000 }, allocation_info },
    {
      name: "ports",
      type: "RANGES",
      ranges: {
        range: [
          { begin: 1, end: 3 },
          { begin: 7, end: 8 },
        ],
      },
      allocation_info,
    },
    { name: "zones", type: "SET", set: { item: ["a", "b"] }, allocation_info },
  ]);
});

test("an offer names the framework's executors on its agent", () => {
  const cluster = new Cluster();
  const agent = cluster.agent();
  const framework = cluster.subscribe();
  cluster.settle();
  const executor = {
    executor_id: { value: "e1" },
    command: { shell: true, value: "run" },
    resources: task(agent.id, "x", "cpus:0.1;mem:32").resources,
  };
  const { command: _, ...bare } = task(agent.id, "t1");
  framework.launch(framework.offers, [{ ...bare, executor }], 0);
  cluster.settle();
  expect(framework.offers[0]?.executor_ids).toEqual([{ value: "e1" }]);
});

test("a declined offer comes back when its filter is over; 5 s when none is said", () => {
  const cluster = new Cluster();
  cluster.agent();
  const framework = cluster.subscribe();
  cluster.settle();
  const decline = (filters?: { refuse_seconds: number }) =>
    framework.call({
      type: "DECLINE",
      decline: { offer_ids: framework.offers.map(({ id }) => id), ...(filters && { filters }) },
    });
  decline();
  cluster.advance(4_900);
  expect(framework.offers).toEqual([]);
  cluster.advance(1_200);
  expect(framework.offers.length).toBe(1);
  decline({ refuse_seconds: 60 });
  cluster.advance(50_000);
  expect(framework.offers).toEqual([]);
  cluster.advance(11_500);
  expect(framework.offers.length).toBe(1);
  decline({ refuse_seconds: -1 });
  cluster.advance(4_900);
  expect(framework.offers).toEqual([]);
  cluster.advance(1_200);
  expect(framework.offers.length).toBe(1);
});

test("DECLINE passes over offers of others and offers that are gone", () => {
  const cluster = new Cluster();
  cluster.agent();
  const owner = cluster.subscribe();
  cluster.settle();
  const thief = cluster.subscribe();
  thief.call({ type: "DECLINE", decline: { offer_ids: [owner.offers[0]!.id, { value: "gone" }] } });
  expect(owner.offers.length).toBe(1);
});

test("an offer that is held too long is rescinded and offered anew", () => {
  const cluster = new Cluster({ offerTimeoutMs: 10_000 });
  cluster.agent();
  const framework = cluster.subscribe();
  cluster.settle();
  const [first] = framework.offers;
  cluster.advance(9_900);
  expect(framework.of("RESCIND")).toEqual([]);
  cluster.advance(200);
  expect(framework.of("RESCIND")).toEqual([{ type: "RESCIND", rescind: { offer_id: first!.id } }]);
  expect(framework.offers.length).toBe(1);
  expect(framework.launch([first!], [task("m1-S0", "t1")]).status).toBe(202);
  expect(framework.statesOf("t1")).toEqual(["TASK_DROPPED"]);
});

test("a framework that lets its offers lie is passed over, longer each time, until it answers", () => {
  const cluster = new Cluster({ offerTimeoutMs: 10_000, agentPingMs: 86_400_000 });
  cluster.agent();
  const hoarder = cluster.subscribe({ role: "a" });
  cluster.settle();
  const other = cluster.subscribe({ role: "b" });
  cluster.advance(10_100); // rescinded once: whoever has the smallest share gets it
  cluster.advance(40_000);
  expect(other.of("OFFERS").length).toBeGreaterThan(0);
  const before = hoarder.of("RESCIND").length;
  cluster.advance(200_000);
  expect(hoarder.of("RESCIND").length - before).toBeLessThan(6);
  const fresh = cluster.subscribe({ role: "c" });
  cluster.advance(100);
  expect(fresh.of("OFFERS").length).toBe(1);
});

test("REVIVE brings back nothing that its framework let lie more than once", () => {
  const cluster = new Cluster({ offerTimeoutMs: 10_000, agentPingMs: 86_400_000 });
  cluster.agent();
  const hoarder = cluster.subscribe({ role: "a" });
  cluster.settle();
  const other = cluster.subscribe({ role: "b" });
  const decline = () => {
    const offer_ids = other.offers.map(({ id }) => id);
    other.call({ type: "DECLINE", decline: { offer_ids, filters: { refuse_seconds: 0.1 } } });
  };
  while (hoarder.of("RESCIND").length < 2) {
    cluster.advance(1_000);
    decline();
  }
  decline();
  for (let times = 0; times < 40; times++) {
    hoarder.call({ type: "SUPPRESS" });
    hoarder.call({ type: "REVIVE" });
    cluster.advance(200);
    expect(hoarder.offers).toEqual([]);
  }
  expect(other.offers.length).toBe(1);
  cluster.advance(100_000);
  expect(hoarder.of("OFFERS").length).toBeGreaterThan(2);
});

test("offers of an agent whose link ends are rescinded", () => {
  const cluster = new Cluster();
  const agent = cluster.agent();
  const framework = cluster.subscribe();
  cluster.settle();
  agent.close();
  expect(framework.of("RESCIND").length).toBe(1);
  cluster.advance(10_000);
  expect(framework.offers).toEqual([]);
});

test("an agent that has more now is offered with all of it", () => {
  const cluster = new Cluster();
  const agent = cluster.agent();
  const framework = cluster.subscribe();
  cluster.settle();
  const more = [{ name: "cpus", type: "SCALAR" as const, scalar: { value: 64 } }];
  agent.say({ type: "resources", resources: more });
  expect(framework.of("RESCIND").length).toBe(1);
  cluster.settle();
  expect(framework.offers[0]?.resources).toMatchObject(more);
  agent.say({ type: "resources", resources: more });
  expect(framework.of("RESCIND").length).toBe(1);
});
