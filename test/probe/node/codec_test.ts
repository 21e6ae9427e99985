import { describe, expect, test } from "vitest";
import { makeNode, makeReport, makeTopology } from "../../../src/probe/mod.ts";
import { reportCodec } from "../../../src/probe/node/codec.ts";
import { decodeReport } from "../../../src/topology/mod.ts";

describe("reportCodec()", () => {
  test("writes what the collector's codec reads, and shortens what it knows", async () => {
    const { encode, merge, unmerge } = reportCodec();
    const kept = makeNode("h;1", "process");
    const base = makeReport({ Process: makeTopology([kept]) });
    const both = merge([base, makeReport({ Process: makeTopology([makeNode("h;2", "process")]) })]);
    const read = await decodeReport(await encode(unmerge(both, base)), {
      contentType: "application/msgpack",
      contentEncoding: "gzip",
    });
    expect([...(read.topologies.Process?.nodes.keys() ?? [])]).toEqual(["h;2"]);
  });
});
