import fc from "fast-check";
import { expect, test } from "vitest";
import { FairleadError } from "../../../src/base/mod.ts";
import { PartReader } from "../../../src/topology/columns/ingest.ts";
import { partOf, reportOf } from "../../../src/topology/columns/plain.ts";
import { StringTable } from "../../../src/topology/columns/strings.ts";
import {
  decodeInflatedReport,
  encodeReport,
  syntheticDatacenter,
  upgradeReport,
} from "../../../src/topology/mod.ts";
import { report as anyReport } from "../support/arbitrary.ts";

const FORMATS = ["msgpack", "msgpack-scope"] as const;
const contentType = "application/msgpack";

test("read() gives what the codec of plain reports gives, in both dialects", () => {
  const strings = new StringTable();
  const reader = new PartReader(strings);
  fc.assert(
    fc.property(anyReport, fc.constantFrom(...FORMATS), (report, format) => {
      const bytes = encodeReport(report, { format });
      const expected = decodeInflatedReport(bytes, { contentType });
      expect(reportOf(reader.read(bytes), strings)).toEqual(expected);
    }),
    { numRuns: 120 },
  );
});

test("read() and partOf() agree on a datacenter's reports", () => {
  const strings = new StringTable();
  const reader = new PartReader(strings);
  const center = syntheticDatacenter({ hosts: 4, containers: 30, kubernetes: true });
  for (let host = 0; host < 4; host += 1) {
    const report = center.report(host, 9);
    const part = reader.read(encodeReport(report, { format: "msgpack-scope" }));
    expect(reportOf(part, strings)).toEqual(report);
    expect(reportOf(partOf(report, strings), strings)).toEqual(report);
  }
});

/** What read() does with bytes: a code, or "read". */
function outcome(bytes: Uint8Array, limits = {}): string {
  try {
    new PartReader(new StringTable(), limits).read(bytes);
    return "read";
  } catch (error) {
    return error instanceof FairleadError ? error.code : String(error);
  }
}

test("read() refuses damaged bytes with a code and reads on afterwards", () => {
  const strings = new StringTable();
  const reader = new PartReader(strings);
  const report = syntheticDatacenter({ hosts: 1, containers: 3 }).report(0, 1);
  const whole = encodeReport(report, { format: "msgpack" });
  const { count } = partOf(report, strings);
  const harm = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 4 });
  fc.assert(
    fc.property(harm, fc.nat(whole.length), (changes, length) => {
      const bytes = whole.slice(0, changes.length === 0 ? length : whole.length);
      for (const [at, byte] of changes) bytes[at] = byte;
      try {
        reader.read(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(FairleadError);
      }
      expect(reader.read(whole).count).toBe(count);
    }),
    { numRuns: 200 },
  );
});

test("read() holds the limits on bytes, nodes, values and texts", () => {
  const report = syntheticDatacenter({ hosts: 1, containers: 3 }).report(0, 1);
  const bytes = encodeReport(report, { format: "msgpack" });
  expect(outcome(bytes)).toBe("read");
  expect(outcome(bytes, { bytesMax: 100 })).toBe("report_too_large");
  expect(outcome(bytes, { nodesMax: 5 })).toBe("report_too_large");
  expect(outcome(bytes, { textMax: 20 })).toBe("report_too_large");
  expect(outcome(bytes, { valuesMax: 100 })).toBe("report_too_large");
});

test("read() takes reports of old probes by the codec of all kinds", () => {
  const old = Uint8Array.from([
    ...[0x81, 0xa4, 0x48, 0x6f, 0x73, 0x74, 0x81, 0xa5, 0x6e, 0x6f, 0x64, 0x65, 0x73, 0x81],
    ...[0xa1, 0x61, 0x82, 0xa8, 0x63, 0x6f, 0x75, 0x6e, 0x74, 0x65, 0x72, 0x73, 0x80],
    ...[0xa8, 0x74, 0x6f, 0x70, 0x6f, 0x6c, 0x6f, 0x67, 0x79, 0xa4, 0x68, 0x6f, 0x73, 0x74],
  ]);
  const strings = new StringTable();
  const plain = upgradeReport(decodeInflatedReport(old, { contentType }));
  expect(reportOf(new PartReader(strings).read(old), strings)).toEqual(plain);
  expect(plain.topologies.Host?.nodes.get("a")?.topology).toBe("host");
});
