import { afterEach, describe, expect, test, vi } from "vitest";
import { decodeBase64 } from "../../src/wasm/mod.ts";

const CASES: [string, number[]][] = [
  ["", []],
  ["AA==", [0]],
  ["/w==", [255]],
  ["AAEC", [0, 1, 2]],
  ["AGFzbQEAAAA=", [0, 97, 115, 109, 1, 0, 0, 0]],
  ["+/+/", [251, 255, 191]],
];

afterEach(() => vi.unstubAllGlobals());

describe("decodeBase64()", () => {
  test.each(CASES)("reads %j", (text, bytes) => {
    expect([...decodeBase64(text)]).toEqual(bytes);
  });

  test.each(CASES)("reads %j where the engine has no decoder of its own", (text, bytes) => {
    class Plain extends Uint8Array<ArrayBuffer> {}
    Object.defineProperty(Plain, "fromBase64", { value: undefined });
    vi.stubGlobal("Uint8Array", Plain);
    expect([...decodeBase64(text)]).toEqual(bytes);
  });

  test("reads every byte back", () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const text = btoa(String.fromCharCode(...bytes));
    expect(decodeBase64(text)).toEqual(bytes);
  });

  test("throws on what is not base64", () => {
    expect(() => decodeBase64("a*b=")).toThrow();
  });
});
