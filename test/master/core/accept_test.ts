import { describe, expect, test } from "vitest";
import type { Operation, ResourceJson, TaskInfo } from "../../../src/model/mod.ts";
import { Resources } from "../../../src/resources/mod.ts";
import { Cluster, task } from "./cluster.ts";

const json = (text: string) => Resources.parse(text).toJson() as ResourceJson[];

function started(options: ConstructorParameters<typeof Cluster>[0] = {}, info = {}) {
  const cluster = new Cluster(options);
  const agent = cluster.agent();
  const framework = cluster.subscribe(info);
  cluster.settle();
  return { cluster, agent, framework };
}

const RESERVER = { role: "eng", principal: "p", capabilities: [{ type: "PARTITION_AWARE" }] };

describe("ACCEPT with bad offers", () => {
  test.each([
    [true, "TASK_DROPPED"],
    [false, "TASK_LOST"],
  ])("drops the tasks (partition-aware: %s)", (aware, state) => {
    const { framework, agent } = started({}, aware ? {} : { capabilities: [] });
    framework.launch([{ ...framework.offers[0]!, id: { value: "x" } }], [task(agent.id, "t1")]);
    expect(framework.statuses).toMatchObject([
      {
        state,
        source: "SOURCE_MASTER",
        reason: "REASON_INVALID_OFFERS",
        message: "Task launched with invalid offers: Offer x is no longer valid",
        agent_id: { value: agent.id },
      },
    ]);
    expect(framework.statuses[0]?.uuid).toBeUndefined();
    expect(agent.launched).toEqual([]);
  });

  test("gives the good ones of the list back", () => {
    const { cluster, framework, agent } = started();
    const [offer] = framework.offers;
    framework.launch([offer!, { ...offer!, id: { value: "x" } }], [task(agent.id, "t1")]);
    expect(cluster.core.state.offers.size).toBe(0);
    cluster.settle();
    expect(framework.offers.length).toBe(1);
  });

  test("of two agents, or twice the same, is refused", () => {
    const { cluster, framework, agent } = started();
    cluster.agent({ hostname: "b" });
    cluster.settle();
    const [first, second] = framework.offers;
    framework.launch([first!, second!], [task(agent.id, "t1")]);
    expect(framework.statuses[0]?.message).toContain("must belong to one single agent");
    cluster.settle();
    const [again] = framework.offers;
    framework.launch([again!, again!], [task(agent.id, "t2")]);
    expect(framework.statuses.at(-1)?.message).toContain("Duplicate offer");
  });

  test("another framework's offers stay with that framework", () => {
    const { cluster, framework, agent } = started();
    const thief = cluster.subscribe();
    thief.launch(framework.offers, [task(agent.id, "t1")]);
    expect(thief.statuses[0]?.message).toContain("has invalid framework");
    expect(framework.offers.length).toBe(1);
  });

  test("tells operations that have an id, and no others", () => {
    const { framework } = started();
    const reserve = { resources: json("cpus(eng, p):1") };
    framework.accept(
      [{ ...framework.offers[0]!, id: { value: "x" } }],
      [
        { type: "RESERVE", id: { value: "op1" }, reserve },
        { type: "RESERVE", reserve },
      ],
    );
    expect(framework.of("UPDATE_OPERATION_STATUS")).toMatchObject([
      {
        update_operation_status: {
          status: { operation_id: { value: "op1" }, state: "OPERATION_ERROR" },
        },
      },
    ]);
  });

  test("without operations declines the offers with the filter", () => {
    const { cluster, framework } = started();
    framework.accept(framework.offers, [], 3600);
    cluster.advance(10_000);
    expect(framework.offers).toEqual([]);
  });

  test("without offers drops the tasks", () => {
    const { framework, agent } = started();
    framework.launch([], [task(agent.id, "t1")]);
    expect(framework.statuses[0]?.message).toContain("No offers specified");
  });
});

