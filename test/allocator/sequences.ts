import type { Random } from "../../src/base/mod.ts";
import {
  ANSWERS,
  addAgent,
  CHANGES,
  type Event,
  type Makers,
  randomOf,
  type Sequence,
} from "./events.ts";
import type { AllocatorApiOptions } from "./model/api.ts";
import { happens, pick, randomFramework, randomMinimums } from "./specs.ts";
import { filters, piles, quotas, type Theme, trees } from "./themes.ts";

/** Make a sequence: a cluster first, then whatever can happen, with a run every few events. */
export function randomSequence(random: Random, length: number): Sequence {
  const { options, start, answers, changes } = randomTheme(random);
  const sorter = happens(random, 0.4) ? "random" : "drf";
  const made: AllocatorApiOptions = { seed: random.u32(), sorter, ...options(random) };
  const events = start(random);
  while (events.length < length) {
    if (happens(random, 0.4)) events.push(...randomRound(random, answers));
    else if (happens(random, 0.1)) events.push({ do: "shares" });
    else events.push(randomOf(random, changes));
  }
  return { options: made, events: events.slice(0, length) };
}

/** A run, answers to some of its offers, and perhaps some time. */
function randomRound(random: Random, answers: Makers): Event[] {
  const events: Event[] = [{ do: "run" }];
  while (happens(random, 0.8)) {
    events.push(happens(random, 0.2) ? { do: "shares" } : randomOf(random, answers));
  }
  return events;
}

function randomTheme(random: Random): Theme {
  let luck = random.int(10);
  for (const theme of [quotas, filters, piles, trees]) {
    if (luck < theme.chance) return theme;
    luck -= theme.chance;
  }
  return everything;
}

const everything: Theme = {
  chance: 4,
  options: (random) => ({
    ...(happens(random, 0.3) ? { minAllocatable: randomMinimums(random) } : {}),
    ...(happens(random, 0.2) ? { fairnessExcluded: [pick(random, ["gpus", "mem"])] } : {}),
    ...(happens(random, 0.2) ? { filterGpuResources: false } : {}),
    ...(happens(random, 0.4) ? { region: "near" } : {}),
    ...(happens(random, 0.2) ? { intervalMs: 200 } : {}),
  }),
  start(random) {
    const events: Event[] = [];
    if (happens(random, 0.1)) {
      events.push({ do: "expectAgents", count: random.int(6), timeoutMs: 5_000 });
    }
    for (let count = 2 + random.int(4); count > 0; count -= 1) {
      events.push({ do: "addFramework", spec: randomFramework(random) });
    }
    for (let count = 3 + random.int(6); count > 0; count -= 1) events.push(addAgent(random));
    return events;
  },
  answers: ANSWERS,
  changes: CHANGES,
};
