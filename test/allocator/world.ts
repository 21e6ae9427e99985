import type { InverseOffer } from "../../src/allocator/types.ts";
import { type Clock, FairleadError, type Random, SeededRandom } from "../../src/base/mod.ts";
import { Resources } from "../../src/resources/mod.ts";
import { allocationText, call, differences, isHandles, shareText } from "./calls.ts";
import type { Event, Sequence } from "./events.ts";
import { Ledger, type OpenOffer } from "./ledger.ts";
import type { Acceptance, AllocationApi, AllocatorApi, AllocatorApiOptions } from "./model/api.ts";
import { applied, portion, randomConversions } from "./moves.ts";

/** One implementation under test. */
export interface Contender {
  readonly name: string;
  make(options: AllocatorApiOptions): AllocatorApi;
}

type Call = (api: AllocatorApi, contender: number) => unknown;

/** Contenders that live through the same events; the first one is the oracle. */
export class World {
  readonly #contenders: readonly { readonly name: string; readonly api: AllocatorApi }[];
  readonly #ledger = new Ledger();
  /** Agents and frameworks of all inverse offers so far; most were answered or forgotten. */
  readonly #asked: InverseOffer[] = [];
  #nowMs = 1_000_000;
  #offersMade = 0;

  constructor(contenders: readonly Contender[], options: AllocatorApiOptions) {
    const clock: Clock = {
      nowMs: () => this.#nowMs,
      sleep: () => Promise.reject(new FairleadError("unreachable", "Cannot sleep in a decision")),
    };
    this.#contenders = contenders.map(({ name, make }) => ({
      name,
      api: make({ ...options, clock }),
    }));
  }

  /** How many offers were made so far. */
  get offersMade(): number {
    return this.#offersMade;
  }

  /** Let one event happen to all. @throws {Error} when they differ or break an invariant. */
  perform(event: Event): void {
    switch (event.do) {
      case "advance":
        this.#nowMs += event.ms;
        break;
      case "run":
        this.#run();
        break;
      case "shares":
        this.#same("shares", (api) => api.shares().map(shareText));
        break;
      case "decline":
      case "rescind":
      case "accept":
      case "useTooMuch":
        this.#answer(event);
        break;
      case "release":
        this.#release(event.luck);
        break;
      case "convert":
        this.#convert(event.id, event.luck);
        break;
      case "answerInverse":
        this.#answerInverse(event.luck, event.refuseMs);
        break;
      default:
        if (this.#same(event.do, (api) => call(api, event))) this.#ledger.follow(event);
    }
  }

  #run(): void {
    const allocations: AllocationApi[] = [];
    this.#same("run", (api, contender) => {
      const allocation = api.run();
      allocations[contender] = allocation;
      return allocationText(allocation);
    });
    const handles = allocations.map((one) => one.offers().map(({ handle }) => handle));
    for (const [index, offer] of (allocations[0]?.offers() ?? []).entries()) {
      this.#offersMade += 1;
      this.#ledger.offers.push({
        ...offer,
        handles: handles.map((list) => list[index] ?? -1),
        resources: offer.resources.unallocate(),
      });
    }
    this.#asked.push(...(allocations[0]?.inverseOffers ?? []));
    this.#ledger.check();
  }

  #answer(event: Extract<Event, { do: "decline" | "rescind" | "accept" | "useTooMuch" }>): void {
    const random = new SeededRandom(event.luck);
    const { offers } = this.#ledger;
    const offer = offers[random.int(Math.max(1, offers.length))];
    if (offer === undefined) {
      if (event.luck % 10 === 0) this.#same("decline", (api) => api.decline(-1));
    } else if (event.do === "accept") {
      this.#accept(offer, event.refuseMs, random);
    } else if (event.do === "useTooMuch") {
      const used = offer.resources.add(Resources.parse("cpus:1"));
      this.#same("accept", (api, nth) => api.accept(offer.handles[nth] ?? -1, { used }));
    } else {
      const others = random.shuffle(offers.filter((other) => other !== offer));
      this.#giveBack(event, [offer, ...others.slice(0, random.int(6))]);
    }
  }

  #giveBack(event: Extract<Event, { do: "decline" | "rescind" }>, chosen: OpenOffer[]): void {
    const done = this.#same(event.do, (api, contender) => {
      const handles = chosen.map((offer) => offer.handles[contender] ?? -1);
      if (event.do === "rescind") return api.rescind(handles);
      return api.decline(handles, refusal(event));
    });
    if (done) this.#ledger.close(...chosen);
  }

  #accept(offer: OpenOffer, refuseMs: number | undefined, random: Random): void {
    const { resources, role, agentId } = offer;
    const converted = random.int(3) === 0 ? randomConversions(resources, role, random) : [];
    const used = portion(applied(resources, converted) ?? resources, random);
    const acceptance: Acceptance = {
      used: random.int(2) === 0 ? used : used.allocate(role),
      ...(refuseMs === undefined ? {} : { refuseMs }),
      ...(converted.length === 0 ? {} : { converted }),
    };
    if (!this.#same("accept", (api, nth) => api.accept(offer.handles[nth] ?? -1, acceptance))) {
      return;
    }
    this.#ledger.close(offer);
    this.#ledger.convert(agentId, converted);
    if (!used.isEmpty) this.#ledger.tasks.push({ ...offer, resources: used });
  }

  #release(luck: number): void {
    const random = new SeededRandom(luck);
    const { tasks } = this.#ledger;
    const task = tasks[random.int(Math.max(1, tasks.length))];
    if (task === undefined) return;
    const part = random.int(2) === 0 ? task.resources : portion(task.resources, random);
    const resources = random.int(9) === 0 ? part.add(Resources.parse("cpus:999")) : part;
    if (resources.isEmpty) return;
    const done = this.#same("release", (api) => api.release({ ...task, resources }));
    if (done) this.#ledger.release(task, resources);
  }

  #answerInverse(luck: number, refuseMs: number): void {
    const last = this.#asked.slice(-4);
    const asked = last[luck % Math.max(1, last.length)];
    const { agentId, frameworkId } = asked ?? { agentId: "s0", frameworkId: "f0" };
    const answer = luck % 2 === 0 ? "DECLINE" : "ACCEPT";
    this.#same("answerInverseOffer", (api) =>
      api.answerInverseOffer(agentId, frameworkId, answer, { refuseMs }),
    );
  }

  /** An operator reserves or creates: mostly what is free, now and then what is not. */
  #convert(id: string, luck: number): void {
    const random = new SeededRandom(luck);
    const ledger = this.#ledger;
    const of = random.int(4) === 0 ? ledger.total(id) : ledger.free(id);
    const [conversion] = randomConversions(of, "a", random);
    if (conversion === undefined) return;
    const { from, to } = conversion;
    const done = this.#same("updateAvailable", (api) => api.updateAvailable(id, from, to));
    if (done) ledger.convert(id, [conversion]);
  }

  /**
   * Make one call on all, and compare what it comes to. Handles that it returns are rescinded.
   *
   * @returns Whether it succeeded.
   */
  #same(what: string, make: Call): boolean {
    const outcomes = this.#contenders.map(({ api }, nth) =>
      this.#outcome(() => make(api, nth), nth),
    );
    const [first = ""] = outcomes;
    for (const [nth, outcome] of outcomes.entries()) {
      if (outcome === first && !outcome.startsWith("crash")) continue;
      const names = `${this.#contenders[0]?.name} (-) and ${this.#contenders[nth]?.name} (+)`;
      throw new Error(`${what}: ${names} differ\n${differences(first, outcome)}`);
    }
    this.#forgetRescinded(first);
    return !first.startsWith("error");
  }

  /** What one call came to, as text that must be the same for every contender. */
  #outcome(make: () => unknown, contender: number): string {
    try {
      const result = make();
      if (!isHandles(result)) return JSON.stringify(result ?? "done", null, 1);
      const rescinded = result.map((handle) =>
        this.#ledger.offers.findIndex(({ handles }) => handles[contender] === handle),
      );
      return `rescinded ${JSON.stringify(rescinded.sort((a, b) => a - b))}`;
    } catch (error) {
      if (error instanceof FairleadError) return `error ${error.code}`;
      return `crash ${error instanceof Error ? error.stack : String(error)}`;
    }
  }

  #forgetRescinded(outcome: string): void {
    const [, list] = /^rescinded (.*)$/.exec(outcome) ?? [];
    if (list === undefined) return;
    const gone = new Set<unknown>(JSON.parse(list));
    if (gone.has(-1)) throw new Error("an offer was rescinded that is not outstanding");
    this.#ledger.close(...this.#ledger.offers.filter((_, index) => gone.has(index)));
  }
}

function refusal(event: { readonly refuseMs?: number }): { refuseMs?: number } {
  return event.refuseMs === undefined ? {} : { refuseMs: event.refuseMs };
}

/** Run a whole sequence; returns how many offers were made. */
export function play(contenders: readonly Contender[], { options, events }: Sequence): number {
  const world = new World(contenders, options);
  for (const [index, event] of events.entries()) {
    try {
      world.perform(event);
    } catch (error) {
      const { message } = FairleadError.from(error);
      throw new Error(`at event ${index} (${event.do}): ${message}`, { cause: error });
    }
  }
  return world.offersMade;
}
