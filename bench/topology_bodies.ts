/** Bodies of reports, made ahead; what is new each time is only when they were made. */
import { gzipSync } from "node:zlib";
import {
  deltaOf,
  encodeReport,
  msOfInstant,
  type Report,
  syntheticDatacenter,
} from "fairlead/topology";

/** What is reported. */
export interface World {
  readonly hosts: number;
  /** Thirty processes and 150 connections a host instead of eleven and 40. */
  readonly heavy: boolean;
}

/** The synthetic datacenter of a size: ten containers a host. */
export function datacenterOf({ hosts, heavy }: World) {
  const [processes, connections] = heavy ? [30, 150] : [11, 40];
  return syntheticDatacenter({
    hosts,
    containers: hosts * 10,
    processes: hosts * processes,
    connections: hosts * connections,
    seed: 3,
  });
}

interface Body {
  readonly bytes: Uint8Array;
  /** Where the last four bytes of the seconds of each instant are. */
  readonly at: Uint32Array;
  /** When the report was made, in seconds. */
  readonly seconds: number;
}

/** One report in so many is whole, as the probe's. */
const FULL_EVERY = 3;
/** A host's values go to and fro between so many states. */
const STATES = 2;
/** As the probe's. */
const GZIP = { level: 1 };

/** The publications of one host, one after the other, without end. */
export class Bodies {
  readonly #whole: readonly Body[];
  /** By the state of the last whole report, then by their own. */
  readonly #deltas: readonly (readonly Body[])[];
  #count = 0;
  #state = 0;
  #base = 0;

  constructor(center: ReturnType<typeof datacenterOf>, host: number) {
    const reports = Array.from({ length: STATES }, (_, tick) => center.report(host, tick));
    this.#whole = reports.map((report) => bodyOf(report, report));
    this.#deltas = reports.map((base) =>
      reports.map((report) => bodyOf(deltaOf(report, base), report)),
    );
  }

  /**
   * The next publication as it is sent now.
   *
   * @param moves False: the values are those of the one before.
   */
  next(nowMs: number, moves = true): Uint8Array {
    if (moves) this.#state = (this.#state + 1) % STATES;
    const isWhole = this.#count % FULL_EVERY === 0;
    this.#count += 1;
    if (isWhole) this.#base = this.#state;
    const body = (isWhole ? this.#whole : this.#deltas[this.#base])?.[this.#state];
    if (body === undefined) throw new Error("Cannot send a report: there is none");
    return gzipSync(stamped(body, Math.floor(nowMs / 1_000) - body.seconds), GZIP);
  }
}

/** An instant in Scope's dialect: a text of 15 bytes; these begin those of our time. */
const INSTANT = [0xaf, 0x01, 0, 0, 0, 0x0e] as const;
const LOW_SECONDS = INSTANT.length;

function bodyOf(sent: Report, { ts = 0n }: Report): Body {
  const bytes = encodeReport(sent, { format: "msgpack-scope" });
  const at: number[] = [];
  for (
    let from = bytes.indexOf(INSTANT[0]);
    from >= 0;
    from = bytes.indexOf(INSTANT[0], from + 1)
  ) {
    if (INSTANT.every((byte, i) => bytes[from + i] === byte)) at.push(from + LOW_SECONDS);
  }
  return { bytes, at: Uint32Array.from(at), seconds: Math.floor(msOfInstant(ts) / 1_000) };
}

function stamped({ bytes, at }: Body, shiftSeconds: number): Uint8Array {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  for (const offset of at) view.setUint32(offset, view.getUint32(offset) + shiftSeconds);
  return copy;
}
