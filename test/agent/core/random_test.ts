import { describe, expect, test } from "vitest";
import { exitedWith, killedBy } from "../../../src/agent/mod.ts";
import { SeededRandom } from "../../../src/base/mod.ts";
import { isTerminal, type TaskState } from "../../../src/model/mod.ts";
import { Bench, command, executor, framework, member, of, type sent } from "./bench.ts";

/** A world around one core: containers that start, fail and end, a master that comes and goes. */
class World {
  readonly bench: Bench;
  readonly random: SeededRandom;
  /** Container ids by where they stand. */
  readonly starting = new Set<string>();
  readonly alive = new Set<string>();
  readonly aborted = new Set<string>();
  /** What the master has acknowledged of each task, in order, repeats left out. */
  readonly told = new Map<string, TaskState[]>();
  readonly uuids = new Set<string>();
  readonly out = new Map<string, string>();
  readonly launched = new Set<string>();
  linked = true;
  #next = 0;
  #seen = 0;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    this.bench = Bench.registered({ completedTasksMax: 3 });
    this.#look();
  }

  /** Do what the effects ask for, as a shell would. */
  #look(): void {
    const { effects } = this.bench;
    for (; this.#seen < effects.length; this.#seen += 1) {
      const effect = effects[this.#seen];
      if (effect?.type === "launch_container") {
        expect(this.starting.has(effect.launch.container)).toBe(false);
        this.starting.add(effect.launch.container);
      } else if (effect?.type === "destroy_container") {
        if (this.starting.has(effect.container)) this.aborted.add(effect.container);
        else if (this.alive.has(effect.container)) this.aborted.add(effect.container);
      } else if (effect?.type === "send" && this.linked) {
        const { message } = effect;
        if (message.type === "update") this.#update(message);
      }
    }
  }

  #update({ status }: ReturnType<typeof sent<"update">>[number]): void {
    const { task_id, state, uuid = "" } = status;
    this.out.set(task_id.value, uuid);
    if (this.uuids.has(uuid)) return;
    this.uuids.add(uuid);
    const states = this.told.get(task_id.value) ?? [];
    this.told.set(task_id.value, states);
    const last = states.at(-1);
    must(last === undefined || !isTerminal(last), `${task_id.value} ${states} ${state}`);
    states.push(state);
  }

  #pick(set: ReadonlySet<string>): string | undefined {
    return [...set][this.random.int(Math.max(1, set.size))];
  }

  launch(): void {
    const info = framework(`f${this.random.int(3)}`, ["TASK_KILLING_STATE"]);
    const ids = Array.from({ length: 1 + this.random.int(3) }, () => `t${this.#next++}`);
    for (const id of ids) this.launched.add(id);
    const kind = this.random.int(2);
    const [first = ""] = ids;
    if (!this.linked) {
      for (const id of ids) this.launched.delete(id);
    } else if (kind === 0) {
      this.bench.launchFor(info, ...ids.map((id) => command(id, this.#extras())));
    } else {
      this.bench.hear({
        type: "launch_group",
        framework: info,
        executor: executor(`pod${this.random.int(2)}${first}`, { type: "DEFAULT" }),
        tasks: ids.map((id) => member(id, { command: { value: "x" } })),
      });
    }
  }

  #extras() {
    if (this.random.int(4) > 0) return {};
    return { max_completion_time: { nanoseconds: 1e9 * this.random.int(100) } };
  }

  start(): void {
    const container = this.#pick(this.starting);
    if (container === undefined) return;
    this.starting.delete(container);
    const fails = this.aborted.has(container) ? this.random.int(2) === 0 : this.random.int(8) === 0;
    if (fails) {
      this.aborted.delete(container);
      this.bench.step({ type: "container_failed", container, message: "no" });
      return;
    }
    this.alive.add(container);
    this.bench.step({
      type: "container_launched",
      container,
      pid: 1,
      checkpoint: { id: container },
    });
  }

  end(container = this.#pick(this.alive)): void {
    if (container === undefined) return;
    this.alive.delete(container);
    const codes = [0, 0, exitedWith(1), killedBy("SIGTERM")];
    const waitStatus = this.aborted.delete(container)
      ? killedBy("SIGKILL")
      : (codes[this.random.int(4)] ?? 0);
    this.bench.end(container, waitStatus);
  }

  kill(): void {
    const id = this.#pick(this.launched);
    if (id === undefined || !this.linked) return;
    const framework_id = [...this.bench.core.state.frameworks.values()].find(({ tasks }) =>
      tasks.has(id),
    )?.id;
    if (framework_id !== undefined) this.bench.hear({ type: "kill", framework_id, task_id: id });
  }

  acknowledge(all = false): void {
    if (!this.linked) return;
    for (const [task_id, uuid] of [...this.out]) {
      if (!all && this.random.int(2) === 0) continue;
      this.out.delete(task_id);
      for (const { id } of this.bench.core.state.frameworks.values()) {
        this.bench.hear({ type: "ack", framework_id: id, task_id, uuid });
      }
    }
  }

  cut(): void {
    if (!this.linked) return;
    this.linked = false;
    this.bench.step({ type: "link_closed" });
  }

  join(): void {
    if (this.linked) return;
    this.linked = true;
    this.bench.register();
  }

  /** Die and come back; what was not checkpointed of a start is swept. */
  restart(): void {
    this.linked = false;
    const asked = this.bench.restart();
    this.#look();
    for (const container of this.starting) this.aborted.delete(container);
    this.starting.clear();
    const known = new Set(asked.map(({ container }) => container));
    for (const container of this.alive) expect(known.has(container), container).toBe(true);
    for (const { container } of asked) {
      const running = this.alive.has(container) && this.random.int(3) > 0;
      if (!running) this.alive.delete(container);
      this.bench.step({
        type: "container_recovered",
        container,
        running,
        ...(running ? {} : { termination: { waitStatus: exitedWith(this.random.int(2)) } }),
      });
    }
  }

  act(): void {
    const roll = this.random.int(100);
    if (roll < 20) this.launch();
    else if (roll < 45) this.start();
    else if (roll < 60) this.end();
    else if (roll < 70) this.kill();
    else if (roll < 85) this.acknowledge();
    else if (roll < 88) this.cut();
    else if (roll < 93) this.join();
    else if (roll < 94) this.restart();
    else if (this.linked) this.bench.passHeard(this.random.int(20_000));
    else this.bench.pass(this.random.int(20_000));
    this.#look();
    this.check();
  }

  check(): void {
    const { frameworks, containers } = this.bench.core.state;
    for (const { id: frameworkId, tasks, executors, streams } of frameworks.values()) {
      must(tasks.size + executors.size + streams.size > 0, `${frameworkId} is empty`);
      for (const [id, task] of tasks) {
        must(streams.get(id) === task.updates, `${id} has no stream`);
        must(task.executor.tasks.get(id) === task, `${id} is not its executor's`);
        const over = isTerminal(task.state);
        must(containers.has(task.container) === !over, `${id}: container of ${task.state}`);
        must(!over || task.updates.pending.length > 0, `${id} is over and told`);
      }
    }
    for (const container of [...this.alive, ...this.starting]) {
      must(containers.has(container), `${container} is nobody's`);
    }
  }

  /** Everything comes to its end. */
  settle(): void {
    this.join();
    this.#look();
    for (let round = 0; round < 1_000; round += 1) {
      while (this.starting.size > 0) {
        this.start();
        this.#look();
      }
      while (this.alive.size > 0) {
        this.end();
        this.#look();
      }
      this.acknowledge(true);
      this.#look();
      if (this.bench.core.state.frameworks.size === 0) return;
    }
    throw new Error("It does not settle");
  }
}

/** Like expect(), at a hundredth of its price. */
function must(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

describe("any sequence of events", () => {
  test("every task is told to its one end, in order, and nothing is left", () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const world = new World(seed);
      for (let each = 0; each < 150; each += 1) world.act();
      world.settle();
      expect([...world.bench.disk.keys()], `seed ${seed}`).toEqual(["agent"]);
      expect(world.bench.core.state.containers.size).toBe(0);
      for (const id of world.launched) {
        const last = world.told.get(id)?.at(-1);
        expect(last !== undefined && isTerminal(last), `seed ${seed}: ${id} ${last}`).toBe(true);
      }
      expect(of(world.bench.effects, "release_sandbox").length).toBeGreaterThan(0);
    }
  });
});
