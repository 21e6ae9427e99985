/** A root file system of 2 MB: busybox under all of its names. */
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

const BUSYBOX = "/bin/busybox";

/** Why there can be none here; undefined when there can. */
export function noRootfs(): string | undefined {
  if (!existsSync(BUSYBOX)) return "there is no busybox: apt-get install busybox-static";
  // A dynamic one asks the kernel for its loader.
  const dynamic = readFileSync(BUSYBOX).subarray(0, 4_096).includes("/ld-");
  return dynamic ? "busybox is not static: apt-get install busybox-static" : undefined;
}

/** Make one. */
export function makeRootfs(folder: string): string {
  for (const name of ["bin", "etc", "dev", "proc", "sys", "tmp", "root"]) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  copyFileSync(BUSYBOX, join(folder, "bin/busybox"));
  const names = execFileSync(BUSYBOX, ["--list"], { encoding: "utf8" }).split("\n");
  for (const name of names) {
    if (name !== "" && name !== "busybox") symlinkSync("busybox", join(folder, "bin", name));
  }
  writeFileSync(
    join(folder, "etc/passwd"),
    "root:x:0:0:root:/root:/bin/sh\napp:x:1234:99::/:/bin/sh\n",
  );
  writeFileSync(join(folder, "etc/group"), "root:x:0:\napp:x:99:\nextra:x:77:app\n");
  return folder;
}
