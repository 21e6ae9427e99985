import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../../src/base/mod.ts";
import type { Offer, ResourceJson, TaskInfo } from "../../../src/model/mod.ts";
import { POLICIES } from "../../../src/placement/mod.ts";
import { Resources } from "../../../src/resources/mod.ts";
import {
  agentFacts,
  type Match,
  match,
  type PendingTask,
  type TaskOptions,
  task,
  taskGroup,
} from "../../../src/scheduler/mod.ts";
import { offerOf, scalar } from "../support/offers.ts";

const random = new SeededRandom(1);

function tasks(count: number, options: Partial<TaskOptions> = {}): PendingTask[] {
  return Array.from({ length: count }, (_, i) =>
    task({ name: "t", id: `t${i}`, command: "true", cpus: 1, mem: 32, random, ...options }),
  );
}

/** Which task went where: `t0@a1`. */
function places({ launches }: Match): string[] {
  return launches.flatMap((launch) =>
    launch.tasks.map(({ task_id, agent_id }) => `${task_id.value}@${agent_id.value}`),
  );
}

function used(infos: readonly TaskInfo[]): Resources {
  return infos.reduce((sum, info) => sum.add(Resources.fromJson(info.resources)), Resources.EMPTY);
}

function text(match: Match, index = 0): string | undefined {
  return match.waiting[index]?.reason.text;
}

