/** Files of agents, read through their links: a browser needs no way to the agents. */
import type { ConsoleFile, ConsoleFileChunk, ConsoleFiles } from "../../model/mod.ts";
import type { Driver, Reply } from "../shell/driver.ts";

const LENGTH_DEFAULT = 65_536;
const LENGTH_MAX = 1_048_576;
const NANOS_PER_MS = 1_000_000;
const DIRECTORY = 0o040_000;
const KIND = 0o170_000;

/** What an agent answers to LIST_FILES. */
interface Listing {
  readonly file_infos?: readonly {
    readonly path: string;
    readonly size?: number;
    readonly mtime?: { readonly nanoseconds: number };
    readonly mode?: number;
  }[];
}

/** What it answers to READ_FILE. */
interface Chunk {
  readonly size?: number;
  /** Base64. */
  readonly data?: string;
}

/** A folder of an agent; a reply other than 200 when it cannot be listed. */
export async function listFolder(
  driver: Driver,
  agentId: string,
  path: string,
): Promise<ConsoleFiles | Reply> {
  const reply = await driver.request((request) => ({
    type: "ask",
    request,
    agentId,
    ask: { type: "LIST_FILES", path },
  }));
  if (reply.status !== 200) return reply;
  const { file_infos = [] } = bodyOf<{ list_files?: Listing } & Listing>(reply, "list_files");
  return {
    files: file_infos.map(({ path: name, size = 0, mtime, mode = 0 }): ConsoleFile => {
      return {
        path: name,
        name: name.slice(name.lastIndexOf("/") + 1),
        directory: (mode & KIND) === DIRECTORY,
        size,
        mtimeMs: (mtime?.nanoseconds ?? 0) / NANOS_PER_MS,
        mode: modeText(mode),
      };
    }),
  };
}

/** A part of a file; an offset of -1 asks for the size alone. */
export async function readChunk(
  driver: Driver,
  agentId: string,
  { path, offset, length = LENGTH_DEFAULT }: { path: string; offset: number; length?: number },
): Promise<ConsoleFileChunk | Reply> {
  const wanted = offset < 0 ? 0 : Math.min(length, LENGTH_MAX);
  const reply = await driver.request((request) => ({
    type: "ask",
    request,
    agentId,
    ask: { type: "READ_FILE", path, offset: Math.max(offset, 0), length: wanted },
  }));
  if (reply.status !== 200) return reply;
  const { size = 0, data = "" } = bodyOf<{ read_file?: Chunk } & Chunk>(reply, "read_file");
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const whole = offset < 0 ? new Uint8Array(0) : wholeLetters(bytes, offset + bytes.length >= size);
  return {
    offset: offset < 0 ? size : offset,
    data: new TextDecoder().decode(whole),
    length: whole.length,
    size,
  };
}

/** Without the last letter's bytes when they are cut: they come with the next part. */
function wholeLetters(bytes: Uint8Array, isEnd: boolean): Uint8Array {
  if (isEnd) return bytes;
  for (let back = 1; back <= Math.min(3, bytes.length - 1); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return needed > back ? bytes.subarray(0, bytes.length - back) : bytes;
  }
  return bytes;
}

/** The agent answers with its API's response, or with what is in it. */
function bodyOf<T extends object>({ body }: Reply, name: keyof T & string): T {
  const read = (typeof body === "object" && body !== null ? body : {}) as T;
  const inner = read[name];
  return (typeof inner === "object" && inner !== null ? inner : read) as T;
}

const LETTERS = "rwxrwxrwx";

/** `-rw-r--r--`. */
function modeText(mode: number): string {
  const kind = (mode & KIND) === DIRECTORY ? "d" : (mode & KIND) === 0o120_000 ? "l" : "-";
  const bits = [...LETTERS].map((letter, index) => (mode & (1 << (8 - index)) ? letter : "-"));
  return kind + bits.join("");
}
