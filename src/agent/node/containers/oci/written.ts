/** Waiting for a file that another process writes. */
import { watch } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Where the kernel tells nothing of files, they are looked at this often. */
const LOOK_MS = 50;

/**
 * The text of a file once it has any; undefined when `ended` came first and there is none.
 *
 * Its folder exists.
 */
export async function whenWritten(
  path: string,
  ended: Promise<unknown>,
): Promise<string | undefined> {
  let over = false;
  let wake: () => void = () => undefined;
  const watcher = watch(dirname(path), { persistent: false }, () => wake());
  // A watch that breaks is one less; the timer looks all the same.
  watcher.on("error", () => watcher.close());
  const timer = setInterval(() => wake(), LOOK_MS);
  void ended.finally(() => {
    over = true;
    wake();
  });
  try {
    for (;;) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const last = over;
      const text = await readFile(path, "utf8").catch(() => "");
      if (text !== "") return text;
      if (last) return undefined;
      await changed;
    }
  } finally {
    clearInterval(timer);
    watcher.close();
  }
}
