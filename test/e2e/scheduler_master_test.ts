/** The SDK against the master: in one process, and over sockets. */
import { describe, expect, test } from "vitest";
import { MemoryTree } from "../../src/coordination/mod.ts";
import { createMaster } from "../../src/master/mod.ts";
import { serveMaster } from "../../src/master/node/mod.ts";
import {
  type ConnectOptions,
  connect,
  type FrameworkEvent,
  match,
  type Scheduler,
  task,
} from "../../src/scheduler/mod.ts";
import {
  INFO,
  inProcess,
  overSockets,
  type Reached,
  ScriptedAgent,
} from "../master/shell/support.ts";

const framework = { name: "sdk", user: "me", roles: ["web"] };

/** The SDK as it reaches this master. */
function join(reached: Reached, more: Partial<ConnectOptions> = {}): Scheduler {
  const master = (request: Request) => {
    const { pathname } = new URL(request.url);
    return reached.master.handler(new Request(`http://master.example:5050${pathname}`, request));
  };
  return connect({ master, framework, ...more });
}

/** Read until a predicate holds of an event. */
async function until<E extends FrameworkEvent>(
  scheduler: Scheduler,
  holds: (event: FrameworkEvent) => event is E,
): Promise<E> {
  for await (const event of scheduler.events()) if (holds(event)) return event;
  throw new Error("the events ended");
}

const isUpdate =
  (taskId: string, state: string) =>
  (event: FrameworkEvent): event is Extract<FrameworkEvent, { type: "UPDATE" }> =>
    event.type === "UPDATE" &&
    event.status.task_id.value === taskId &&
    event.status.state === state;

const isOffers = (event: FrameworkEvent): event is Extract<FrameworkEvent, { type: "OFFERS" }> =>
  event.type === "OFFERS";

describe.each([
  ["in process", inProcess],
  ["over sockets", overSockets],
] as const)("SDK and master %s", (_, reach) => {
  test("a match is launched, runs, is acknowledged, is killed, and the framework is torn down", async () => {
    await using reached = await reach();
    await reached.master.leads();
    const agent = await ScriptedAgent.register(reached);
    await using scheduler = join(reached);
    let waiting = ["t1", "t2", "t3"].map((id) =>
      task({ name: "web", id, command: "sleep 60", cpus: 1, mem: 64, ports: 1, role: "web" }),
    );
    const states: string[] = [];
    for await (const event of scheduler.events()) {
      if (event.type === "OFFERS") {
        const matched = match(event.offers, waiting);
        waiting = matched.waiting.map((each) => each.task);
        const outcomes = await scheduler.apply(matched, { refuseSeconds: 600 });
        expect(outcomes.every(({ taken }) => taken)).toBe(true);
      }
      if (event.type !== "UPDATE") continue;
      states.push(`${event.status.task_id.value} ${event.status.state}`);
      if (states.length === 3) void scheduler.kill("t2");
      if (states.length === 4) break;
    }
    expect(states).toEqual([
      "t1 TASK_RUNNING",
      "t2 TASK_RUNNING",
      "t3 TASK_RUNNING",
      "t2 TASK_KILLED",
    ]);
    const acknowledged = [
      await agent.next("ack"),
      await agent.next("ack"),
      await agent.next("ack"),
    ];
    expect(acknowledged.map(({ task_id }) => task_id).sort()).toEqual(["t1", "t2", "t3"]);
    expect(scheduler.tasks.map(({ taskId }) => taskId)).toEqual(["t1", "t3"]);
    expect(await scheduler.teardown()).toEqual({ taken: true });
    expect(await agent.next("shutdown_framework")).toMatchObject({
      framework_id: scheduler.frameworkId,
    });
  });

  test("a bad task of a launch is TASK_ERROR, the others run", async () => {
    await using reached = await reach();
    await reached.master.leads();
    await ScriptedAgent.register(reached);
    await using scheduler = join(reached);
    const { offers } = await until(scheduler, isOffers);
    const [launch] = match(offers, [
      task({ name: "good", id: "good", command: "true", cpus: 1, mem: 64 }),
      task({
        name: "greedy",
        id: "greedy",
        command: "true",
        cpus: 1,
        mem: 64,
        complete: (info) => ({
          ...info,
          resources: [{ name: "cpus", type: "SCALAR", scalar: { value: 500 } }],
        }),
      }),
    ]).launches;
    if (launch === undefined) throw new Error("nothing launched");
    await scheduler.launch(launch.offers, launch.tasks);
    const seen = new Map<string, string>();
    for await (const event of scheduler.events()) {
      if (event.type === "UPDATE") seen.set(event.status.task_id.value, event.status.state);
      if (seen.size === 2) break;
    }
    expect(Object.fromEntries(seen)).toEqual({ good: "TASK_RUNNING", greedy: "TASK_ERROR" });
  });

  test("another scheduler with the same id takes over; the first one hears so", async () => {
    await using reached = await reach();
    await reached.master.leads();
    await ScriptedAgent.register(reached);
    await using first = join(reached);
    const frameworkId = await first.subscribed();
    const { offers } = await until(first, isOffers);
    const waiting = [task({ name: "t", id: "t1", command: "true", cpus: 1, mem: 64 })];
    await first.apply(match(offers, waiting));
    await until(first, isUpdate("t1", "TASK_RUNNING"));
    await using second = join(reached, { frameworkId });
    expect(await second.subscribed()).toBe(frameworkId);
    const reading = (async () => {
      for await (const _ of first.events());
    })();
    await expect(reading).rejects.toMatchObject({ code: "framework_failed_over" });
    await until(second, isUpdate("t1", "TASK_RUNNING"));
    expect(second.tasks.map(({ taskId }) => taskId)).toEqual(["t1"]);
  });

  test("what a master refuses for good is a coded error", async () => {
    await using reached = await reach();
    await reached.master.leads();
    await using scheduler = join(reached, {
      framework: { ...framework, roles: ["a b"] },
    });
    const reading = (async () => {
      for await (const _ of scheduler.events());
    })();
    await expect(reading).rejects.toMatchObject({
      code: expect.stringMatching(/^(subscribe_refused|framework_error)$/),
    });
  });
});

