/** LIST_FILES and READ_FILE of a master: its log is the one file that it has. */
import type { MasterCall, MasterResponse, OfType } from "../../model/mod.ts";
import type { MasterContext } from "../shell/context.ts";
import type { Reply } from "../shell/driver.ts";

/** The log under the name that Mesos gives it. */
const LOG_PATH = "/master/log";
const LENGTH_MAX = 1_048_576;

/** An answer, or why there is none. */
export type FileAnswer = MasterResponse | Reply;

export function listFiles(
  context: MasterContext,
  { list_files: { path } }: OfType<MasterCall, "LIST_FILES">,
): FileAnswer {
  if (!LOG_PATH.startsWith(trimmed(path))) return missing(path);
  const file = { path: LOG_PATH, size: context.log.sizeBytes, mode: 0o100_400, nlink: 1 };
  return { type: "LIST_FILES", list_files: { file_infos: [file] } };
}

export function readFile(
  context: MasterContext,
  { read_file: { path, offset, length } }: OfType<MasterCall, "READ_FILE">,
): FileAnswer {
  if (trimmed(path) !== LOG_PATH) return missing(path);
  const bytes = context.log.read(offset, Math.min(length ?? LENGTH_MAX, LENGTH_MAX));
  return {
    type: "READ_FILE",
    read_file: { size: context.log.sizeBytes, data: base64(bytes) },
  };
}

function trimmed(path: string): string {
  return `/${path.split("/").filter(Boolean).join("/")}`;
}

function missing(path: string): Reply {
  return { status: 404, message: `There is no file '${path.slice(0, 256)}': only ${LOG_PATH}` };
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
