/** Files that flags name. */
import { readFile } from "node:fs/promises";
import { FairleadError } from "fairlead";
import type { AuthenticatorOptions } from "fairlead/http";
import * as z from "zod/mini";

/** @throws {FairleadError} `invalid_option` naming the flag and the file. */
export async function readText(flag: string, path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw refused(flag, path, FairleadError.from(cause).message, cause);
  }
}

/** @throws {FairleadError} `invalid_option` naming the flag and the file; never what is in it. */
export async function readJson(flag: string, path: string): Promise<unknown> {
  const text = await readText(flag, path);
  try {
    return JSON.parse(text);
  } catch {
    throw refused(flag, path, "it is no JSON");
  }
}

const credential = z.object({
  principal: z.string().check(z.minLength(1)),
  secret: z.string().check(z.minLength(1)),
});
const credentials = z.object({ credentials: z.array(credential).check(z.minLength(1)) });

type Pair = z.infer<typeof credential>;

/** Mesos' file of those who may come in: `{ "credentials": [{ "principal", "secret" }] }`. */
export async function readCredentials(
  flag: string,
  path: string,
): Promise<NonNullable<AuthenticatorOptions["basic"]>> {
  const read = credentials.safeParse(await readJson(flag, path));
  if (read.success) return read.data.credentials;
  const shape = '{ "credentials": [{ "principal": TEXT, "secret": TEXT }, …] }';
  throw refused(flag, path, `it must be ${shape}`);
}

/** The file of one who wants to come in: `{ "principal", "secret" }`. */
export async function readCredential(flag: string, path: string): Promise<Pair> {
  const read = credential.safeParse(await readJson(flag, path));
  if (read.success) return read.data;
  throw refused(flag, path, 'it must be { "principal": TEXT, "secret": TEXT }');
}

/** @throws {FairleadError} `invalid_option` when one of two flags is there without the other. */
export function requirePair(first: string, one: unknown, second: string, other: unknown): void {
  if ((one === undefined) === (other === undefined)) return;
  throw new FairleadError("invalid_option", `Cannot start: ${first} and ${second} go together`, {
    details: { flags: [first, second] },
  });
}

function refused(flag: string, path: string, fault: string, cause?: unknown): FairleadError {
  return new FairleadError("invalid_option", `Cannot use ${flag} ${path}: ${fault}`, {
    details: { flag, path },
    ...(cause === undefined ? {} : { cause }),
  });
}
