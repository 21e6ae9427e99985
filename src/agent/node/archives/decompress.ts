/** Reading packed files: gzip by Node, the others by programs of the host. */
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { Obstacle } from "../containers/failures.ts";
import type { Launcher } from "../launcher/client.ts";

/** How a file is packed. */
export type Packing = "none" | "gzip" | "bzip2" | "xz" | "zstd";

/**
 * The bytes of a packed file.
 *
 * @throws {Obstacle} while it is read: when the host has no program for it, or it is damaged.
 */
export async function decompress(
  path: string,
  packing: Packing,
  launcher: Launcher,
): Promise<Readable> {
  if (packing === "none") return createReadStream(path);
  if (packing !== "gzip") return throughProgram(path, packing, launcher);
  const source = createReadStream(path);
  const gunzip = createGunzip();
  source.on("error", (error) => gunzip.destroy(error));
  return source.pipe(gunzip);
}

let count = 0;

async function throughProgram(
  path: string,
  program: string,
  launcher: Launcher,
): Promise<Readable> {
  const session = await launcher.session({
    id: `unpack-${process.pid}-${count++}`,
    program: {
      path: "/bin/sh",
      argv: ["sh", "-c", 'exec "$1" -dc < "$2"', "sh", program, path],
      environment: { PATH: "/usr/local/bin:/usr/bin:/bin" },
      folder: "/",
    },
  });
  async function* read() {
    const complaint = new Response(session.stderr).text();
    try {
      for await (const chunk of session.stdout) yield chunk;
      const { waitStatus } = await session.ended;
      if (waitStatus === 127 << 8) throw new Obstacle(`this host has no ${program}(1)`);
      if (waitStatus !== 0) {
        throw new Obstacle(`${program}(1) cannot read it: ${(await complaint).trim()}`);
      }
    } finally {
      session.abandon();
    }
  }
  return Readable.from(read(), { objectMode: false });
}