describe("LAUNCH", () => {
  test("starts tasks in one message, and the rest of the offer is filtered", () => {
    const { cluster, framework, agent } = started();
    framework.launch(framework.offers, [task(agent.id, "t1"), task(agent.id, "t2")], 3600);
    expect(agent.of("launch")).toMatchObject([
      {
        framework: { id: { value: framework.id } },
        launches: [{ task: { task_id: { value: "t1" } } }, { task: { task_id: { value: "t2" } } }],
      },
    ]);
    const sent = agent.launched[0]?.resources?.[0];
    expect(sent?.allocation_info).toEqual({ role: "*" });
    cluster.advance(10_000);
    expect(framework.offers).toEqual([]);
    expect(cluster.core.state.frameworks.get(framework.id)?.taskCounts).toEqual(
      new Map([["TASK_STAGING", 2]]),
    );
    const added = cluster.changes.filter(({ type }) => type === "task_added");
    expect(added.length).toBe(2);
  });

  test("a bad task is TASK_ERROR and the others go on", () => {
    const { framework, agent } = started();
    const tasks = [
      task(agent.id, "t1"),
      task(agent.id, "t1"),
      task(agent.id, "big", "cpus:64"),
      task("elsewhere", "lost"),
      { ...task(agent.id, "none"), resources: [] },
      task(agent.id, "t2"),
    ];
    framework.launch(framework.offers, tasks);
    expect(agent.launched.map(({ task_id }) => task_id.value)).toEqual(["t1", "t2"]);
    expect(
      framework.statuses.map(({ task_id, state, reason }) => [task_id.value, state, reason]),
    ).toEqual(["t1", "big", "lost", "none"].map((id) => [id, "TASK_ERROR", "REASON_TASK_INVALID"]));
  });

  test("a task that may not run as its user is unauthorized", () => {
    const authorize = (_: string | undefined, action: string, user?: string) =>
      action !== "run_tasks" || user !== "root";
    const { framework, agent } = started({ authorize });
    const command = { shell: true, value: "x", user: "root" };
    framework.launch(framework.offers, [
      task(agent.id, "t1", "cpus:1", { command }),
      task(agent.id, "t2", "cpus:1"),
    ]);
    expect(framework.statuses).toMatchObject([
      { task_id: { value: "t1" }, state: "TASK_ERROR", reason: "REASON_TASK_UNAUTHORIZED" },
    ]);
    expect(agent.launched.length).toBe(1);
  });

  test("of several offers of one agent uses what they hold together", () => {
    const { cluster, framework, agent } = started();
    framework.launch(framework.offers, [task(agent.id, "t1", "cpus:5;mem:1000")], 0);
    cluster.settle();
    agent.update(framework, "t1", "TASK_FINISHED");
    cluster.settle();
    expect(framework.offers.length).toBe(2);
    framework.launch(framework.offers, [task(agent.id, "t2", "cpus:7;mem:7500")]);
    expect(agent.launched.map(({ task_id }) => task_id.value)).toEqual(["t1", "t2"]);
    expect(cluster.core.state.offers.size).toBe(0);
  });

  test("an id on it makes its tasks TASK_ERROR", () => {
    const { framework, agent } = started();
    const operation: Operation = {
      type: "LAUNCH",
      id: { value: "op" },
      launch: { task_infos: [task(agent.id, "t1")] },
    };
    framework.accept(framework.offers, [operation]);
    expect(framework.statesOf("t1")).toEqual(["TASK_ERROR"]);
  });

  test("starts a custom executor once, and its resources stay used until it exits", () => {
    const { cluster, framework, agent } = started();
    const executor = {
      executor_id: { value: "e1" },
      command: { shell: true, value: "run" },
      resources: json("cpus:1;mem:100"),
    };
    const { command: _, ...bare } = task(agent.id, "t1");
    framework.launch(framework.offers, [{ ...bare, executor }], 0);
    cluster.settle();
    framework.launch(framework.offers, [{ ...bare, task_id: { value: "t2" }, executor }], 0);
    expect(agent.of("launch").map(({ launches }) => launches[0]?.executor?.executor_id)).toEqual([
      { value: "e1" },
      { value: "e1" },
    ]);
    const cpus = () => cluster.core.shares()[0]?.frameworks[0]?.allocated.get("cpus");
    cluster.settle();
    framework.accept(framework.offers, [], 3600);
    expect(cpus()).toBe(3_000);
    agent.update(framework, "t1", "TASK_FINISHED");
    agent.update(framework, "t2", "TASK_FINISHED");
    expect(cpus()).toBe(1_000);
    agent.say({
      type: "executor_exited",
      framework_id: framework.id,
      executor_id: "e1",
      status: 256,
    });
    expect(cpus() ?? 0).toBe(0);
    expect(framework.of("FAILURE")).toEqual([
      {
        type: "FAILURE",
        failure: { agent_id: { value: agent.id }, executor_id: { value: "e1" }, status: 256 },
      },
    ]);
  });
});

