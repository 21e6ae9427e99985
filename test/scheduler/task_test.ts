import { describe, expect, test } from "vitest";
import { SeededRandom } from "../../src/base/mod.ts";
import { type TaskOptions, task, taskGroup } from "../../src/scheduler/mod.ts";

const plain: TaskOptions = { name: "web", command: "true", cpus: 1 };

function templateOf(options: Partial<TaskOptions>) {
  return task({ ...plain, ...options }).pieces[0]?.template;
}

describe("task()", () => {
  test("describes a command with its environment, files and user", () => {
    const { pieces } = task({
      name: "web",
      id: "web.1",
      command: "python3 -m http.server",
      env: { LANG: "C" },
      uris: ["http://files/a.tgz"],
      user: "www",
      cpus: 0.5,
      mem: 64,
      labels: { app: "web" },
      killPolicy: { grace_period: { nanoseconds: 1e9 } },
      completionMsMax: 60_000,
      limits: { cpus: Infinity, mem: 128 },
      data: new Uint8Array([1, 2, 3]),
    });
    expect(pieces[0]?.template).toEqual({
      name: "web",
      task_id: { value: "web.1" },
      command: {
        shell: true,
        value: "python3 -m http.server",
        environment: { variables: [{ name: "LANG", value: "C" }] },
        uris: [{ value: "http://files/a.tgz" }],
        user: "www",
      },
      labels: { labels: [{ key: "app", value: "web" }] },
      kill_policy: { grace_period: { nanoseconds: 1e9 } },
      max_completion_time: { nanoseconds: 6e10 },
      limits: { cpus: { value: Infinity }, mem: { value: 128 } },
      data: "AQID",
    });
    expect(pieces[0]?.part).toMatchObject({
      millis: { cpus: 500, mem: 64_000, disk: 0, gpus: 0 },
      reserved: "prefer",
      revocable: false,
    });
  });

  test("a command as a list is a program and its arguments, its own name first", () => {
    expect(templateOf({ command: ["sleep", "5"] })?.command).toEqual({
      shell: false,
      value: "sleep",
      arguments: ["sleep", "5"],
    });
    const whole = {
      shell: true,
      value: "true",
      environment: { variables: [{ name: "A", value: "1" }] },
    };
    expect(templateOf({ command: whole, env: { B: "2" } })?.command?.environment).toEqual({
      variables: [
        { name: "A", value: "1" },
        { name: "B", value: "2" },
      ],
    });
  });

  test("an image needs no command", () => {
    const { command: _, ...rest } = plain;
    expect(task({ ...rest, image: "redis:7" }).pieces[0]?.template).toMatchObject({
      command: { shell: false },
      container: {
        type: "MESOS",
        mesos: { image: { type: "DOCKER", docker: { name: "redis:7" } } },
      },
    });
  });

  test("an executor's resources are a part of their own", () => {
    const executor = {
      executor_id: { value: "e1" },
      resources: [
        { name: "cpus", type: "SCALAR" as const, scalar: { value: 0.1 } },
        { name: "ports", type: "RANGES" as const, ranges: { range: [{ begin: 5, end: 6 }] } },
      ],
    };
    const { command: _, ...rest } = plain;
    const made = task({ ...rest, executor });
    expect(made.executorPart).toMatchObject({ millis: { cpus: 100 }, ports: { fixed: [5, 6] } });
    expect(made.pieces[0]?.template.command).toBeUndefined();
    expect(made.pieces[0]?.template.executor).toBe(executor);
  });

  test("ids are the name and chance, unless they are given", () => {
    const make = (seed: number) =>
      task({ ...plain, name: "my web/1", random: new SeededRandom(seed) }).id;
    expect(make(1)).toMatch(/^my_web_1\.[0-9a-f]{16}$/);
    expect(make(1)).toBe(make(1));
    expect(make(1)).not.toBe(make(2));
    expect(task({ ...plain, id: "x" }).id).toBe("x");
  });

  test("ports are a number, or a list in which 0 is any", () => {
    expect(task({ ...plain, ports: 2 }).pieces[0]?.part.ports).toEqual({
      wanted: [0, 0],
      count: 2,
      fixed: [],
    });
    expect(task({ ...plain, ports: [0, 80] }).pieces[0]?.part.ports).toEqual({
      wanted: [0, 80],
      count: 1,
      fixed: [80],
    });
  });

  test.each<[string, Partial<TaskOptions>, RegExp]>([
    ["no name", { name: "" }, /name = ""/],
    ["an id with a slash", { id: "a/b" }, /id = "a\/b".*slashes/],
    ["an id with a space", { id: "a b" }, /id/],
    ["an id that is a folder above", { id: ".." }, /id/],
    ["a long id", { id: "x".repeat(256) }, /255/],
    ["a control character", { id: "a\u0007" }, /control/],
    ["an empty command", { command: "" }, /command/],
    ["an empty list as command", { command: [] }, /program/],
    ["a negative amount", { cpus: -1 }, /cpus = -1/],
    ["less than a thousandth", { cpus: 0.0001 }, /0\.001/],
    ["no amount", { cpus: 0 }, /it uses nothing/],
    ["half a GPU", { gpus: 0.5 }, /gpus = 0\.5.*whole/],
    ["a port twice", { ports: [80, 80] }, /different/],
    ["a port out of range", { ports: [70_000] }, /65535/],
    ["half a port", { ports: 1.5 }, /ports = 1\.5/],
    ["an equals sign in a name", { env: { "A=B": "" } }, /equals/],
    ["image and container", { image: "a", container: { type: "MESOS" } }, /container/],
    ["command and executor", { executor: { executor_id: { value: "e" } } }, /executor is given/],
  ])("refuses %s", (_, options, message) => {
    const make = () => task({ ...plain, ...options });
    expect(make).toThrow(expect.objectContaining({ code: "invalid_task" }));
    expect(make).toThrow(message);
  });

  test("refuses nothing to run, and constraints that are none", () => {
    const { command: _, ...rest } = plain;
    expect(() => task(rest)).toThrow(/an executor or an image/);
    expect(() => task({ ...plain, constraints: ["rack:NEAR:r1"] })).toThrow(
      expect.objectContaining({ code: "invalid_input" }),
    );
  });
});

describe("taskGroup()", () => {
  test("has an executor of its own with resources", () => {
    const made = taskGroup({ id: "pod", tasks: [plain, { ...plain, name: "side" }] });
    expect(made).toMatchObject({
      id: "pod",
      kind: "group",
      executorPart: { millis: { cpus: 100, mem: 32_000, disk: 32_000 } },
    });
    expect(made.pieces).toHaveLength(2);
  });

  test.each<[string, Parameters<typeof taskGroup>[0]]>([
    ["no tasks", { tasks: [] }],
    [
      "two tasks of one id",
      {
        tasks: [
          { ...plain, id: "x" },
          { ...plain, id: "x" },
        ],
      },
    ],
    [
      "a port that two tasks want",
      {
        tasks: [
          { ...plain, ports: [80] },
          { ...plain, ports: [80] },
        ],
      },
    ],
    [
      "an executor of a task",
      { tasks: [{ name: "a", cpus: 1, executor: { executor_id: { value: "e" } } }] },
    ],
  ])("refuses %s", (_, options) => {
    expect(() => taskGroup(options)).toThrow(expect.objectContaining({ code: "invalid_task" }));
  });
});
