import { gzipSync } from "node:zlib";
import { VirtualClock } from "fairlead/base";
import { readBody, readJsonBody, setBodySource } from "fairlead/http";
import { describe, expect, test } from "vitest";
import { streamOf } from "../support/streams.ts";

const decoder = new TextDecoder();

function post(body: BodyInit | null, headers: Record<string, string> = {}): Request {
  const init = { method: "POST", body, headers, duplex: "half" };
  return new Request("http://localhost/", init);
}

function chunked(chunks: readonly string[], headers: Record<string, string> = {}): Request {
  const encoder = new TextEncoder();
  return post(streamOf(chunks.map((chunk) => encoder.encode(chunk))), headers);
}

async function textOf(request: Request, bytesMax = 100): Promise<string> {
  return decoder.decode(await readBody(request, { bytesMax }));
}

describe("readBody()", () => {
  test("reads bodies of one chunk, of many and of none", async () => {
    expect(await textOf(post("hello"))).toBe("hello");
    expect(await textOf(chunked(["he", "", "llo"]))).toBe("hello");
    expect(await textOf(post(null))).toBe("");
    expect(await textOf(post("12345"), 5)).toBe("12345");
  });

  test("refuses a body above the maximum, whether it says so or not", async () => {
    const tooLarge = { code: "body_too_large", details: { bytesMax: 5 } };
    await expect(textOf(chunked(["123", "456"]), 5)).rejects.toMatchObject(tooLarge);
    const says = chunked(["1"], { "content-length": "6" });
    await expect(textOf(says, 5)).rejects.toMatchObject(tooLarge);
    expect(says.bodyUsed).toBe(false);
  });

  test.each([["gzip"], ["x-gzip"], ["GZIP "]])("inflates Content-Encoding %j", async (encoding) => {
    const body = new Uint8Array(gzipSync("hello"));
    expect(await textOf(post(body, { "content-encoding": encoding }))).toBe("hello");
  });

  test("counts what is inflated, so that a bomb stays small", async () => {
    const bomb = new Uint8Array(gzipSync(new Uint8Array(50_000_000)));
    const before = process.memoryUsage().arrayBuffers;
    const read = textOf(post(bomb, { "content-encoding": "gzip" }), 100_000);
    await expect(read).rejects.toMatchObject({ code: "body_too_large" });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
  });

  test("refuses encodings that it does not know, and gzip that is none", async () => {
    const brotli = post("x", { "content-encoding": "br" });
    await expect(textOf(brotli)).rejects.toMatchObject({ code: "unsupported_encoding" });
    const noGzip = post("no gzip", { "content-encoding": "gzip" });
    await expect(textOf(noGzip)).rejects.toMatchObject({ code: "invalid_body" });
    const cut = new Uint8Array(gzipSync("hello")).subarray(0, 12);
    const cutOff = post(cut, { "content-encoding": "gzip" });
    await expect(textOf(cutOff)).rejects.toMatchObject({ code: "invalid_body" });
  });

  test("ends a body that comes too slowly", async () => {
    const clock = new VirtualClock();
    let cancelled: unknown;
    const slow = new ReadableStream<Uint8Array>({
      pull: (controller) => clock.sleep(700).then(() => controller.enqueue(Uint8Array.of(1))),
      cancel: (reason) => {
        cancelled = reason;
      },
    });
    const read = readBody(post(slow), { bytesMax: 100, timeoutMs: 2_000, clock });
    const failure = expect(read).rejects.toMatchObject({
      code: "body_timeout",
      details: { timeoutMs: 2_000 },
    });
    await clock.advance(2_250);
    await failure;
    expect(cancelled).toMatchObject({ code: "body_timeout" });
    await clock.advance(1_000);
    expect(clock.sleeping).toBe(0);
  });

  test("ends a body source that comes too slowly", async () => {
    const clock = new VirtualClock();
    const request = post("x");
    setBodySource(request, ({ onStart }) => new Promise((_, reject) => onStart(reject)));
    const read = readBody(request, { bytesMax: 100, timeoutMs: 100, clock });
    const failure = expect(read).rejects.toMatchObject({ code: "body_timeout" });
    await clock.advance(100);
    await failure;
  });

  test("tells a body that breaks off from one that ends", async () => {
    const broken = new ReadableStream<Uint8Array>({
      start: (controller) => controller.error(new Error("connection reset")),
    });
    await expect(textOf(post(broken))).rejects.toMatchObject({
      code: "invalid_body",
      message: "Cannot read the body: connection reset",
    });
  });

  test("refuses a maximum that is none", async () => {
    await expect(textOf(post("x"), -1)).rejects.toMatchObject({ code: "invalid_option" });
  });
});

describe("readJsonBody()", () => {
  const read = (body: BodyInit) => readJsonBody(post(body), { bytesMax: 100 });

  test("reads JSON in UTF-8, with or without a byte order mark", async () => {
    expect(await read('{"a":"é"}')).toEqual({ a: "é" });
    expect(await read("\ufeff[1]")).toEqual([1]);
  });

  test.each([["{"], [""], [Uint8Array.of(0x22, 0xff, 0x22)]])("refuses %j", async (body) => {
    await expect(read(body)).rejects.toMatchObject({ code: "invalid_body" });
  });
});
