import { FairleadError } from "../../base/mod.ts";
import { decodeInflatedReport } from "../report/codec.ts";
import { TOPOLOGY_KEYS } from "../report/report.ts";
import { limitsOf, type ReportLimits } from "../report/source.ts";
import { upgradeReport } from "../report/upgrade.ts";
import { type Part, PartBuilder, type TopologyHead } from "./part.ts";
import { putReport } from "./plain.ts";
import { MsgpackReader } from "./reader.ts";
import { StringTable } from "./strings.ts";

const KINDS: ReadonlyMap<string, number> = new Map(TOPOLOGY_KEYS.map((key, kind) => [key, kind]));

/** A report that old probes wrote otherwise: it is read by the reader of all kinds. */
const UNUSUAL = Symbol("unusual");

/**
 * Reads reports from MessagePack into columns without making objects of their nodes.
 *
 * What stands beside the nodes (templates, controls, names) is cut out and read by the codec of
 * plain reports; templates that were seen before are not read again. Reports of old probes are read
 * by that codec as a whole.
 */
export class PartReader {
  readonly #strings: StringTable;
  readonly #builder = new PartBuilder();
  /** Heads by the handle of their bytes. */
  readonly #heads = new Map<number, readonly (TopologyHead | undefined)[]>();
  readonly #headBytes = new StringTable();
  readonly #limits: Required<ReportLimits>;
  /** Strings and samples of the report that is being read. */
  #values = 0;

  constructor(strings: StringTable, limits: ReportLimits = {}) {
    this.#strings = strings;
    this.#limits = limitsOf(limits);
  }

