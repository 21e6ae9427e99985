import { gzipSync } from "node:zlib";
import {
  decodeInflatedReport,
  decodeReport,
  type EncodeOptions,
  emptyReport,
  encodeReport,
  gzip,
  makeNode,
  makeReport,
  makeTopology,
  REPORT_CONTENT_TYPES,
  type Report,
  ZERO_INSTANT,
} from "fairlead/topology";
import fc from "fast-check";
import { Packr, unpack } from "msgpackr";
import { describe, expect, test } from "vitest";
import { report as anyReport } from "../support/arbitrary.ts";
import { vector, vectors } from "../support/vectors.ts";

const FORMATS: readonly EncodeOptions["format"][] = ["json", "msgpack", "msgpack-scope"];
const MSGPACK = { contentType: "application/msgpack" };
const JSON_TYPE = { contentType: "application/json; charset=utf-8" };

function again(report: Report, format: EncodeOptions["format"]): Report {
  const contentType = REPORT_CONTENT_TYPES[format];
  return decodeInflatedReport(encodeReport(report, { format }), { contentType });
}

function fromJson(value: unknown): Report {
  return decodeInflatedReport(new TextEncoder().encode(JSON.stringify(value)), JSON_TYPE);
}

/** As a codec of today writes it: str8, bin8, records off. */
function fromMsgpackr(value: unknown): Report {
  const packr = new Packr({ useRecords: false, variableMapSize: true });
  return decodeInflatedReport(new Uint8Array(packr.pack(value)), MSGPACK);
}

describe("encodeReport() and decodeReport()", () => {
  test.each(FORMATS)("give back any report through %s", (format) => {
    fc.assert(
      fc.property(anyReport, (report) => {
        expect(again(report, format)).toEqual(report);
      }),
      { numRuns: 200 },
    );
  });

  test("gives back a gzip'd report", async () => {
    const report = makeReport({ Host: makeTopology([makeNode("Host", "a;<host>")]) });
    const body = await gzip(encodeReport(report, { format: "msgpack-scope" }));
    const options = { ...MSGPACK, contentEncoding: "gzip" };
    expect(await decodeReport(body, options)).toEqual(report);
    expect(
      await decodeReport(new Uint8Array(gzipSync("{}")), { ...options, ...JSON_TYPE }),
    ).toEqual(emptyReport());
  });

  test("writes numbers of every size and reads them back", () => {
    const sizes = [0, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1];
    for (const windowNs of [...sizes, -1, -32, -33, -70_000]) {
      for (const format of FORMATS) {
        expect(again(emptyReport({ windowNs }), format).windowNs).toBe(windowNs);
      }
    }
  });

  test("writes more nodes than 16 bits count", () => {
    const nodes = Array.from({ length: 70_000 }, (_, index) => makeNode("Host", `h${index}`));
    const report = makeReport({ Host: makeTopology(nodes) });
    for (const format of FORMATS) {
      expect(again(report, format).topologies.Host?.nodes.size).toBe(70_000);
    }
  });
});

describe("the dialect of Scope", () => {
  const at = 1_500_000_000_000_000_123n;
  const report = makeReport({
    Process: makeTopology([
      makeNode("Process", "h;1", { at, latest: { cmdline: "x".repeat(100), name: "é" } }),
    ]),
  });

  test("has neither str8 nor bin, and an instant in a text of 15 bytes", () => {
    const bytes = encodeReport(report, { format: "msgpack-scope" });
    const hex = Buffer.from(bytes).toString("hex");
    expect(hex).toContain(`da0064${"78".repeat(100)}`);
    expect(hex).toContain("a974696d657374616d70af01");
    expect(again(report, "msgpack-scope")).toEqual(report);
  });

  test("is what msgpackr destroys and decodeReport() reads", () => {
    const bytes = encodeReport(report, { format: "msgpack-scope" });
    const stamp = unpack(bytes).Process.nodes["h;1"].latest.name.timestamp;
    expect(typeof stamp).toBe("string");
    expect(Buffer.from(stamp, "utf8").length).toBeGreaterThan(15);
    expect(decodeInflatedReport(bytes, MSGPACK)).toEqual(report);
  });

  test("`msgpack` has str8 and bin8, which msgpackr reads", () => {
    const read = unpack(encodeReport(report, { format: "msgpack" })).Process.nodes["h;1"].latest;
    expect(read.cmdline.value).toBe("x".repeat(100));
    expect(read.cmdline.timestamp).toBeInstanceOf(Uint8Array);
    expect(read.cmdline.timestamp.length).toBe(15);
  });
});

