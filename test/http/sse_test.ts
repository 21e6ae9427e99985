import {
  encodeServerSentComment,
  encodeServerSentEvent,
  type ServerSentEvent,
  serverSentEventDecoder,
} from "fairlead/http";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { collect, streamOf } from "../support/streams.ts";

const decoder = new TextDecoder();
const encoder = new TextEncoder();

function decode(chunks: readonly Uint8Array[], eventLengthMax = 10_000) {
  return collect(streamOf(chunks).pipeThrough(serverSentEventDecoder({ eventLengthMax })));
}

const decodeText = (text: string) => decode([encoder.encode(text)]);

describe("encodeServerSentEvent()", () => {
  test("writes every line of the data as one of its own", () => {
    const event = { event: "update", id: "7", data: "a\nb\r\nc\rd", retryMs: 1_500.7 };
    expect(decoder.decode(encodeServerSentEvent(event))).toBe(
      "event: update\nid: 7\nretry: 1500\ndata: a\ndata: b\ndata: c\ndata: d\n\n",
    );
    expect(decoder.decode(encodeServerSentEvent({ data: "" }))).toBe("data: \n\n");
  });

  test.each([[{ event: "a\nb" }], [{ id: "a\rb" }], [{ id: "a\0b" }]])("refuses %j", (part) => {
    expect(() => encodeServerSentEvent({ ...part, data: "" })).toThrow(
      expect.objectContaining({ code: "invalid_argument" }),
    );
  });
});

test("encodeServerSentComment() writes one line that clients ignore", async () => {
  const comment = encodeServerSentComment("beat\ndata: no");
  expect(decoder.decode(comment)).toBe(":beat data: no\n\n");
  expect(await decode([comment])).toEqual([]);
});

describe("serverSentEventDecoder()", () => {
  test.each<[string, string, ServerSentEvent[]]>([
    ["events", "data: a\n\ndata:b\n\n", [{ data: "a" }, { data: "b" }]],
    ["every line end", "data: a\r\ndata: b\rdata: c\n\r\n", [{ data: "a\nb\nc" }]],
    ["one space only", "data:  a\n\n", [{ data: " a" }]],
    ["fields without a colon", "data\ndata\n\n", [{ data: "\n" }]],
    ["a byte order mark", "\ufeffdata: a\n\n", [{ data: "a" }]],
    ["no event without data", "event: a\n\ndata: b\n\n", [{ data: "b" }]],
    ["nothing unfinished", "data: a\n", []],
    ["fields it does not know", "what: ever\ndata: a\n\n", [{ data: "a" }]],
    [
      "ids that stay",
      "id: 1\ndata: a\n\ndata: b\n\n",
      [
        { id: "1", data: "a" },
        { id: "1", data: "b" },
      ],
    ],
    ["no id with a NUL", "id: \0\ndata: a\n\n", [{ data: "a" }]],
    [
      "retry in digits",
      "retry: 5\ndata: a\n\nretry: x\ndata: b\n\n",
      [{ data: "a", retryMs: 5 }, { data: "b" }],
    ],
  ])("reads %s", async (_what, text, events) => {
    expect(await decodeText(text)).toEqual(events);
  });

  test("gives back what was encoded, wherever the pieces are cut", async () => {
    const line = fc.string().map((text) => text.replaceAll(/[\r\n\0]/g, " "));
    const event = fc.record({ event: line.map((text) => text || "e"), data: fc.string() });
    await fc.assert(
      fc.asyncProperty(fc.array(event), fc.integer({ min: 1, max: 9 }), async (events, size) => {
        const whole = events.flatMap((each) => [...encodeServerSentEvent(each)]);
        const chunks: Uint8Array[] = [];
        for (let at = 0; at < whole.length; at += size) {
          chunks.push(Uint8Array.from(whole.slice(at, at + size)));
        }
        const wanted = events.map(({ event, data }) => ({
          event: event.replace(/^ /, " "),
          data: data.replaceAll(/\r\n|\r/g, "\n"),
        }));
        expect(await decode(chunks)).toEqual(wanted);
      }),
      { numRuns: 50 },
    );
  });

  test("refuses an event that is too large, in one line and in many", async () => {
    const tooLarge = { code: "event_too_large", details: { eventLengthMax: 10 } };
    const line = decode([encoder.encode(`data: ${"a".repeat(20)}`)], 10);
    await expect(line).rejects.toMatchObject(tooLarge);
    const lines = decode([encoder.encode("data: a\n".repeat(20))], 10);
    await expect(lines).rejects.toMatchObject(tooLarge);
  });

  test("takes a long line in single bytes without scanning it again and again", async () => {
    const whole = encoder.encode(`data: ${"a".repeat(200_000)}\n\n`);
    const chunks = Array.from(whole, (byte) => Uint8Array.of(byte));
    const [event] = await decode(chunks, 1_000_000);
    expect(event?.data.length).toBe(200_000);
  });
});
