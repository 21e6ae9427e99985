import { configure, getLogger, type LogRecord, reset } from "@logtape/logtape";
import { FairleadError, VirtualClock } from "fairlead/base";
import { accessLog, errorAnswers, setPeer, setPrincipal } from "fairlead/http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const logger = getLogger(["fairlead", "http"]);
let records: LogRecord[] = [];

beforeEach(async () => {
  records = [];
  await configure({
    sinks: { memory: (record) => records.push(record) },
    loggers: [
      { category: ["fairlead"], sinks: ["memory"], lowestLevel: "debug" },
      { category: ["logtape", "meta"], lowestLevel: "error" },
    ],
  });
});

afterEach(() => reset());

const request = () =>
  new Request("http://localhost:5050/api/v1?token=s3cret#x", {
    method: "POST",
    headers: { authorization: "Basic s3cret" },
  });

describe("accessLog()", () => {
  test("tells who asked what, how it went and how long it took", async () => {
    const clock = new VirtualClock(1_000);
    const handler = accessLog({ logger, clock })(async (asked) => {
      setPrincipal(asked, "ops");
      await clock.sleep(7);
      return new Response(null, { status: 202 });
    });
    const asked = request();
    setPeer(asked, "10.0.0.1");
    const answer = handler(asked);
    await clock.advance(7);
    await answer;
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({
      category: ["fairlead", "http"],
      level: "info",
      properties: {
        method: "POST",
        path: "/api/v1",
        status: 202,
        ms: 7,
        principal: "ops",
        peer: "10.0.0.1",
      },
    });
  });

  test("logs no secrets of query or headers, and what a handler throws by its status", async () => {
    const handler = accessLog({ logger })(() => {
      throw new FairleadError("body_too_large", "Cannot read");
    });
    await expect(handler(request())).rejects.toThrow("Cannot read");
    expect(records[0]?.properties.status).toBe(413);
    expect(JSON.stringify(records)).not.toContain("s3cret");
  });
});

describe("errorAnswers()", () => {
  test("answers errors of the client without a word in the log", async () => {
    const handler = errorAnswers({ logger })(() => {
      throw new FairleadError("invalid_body", "Cannot read: no JSON");
    });
    const response = await handler(request());
    expect([response.status, (await response.json()).detail]).toEqual([
      400,
      "Cannot read: no JSON",
    ]);
    expect(records).toEqual([]);
  });

  test("logs errors of the server, and tells the client none of it", async () => {
    const handler = errorAnswers({ logger, answer: () => new Response("sorry", { status: 500 }) })(
      async () => {
        throw new TypeError("x is undefined");
      },
    );
    const response = await handler(request());
    expect([response.status, await response.text()]).toEqual([500, "sorry"]);
    expect(records[0]).toMatchObject({
      level: "error",
      properties: { path: "/api/v1", code: "unknown", message: "x is undefined" },
    });
  });
});
