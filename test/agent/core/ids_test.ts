import { describe, expect, test } from "vitest";
import { statusUuid, uuidText } from "../../../src/agent/core/ids.ts";
import { type Random, SeededRandom } from "../../../src/base/mod.ts";

/** Words of choice. */
function words(...list: number[]): Random {
  const random = new SeededRandom(0);
  random.u32 = () => list.shift() ?? 0;
  return random;
}

function bytesOf(uuid: string): string {
  return Buffer.from(uuid.replaceAll("-", ""), "hex").toString("base64");
}

describe("ids", () => {
  test("uuidText() and statusUuid() write the same bytes, of version 4", () => {
    for (let seed = 0; seed < 2_000; seed += 1) {
      const text = uuidText(new SeededRandom(seed));
      expect(text).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(statusUuid(new SeededRandom(seed))).toBe(bytesOf(text));
    }
  });

  test("all ones and all zeros come out whole", () => {
    const ones = () => words(0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff);
    expect(uuidText(ones())).toBe("ffffffff-ffff-4fff-bfff-ffffffffffff");
    expect(statusUuid(ones())).toBe(bytesOf("ffffffff-ffff-4fff-bfff-ffffffffffff"));
    expect(uuidText(words())).toBe("00000000-0000-4000-8000-000000000000");
  });
});
