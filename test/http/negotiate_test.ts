import { negotiate, parseMediaType } from "fairlead/http";
import { describe, expect, test } from "vitest";

const OFFERS = ["application/json", "application/x-protobuf", "text/plain"];

describe("negotiate()", () => {
  test.each([
    [null, "application/json"],
    ["", "application/json"],
    [" , ", "application/json"],
    ["*/*", "application/json"],
    ["*", "application/json"],
    ["application/json", "application/json"],
    ["application/json, application/json", "application/json"],
    ["Application/X-Protobuf", "application/x-protobuf"],
    ["application/x-protobuf, application/json", "application/json"],
    ["application/json;q=0.5, application/x-protobuf", "application/x-protobuf"],
    ["application/json ; Q = 0.5 , application/x-protobuf;q=0.4", "application/json"],
    ["application/json;q=0.1, application/json;q=0.9, text/plain;q=0.8", "application/json"],
    ["application/json;charset=utf-8", "application/json"],
    ["application/*;q=0.5, text/plain;q=0.6", "text/plain"],
    ["*/*;q=0.9, application/json;q=0.1", "application/x-protobuf"],
    ["application/json;q=0, */*", "application/x-protobuf"],
    ["text/*", "text/plain"],
    ["image/png", undefined],
    ["application/json;q=0", undefined],
    ["application/json;q=wrong", "application/json"],
  ])("answers %j with %j", (accept, best) => {
    expect(negotiate(accept, OFFERS)).toBe(best);
  });

  test("looks at a bounded number of ranges", () => {
    const long = "image/png,".repeat(100_000);
    expect(negotiate(`${long}application/json`, OFFERS)).toBe(undefined);
  });
});

describe("parseMediaType()", () => {
  test.each([
    ["application/json", "application/json", {}],
    [" Application/JSON ; Charset=UTF-8", "application/json", { charset: "UTF-8" }],
    ['a/b;c="d;\\"e\\""; f=g;', "a/b", { c: 'd;"e"', f: "g" }],
    ["a/b;c=1;c=2", "a/b", { c: "1" }],
  ])("reads %j", (header, type, parameters) => {
    const read = parseMediaType(header);
    expect(read?.type).toBe(type);
    expect(Object.fromEntries(read?.parameters ?? [])).toEqual(parameters);
  });

  test.each([[""], ["json"], ["a/b c"], ["a/b;c"], ['a/b;c="d'], ["a/b, c/d"]])(
    "refuses %j",
    (header) => {
      expect(parseMediaType(header)).toBe(undefined);
    },
  );

  test("takes no time over a long header that is none", () => {
    expect(parseMediaType(`a/b;c="${"\\".repeat(50_000)}`)).toBe(undefined);
    expect(parseMediaType(`a/b${"; ".repeat(50_000)}=`)).toBe(undefined);
  });
});
