import { encodeJsonLine, jsonLineEncoder } from "fairlead/http";
import { expect, test } from "vitest";
import { collect, streamOf } from "../support/streams.ts";

const decoder = new TextDecoder();

test("encodeJsonLine() and jsonLineEncoder() write one value a line, one chunk a value", async () => {
  expect(decoder.decode(encodeJsonLine({ a: "b\nc" }))).toBe('{"a":"b\\nc"}\n');
  const chunks = await collect(streamOf<unknown>([1, null, "x"]).pipeThrough(jsonLineEncoder()));
  expect(chunks.map((chunk) => decoder.decode(chunk))).toEqual(["1\n", "null\n", '"x"\n']);
});
