import { murmur3 } from "fairlead/topology";
import { expect, test } from "vitest";

/** The first half of MurmurHash3 x64 128, of other implementations. */
test.each([
  ["", "0"],
  ["hello", "cbd8a7b341bd9b02"],
  ["hello, world", "342fac623a5ebc8e"],
  ["19 Jan 2038 at 3:14:07 AM", "b89e5988b737affc"],
  ["The quick brown fox jumps over the lazy dog.", "cd99481f9ee902c9"],
])("murmur3(%j) is that of other implementations", (text, hash) => {
  expect(murmur3(text)).toBe(hash);
});