describe("match()", () => {
  test("launches what fits, declines what is not used, and says why the rest waits", () => {
    const offers = [
      offerOf("o1", "a1", { cpus: 2, mem: 1_024 }),
      offerOf("o2", "a2", { cpus: 0.5, mem: 1_024 }),
    ];
    const matched = match(offers, tasks(3));
    expect(places(matched)).toEqual(["t0@a1", "t1@a1"]);
    expect(matched.declined.map(({ id }) => id.value)).toEqual(["o2"]);
    expect(matched.waiting.map(({ task: { id } }) => id)).toEqual(["t2"]);
    expect(matched.waiting[0]?.reason).toEqual({
      agents: 2,
      shortfalls: [{ resource: "cpus", agents: 2, least: 0.5 }],
      obstacles: [],
      closest: { agentId: "a2", missing: { cpus: 0.5 } },
      text: "0.5 cpus or more short on 2 agents; closest: agent a2 lacks 0.5 cpus",
    });
  });

  test("writes TaskInfos that a master takes as they are", () => {
    const offers = [offerOf("o1", "a1", { cpus: 2, mem: 1_024, ports: [[31_000, 31_001]] })];
    const [launch] = match(offers, tasks(1, { ports: 2, cpus: 0.1 })).launches;
    expect(launch?.operations).toEqual([
      {
        type: "LAUNCH",
        launch: {
          task_infos: [
            {
              name: "t",
              task_id: { value: "t0" },
              agent_id: { value: "a1" },
              command: {
                shell: true,
                value: "true",
                environment: {
                  variables: [
                    { name: "PORT", value: "31000" },
                    { name: "PORTS", value: "31000,31001" },
                    { name: "PORT0", value: "31000" },
                    { name: "PORT1", value: "31001" },
                  ],
                },
              },
              resources: [
                scalar("cpus", 0.1),
                scalar("mem", 32),
                {
                  name: "ports",
                  type: "RANGES",
                  ranges: { range: [{ begin: 31_000, end: 31_001 }] },
                  allocation_info: { role: "*" },
                },
              ],
            },
          ],
        },
      },
    ]);
    expect(launch?.agent).toEqual({ agentId: "a1", hostname: "a1.example", attributes: {} });
  });

  test("uses several offers of one agent together", () => {
    const offers = [
      offerOf("o1", "a1", { cpus: 1, mem: 16 }),
      offerOf("o2", "a2", { cpus: 1, mem: 16 }),
      offerOf("o3", "a1", { cpus: 1, mem: 16 }),
    ];
    const matched = match(offers, tasks(1, { cpus: 2, mem: 32 }));
    expect(matched.launches[0]?.offers.map(({ id }) => id.value)).toEqual(["o1", "o3"]);
    expect(
      used(matched.launches[0]?.tasks ?? [])
        .quantities()
        .get("cpus"),
    ).toBe(2_000);
    expect(matched.declined.map(({ id }) => id.value)).toEqual(["o2"]);
  });

  test("never mixes offers to different roles", () => {
    const offers = [
      offerOf("o1", "a1", { cpus: 1, mem: 64, role: "x" }),
      offerOf("o2", "a1", { cpus: 1, mem: 64, role: "y" }),
    ];
    expect(match(offers, tasks(1, { cpus: 2 })).launches).toEqual([]);
    const [launch] = match(offers, tasks(1, { role: "y" })).launches;
    expect(launch).toMatchObject({ role: "y", offers: [{ id: { value: "o2" } }] });
    expect(text(match(offers, tasks(1, { role: "z" })))).toBe("not offered to role z on 2 agents");
  });

  test("policies choose the agent", () => {
    const offers = [
      offerOf("o1", "middle", { cpus: 4, mem: 256 }),
      offerOf("o2", "small", { cpus: 1, mem: 64 }),
      offerOf("o3", "large", { cpus: 8, mem: 512 }),
    ];
    const where = (policy: (typeof POLICIES)[number]) =>
      places(match(offers, tasks(1), { policy }))[0];
    expect(where("first_fit")).toBe("t0@middle");
    expect(where("best_fit")).toBe("t0@small");
    expect(where("spread")).toBe("t0@large");
  });

  test("constraints of the task and of all tasks hold, as objects and as text", () => {
    const offers = ["r1", "r2", "r1"].map((rack, i) =>
      offerOf(`o${i}`, `a${i}`, { cpus: 4, mem: 256, attributes: { rack, [`only${i}`]: "x" } }),
    );
    const constraints = ["rack:LIKE:r1"];
    expect(places(match(offers, tasks(5, { constraints }), { policy: "spread" }))).toEqual([
      "t0@a0",
      "t2@a0",
      "t4@a0",
      "t1@a2",
      "t3@a2",
    ]);
    const all = [{ field: "only1", operator: "IS", value: "x" } as const];
    expect(places(match(offers, tasks(1), { constraints: all }))).toEqual(["t0@a1"]);
    expect(text(match(offers, tasks(1, { constraints }), { constraints: all }))).toBe(
      "rack:LIKE:r1 on 1 agent; only1:IS:x on 2 agents",
    );
  });

  test("the fault domain is there as @region and @zone", () => {
    const domain = { fault_domain: { region: { name: "eu" }, zone: { name: "eu-1" } } };
    const offer: Offer = { ...offerOf("o1", "a1", { cpus: 1, mem: 32 }), domain };
    expect(places(match([offer], tasks(1, { constraints: ["@zone:IS:eu-1"] })))).toHaveLength(1);
    expect(places(match([offer], tasks(1, { constraints: ["@region:IS:us"] })))).toHaveLength(0);
  });

  test("instances that run already count, on agents without offers too", () => {
    const offers = [
      offerOf("o1", "a1", { cpus: 4, mem: 256, attributes: { rack: "r1" } }),
      offerOf("o2", "a2", { cpus: 4, mem: 256, attributes: { rack: "r2" } }),
      offerOf("o3", "a3", { cpus: 4, mem: 256, attributes: { rack: "r3" } }),
    ];
    const running = [
      { group: "web", agentId: "a1", hostname: "a1.example", attributes: { rack: "r1" } },
      { group: "web", agentId: "gone", hostname: "gone.example", attributes: { rack: "r2" } },
      { group: "other", agentId: "a3", hostname: "a3.example", attributes: { rack: "r3" } },
    ];
    const web = { group: "web", constraints: ["rack:UNIQUE"] };
    const matched = match(offers, tasks(2, web), { running });
    expect(places(matched)).toEqual(["t0@a3"]);
    expect(matched.waiting[0]?.reason.agents).toBe(3);
    expect(text(matched)).toContain("rack:UNIQUE on");
    expect(
      places(match(offers, tasks(2, { group: "web", constraints: ["hostname:UNIQUE"] }))),
    ).toEqual(["t0@a1", "t1@a2"]);
  });

  test("what was started can be kept as a running instance", () => {
    const offers = [offerOf("o1", "a1", { cpus: 4, mem: 256 })];
    const web = { group: "web", constraints: ["hostname:UNIQUE"] };
    const [launch] = match(offers, tasks(1, web)).launches;
    const running = (launch?.started ?? []).flatMap(({ group }) =>
      group === undefined || launch === undefined ? [] : [{ group, ...launch.agent }],
    );
    expect(match(offers, tasks(1, web), { running }).launches).toEqual([]);
    expect(agentFacts(offers[0] as Offer)).toEqual(launch?.agent);
  });

  test("says so when there are no offers", () => {
    expect(text(match([], tasks(1)))).toBe("there are no offers");
    expect(match([offerOf("o1", "a1", { cpus: 1 })], [])).toMatchObject({
      launches: [],
      waiting: [],
      declined: [{ id: { value: "o1" } }],
    });
  });

  test("refuses two tasks of one id", () => {
    const twice = [...tasks(1), ...tasks(1)];
    expect(() => match([offerOf("o1", "a1", { cpus: 1 })], twice)).toThrow(
      expect.objectContaining({ code: "invalid_task" }),
    );
  });

  test("GPUs: whole devices, and models", () => {
    const offers = [
      offerOf("o1", "a1", { cpus: 8, mem: 512, gpus: 2, attributes: { gpu_model: "T4" } }),
      offerOf("o2", "a2", { cpus: 8, mem: 512, gpus: 4, attributes: { gpu_model: "V100" } }),
    ];
    const matched = match(offers, tasks(3, { gpus: 2, gpuModels: ["V100"] }));
    expect(places(matched)).toEqual(["t0@a2", "t1@a2"]);
    expect(text(matched)).toContain("gpuModel in V100 on 1 agent");
  });
});