  /**
   * Read an inflated report.
   *
   * @throws {FairleadError} `invalid_report`, `report_too_large`; nothing of it is kept.
   */
  read(bytes: Uint8Array): Part {
    const { bytesMax } = this.#limits;
    this.#values = 0;
    if (bytes.length > bytesMax) throw tooLarge("bytesMax", bytes.length, bytesMax);
    try {
      return this.#read(bytes);
    } catch (error) {
      this.#builder.clear();
      if (error !== UNUSUAL) throw error;
    }
    const contentType = "application/msgpack";
    const report = decodeInflatedReport(bytes, { contentType, limits: this.#limits });
    return putReport(upgradeReport(report), this.#strings, this.#builder);
  }

  #read(bytes: Uint8Array): Part {
    const reader = new MsgpackReader(bytes);
    const heads = new Shell(bytes);
    const rest = new Shell(bytes);
    for (let left = reader.map(); left > 0; left -= 1) {
      const from = reader.at;
      reader.string();
      const kind = KINDS.get(asciiOf(reader));
      if (kind === undefined) {
        reader.skip();
        rest.entry(from, reader.at);
      } else {
        const keyEnd = reader.at;
        heads.topology(from, keyEnd, this.#topology(reader, kind));
      }
    }
    const contentType = "application/msgpack";
    const facts = decodeInflatedReport(rest.bytes(), { contentType, limits: this.#limits });
    const { ts, topologies: _, ...others } = facts;
    return this.#builder.take({ ...others, ts, heads: this.#headsOf(heads.bytes()) });
  }

  #headsOf(bytes: Uint8Array): readonly (TopologyHead | undefined)[] {
    const handle = this.#headBytes.internBytes(bytes, 0, bytes.length);
    const known = this.#heads.get(handle);
    if (known !== undefined) return known;
    const contentType = "application/msgpack";
    const { topologies } = decodeInflatedReport(bytes, { contentType, limits: this.#limits });
    const heads = TOPOLOGY_KEYS.map((name) => {
      const topology = topologies[name];
      if (topology === undefined) return undefined;
      const { nodes: _, ...head } = topology;
      return head;
    });
    this.#heads.set(handle, heads);
    if (this.#heads.size > HEADS_MAX || this.#headBytes.bytes > HEAD_BYTES_MAX) {
      this.#heads.clear();
      this.#headBytes.sweep(new Uint8Array(0));
    }
    return heads;
  }

  /** Read the nodes; what else the topology has is given back as ranges of bytes. */
  #topology(reader: MsgpackReader, kind: number): readonly (readonly [number, number])[] {
    const others: [number, number][] = [];
    for (let left = reader.map(); left > 0; left -= 1) {
      const from = reader.at;
      reader.string();
      if (reader.is("nodes")) this.#nodes(reader, kind);
      else {
        reader.skip();
        others.push([from, reader.at]);
      }
    }
    return others;
  }

  #nodes(reader: MsgpackReader, kind: number): void {
    const { nodesMax } = this.#limits;
    for (let left = reader.map(); left > 0; left -= 1) {
      const id = this.#string(reader);
      if (this.#builder.count >= nodesMax) throw tooLarge("nodesMax", nodesMax + 1, nodesMax);
      this.#node(reader, kind, id);
    }
  }

  #node(reader: MsgpackReader, kind: number, id: number): void {
    const node = this.#builder.node(kind, id, 0);
    for (let left = reader.map(); left > 0; left -= 1) {
      reader.string();
      if (reader.is("latest")) this.#latest(reader);
      else if (reader.is("metrics")) this.#metrics(reader);
      else if (reader.is("adjacency")) {
        for (let ids = reader.array(); ids > 0; ids -= 1)
          this.#builder.adjacent(this.#string(reader));
      } else if (reader.is("sets")) this.#sets(reader, "sets");
      else if (reader.is("parents")) this.#sets(reader, "parents");
      else if (reader.is("topology")) this.#builder.setTopology(node, this.#string(reader));
      else if (reader.is("id")) reader.string();
      else if (reader.is("children") && reader.array() === 0) continue;
      else throw UNUSUAL;
    }
  }

  #latest(reader: MsgpackReader): void {
    for (let left = reader.map(); left > 0; left -= 1) {
      const key = this.#string(reader);
      let value = 0;
      let seconds = ZERO_SECONDS;
      let nanos = 0;
      for (let fields = reader.map(); fields > 0; fields -= 1) {
        reader.string();
        if (reader.is("value")) value = this.#string(reader);
        else if (reader.is("timestamp")) {
          reader.time();
          seconds = reader.seconds;
          nanos = reader.nanos;
        } else throw UNUSUAL;
      }
      this.#builder.latest(key, value, seconds, nanos);
    }
  }

  #sets(reader: MsgpackReader, name: "sets" | "parents"): void {
    const sets = this.#builder[name];
    for (let left = reader.map(); left > 0; left -= 1) {
      const key = this.#string(reader);
      sets.key(key);
      for (let values = reader.array(); values > 0; values -= 1) sets.value(this.#string(reader));
    }
  }

  #metrics(reader: MsgpackReader): void {
    const builder = this.#builder;
    for (let left = reader.map(); left > 0; left -= 1) {
      const metric = builder.metric(this.#string(reader), 0, 0);
      for (let fields = reader.map(); fields > 0; fields -= 1) {
        reader.string();
        if (reader.is("samples")) this.#samples(reader);
        else if (reader.is("min")) builder.setMin(metric, reader.number());
        else if (reader.is("max")) builder.setMax(metric, reader.number());
        else throw UNUSUAL;
      }
    }
  }

  #samples(reader: MsgpackReader): void {
    for (let left = reader.array(); left > 0; left -= 1) {
      let value = 0;
      let seconds = ZERO_SECONDS;
      let nanos = 0;
      for (let fields = reader.map(); fields > 0; fields -= 1) {
        reader.string();
        if (reader.is("value")) value = reader.number();
        else if (reader.is("date")) {
          reader.time();
          seconds = reader.seconds;
          nanos = reader.nanos;
        } else throw UNUSUAL;
      }
      this.#count();
      this.#builder.sample(seconds, nanos, value);
    }
  }

  #count(): void {
    const { valuesMax } = this.#limits;
    this.#values += 1;
    if (this.#values > valuesMax) throw tooLarge("valuesMax", this.#values, valuesMax);
  }

  #string(reader: MsgpackReader): number {
    reader.string();
    this.#count();
    const { textMax } = this.#limits;
    if (reader.length > textMax) throw tooLarge("textMax", reader.length, textMax);
    return this.#strings.internBytes(reader.bytes, reader.start, reader.length);
  }
}

const HEADS_MAX = 256;
const HEAD_BYTES_MAX = 2 ** 22;
const ZERO_SECONDS = -62_135_596_800;

/** The names of topologies are short; anything else is none of them. */
function asciiOf({ bytes, start, length }: MsgpackReader): string {
  return length > 32 ? "" : String.fromCharCode(...bytes.subarray(start, start + length));
}

/** A report put together of ranges of another one's bytes. */
class Shell {
  readonly #from: Uint8Array;
  readonly #pieces: Uint8Array[] = [];
  #entries = 0;

  constructor(from: Uint8Array) {
    this.#from = from;
  }

  /** A key with its value. */
  entry(start: number, end: number): void {
    this.#pieces.push(this.#from.subarray(start, end));
    this.#entries += 1;
  }

  /** A key, and those entries of its map that are kept. */
  topology(start: number, keyEnd: number, kept: readonly (readonly [number, number])[]): void {
    if (kept.length === 0) return;
    this.entry(start, keyEnd);
    this.#pieces.push(mapHeader(kept.length));
    for (const [from, to] of kept) this.#pieces.push(this.#from.subarray(from, to));
  }

  bytes(): Uint8Array {
    const pieces = [mapHeader(this.#entries), ...this.#pieces];
    const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }
}

const mapHeader = (entries: number) =>
  Uint8Array.of(0xdf, entries >>> 24, (entries >>> 16) & 255, (entries >>> 8) & 255, entries & 255);

function tooLarge(limit: string, value: number, max: number): FairleadError {
  return new FairleadError(
    "report_too_large",
    `Cannot read the report: it has ${value}, and ${limit} is ${max}`,
    { details: { limit, value, max } },
  );
}
