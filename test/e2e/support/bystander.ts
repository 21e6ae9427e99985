/** A framework and an agent that behave, while others do not. */
import type { Offer, TaskStatus } from "../../../src/model/mod.ts";
import { RawFramework, type Reached, ScriptedAgent, taskFor } from "../../master/shell/support.ts";

/** How long a launch may take before a test gives up. */
const PATIENCE_MS = 20_000;

/** Launches tasks on an agent of its own, and tells how long it took until they ran. */
export class Bystander implements AsyncDisposable {
  readonly framework: RawFramework;
  readonly agent: ScriptedAgent;
  readonly #offers = new Map<string, Offer>();
  readonly #statuses: TaskStatus[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #pumped: Promise<void>;
  #count = 0;
  /** Whether the stream has ended, which nobody asked it to. */
  ended = false;

  private constructor(framework: RawFramework, agent: ScriptedAgent) {
    this.framework = framework;
    this.agent = agent;
    this.#pumped = this.#pump();
  }

  static async join(reached: Reached): Promise<Bystander> {
    const agent = await ScriptedAgent.register(reached, { resources: "cpus:16;mem:16000" });
    return new Bystander(await RawFramework.subscribe(reached), agent);
  }

  /**
   * Launch one task and see it TASK_RUNNING; its id.
   *
   * @throws When it takes longer than 20 s, or the stream ends.
   */
  async launch(more: object = {}): Promise<string> {
    const untilMs = performance.now() + PATIENCE_MS;
    // It may have let offers lie since the last one.
    await this.framework.call({ type: "REVIVE" });
    for (;;) {
      const offer = await this.#next(untilMs, () => this.#takeOffer());
      const id = `good-${++this.#count}`;
      const task = { ...taskFor(offer, id, "cpus:0.01;mem:8"), ...more };
      await this.framework.call({
        type: "ACCEPT",
        accept: {
          offer_ids: [offer.id],
          operations: [{ type: "LAUNCH", launch: { task_infos: [task] } }],
          filters: { refuse_seconds: 0 },
        },
      });
      const status = await this.#next(untilMs, () => this.#takeStatus(id));
      if (status.uuid !== undefined) await this.framework.acknowledge(status);
      if (status.state === "TASK_RUNNING") return id;
      // The offer was rescinded while it was being accepted: the next one.
    }
  }

  /** The same; how long it took. */
  async launchMs(): Promise<number> {
    const startMs = performance.now();
    await this.launch();
    return performance.now() - startMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.framework.leave();
    await this.#pumped;
    this.agent.close();
  }

  async #pump(): Promise<void> {
    for (;;) {
      const event = await this.framework.read();
      if (event === undefined) break;
      if (event.type === "OFFERS") {
        for (const offer of event.offers.offers ?? []) this.#offers.set(offer.id.value, offer);
      } else if (event.type === "RESCIND") {
        this.#offers.delete(event.rescind.offer_id.value);
      } else if (event.type === "UPDATE") {
        this.#statuses.push(event.update.status);
      }
      this.#wake();
    }
    this.ended = true;
    this.#wake();
  }

  #takeOffer(): Offer | undefined {
    for (const [id, offer] of this.#offers) {
      this.#offers.delete(id);
      if (offer.agent_id.value === this.agent.id) return offer;
    }
    return undefined;
  }

  #takeStatus(id: string): TaskStatus | undefined {
    const index = this.#statuses.findIndex(({ task_id }) => task_id.value === id);
    return index < 0 ? undefined : this.#statuses.splice(index, 1)[0];
  }

  async #next<T>(untilMs: number, take: () => T | undefined): Promise<T> {
    for (;;) {
      const taken = take();
      if (taken !== undefined) return taken;
      if (this.ended) throw new Error("The stream of a framework that behaves has ended");
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0) throw new Error("A framework that behaves waits too long");
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#waiting.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