describe("match() ports", () => {
  const withPorts = (id: string, begin: number, end: number, more = {}) =>
    offerOf(`o-${id}`, id, { cpus: 16, mem: 4_096, ports: [[begin, end]], ...more });
  const portsOf = (info: TaskInfo | undefined) =>
    (info?.resources ?? []).flatMap(({ ranges }) => ranges?.range ?? []);

  test("picks so many as are asked for, on agents that have them", () => {
    const offers = [withPorts("a1", 31_000, 31_002), withPorts("a2", 31_000, 31_001)];
    const matched = match(offers, tasks(4, { ports: 2 }));
    expect(places(matched)).toHaveLength(2);
    expect(text(matched)).toBe(
      "1 ports or more short on 2 agents; closest: agent a1 lacks 1 ports",
    );
    for (const { tasks: infos } of matched.launches) used(infos);
  });

  test("the same beside tasks that ask for disk", () => {
    const offers = [
      withPorts("a1", 31_000, 31_002, { disk: 100 }),
      withPorts("a2", 31_000, 31_001, { disk: 100 }),
    ];
    const mixed = [
      ...tasks(4, { ports: 2 }),
      task({ name: "d", id: "disk", command: "true", disk: 50 }),
    ];
    const matched = match(offers, mixed);
    expect(places(matched)).toHaveLength(3);
    expect(matched.waiting.map(({ reason }) => reason.text)).toEqual(
      Array(2).fill("2 ports not free on 2 agents"),
    );
  });

  test("fixed ports go where they are free; the order of the list is kept", () => {
    const offers = [withPorts("a1", 31_000, 31_009), withPorts("a2", 8_080, 8_082)];
    const seen: (readonly number[])[] = [];
    const complete = (info: TaskInfo, placed: { readonly ports: readonly number[] }) => {
      seen.push(placed.ports);
      return info;
    };
    const matched = match(offers, tasks(2, { ports: [0, 8_080, 0], complete }));
    expect(places(matched)).toEqual(["t0@a2"]);
    expect(seen).toEqual([[8_081, 8_080, 8_082]]);
    expect(portsOf(matched.launches[0]?.tasks[0])).toEqual([{ begin: 8_080, end: 8_082 }]);
    expect(text(matched)).toBe(
      "3 ports or more short on 1 agent; port 8080 and 2 ports not free on 1 agent; " +
        "closest: agent a2 lacks 3 ports",
    );
  });

  test("with chance, ports are not always the lowest", () => {
    const offers = [withPorts("a1", 31_000, 31_999)];
    const first = (seed?: number) => {
      const options = seed === undefined ? {} : { random: new SeededRandom(seed) };
      return portsOf(match(offers, tasks(1, { ports: 1 }), options).launches[0]?.tasks[0])[0]
        ?.begin;
    };
    expect(first()).toBe(31_000);
    expect(new Set([1, 2, 3, 4].map(first)).size).toBe(4);
    expect(first(1)).toBe(first(1));
  });
});

