import { FairleadError } from "../../base/mod.ts";
import { JsonSink } from "./json_sink.ts";
import { JsonSource } from "./json_source.ts";
import { MsgpackSink } from "./msgpack_sink.ts";
import { MsgpackSource } from "./msgpack_source.ts";
import { readReport } from "./read.ts";
import type { Report } from "./report.ts";
import { limitsOf, type ReportLimits } from "./source.ts";
import { writeReport } from "./write.ts";

/** Options of {@linkcode decodeInflatedReport}. */
export interface DecodeOptions {
  /** `application/json` or `application/msgpack`, parameters are ignored. */
  readonly contentType: string;
  readonly limits?: ReportLimits;
}

/** Options of {@linkcode decodeReport}. */
export interface DecodeBodyOptions extends DecodeOptions {
  /** `gzip`, or nothing. */
  readonly contentEncoding?: string | null;
}

/** Options of {@linkcode encodeReport}. */
export interface EncodeOptions {
  /**
   * `json`; `msgpack`, as today's codecs read it; or `msgpack-scope`, byte for byte in the dialect of
   * Scope's own codec.
   */
  readonly format: "json" | "msgpack" | "msgpack-scope";
}

/** The content type of each format. */
export const REPORT_CONTENT_TYPES: Readonly<Record<EncodeOptions["format"], string>> = {
  json: "application/json",
  msgpack: "application/msgpack",
  "msgpack-scope": "application/msgpack",
};

/**
 * Read the body of a report: inflate it, then read it.
 *
 * Both dialects of MessagePack are read; unknown keys are skipped; what old probes wrote otherwise
 * is read as what it means now. Memory is bounded by the limits.
 *
 * @throws {FairleadError} `invalid_report`, `report_too_large`, `unsupported_report`.
 */
export async function decodeReport(bytes: Uint8Array, options: DecodeBodyOptions): Promise<Report> {
  const { contentEncoding, ...rest } = options;
  const { bytesMax } = limitsOf(rest.limits);
  if (contentEncoding == null || contentEncoding === "" || contentEncoding === "identity") {
    return decodeInflatedReport(bytes, rest);
  }
  if (!contentEncoding.includes("gzip")) throw unsupported("encoding", contentEncoding);
  return decodeInflatedReport(await gunzip(bytes, bytesMax), rest);
}

/**
 * Read a report that is not compressed.
 *
 * @throws {FairleadError} as {@linkcode decodeReport}.
 */
export function decodeInflatedReport(bytes: Uint8Array, options: DecodeOptions): Report {
  const limits = limitsOf(options.limits);
  if (bytes.length > limits.bytesMax) throw tooLarge(limits.bytesMax);
  const type = options.contentType.toLowerCase();
  if (type.startsWith("application/json")) return readReport(new JsonSource(bytes, limits));
  if (!type.startsWith("application/msgpack")) throw unsupported("type", options.contentType);
  const source = new MsgpackSource(bytes, limits);
  const report = readReport(source);
  source.end();
  return report;
}

/**
 * Write a report.
 *
 * @throws {FairleadError} `invalid_argument` when an instant is outside the years 1 to 9999.
 */
export function encodeReport(report: Report, { format }: EncodeOptions): Uint8Array<ArrayBuffer> {
  const sink =
    format === "json"
      ? new JsonSink()
      : new MsgpackSink(format === "msgpack" ? "current" : "scope");
  writeReport(sink, report);
  return sink.bytes();
}

/** Compress as reports are sent. */
export async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function gunzip(bytes: Uint8Array, bytesMax: number): Promise<Uint8Array> {
  const inflating = new DecompressionStream("gzip");
  const writer = inflating.writable.getWriter();
  // A failure shows on the readable side; it must not go unhandled here as well.
  Promise.all([writer.write(new Uint8Array(bytes)), writer.close()]).catch(() => undefined);
  const reader = inflating.readable.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
      size += value?.length ?? 0;
      if (size > bytesMax) throw tooLarge(bytesMax);
      if (value !== undefined) chunks.push(value);
    }
  } catch (error) {
    reader.cancel(error).catch(() => undefined);
    throw error instanceof FairleadError ? error : notGzip(error);
  }
  return join(chunks, size);
}

function join(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

function notGzip(cause: unknown): FairleadError {
  return new FairleadError(
    "invalid_report",
    `Cannot read the report: it is no gzip: ${FairleadError.from(cause).message}`,
    { cause },
  );
}

function tooLarge(bytesMax: number): FairleadError {
  return new FairleadError(
    "report_too_large",
    `Cannot read the report: it has more than ${bytesMax} bytes`,
    { details: { limit: "bytesMax", max: bytesMax } },
  );
}

function unsupported(what: "type" | "encoding", value: string): FairleadError {
  return new FairleadError(
    "unsupported_report",
    `Cannot read the report: content ${what} ${JSON.stringify(value)} is not supported`,
    { details: { field: `content-${what}`, value } },
  );
}
