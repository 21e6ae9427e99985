/** What an executor shows to prove that the agent has started it. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { link, readFile, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

const NAME = "executor.key";
const KEY_BYTES = 32;

/** Which executor a token stands for. */
export interface TokenClaims {
  readonly frameworkId: string;
  readonly executorId: string;
  readonly container: string;
}

/** Makes and checks tokens with a key of the work folder, so that they outlive the agent. */
export class ExecutorTokens {
  readonly #key: Buffer;

  private constructor(key: Buffer) {
    this.#key = key;
  }

  /** Read the key, made when there is none; only its owner can read it. */
  static async open(workDir: string): Promise<ExecutorTokens> {
    const path = join(workDir, NAME);
    const known = await readKey(path);
    if (known !== undefined) return new ExecutorTokens(known);
    const fresh = `${path}.${process.pid}`;
    await writeFile(fresh, randomBytes(KEY_BYTES), { mode: 0o600 });
    try {
      // Whoever links first has made the key.
      await link(fresh, path).catch(() => undefined);
    } finally {
      await unlink(fresh);
    }
    return new ExecutorTokens((await readKey(path)) ?? randomBytes(KEY_BYTES));
  }

  make({ frameworkId, executorId, container }: TokenClaims): string {
    const claims = JSON.stringify({ fid: frameworkId, eid: executorId, cid: container });
    const payload = Buffer.from(claims).toString("base64url");
    return `${payload}.${this.#sign(payload).toString("base64url")}`;
  }

  /** What it stands for; undefined when nobody here made it. */
  read(token: string): TokenClaims | undefined {
    const [payload = "", signature = ""] = token.split(".");
    const given = Buffer.from(signature, "base64url");
    const right = this.#sign(payload);
    if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
    const { fid, eid, cid } = JSON.parse(Buffer.from(payload, "base64url").toString());
    return { frameworkId: String(fid), executorId: String(eid), container: String(cid) };
  }

  #sign(payload: string): Buffer {
    return createHmac("sha256", this.#key).update(payload).digest();
  }
}

async function readKey(path: string): Promise<Buffer | undefined> {
  try {
    const key = await readFile(path);
    return key.length === KEY_BYTES ? key : undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
