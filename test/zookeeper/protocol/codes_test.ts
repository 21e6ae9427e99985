import { ERRORS } from "fairlead/zookeeper";
import { expect, test } from "vitest";
import { serverError } from "../../../src/zookeeper/protocol/codes.ts";

test("every number of 3.8 has a code of its own, and its number in the details", () => {
  const numbers = [
    -1, -2, -3, -4, -5, -6, -7, -8, -12, -13, -14, -101, -102, -103, -108, -110, -111, -112, -114,
    -115, -118, -119, -120, -121, -122, -123, -124, -125, -127,
  ];
  const errors = numbers.map((number) => serverError(number, "set /a"));
  expect(new Set(errors.map(({ code }) => code)).size).toBe(numbers.length);
  expect(errors.map(({ details }) => details.number)).toEqual(numbers);
  for (const { message } of errors) expect(message).toMatch(/^Cannot set \/a: \w/);
  const known = Object.values(ERRORS).map((number) => serverError(number, "x").code);
  expect(known).not.toContain("unknown_server_error");
});

test("a number that nobody knows is an error like any other", () => {
  const error = serverError(-9_999, "set /a", { path: "/a" });
  expect(error).toMatchObject({
    code: "unknown_server_error",
    details: { path: "/a", number: -9_999 },
  });
});
