/** Reports as nobody should send them, from a seed. */
import { gzipSync } from "node:zlib";
import { Packr } from "msgpackr";
import type { Random } from "../../../src/base/mod.ts";
import { encodeReport, type Report, syntheticDatacenter } from "../../../src/topology/mod.ts";

/** One POST; its body is bytes, however wrong. */
export interface BadPost {
  readonly kind: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const MIB = 1_024 * 1_024;
const packr = new Packr({ useRecords: false, variableMapSize: true });
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const TYPES = { json: "application/json", msgpack: "application/msgpack" };
const FORMATS = ["json", "msgpack", "msgpack-scope"] as const;

interface Sound {
  readonly type: string;
  readonly bytes: Uint8Array;
}

const center = syntheticDatacenter({
  hosts: 4,
  containers: 8,
  connections: 12,
  kubernetes: true,
  seed: 11,
});
const reports: readonly Report[] = Array.from({ length: 4 }, (_, host) => center.report(host, 0));
const sound: readonly Sound[] = reports.flatMap((report) =>
  FORMATS.map((format) => ({
    type: format === "json" ? TYPES.json : TYPES.msgpack,
    bytes: encodeReport(report, { format }),
  })),
);
const plain = reports.map((report) => decoder.decode(encodeReport(report, { format: "json" })));

/** Values that are wrong nearly everywhere. */
const WRONG: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  1e308,
  Number.MAX_SAFE_INTEGER,
  "",
  "\u0000",
  "\ud800",
  "../../../../etc/passwd",
  "9999-99-99T99:99:99Z",
  "$(touch /tmp/x)",
  [],
  {},
  [null],
  [[[[]]]],
  { value: { value: {} } },
  { timestamp: "2026-01-01T00:00:00Z", value: 7 },
  "x".repeat(70_000),
];

/** Counts and lengths that nothing stands behind: maps, lists, texts, binary, extensions. */
const HUGE: readonly (readonly number[])[] = [
  [0xdf, 0xff, 0xff, 0xff, 0xff],
  [0xdd, 0xff, 0xff, 0xff, 0xff],
  [0xdb, 0xff, 0xff, 0xff, 0xff],
  [0xc6, 0x7f, 0xff, 0xff, 0xff],
  [0xc9, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0xde, 0xff, 0xff],
  [0xdc, 0xff, 0xff],
];

function pick<T>(random: Random, list: readonly T[]): T {
  const item = list[random.int(list.length)];
  if (item === undefined) throw new Error("there is nothing to pick from");
  return item;
}

function flip({ bytes, type }: Sound, random: Random): Sound {
  const copy = bytes.slice();
  for (let left = 1 + random.int(16); left > 0; left -= 1) {
    copy[random.int(copy.length)] = random.int(256);
  }
  return { type, bytes: copy };
}

function truncate({ bytes, type }: Sound, random: Random): Sound {
  return { type, bytes: bytes.slice(0, random.int(bytes.length)) };
}

function splice({ bytes, type }: Sound, random: Random): Sound {
  const other = pick(random, sound).bytes;
  const from = random.int(other.length);
  const piece = other.subarray(from, from + random.int(2_000));
  const at = random.int(bytes.length);
  const rest = bytes.subarray(at + (random.int(2) === 0 ? 0 : piece.length));
  return { type, bytes: Buffer.concat([bytes.subarray(0, at), piece, rest]) };
}

function nest(_: Sound, random: Random): Sound {
  const depth = 1 + random.int(50_000);
  if (random.int(2) === 0) {
    const unit = pick(random, ["[", '{"a":', '{"Host":{"nodes":']);
    return { type: TYPES.json, bytes: encoder.encode(unit.repeat(depth)) };
  }
  const unit = pick(random, [[0x91], [0x81, 0xa1, 0x61], [0x81, 0xa4, 0x48, 0x6f, 0x73, 0x74]]);
  return { type: TYPES.msgpack, bytes: Buffer.alloc(unit.length * depth, Buffer.from(unit)) };
}

function count({ bytes }: Sound, random: Random): Sound {
  const head = pick(random, HUGE);
  if (random.int(3) === 0) return { type: TYPES.msgpack, bytes: Uint8Array.from(head) };
  const copy = bytes.slice();
  copy.set(head.slice(0, copy.length), random.int(copy.length - head.length));
  return { type: TYPES.msgpack, bytes: copy };
}

/** A value of another kind somewhere in a report that is right. */
function retype(_: Sound, random: Random): Sound {
  const whole: unknown = JSON.parse(pick(random, plain));
  let place: unknown = whole;
  for (let depth = 1 + random.int(8); depth > 0; depth -= 1) {
    if (typeof place !== "object" || place === null) break;
    const keys = Object.keys(place);
    const key = keys.length === 0 ? "more" : pick(random, keys);
    const next: unknown = Object.hasOwn(place, key) ? Reflect.get(place, key) : undefined;
    if (depth === 1 || typeof next !== "object" || next === null) {
      Object.defineProperty(place, random.int(8) === 0 ? "__proto__" : key, {
        value: pick(random, WRONG),
        enumerable: true,
        configurable: true,
        writable: true,
      });
      break;
    }
    place = next;
  }
  return random.int(2) === 0
    ? { type: TYPES.json, bytes: encoder.encode(JSON.stringify(whole)) }
    : { type: TYPES.msgpack, bytes: Uint8Array.from(packr.pack(whole)) };
}

const MUTATIONS = { flip, truncate, splice, nest, count, retype };
const KINDS = Object.keys(MUTATIONS) as readonly (keyof typeof MUTATIONS)[];
const BOMB_EVERY = 200;
const BOMB = gzipSync(new Uint8Array(40 * MIB));
const PROBES = 256;

/** The next bad report; a part of them is compressed, well or badly. */
export function badPost(random: Random): BadPost {
  const probe = { "x-scope-probe-id": `bad-${random.int(PROBES)}` };
  if (random.int(BOMB_EVERY) === 0) {
    const type = pick(random, Object.values(TYPES));
    const headers = { ...probe, "content-type": type, "content-encoding": "gzip" };
    return { kind: "bomb", headers, body: BOMB };
  }
  const kind = pick(random, KINDS);
  const { type, bytes } = MUTATIONS[kind](pick(random, sound), random);
  const headers = { ...probe, "content-type": oddType(type, random) };
  switch (random.int(8)) {
    case 0:
      return {
        kind: `${kind}, not gzip`,
        headers: { ...headers, "content-encoding": "gzip" },
        body: bytes,
      };
    case 1:
      return {
        kind: `${kind}, bad gzip`,
        headers: { ...headers, "content-encoding": "gzip" },
        body: flip({ type, bytes: gzipSync(bytes) }, random).bytes,
      };
    case 2:
      return { kind, headers: { ...headers, "content-encoding": "gzip" }, body: gzipSync(bytes) };
    default:
      return { kind, headers, body: bytes };
  }
}

function oddType(type: string, random: Random): string {
  const other = random.int(50);
  if (other === 0) return "text/plain";
  return other === 1 ? pick(random, Object.values(TYPES)) : type;
}
