import { FairleadError } from "fairlead/base";
import { json, problem, problemOf, statusOf, text, textOf } from "fairlead/http";
import { describe, expect, test } from "vitest";

describe("text(), json() and problem()", () => {
  test("say what they are", async () => {
    const plain = text(404, "No such agent", { headers: { "x-a": "b" } });
    expect([plain.status, plain.headers.get("content-type"), plain.headers.get("x-a")]).toEqual([
      404,
      "text/plain; charset=utf-8",
      "b",
    ]);
    expect(await plain.text()).toBe("No such agent");
    expect(await json(200, { a: 1 }).json()).toEqual({ a: 1 });
    const told = problem(409, "Two of a name", { code: "duplicate", details: { name: "n" } });
    expect(told.headers.get("content-type")).toBe("application/problem+json");
    expect(await told.json()).toEqual({
      title: "Conflict",
      status: 409,
      detail: "Two of a name",
      code: "duplicate",
      details: { name: "n" },
    });
    expect(await problem(418, "m").json()).toEqual({ status: 418, detail: "m" });
  });
});

describe("statusOf() and problemOf()", () => {
  test.each([
    ["invalid_body", 400],
    ["invalid_call", 400],
    ["invalid_record", 400],
    ["record_truncated", 400],
    ["body_timeout", 408],
    ["body_too_large", 413],
    ["record_too_large", 413],
    ["unsupported_encoding", 415],
  ])("answer %s with %i", async (code, status) => {
    const error = new FairleadError(code, "Cannot read: it is wrong");
    expect(statusOf(error)).toBe(status);
    const answer = problemOf(error);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ code, detail: "Cannot read: it is wrong" });
    const plain = textOf(error);
    expect([plain.status, await plain.text()]).toEqual([status, "Cannot read: it is wrong"]);
    const closes = status === 408 || status === 413 ? "close" : null;
    expect(answer.headers.get("connection")).toBe(closes);
    expect(plain.headers.get("connection")).toBe(closes);
  });

  test.each([
    [new Error("password is 1234")],
    [new FairleadError("unknown", "secret")],
    ["thrown text"],
  ])("tell nothing of %j", async (error) => {
    expect(statusOf(error)).toBe(500);
    expect(await problemOf(error).json()).toEqual({
      title: "Internal Server Error",
      status: 500,
      detail: "The server failed.",
      code: "internal",
    });
    expect(await textOf(error).text()).toBe("The server failed.");
  });
});
