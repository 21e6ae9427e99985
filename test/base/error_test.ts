import { expect, test } from "vitest";
import { FairleadError, unreachable } from "../../src/base/mod.ts";

test("FairleadError carries code, sentence, cause and details", () => {
  const cause = new Error("disk full");
  const error = new FairleadError("store_failed", "Cannot write: disk full", {
    cause,
    details: { path: "/a" },
  });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name: "FairleadError", code: "store_failed", cause });
  expect(error.details).toEqual({ path: "/a" });
});

test("FairleadError has no cause property unless there is a cause", () => {
  expect("cause" in new FairleadError("x", "y")).toBe(false);
  expect(new FairleadError("x", "y").details).toEqual({});
});

test("FairleadError.from() returns one of ours as it is", () => {
  const error = new FairleadError("x", "y");
  expect(FairleadError.from(error)).toBe(error);
});

test.each([
  [new DOMException("stop", "AbortError"), "aborted"],
  [new DOMException("late", "TimeoutError"), "timeout"],
  [new TypeError("odd"), "unknown"],
  ["a string", "unknown"],
  [undefined, "unknown"],
])("FairleadError.from(%s) has code %s", (thrown, code) => {
  const error = FairleadError.from(thrown);
  expect(error.code).toBe(code);
  expect(error.cause).toBe(thrown);
});

test("unreachable() names the value that had no case", () => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  for (const value of [{ type: "odd" }, 1n, circular]) {
    expect(() => unreachable(value as never)).toThrow(
      expect.objectContaining({ code: "unreachable" }),
    );
  }
  expect(() => unreachable({ type: "odd" } as never)).toThrow('{"type":"odd"}');
});