test("the SDK goes over to the next master with its id", async () => {
  const tree = new MemoryTree();
  const stores = [tree.connect(), tree.connect()] as const;
  const start = (store: (typeof stores)[number], port: number) =>
    createMaster({
      store,
      info: { ...INFO, port },
      core: { allocationDelayMs: 0, offerTimeoutMs: 0 },
    });
  const first = start(stores[0], 5050);
  await first.leads();
  const masters = new Map([["5050", first]]);
  const fetch = (url: string, init: RequestInit) => {
    const master = masters.get(new URL(url).port);
    if (master === undefined) throw new Error(`no master at ${url}`);
    return master.handler(new Request(url, init));
  };
  await using scheduler = connect({
    master: ["http://master.example:5051", "http://master.example:5050"],
    framework,
    fetch,
    timings: { backoffInitialMs: 5, backoffMaxMs: 50 },
  });
  const frameworkId = await scheduler.subscribed();
  expect(scheduler.session).toMatchObject({ url: expect.stringContaining(":5050/") });
  const heard: string[] = [];
  const reading = (async () => {
    for await (const event of scheduler.events()) {
      heard.push(event.type);
      if (event.type === "SUBSCRIBED" && event.isAgain) return event;
    }
    return undefined;
  })();
  masters.delete("5050");
  await first.stop();
  const second = start(stores[1], 5051);
  masters.set("5051", second);
  const again = await reading;
  expect(heard).toContain("DISCONNECTED");
  expect(again).toMatchObject({ frameworkId, master: expect.stringContaining(":5051/") });
  await scheduler.close();
  await second.stop();
  for (const store of stores) await store.close();
});

test("the SDK acknowledges a thousand updates in a few requests", async () => {
  const store = new MemoryTree().connect();
  const served = await serveMaster({
    store,
    port: 0,
    core: { allocationDelayMs: 0, offerTimeoutMs: 0 },
  });
  const requests: number[] = [];
  await using scheduler = connect({
    master: served.url,
    framework,
    fetch: (url, init) => {
      requests.push(1);
      return globalThis.fetch(url, init);
    },
  });
  const reached: Pick<Reached, "link"> = {
    link: async () => {
      const { connectWebSocket } = await import("../../src/http/node/mod.ts");
      const { LINK_PATH, LINK_PROTOCOL } = await import("../../src/model/mod.ts");
      return connectWebSocket(served.url.replace("http", "ws") + LINK_PATH, {
        protocols: [LINK_PROTOCOL],
      });
    },
  };
  const agent = await ScriptedAgent.register(reached as Reached, {
    resources: "cpus:1000;mem:64000",
  });
  const { offers } = await until(scheduler, isOffers);
  const waiting = Array.from({ length: 1_000 }, (_, i) =>
    task({ name: "t", id: `t${i}`, command: "true", cpus: 1, mem: 32 }),
  );
  await scheduler.apply(match(offers, waiting));
  let running = 0;
  const reading = (async () => {
    for await (const event of scheduler.events()) {
      if (event.type === "UPDATE" && event.status.state === "TASK_RUNNING") running += 1;
    }
  })();
  for (let count = 0; count < 1_000; count += 1) await agent.next("ack");
  expect(running).toBe(1_000);
  expect(requests.length).toBeLessThan(50);
  await scheduler.close();
  await reading;
  await served.close();
  await store.close();
});
