/** Getting one URI into one file. */
import { createWriteStream } from "node:fs";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Obstacle } from "../containers/failures.ts";

/** Without a byte for so long, a download is given up. */
const STALL_MS = 60_000;

/**
 * Download a file.
 *
 * @throws {Obstacle} when the answer is no 2xx, is larger than `bytesMax`, or stalls.
 */
export async function download(
  url: URL,
  path: string,
  options: { readonly bytesMax: number; readonly signal: AbortSignal },
): Promise<void> {
  const stalled = new AbortController();
  const timer = setTimeout(() => stalled.abort(), STALL_MS);
  const signal = AbortSignal.any([options.signal, stalled.signal]);
  try {
    const answer = await fetch(withoutUser(url), { signal, headers: headersOf(url) });
    if (!answer.ok) {
      await answer.body?.cancel();
      throw new Obstacle(`the server answered ${answer.status}`);
    }
    const length = Number(answer.headers.get("content-length") ?? 0);
    let bytes = 0;
    const limit = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        timer.refresh();
        bytes += chunk.length;
        done(bytes > options.bytesMax ? tooLarge(options.bytesMax) : null, chunk);
      },
    });
    if (length > options.bytesMax) throw tooLarge(options.bytesMax);
    const body = Readable.from(answer.body ?? [], { objectMode: false });
    await pipeline(body, limit, createWriteStream(path, { flags: "wx", mode: 0o600 }), { signal });
  } catch (error) {
    if (stalled.signal.aborted) throw new Obstacle(`nothing came for ${STALL_MS / 1_000} s`);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function tooLarge(bytesMax: number): Obstacle {
  return new Obstacle(`it is larger than ${bytesMax} bytes`);
}

/** fetch() takes no names and passwords in URLs. */
function headersOf(url: URL): Record<string, string> {
  if (url.username === "" && url.password === "") return {};
  const [user, password] = [url.username, url.password].map(decodeURIComponent);
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };
}

function withoutUser(url: URL): URL {
  const plain = new URL(url);
  plain.username = "";
  plain.password = "";
  return plain;
}
