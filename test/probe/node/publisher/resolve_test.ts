import { describe, expect, test } from "vitest";
import {
  readCollectorUrl,
  resolveCollectors,
} from "../../../../src/probe/node/publisher/resolve.ts";

const identity = { probeId: "1", version: "0" };
const { signal } = new AbortController();

describe("readCollectorUrl()", () => {
  test.each([
    ["scope", "http://scope:4040/"],
    ["scope:80", "http://scope/"],
    ["10.0.0.1:5050", "http://10.0.0.1:5050/"],
    ["[fd00::1]:4040", "http://[fd00::1]:4040/"],
    ["https://me:pw@scope", "https://me:pw@scope:4040/"],
    ["https://scope:443", "https://scope/"],
  ])("reads %s", (address, url) => {
    expect(String(readCollectorUrl(address))).toBe(url);
  });

  test.each(["", "http://", "a b", "http://a/path"])("refuses %j", (address) => {
    expect(() => readCollectorUrl(address)).toThrow(
      expect.objectContaining({ code: "invalid_option" }),
    );
  });
});

describe("resolveCollectors()", () => {
  test("needs no resolver for addresses, and prefers IPv4 where a name has both", async () => {
    const all = await Promise.all(
      ["10.0.0.1", "[fd00::1]:80", "localhost"].map((each) =>
        resolveCollectors(each, identity, signal),
      ),
    );
    expect(all.map((found) => found.map(({ address }) => address))).toEqual([
      ["http://10.0.0.1:4040/10.0.0.1"],
      ["http://[fd00::1]/fd00::1"],
      ["http://localhost:4040/127.0.0.1"],
    ]);
    for (const collector of all.flat()) collector.close();
  });

  test("says which name it cannot resolve", async () => {
    await expect(resolveCollectors("nowhere.invalid", identity, signal)).rejects.toMatchObject({
      code: "resolve_failed",
      message: expect.stringContaining("nowhere.invalid"),
    });
  });
});