describe("match() reservations, volumes and executors", () => {
  const dynamic = (role: string) => ({
    reservations: [{ type: "DYNAMIC" as const, role, principal: "p" }],
    allocation_info: { role: "db" },
  });

  test("reserved resources go first, with their reservation", () => {
    const offer = offerOf("o1", "a1", {
      role: "db",
      cpus: 1,
      mem: 64,
      resources: [scalar("cpus", 1, dynamic("db")), scalar("mem", 64, dynamic("db"))],
    });
    const resources = (options: Partial<TaskOptions>) =>
      match([offer], tasks(1, options)).launches[0]?.tasks[0]?.resources?.map(
        ({ name, scalar: amount, reservations }) =>
          `${name}:${amount?.value}${reservations === undefined ? "" : "!"}`,
      );
    expect(resources({ cpus: 1.5 })).toEqual(["cpus:1!", "cpus:0.5", "mem:32!"]);
    expect(resources({ reserved: "never" })).toEqual(["cpus:1", "mem:32"]);
    expect(resources({ reserved: "only" })).toEqual(["cpus:1!", "mem:32!"]);
    expect(resources({ reserved: "only", cpus: 1.5 })).toBeUndefined();
    expect(text(match([offer], tasks(1, { reserved: "only", cpus: 1.5 })))).toBe(
      "less than 1.5 cpus and 32 mem reserved on 1 agent",
    );
  });

  test("volumes are found by id and go as a whole; other disks are not cut into", () => {
    const volume: ResourceJson = scalar("disk", 100, {
      ...dynamic("db"),
      disk: { persistence: { id: "v1" }, volume: { container_path: "data", mode: "RW" } },
    });
    const mount = scalar("disk", 900, {
      allocation_info: { role: "db" },
      disk: { source: { type: "MOUNT", mount: { root: "/m" } } },
    });
    const offers = [
      offerOf("o1", "a1", { cpus: 4, mem: 256, role: "db" }),
      offerOf("o2", "a2", { cpus: 4, mem: 256, role: "db", resources: [volume, mount] }),
    ];
    const matched = match(offers, tasks(2, { volumes: ["v1"] }));
    expect(places(matched)).toEqual(["t0@a2"]);
    expect(matched.launches[0]?.tasks[0]?.resources).toContainEqual(volume);
    expect(text(matched)).toBe("volume v1 not there on 2 agents");
    expect(match(offers, tasks(1, { disk: 50 })).launches).toEqual([]);
  });

  test("lent cpus are used by those who ask for them, and by nobody else", () => {
    const lent = scalar("cpus", 2, { revocable: {} });
    const offer = offerOf("o1", "a1", { cpus: 1, mem: 256, resources: [lent] });
    const mixed = [
      ...tasks(3, { revocable: true }),
      task({ name: "x", id: "x", command: "true", cpus: 1 }),
    ];
    const matched = match([offer], mixed);
    expect(places(matched)).toEqual(["t0@a1", "t1@a1", "x@a1"]);
    expect(text(matched)).toBe("less than 1 cpus and 32 mem revocable on 1 agent");
  });

  test("ports of tasks that may use less than all count for those that may use all", () => {
    const reserved = scalar("cpus", 0.1, dynamic("db"));
    const offers = [
      offerOf("o1", "a1", {
        cpus: 0.1,
        mem: 64,
        role: "db",
        ports: [[31_000, 31_001]],
        resources: [reserved],
      }),
      offerOf("o2", "a2", {
        mem: 64,
        role: "db",
        ports: [[31_100, 31_101]],
        resources: [reserved],
      }),
    ];
    const matched = match(
      offers,
      [
        ...tasks(1, { cpus: 0.1, reserved: "never", ports: [0, 31_001] }),
        task({ name: "t", id: "x", command: "true", cpus: 0.1, ports: 2 }),
      ],
      { policy: "first_fit" },
    );
    expect(places(matched)).toEqual(["t0@a1", "x@a2"]);
  });

  test("a group whose parts do not fit together on one agent goes to another", () => {
    // Both tasks want the volume, and it goes as a whole: one is not enough.
    const volume = (id: string) =>
      scalar("disk", 10, {
        ...dynamic("db"),
        disk: { persistence: { id }, volume: { container_path: id, mode: "RW" } },
      });
    const group = taskGroup({
      id: "g",
      random,
      tasks: ["v1", "v1"].map((id, index) => ({
        name: `t${index}`,
        command: "true",
        cpus: 0.1,
        mem: 32,
        volumes: [id],
      })),
    });
    const one = offerOf("o1", "a1", {
      cpus: 4,
      mem: 256,
      disk: 64,
      role: "db",
      resources: [volume("v1")],
    });
    const two = offerOf("o2", "a2", {
      cpus: 4,
      mem: 256,
      disk: 64,
      role: "db",
      resources: [volume("v1"), volume("v1")],
    });
    expect(places(match([one, two], [group], { policy: "first_fit" }))).toHaveLength(2);
    expect(text(match([one], [group]))).toBe("its parts do not fit together on 1 agent");
  });

  test("other scalar kinds are cut too", () => {
    const offer = offerOf("o1", "a1", {
      cpus: 4,
      mem: 256,
      resources: [scalar("bandwidth", 150)],
    });
    const matched = match([offer], tasks(2, { resources: { bandwidth: 100 } }));
    expect(places(matched)).toEqual(["t0@a1"]);
    expect(text(matched)).toBe("less than 100 bandwidth on 1 agent");
  });

  test("an executor's resources are counted once, and not where it runs", () => {
    const executor = {
      executor_id: { value: "e1" },
      command: { value: "./executor" },
      resources: [scalar("cpus", 1), scalar("mem", 32)],
    };
    const { command: _, ...rest } = { name: "t", cpus: 1, mem: 32, command: "" };
    const pending = () => ["t0", "t1", "t2"].map((id) => task({ ...rest, id, executor, random }));
    const fresh = match([offerOf("o1", "a1", { cpus: 6, mem: 256 })], pending());
    expect(fresh.launches[0]?.tasks).toHaveLength(3);
    const infos = fresh.launches[0]?.tasks ?? [];
    for (const info of infos) {
      expect(info.executor?.framework_id).toEqual({ value: "f1" });
      expect(info.executor?.resources).toEqual([scalar("cpus", 1), scalar("mem", 32)]);
    }
    const running = offerOf("o1", "a1", { cpus: 4, mem: 256, executorIds: ["e1"] });
    expect(match([running], pending()).launches[0]?.tasks.length).toBeGreaterThanOrEqual(2);
  });

  test("a group goes to one agent whole, or waits whole", () => {
    const group = (id: string) =>
      taskGroup({
        id,
        random,
        tasks: [
          { name: "web", id: `${id}-web`, command: "true", cpus: 1, mem: 32, ports: 1 },
          { name: "log", id: `${id}-log`, command: "true", cpus: 1, mem: 32 },
        ],
      });
    const offers = ["a1", "a2"].map((id) =>
      offerOf(`o-${id}`, id, { cpus: 3, mem: 256, disk: 64, ports: [[31_000, 31_000]] }),
    );
    const matched = match(offers, [group("g1"), group("g2"), group("g3")]);
    expect(matched.launches).toHaveLength(2);
    expect(matched.waiting.map(({ task: { id } }) => id)).toEqual(["g3"]);
    const [operation] = matched.launches[0]?.operations ?? [];
    expect(operation).toMatchObject({
      type: "LAUNCH_GROUP",
      launch_group: {
        executor: {
          type: "DEFAULT",
          executor_id: { value: "g1" },
          framework_id: { value: "f1" },
          resources: [scalar("cpus", 0.1), scalar("mem", 32), scalar("disk", 32)],
        },
        task_group: { tasks: [{ name: "web" }, { name: "log" }] },
      },
    });
  });
});

