import { availableParallelism } from "node:os";
import { describe, expect, test } from "vitest";
import { detectIp, detectResources, parseAttributes } from "../../../src/agent/node/detect.ts";
import { Resources } from "../../../src/resources/mod.ts";

describe("detectResources()", () => {
  test("finds what is not named, and leaves what is", async () => {
    const found = Resources.fromJson(await detectResources("cpus:3;mem(eng):7", "/tmp"));
    expect(found.named("cpus").toString()).toBe("cpus:3");
    expect(found.named("mem").toString()).toBe("mem(eng):7");
    expect(found.named("ports").toString()).toBe("ports:[31000-32000]");
    expect(found.quantities().get("disk")).toBeGreaterThan(0);
  });

  test("finds everything when nothing is named, no more cpus than there are", async () => {
    const found = Resources.fromJson(await detectResources(undefined, "/tmp")).quantities();
    expect(found.get("cpus")).toBeGreaterThan(0);
    expect(found.get("cpus")).toBeLessThanOrEqual(availableParallelism() * 1_000);
    expect(found.get("mem")).toBeGreaterThan(0);
  });

  test("goes on with what there was when a little is missing, not when much is", async () => {
    const detected = await detectResources(undefined, "/tmp");
    const scaled = (ratio: number) =>
      detected.map((each) =>
        each.name === "mem" && each.scalar !== undefined
          ? { ...each, scalar: { value: Math.round(each.scalar.value * ratio) } }
          : each,
      );
    const mem = (list: typeof detected) => list.find(({ name }) => name === "mem")?.scalar?.value;
    const again = async (ratio: number) => mem(await detectResources("", "/tmp", scaled(ratio)));
    expect(await again(1.02)).toBe(mem(scaled(1.02)));
    expect(await again(1.2)).toBe(mem(detected));
    expect(await again(0.5)).toBe(mem(detected));
  });

  test("takes JSON as well, and names what cannot be read", async () => {
    const json = [{ name: "cpus", type: "SCALAR" as const, scalar: { value: 2 } }];
    const found = Resources.fromJson(await detectResources(json, "/tmp"));
    expect(found.quantities().get("cpus")).toBe(2_000);
    await expect(detectResources("cpus:many", "/tmp")).rejects.toMatchObject({
      code: "invalid_resource",
    });
  });
});

describe("parseAttributes()", () => {
  test("reads text, numbers, ranges and sets", () => {
    expect(
      parseAttributes(" rack:r1; level:10 ;ports:[1-5, 9-12];zones:{a, b};url:http://x:1;"),
    ).toEqual([
      { name: "rack", type: "TEXT", text: { value: "r1" } },
      { name: "level", type: "SCALAR", scalar: { value: 10 } },
      {
        name: "ports",
        type: "RANGES",
        ranges: {
          range: [
            { begin: 1, end: 5 },
            { begin: 9, end: 12 },
          ],
        },
      },
      { name: "zones", type: "SET", set: { item: ["a", "b"] } },
      { name: "url", type: "TEXT", text: { value: "http://x:1" } },
    ]);
    expect(parseAttributes("")).toEqual([]);
  });

  test.each(["rack", ":x", "rack:", "ports:[1]"])("refuses %s", (text) => {
    expect(() => parseAttributes(text)).toThrow(
      expect.objectContaining({ code: "invalid_option" }),
    );
  });
});

test("detectIp() gives an IPv4 address", () => {
  expect(detectIp()).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
});
