/** Reading and merging the reports of a datacenter, one small report a host. */
import {
  decodeInflatedReport,
  encodeReport,
  mergeReports,
  type Report,
  syntheticDatacenter,
  TOPOLOGY_KEYS,
} from "fairlead/topology";
import { addExtension, Unpackr } from "msgpackr";
import type { Case, Contender, Params } from "./harness.ts";

const SWEEP: readonly Params[] = [{ hosts: 100 }, { hosts: 1_000 }];
const MSGPACK = { contentType: "application/msgpack" };
const JSON_TYPE = { contentType: "application/json" };

function reportsOf({ hosts }: Params): readonly Report[] {
  const count = Number(hosts);
  const datacenter = syntheticDatacenter({ hosts: count, containers: count * 10 });
  return Array.from({ length: count }, (_, index) => datacenter.report(index, 0));
}

/** What a reading found: nodes, values, and all their instants in one number. */
class Digest {
  #nodes = 0;
  #values = 0;
  #instants = 0n;

  node(): void {
    this.#nodes += 1;
  }

  value(instant: bigint): void {
    this.#values += 1;
    this.#instants ^= instant;
  }

  toString(): string {
    return `${this.#nodes} nodes, ${this.#values} values, ${this.#instants}`;
  }
}

/** Read all and keep what was read, as a collector does. */
function reading<T>(
  bodies: readonly Uint8Array[],
  read: (body: Uint8Array) => T,
  tell: (report: T, digest: Digest) => void,
): Contender {
  let reports: T[] = [];
  return {
    run() {
      reports = bodies.map(read);
    },
    answer() {
      const digest = new Digest();
      for (const report of reports) tell(report, digest);
      return digest.toString();
    },
  };
}

function tellReport({ topologies }: Report, digest: Digest): void {
  for (const key of TOPOLOGY_KEYS) {
    for (const { latest } of topologies[key]?.nodes.values() ?? []) {
      digest.node();
      for (const { timestamp } of latest.values()) digest.value(timestamp);
    }
  }
}

type Plain = Readonly<Record<string, unknown>>;

function isPlain(value: unknown): value is Plain {
  return typeof value === "object" && value !== null;
}

function tellPlain(report: unknown, digest: Digest): void {
  for (const key of TOPOLOGY_KEYS) {
    for (const node of valuesOf(fieldOf(fieldOf(report, key), "nodes"))) {
      digest.node();
      for (const entry of valuesOf(fieldOf(node, "latest"))) {
        const timestamp = fieldOf(entry, "timestamp");
        if (typeof timestamp === "bigint") digest.value(timestamp);
      }
    }
  }
}

function fieldOf(value: unknown, field: string): unknown {
  return isPlain(value) ? value[field] : undefined;
}

function valuesOf(value: unknown): unknown[] {
  return isPlain(value) ? Object.values(value) : [];
}

/** An extension type that nobody has. */
const REWRITTEN = 0x42;
const YEAR_ONE_SECONDS = 62_135_596_800n;

addExtension({
  type: REWRITTEN,
  unpack: (bytes: Uint8Array) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const seconds = (view.getUint32(0) >>> 8) * 2 ** 32 + view.getUint32(3);
    return (BigInt(seconds) - YEAR_ONE_SECONDS) * 1_000_000_000n + BigInt(view.getUint32(7));
  },
});
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true });

/**
 * The way that needs no decoder of one's own: what looks like an instant's text of 15 bytes becomes
 * an extension of 13 in its place, so that it is not taken for UTF-8. Text that looks so too is lost.
 */
function rewrite(body: Uint8Array): Uint8Array {
  const bytes = body.slice();
  for (let at = bytes.indexOf(0xaf); at >= 0; at = bytes.indexOf(0xaf, at + 1)) {
    if (bytes[at + 1] !== 1 || bytes[at + 2] !== 0 || bytes[at + 3] !== 0) continue;
    bytes[at] = 0xc7;
    bytes[at + 1] = 13;
    bytes[at + 2] = REWRITTEN;
    at += 15;
  }
  return bytes;
}

/** `topology/codec` */
export const codecCase: Case = {
  name: "codec",
  about: "reports of 10 containers a host, Scope's MessagePack (json: the same as JSON), read",
  sweep: SWEEP,
  items: ({ hosts }) => Number(hosts),
  contenders: {
    fairlead: (params) =>
      reading(
        reportsOf(params).map((report) => encodeReport(report, { format: "msgpack-scope" })),
        (body) => decodeInflatedReport(body, MSGPACK),
        tellReport,
      ),
    msgpackr_rewriting: (params) =>
      reading<unknown>(
        reportsOf(params).map((report) => encodeReport(report, { format: "msgpack-scope" })),
        (body) => unpackr.unpack(rewrite(body)),
        tellPlain,
      ),
    json: (params) =>
      reading(
        reportsOf(params).map((report) => encodeReport(report, { format: "json" })),
        (body) => decodeInflatedReport(body, JSON_TYPE),
        tellReport,
      ),
  },
};

function merging(params: Params, merge: (reports: readonly Report[]) => Report): Contender {
  const reports = reportsOf(params);
  let merged = mergeReports([]);
  return {
    run() {
      merged = merge(reports);
    },
    answer() {
      const digest = new Digest();
      tellReport(merged, digest);
      return digest.toString();
    },
  };
}

/** `topology/merge` */
export const mergeCase: Case = {
  name: "merge",
  about: "the same reports merged; one_by_one: each into what was merged before",
  sweep: SWEEP,
  items: ({ hosts }) => Number(hosts),
  contenders: {
    fairlead: (params) => merging(params, mergeReports),
    one_by_one: (params) =>
      merging(params, (reports) =>
        reports.reduce((whole, report) => mergeReports([whole, report])),
      ),
  },
};
