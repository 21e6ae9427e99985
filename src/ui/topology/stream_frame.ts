import type { StreamFrame } from "../../topology/mod.ts";
import { invalid, readMsgpack } from "./msgpack_reader.ts";

const KINDS = new Set(["full", "more", "delta", "beat"]);

/**
 * Read a frame of the stream. Its head is checked; what columns say is checked where it is used.
 *
 * @throws {FairleadError} `stream_invalid`.
 */
export function readFrame(bytes: Uint8Array): StreamFrame {
  const value = readMsgpack(bytes);
  if (!isFrame(value)) throw invalid("its head is none of version 1");
  return value;
}

function isFrame(value: unknown): value is StreamFrame {
  if (typeof value !== "object" || value === null) return false;
  const { v, kind, epoch, seq, at } = value as Record<string, unknown>;
  if (v !== 1 || typeof kind !== "string" || !KINDS.has(kind)) return false;
  return typeof epoch === "string" && typeof seq === "number" && typeof at === "number";
}
