import { decodeJson, decodeValue, encodeJson, encodeValue } from "fairlead/coordination";
import fc from "fast-check";
import { expect, test } from "vitest";

test("decodeValue() gives back what encodeValue() took", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      fc.pre(!JSON.stringify(value).includes("__proto__"));
      expect(decodeValue(encodeValue(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test("encodeValue() keeps bytes, and its result is nobody else's memory", () => {
  const bytes = encodeValue({ data: Uint8Array.of(1, 2, 3) });
  encodeValue("x".repeat(10_000));
  expect(decodeValue(bytes)).toEqual({ data: Uint8Array.of(1, 2, 3) });
  expect(bytes.buffer.byteLength).toBe(bytes.length);
});

test("decodeValue() refuses what is no MessagePack", () => {
  expect(() => decodeValue(Uint8Array.of(0x92, 1))).toThrow(
    expect.objectContaining({ code: "invalid_value" }),
  );
});

test("a key that could change prototypes is renamed", () => {
  const value: unknown = JSON.parse('{"__proto__":1}');
  expect(decodeValue(encodeValue(value))).toEqual({ __proto_: 1 });
});

test("decodeJson() gives back what encodeJson() took, and refuses what is no JSON", () => {
  const info = { id: "m1", hostname: "größe", port: 5050 };
  expect(decodeJson(encodeJson(info))).toEqual(info);
  for (const bytes of [Uint8Array.of(0xff), new Uint8Array(0), Uint8Array.of(0x7b)]) {
    expect(() => decodeJson(bytes)).toThrow(expect.objectContaining({ code: "invalid_value" }));
  }
});
