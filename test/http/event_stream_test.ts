import { eventStream, isEventStream, type StreamEnd } from "fairlead/http";
import { describe, expect, test } from "vitest";
import { collect } from "../support/streams.ts";

const decoder = new TextDecoder();
const encode = (text: string) => new TextEncoder().encode(text);

function open(bufferBytesMax = 10, signal?: AbortSignal) {
  const ends: StreamEnd[] = [];
  const onClose = (end: StreamEnd) => ends.push(end);
  return { ends, stream: eventStream({ encode, bufferBytesMax, onClose, signal }) };
}

async function textsOf(body: ReadableStream<Uint8Array>): Promise<string[]> {
  return (await collect(body)).map((chunk) => decoder.decode(chunk));
}

describe("eventStream()", () => {
  test("sends each value as one chunk, and ends cleanly after what waits", async () => {
    const { stream, ends } = open();
    expect(stream.push("one")).toBe(true);
    expect(stream.push("two")).toBe(true);
    expect(stream.bufferedBytes).toBe(6);
    stream.close();
    stream.close();
    expect(stream.push("three")).toBe(false);
    expect(await textsOf(stream.body)).toEqual(["one", "two"]);
    expect([ends, stream.ended, stream.bufferedBytes]).toEqual([["closed"], "closed", 0]);
  });

  test("cuts off a reader that does not keep up, and forgets what waited", async () => {
    const { stream, ends } = open();
    expect(stream.push("12345")).toBe(true);
    expect(stream.push("67890")).toBe(true);
    expect(stream.push("x")).toBe(false);
    expect([ends, stream.ended, stream.bufferedBytes]).toEqual([["overflow"], "overflow", 0]);
    await expect(textsOf(stream.body)).rejects.toMatchObject({ code: "stream_overflow" });
  });

  test("lets one large chunk pass when nothing waits", async () => {
    const { stream } = open();
    expect(stream.push("a".repeat(50))).toBe(true);
    expect(stream.push("b")).toBe(false);
  });

  test("makes room as the reader takes", async () => {
    const { stream } = open();
    const reader = stream.body.getReader();
    for (let turn = 0; turn < 100; turn += 1) {
      expect(stream.push("12345678")).toBe(true);
      expect(decoder.decode((await reader.read()).value)).toBe("12345678");
      expect(stream.bufferedBytes).toBe(0);
    }
  });

  test("knows when the client went away", async () => {
    const { stream, ends } = open();
    await stream.body.cancel();
    expect([ends, stream.push("x")]).toEqual([["cancelled"], false]);
    stream.close();
    expect(ends).toEqual(["cancelled"]);
  });

  test("ends cleanly by its signal, at once when it was aborted before", async () => {
    const abort = new AbortController();
    const { stream, ends } = open(10, abort.signal);
    stream.push("one");
    abort.abort();
    expect([ends, await textsOf(stream.body)]).toEqual([["aborted"], ["one"]]);
    const late = open(10, abort.signal);
    expect([late.ends, await textsOf(late.stream.body)]).toEqual([["aborted"], []]);
  });

  test("refuses a buffer of nothing", () => {
    expect(() => open(0)).toThrow(expect.objectContaining({ code: "invalid_option" }));
  });
});

test("isEventStream() knows the responses that carry one", async () => {
  const { stream } = open();
  const response = stream.respond({ "content-type": "text/event-stream" });
  expect(isEventStream(response)).toBe(true);
  expect(isEventStream(new Response("x"))).toBe(false);
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  stream.push("hi");
  stream.close();
  expect(await response.text()).toBe("hi");
});