describe("LAUNCH_GROUP", () => {
  const executor = {
    type: "DEFAULT",
    executor_id: { value: "pod" },
    resources: json("cpus:0.1;mem:32;disk:10"),
  };
  const group = (tasks: TaskInfo[]): Operation => ({
    type: "LAUNCH_GROUP",
    launch_group: { executor, task_group: { tasks } },
  });

  test("starts all of its tasks under one executor", () => {
    const { cluster, framework, agent } = started();
    framework.accept(framework.offers, [group([task(agent.id, "a"), task(agent.id, "b")])]);
    expect(agent.of("launch_group")).toMatchObject([
      {
        executor: { executor_id: { value: "pod" }, framework_id: { value: framework.id } },
        tasks: [{ task_id: { value: "a" } }, { task_id: { value: "b" } }],
      },
    ]);
    const view = cluster.core.state.frameworks.get(framework.id)!;
    expect([...view.tasks.values()].map(({ executorId }) => executorId)).toEqual(["pod", "pod"]);
    expect(view.executors.get(agent.id)?.has("pod")).toBe(true);
  });

  test("with one bad task starts none of them", () => {
    const { framework, agent } = started();
    framework.accept(framework.offers, [
      group([task(agent.id, "a"), task(agent.id, "b", "cpus:99")]),
      { type: "LAUNCH", launch: { task_infos: [task(agent.id, "c")] } },
    ]);
    expect(framework.statuses.map(({ task_id, reason }) => [task_id.value, reason])).toEqual([
      ["a", "REASON_TASK_GROUP_INVALID"],
      ["b", "REASON_TASK_GROUP_INVALID"],
    ]);
    expect(agent.launched.map(({ task_id }) => task_id.value)).toEqual(["c"]);
  });
});

