/** Names of users and groups, from the host's files; those of a directory service stay numbers. */
import { readFile } from "node:fs/promises";

const KNOWN_MS = 60_000;

type Names = ReadonlyMap<number, string>;

/** Names by uid. */
export const userNames = remembered("/etc/passwd");
/** Names by gid. */
export const groupNames = remembered("/etc/group");

function remembered(path: string): () => Promise<Names> {
  let names: Promise<Names> | undefined;
  let untilMs = 0;
  return () => {
    if (names === undefined || Date.now() > untilMs) {
      names = read(path);
      untilMs = Date.now() + KNOWN_MS;
    }
    return names;
  };
}

/** Lines of `name:x:number:…`. */
async function read(path: string): Promise<Names> {
  const text = await readFile(path, "utf8").catch(() => "");
  return new Map(
    text.split("\n").flatMap((line): [number, string][] => {
      const [name, , number] = line.split(":");
      return name && number ? [[Number(number), name]] : [];
    }),
  );
}
