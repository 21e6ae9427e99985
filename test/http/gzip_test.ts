import { gunzipSync } from "node:zlib";
import { acceptsGzip, eventStream, gzipAnswers } from "fairlead/http";
import { describe, expect, test } from "vitest";

describe("acceptsGzip()", () => {
  test.each([
    [null, false],
    ["", false],
    ["gzip", true],
    ["deflate, GZIP;q=0.5", true],
    ["x-gzip", true],
    ["gzip;q=0", false],
    ["gzip; q=0.000, *", false],
    ["*", true],
    ["*;q=0", false],
    ["br", false],
  ])("answers %j with %s", (header, accepted) => {
    expect(acceptsGzip(header)).toBe(accepted);
  });
});

const request = new Request("http://localhost/", { headers: { "accept-encoding": "gzip" } });
const long = "a".repeat(5_000);

describe("gzipAnswers()", () => {
  const around = gzipAnswers({ bytesMin: 100 });

  test("compresses, and says so", async () => {
    const headers = { etag: '"1"', "content-length": "5000", vary: "origin" };
    const response = await around(() => new Response(long, { status: 201, headers }))(request);
    expect(response.status).toBe(201);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-encoding": "gzip",
      etag: 'W/"1"',
      vary: "origin, accept-encoding",
    });
    expect(response.headers.has("content-length")).toBe(false);
    expect(String(gunzipSync(await response.arrayBuffer()))).toBe(long);
  });

  test.each<[string, () => Response]>([
    ["short", () => new Response("a", { headers: { "content-length": "1" } })],
    ["encoded already", () => new Response(long, { headers: { "content-encoding": "br" } })],
    [
      "not to be changed",
      () => new Response(long, { headers: { "cache-control": "no-transform" } }),
    ],
    ["empty", () => new Response(null)],
    ["of a status without body", () => new Response(null, { status: 304 })],
    [
      "an event stream",
      () => eventStream({ encode: (t: Uint8Array) => t, bufferBytesMax: 1 }).respond({}),
    ],
  ])("leaves an answer that is %s", async (_what, answer) => {
    const made = answer();
    expect(await around(() => made)(request)).toBe(made);
  });

  test("leaves answers for clients that do not accept gzip", async () => {
    const made = new Response(long);
    expect(await around(() => made)(new Request("http://localhost/"))).toBe(made);
  });
});