describe("operations on resources", () => {
  test("RESERVE, CREATE and LAUNCH in one ACCEPT, and back again", () => {
    const { cluster, framework, agent } = started({}, RESERVER);
    const reserved = json("cpus(eng, p):2;mem(eng, p):500;disk(eng, p):100");
    const volume = json(
      'disk(eng, p):100 {"disk":{"persistence":{"id":"v1","principal":"p"},"volume":{"mode":"RW","container_path":"data"}}}',
    );
    const using = { ...task(agent.id, "t1"), resources: [...json("cpus(eng, p):2"), ...volume] };
    framework.accept(
      framework.offers,
      [
        { type: "RESERVE", reserve: { resources: reserved } },
        { type: "CREATE", create: { volumes: volume } },
        { type: "LAUNCH", launch: { task_infos: [using] } },
      ],
      0,
    );
    expect(framework.statuses).toEqual([]);
    expect(agent.messages.slice(1).map(({ type }) => type)).toEqual([
      "operation",
      "operation",
      "launch",
    ]);
    expect(agent.of("operation")).toMatchObject([
      { framework_id: framework.id, feedback: false, operation: { type: "RESERVE" } },
      { feedback: false, operation: { type: "CREATE" } },
    ]);
    const { resources } = cluster.core.state.agents.get(agent.id)!.record;
    expect(String(resources.reservedTo("eng").quantities())).toBe("cpus:2; disk:100; mem:500");
    agent.update(framework, "t1", "TASK_FINISHED");
    framework.acknowledgeAll();
    cluster.settle();
    framework.accept(
      framework.offers,
      [
        { type: "DESTROY", destroy: { volumes: volume } },
        { type: "UNRESERVE", unreserve: { resources: reserved } },
      ],
      0,
    );
    expect(framework.of("UPDATE_OPERATION_STATUS")).toEqual([]);
    expect(cluster.core.state.agents.get(agent.id)?.record.resources.reservedTo().isEmpty).toBe(
      true,
    );
    expect(agent.of("operation").length).toBe(4);
  });

  test("what cannot be is OPERATION_ERROR where it has an id; the rest goes on", () => {
    const { framework, agent } = started({}, RESERVER);
    framework.accept(framework.offers, [
      {
        type: "RESERVE",
        id: { value: "op1" },
        reserve: { resources: json("cpus(eng, p):99") },
      },
      { type: "RESERVE", reserve: { resources: json("cpus(eng, p):99") } },
      { type: "LAUNCH", launch: { task_infos: [task(agent.id, "t1")] } },
    ]);
    expect(framework.of("UPDATE_OPERATION_STATUS")).toMatchObject([
      { update_operation_status: { status: { state: "OPERATION_ERROR" } } },
    ]);
    expect(agent.launched.length).toBe(1);
  });

  test("are refused to principals that may not", () => {
    const authorize = (_: string | undefined, action: string) => action !== "reserve_resources";
    const { framework, agent } = started({ authorize }, RESERVER);
    framework.accept(framework.offers, [
      { type: "RESERVE", id: { value: "op" }, reserve: { resources: json("cpus(eng, p):1") } },
    ]);
    expect(framework.of("UPDATE_OPERATION_STATUS").length).toBe(1);
    expect(agent.of("operation")).toEqual([]);
  });

  test("launches before and after keep their place between them", () => {
    const { framework, agent } = started({}, RESERVER);
    framework.accept(framework.offers, [
      { type: "LAUNCH", launch: { task_infos: [task(agent.id, "a")] } },
      { type: "LAUNCH", launch: { task_infos: [task(agent.id, "b")] } },
      { type: "RESERVE", reserve: { resources: json("cpus(eng, p):1") } },
      { type: "LAUNCH", launch: { task_infos: [task(agent.id, "c")] } },
    ]);
    expect(agent.messages.slice(1).map(({ type }) => type)).toEqual([
      "launch",
      "operation",
      "launch",
    ]);
    expect(agent.of("launch").map(({ launches }) => launches.length)).toEqual([2, 1]);
  });

  test("a shared volume that is offered once serves several tasks", () => {
    const { cluster, framework, agent } = started(
      {},
      { ...RESERVER, capabilities: [{ type: "SHARED_RESOURCES" }] },
    );
    const volume = json(
      'disk(eng, p):10 {"disk":{"persistence":{"id":"s1","principal":"p"},"volume":{"mode":"RW","container_path":"d"}},"shared":{}}',
    );
    const using = (id: string) => ({
      ...task(agent.id, id),
      resources: [...json("cpus:1"), ...volume],
    });
    framework.accept(
      framework.offers,
      [
        { type: "RESERVE", reserve: { resources: json("disk(eng, p):10") } },
        { type: "CREATE", create: { volumes: volume } },
        { type: "LAUNCH", launch: { task_infos: [using("a"), using("b")] } },
      ],
      0,
    );
    expect(framework.statuses).toEqual([]);
    expect(agent.launched.length).toBe(2);
    cluster.settle();
    framework.launch(framework.offers, [using("c")], 0);
    expect(agent.launched.length).toBe(3);
    for (const id of ["a", "b", "c"]) agent.update(framework, id, "TASK_FINISHED");
    framework.acknowledgeAll();
    cluster.settle();
    expect(cluster.core.state.frameworks.get(framework.id)?.tasks.size).toBe(0);
  });
});