describe("decodeReport() reads instants", () => {
  const latest = (timestamp: unknown) => ({
    Host: { nodes: { a: { topology: "host", latest: { k: { timestamp, value: "v" } } } } },
  });
  const read = (report: Report) =>
    report.topologies.Host?.nodes.get("a")?.latest.get("k")?.timestamp;

  test.each<[string, Date, bigint]>([
    ["of 4 bytes", new Date(1_000), 1_000_000_000n],
    ["of 8 bytes", new Date(1_001), 1_001_000_000n],
    ["of 12 bytes", new Date(-1_000), -1_000_000_000n],
  ])("in MessagePack's own form %s", (_, date, wanted) => {
    expect(read(fromMsgpackr(latest(date)))).toBe(wanted);
  });

  test("in RFC 3339, in MessagePack as in JSON", () => {
    expect(read(fromMsgpackr(latest("1970-01-01T00:00:01Z")))).toBe(1_000_000_000n);
    expect(read(fromJson(latest("1970-01-01T00:00:01Z")))).toBe(1_000_000_000n);
  });

  test("that are nil as the year 1", () => {
    expect(read(fromMsgpackr(latest(null)))).toBe(ZERO_INSTANT);
    expect(read(fromJson(latest(null)))).toBe(ZERO_INSTANT);
  });

  test("and refuses what is none", () => {
    for (const wrong of ["soon", 7, true, [1], Buffer.alloc(15)]) {
      expect(() => fromMsgpackr(latest(wrong))).toThrow(
        expect.objectContaining({ code: "invalid_report" }),
      );
    }
    expect(() => fromJson(latest("soon"))).toThrow(/Host\.nodes\.a\.latest\.k\.timestamp/);
  });
});

describe("decodeReport() reads old reports", () => {
  const node = {
    id: "c",
    topology: "container",
    counters: { container: 3 },
    edges: { x: { egress_packet_count: 1 } },
    controls: { timestamp: "2016-01-22T11:35:53Z", controls: [] },
    latestControls: {
      stop: { timestamp: "1970-01-01T00:00:02Z", value: { dead: false } },
      pause: { timestamp: "1970-01-01T00:00:03Z", value: { dead: false, x: 1 } },
      start: { timestamp: "1970-01-01T00:00:04Z", value: { dead: true } },
    },
    metrics: { m: { samples: null, min: 0, max: 1, first: "", last: "" } },
  };
  const old = {
    Address: { nodes: { a: { id: "a" } } },
    Container: { nodes: { c: node } },
    nodes: { "1.2.3.4": { forward: ["b", "a"] } },
    Plugins: null,
  };

  test.each([
    ["JSON", fromJson],
    ["MessagePack", fromMsgpackr],
  ])("in %s: controls, counters, misnamed names", (_, read) => {
    const report = read(old);
    expect(Object.keys(report.topologies)).toEqual(["Container"]);
    expect([...(report.topologies.Container?.nodes.get("c")?.latest ?? [])]).toEqual([
      ["active_controls", { timestamp: 3_000_000_000n, value: "pause;stop" }],
      ["count_container", { timestamp: ZERO_INSTANT, value: "3" }],
    ]);
    expect(report.dns.get("1.2.3.4")).toEqual({ forward: ["a", "b"], reverse: [] });
  });

  test("skips every kind of value under a key that it does not know", () => {
    const values = [
      1,
      -1,
      1.5,
      2 ** 40,
      "x",
      "x".repeat(300),
      true,
      null,
      Buffer.alloc(300),
      new Date(5),
    ];
    const unknown = Object.fromEntries(values.map((value, index) => [`u${index}`, value]));
    const report = { ...unknown, Nested: [{ a: [unknown, [[]]] }, {}], ID: "7" };
    expect(fromMsgpackr(report)).toEqual(emptyReport({ id: "7" }));
  });

  test("leaves out samples that are no numbers, puts others in order, and keeps the greatest max", () => {
    const samples = [
      { date: new Date(2), value: 1 },
      { date: new Date(1), value: Number.NaN },
      { date: new Date(0), value: 2 },
      { date: new Date(2), value: 9 },
    ];
    const metric = { samples, min: Number.NaN, max: 2 ** 64 };
    const report = fromMsgpackr({ Host: { nodes: { a: { metrics: { m: metric } } } } });
    expect(report.topologies.Host?.nodes.get("a")?.metrics.get("m")).toEqual({
      samples: [
        { date: 0n, value: 2 },
        { date: 2_000_000n, value: 1 },
      ],
      min: 0,
      max: 2 ** 64,
    });
  });
});