describe("match() for any offers and tasks", () => {
  const amount = fc.integer({ min: 0, max: 40 }).map((tenths) => tenths / 10);
  const offerArbitrary = fc.record({
    agent: fc.integer({ min: 0, max: 6 }),
    role: fc.constantFrom("x", "y"),
    cpus: amount,
    mem: fc.integer({ min: 0, max: 512 }),
    disk: fc.integer({ min: 0, max: 512 }),
    reserved: amount,
    ports: fc.option(fc.integer({ min: 0, max: 5 })),
    rack: fc.constantFrom("r1", "r2", "r3"),
  });
  const taskArbitrary = fc.record({
    cpus: fc.integer({ min: 1, max: 20 }).map((tenths) => tenths / 10),
    mem: fc.integer({ min: 0, max: 128 }),
    disk: fc.constantFrom(0, 0, 0, 64),
    ports: fc.constantFrom<TaskOptions["ports"][]>(0, 0, 1, 2, [31_000], [0, 31_001]),
    reserved: fc.constantFrom<NonNullable<TaskOptions["reserved"]>[]>("prefer", "only", "never"),
    role: fc.constantFrom(undefined, undefined, "x"),
    constraint: fc.constantFrom(undefined, "rack:LIKE:r[12]", "hostname:UNIQUE", "rack:MAX_PER:2"),
  });

  function world(
    offerSpecs: readonly Parameters<typeof makeOffer>[0][],
    taskSpecs: readonly Parameters<typeof makeTask>[0][],
  ) {
    return { offers: offerSpecs.map(makeOffer), pending: taskSpecs.map(makeTask) };
  }

  function makeOffer(
    spec: typeof offerArbitrary extends fc.Arbitrary<infer T> ? T : never,
    index: number,
  ): Offer {
    const { agent, role, cpus, mem, disk, reserved, ports } = spec;
    // An offer's ports are its own: two offers of an agent never have the same one.
    const begin = 31_000 + index * 100;
    return offerOf(`o${index}`, `a${agent}`, {
      role,
      cpus,
      mem,
      disk,
      attributes: { rack: `r${(agent % 3) + 1}` },
      ...(ports === null ? {} : { ports: [[begin, begin + ports]] }),
      resources: [
        scalar("cpus", reserved, {
          reservations: [{ type: "DYNAMIC", role }],
          allocation_info: { role },
        }),
      ],
    });
  }

  function makeTask(
    spec: typeof taskArbitrary extends fc.Arbitrary<infer T> ? T : never,
    index: number,
  ): PendingTask {
    const { role, constraint, ports, ...rest } = spec;
    return task({
      ...rest,
      name: "t",
      id: `t${index}`,
      command: "true",
      ...(ports === undefined ? {} : { ports }),
      group: "g",
      ...(role === undefined ? {} : { role }),
      ...(constraint === undefined ? {} : { constraints: [constraint] }),
    });
  }

  const worlds = fc.record({
    offers: fc.array(offerArbitrary, { maxLength: 12 }),
    tasks: fc.array(taskArbitrary, { maxLength: 25 }),
    policy: fc.constantFrom(...POLICIES),
  });

  test("never uses more than was offered, nor an offer twice", () => {
    fc.assert(
      fc.property(worlds, ({ offers: offerSpecs, tasks: taskSpecs, policy }) => {
        const { offers, pending } = world(offerSpecs, taskSpecs);
        const { launches, declined } = match(offers, pending, { policy });
        const answered = [...launches.flatMap((launch) => launch.offers), ...declined];
        expect(answered.map(({ id }) => id.value).sort()).toEqual(
          offers.map(({ id }) => id.value).sort(),
        );
        for (const launch of launches) {
          const [first] = launch.offers;
          let left = launch.offers.reduce(
            (sum, { resources }) => sum.add(Resources.fromJson(resources)),
            Resources.EMPTY,
          );
          for (const { agent_id, resources } of launch.tasks) {
            expect(agent_id).toEqual(first?.agent_id);
            left = left.subtract(Resources.fromJson(resources));
          }
        }
      }),
      { numRuns: 120 },
    );
  });

  test("every task is launched or waits with a reason, once", () => {
    fc.assert(
      fc.property(worlds, ({ offers: offerSpecs, tasks: taskSpecs, policy }) => {
        const { offers, pending } = world(offerSpecs, taskSpecs);
        const matched = match(offers, pending, { policy });
        const ids = [
          ...matched.launches.flatMap(({ tasks: infos }) =>
            infos.map((info) => info.task_id.value),
          ),
          ...matched.waiting.map((waiting) => waiting.task.id),
        ];
        expect(ids.sort()).toEqual(pending.map(({ id }) => id).sort());
        for (const { reason } of matched.waiting) expect(reason.text).not.toBe("");
      }),
      { numRuns: 120 },
    );
  });

  test("gives each task what it asked for", () => {
    fc.assert(
      fc.property(worlds, ({ offers: offerSpecs, tasks: taskSpecs, policy }) => {
        const { offers, pending } = world(offerSpecs, taskSpecs);
        for (const launch of match(offers, pending, { policy }).launches) {
          for (const [index, waiting] of launch.started.entries()) {
            const [piece] = waiting.pieces;
            const resources = Resources.fromJson(launch.tasks[index]?.resources);
            const got = resources.quantities();
            for (const [name, millis] of Object.entries(piece?.part.millis ?? {})) {
              expect(got.get(name)).toBe(millis);
            }
            expect(got.get("ports")).toBe((piece?.part.ports.wanted.length ?? 0) * 1_000);
            if (piece?.part.reserved === "never") expect(resources.reservedTo().isEmpty).toBe(true);
            if (waiting.role !== undefined) expect(launch.role).toBe(waiting.role);
          }
        }
      }),
      { numRuns: 120 },
    );
  });

  test("a task that waits fits on no agent with what is left", () => {
    fc.assert(
      fc.property(worlds, ({ offers: offerSpecs, tasks: taskSpecs, policy }) => {
        const { offers, pending } = world(offerSpecs, taskSpecs);
        const matched = match(offers, pending, { policy });
        const left = offers.map((offer): Offer => {
          const launch = matched.launches.find(({ offers: all }) => all.includes(offer));
          if (launch === undefined) return offer;
          const all = launch.offers.reduce(
            (sum, { resources }) => sum.add(Resources.fromJson(resources)),
            Resources.EMPTY,
          );
          const rest = all.subtract(used(launch.tasks)).toJson() as ResourceJson[];
          return { ...offer, resources: offer === launch.offers[0] ? rest : [] };
        });
        for (const { task: waiting } of matched.waiting) {
          if (waiting.constraints.some(({ operator }) => operator !== "LIKE")) continue;
          expect(match(left, [waiting]).launches).toEqual([]);
        }
      }),
      { numRuns: 80 },
    );
  });

  test("equal input gives an equal match, on either kernel", () => {
    fc.assert(
      fc.property(worlds, ({ offers: offerSpecs, tasks: taskSpecs, policy }) => {
        const run = () => {
          const { offers, pending } = world(offerSpecs, taskSpecs);
          const { waiting, ...rest } = match(offers, pending, { policy });
          return { ...rest, waiting: waiting.map(({ task: { id }, reason }) => ({ id, reason })) };
        };
        expect(JSON.stringify(run())).toEqual(JSON.stringify(run()));
      }),
      { numRuns: 50 },
    );
  });
});
