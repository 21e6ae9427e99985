/**
 * What goes around HTTP handlers: RecordIO streams.
 *
 * @example
 * ```ts
 * import { encodeRecord, RecordIoReader } from "fairlead/http";
 *
 * const reader = new RecordIoReader({ recordBytesMax: 1024 });
 * const [record] = reader.push(encodeRecord('{"type":"HEARTBEAT"}'));
 * console.assert(new TextDecoder().decode(record) === '{"type":"HEARTBEAT"}');
 * ```
 *
 * @module
 */
export {
  encodeRecord,
  RecordIoReader,
  type RecordIoReaderOptions,
  recordIoDecoder,
  recordIoEncoder,
} from "./recordio.ts";