describe("decodeReport() refuses", () => {
  const code = (wanted: string) => expect.objectContaining({ code: wanted });
  const small = encodeReport(
    makeReport({ Host: makeTopology([makeNode("Host", "a"), makeNode("Host", "b")]) }),
    { format: "msgpack" },
  );

  test("content that it does not know", async () => {
    expect(() => decodeInflatedReport(small, { contentType: "text/plain" })).toThrow(
      code("unsupported_report"),
    );
    await expect(decodeReport(small, { ...MSGPACK, contentEncoding: "br" })).rejects.toThrow(
      code("unsupported_report"),
    );
  });

  test("more bytes than allowed, also when inflated", async () => {
    const limits = { bytesMax: 1_000_000 };
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(50_000_000)));
    expect(bomb.length).toBeLessThan(100_000);
    const options = { ...MSGPACK, contentEncoding: "gzip", limits };
    await expect(decodeReport(bomb, options)).rejects.toThrow(code("report_too_large"));
    expect(() => decodeInflatedReport(new Uint8Array(1_000_001), { ...MSGPACK, limits })).toThrow(
      code("report_too_large"),
    );
  });

  test("more nodes, more values and longer texts than allowed", () => {
    expect(() => decodeInflatedReport(small, { ...MSGPACK, limits: { nodesMax: 1 } })).toThrow(
      code("report_too_large"),
    );
    for (const [bytes, type] of [
      [small, MSGPACK],
      [encodeReport(decodeInflatedReport(small, MSGPACK), { format: "json" }), JSON_TYPE],
    ] as const) {
      expect(() => decodeInflatedReport(bytes, { ...type, limits: { valuesMax: 20 } })).toThrow(
        "valuesMax is 20",
      );
    }
    const long = encodeReport(emptyReport({ id: "x".repeat(11) }), { format: "json" });
    expect(() => decodeInflatedReport(long, { ...JSON_TYPE, limits: { textMax: 10 } })).toThrow(
      code("report_too_large"),
    );
  });

  test("nodes inside nodes without end", () => {
    const json = `{"Host":{"nodes":{"x":${'{"children":['.repeat(5_000)}${"]}".repeat(5_000)}}}}`;
    expect(() => decodeInflatedReport(new TextEncoder().encode(json), JSON_TYPE)).toThrow(
      code("report_too_large"),
    );
    const open = [0x81, ...fixstr("Host"), 0x81, ...fixstr("nodes")];
    const deeper = Array.from({ length: 10_000 }, () => [0x81, ...fixstr("children"), 0x91]);
    const bytes = new Uint8Array([...open, 0x81, ...fixstr("x"), ...deeper.flat()]);
    expect(() => decodeInflatedReport(bytes, MSGPACK)).toThrow(code("report_too_large"));
  });

  test("bytes that are no gzip, no JSON, cut off, or go on", async () => {
    await expect(decodeReport(small, { ...MSGPACK, contentEncoding: "gzip" })).rejects.toThrow(
      code("invalid_report"),
    );
    expect(() => decodeInflatedReport(small, JSON_TYPE)).toThrow(code("invalid_report"));
    for (let length = 0; length < small.length; length += 1) {
      expect(() => decodeInflatedReport(small.subarray(0, length), MSGPACK)).toThrow(
        code("invalid_report"),
      );
    }
    expect(() => decodeInflatedReport(new Uint8Array([...small, 0]), MSGPACK)).toThrow(
      code("invalid_report"),
    );
  });

  test("limits that are none", () => {
    expect(() => decodeInflatedReport(small, { ...MSGPACK, limits: { depthMax: 1 } })).toThrow(
      code("invalid_option"),
    );
  });

  test("values of the wrong kind, naming the field", () => {
    const wrong: readonly [object, string][] = [
      [{ Host: 7 }, "Host"],
      [{ Host: { nodes: [] } }, "Host.nodes"],
      [{ Host: { nodes: { a: { adjacency: "b" } } } }, "Host.nodes.a.adjacency"],
      [{ Window: "x" }, "Window"],
      [{ Shortcut: "x" }, "Shortcut"],
      [{ ID: {} }, "ID"],
    ];
    for (const [value, field] of wrong) {
      for (const read of [fromJson, fromMsgpackr]) {
        expect(() => read(value)).toThrow(
          expect.objectContaining({
            code: "invalid_report",
            details: expect.objectContaining({ field }),
          }),
        );
      }
    }
  });

  test("mutated bytes with a code, never otherwise", () => {
    const report = fc.sample(anyReport, { numRuns: 1, seed: 1 })[0] ?? emptyReport();
    const bytes = encodeReport(report, { format: "msgpack-scope" });
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const mutated = bytes.slice();
        for (const [at, byte] of changes) mutated[at] = byte;
        try {
          decodeInflatedReport(mutated, { ...MSGPACK, limits: { bytesMax: 1_000_000 } });
        } catch (error) {
          expect(error).toMatchObject({
            code: expect.stringMatching(/^(invalid_report|report_too_large)$/),
          });
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

function fixstr(text: string): number[] {
  return [0xa0 | text.length, ...Buffer.from(text)];
}

describe.skipIf(vectors === undefined)("the real app's report", () => {
  test("is the same in JSON and in MessagePack", async () => {
    const json = await decodeReport(vector("fixture.json"), JSON_TYPE);
    const options = { ...MSGPACK, contentEncoding: "gzip" };
    const msgpack = await decodeReport(vector("fixture.msgpack.gz"), options);
    expect(msgpack).toEqual(json);
    expect(json.topologies.Endpoint?.nodes.size).toBe(9);
    for (const format of FORMATS) expect(again(json, format)).toEqual(json);
  });

  test("of an old probe is read", async () => {
    const report = await decodeReport(vector("large_report.json"), JSON_TYPE);
    const sizes = [
      report.topologies.Endpoint,
      report.topologies.Process,
      report.topologies.Container,
    ];
    expect(sizes.map((topology) => topology?.nodes.size)).toEqual([97, 131, 22]);
    for (const format of FORMATS) expect(again(report, format)).toEqual(report);
  });
});
