import { FairleadError, SeededRandom } from "../../src/base/mod.ts";
import type { Event, Sequence } from "./events.ts";
import { randomSequence } from "./sequences.ts";
import { type Contender, play } from "./world.ts";

/** Which sequences to play, and how long each one is. */
export interface Campaign {
  readonly firstSeed: number;
  readonly sequences: number;
  readonly length: number;
}

/**
 * Play sequences of consecutive seeds.
 *
 * @returns How many offers were made in all.
 * @throws {Error} at the first that fails: its seed and the shortest script found that still fails.
 */
export function runCampaign(contenders: readonly Contender[], campaign: Campaign): number {
  let offers = 0;
  for (let step = 0; step < campaign.sequences; step += 1) {
    const seed = campaign.firstSeed + step;
    const sequence = randomSequence(new SeededRandom(seed), campaign.length);
    try {
      offers += play(contenders, sequence);
    } catch (error) {
      throw new Error(report(contenders, seed, sequence), { cause: error });
    }
  }
  return offers;
}

function report(contenders: readonly Contender[], seed: number, sequence: Sequence): string {
  const short = shrinkSequence(contenders, sequence);
  return [
    `seed ${seed} fails (replay: ALLOCATOR_SEED=${seed} npx vitest run test/allocator/differential_test.ts)`,
    fault(contenders, short) ?? "it does not fail any more",
    "as a regression:",
    scriptOf(short),
  ].join("\n");
}

/** A sequence as source text: paste it into regressions.ts. */
export function scriptOf({ options, events }: Sequence): string {
  const lines = events.map((event) => `    ${JSON.stringify(event)},`);
  return `{\n  options: ${JSON.stringify(options)},\n  events: [\n${lines.join("\n")}\n  ],\n}`;
}

/** Drop events, many at a time and then one by one, over and over, as long as the rest fails. */
export function shrinkSequence(contenders: readonly Contender[], sequence: Sequence): Sequence {
  const { options } = sequence;
  let events = sequence.events;
  const fails = (kept: readonly Event[]) =>
    fault(contenders, { options, events: kept }) !== undefined;
  for (let before = Number.POSITIVE_INFINITY; events.length < before; ) {
    before = events.length;
    for (let size = Math.ceil(before / 2); size >= 1; size = Math.floor(size / 2)) {
      for (let end = events.length; end > 0; end -= size) {
        const kept = [...events.slice(0, Math.max(0, end - size)), ...events.slice(end)];
        if (fails(kept)) events = kept;
      }
    }
  }
  return { options, events };
}

/** Why a sequence fails; undefined when it does not. */
function fault(contenders: readonly Contender[], sequence: Sequence): string | undefined {
  try {
    play(contenders, sequence);
    return undefined;
  } catch (error) {
    return FairleadError.from(error).message;
  }
}
