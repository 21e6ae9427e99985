import { describe, expect, test } from "vitest";
import { runCampaign } from "./campaign.ts";
import { contenders } from "./contenders.ts";
import { regressions } from "./regressions.ts";
import { play } from "./world.ts";

const fixedSeed = readNumber("ALLOCATOR_SEED");
const length = readNumber("ALLOCATOR_EVENTS") ?? 100;
const sequences = fixedSeed === undefined ? (readNumber("ALLOCATOR_SEQUENCES") ?? 320) : 1;
const firstSeed = fixedSeed ?? readNumber("ALLOCATOR_FIRST_SEED") ?? 1;

describe("model, typed reference and WASM kernel", () => {
  test(`agree after every event of ${sequences} random sequences`, async () => {
    const offers = runCampaign(await contenders(), { firstSeed, sequences, length });
    expect(offers).toBeGreaterThan(0);
  }, 3_600_000);

  test.each(regressions)("agree where $about", async (regression) => {
    expect(play(await contenders(), regression)).toBeGreaterThanOrEqual(0);
  });
});

function readNumber(name: string): number | undefined {
  const text = process.env[name];
  return text === undefined ? undefined : Number(text);
}
