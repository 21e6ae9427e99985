/**
 * Give every optional platform package its entry in a lock file: `node .ci/complete_lock.mjs`.
 *
 * npm writes no entry for an optional package that its registry did not have at that moment, and
 * then `npm ci` refuses the lock file on every machine ("Missing: … from lock file"). The entry is
 * written from the package's name, which tells system, processor and C library. `--check` only
 * says what is missing and ends with 1.
 */
import { readFileSync, writeFileSync } from "node:fs";

const OS = [
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "win32",
];
const CPU = [
  "arm64",
  "arm",
  "ia32",
  "loong64",
  "mips64el",
  "ppc64",
  "riscv64",
  "s390x",
  "wasm32",
  "x64",
];
const LIBC = { gnu: "glibc", gnueabihf: "glibc", glibc: "glibc", musl: "musl", musleabihf: "musl" };

const isCheck = process.argv.includes("--check");
let missing = 0;
for (const path of ["package-lock.json", "test/runtimes/package-lock.json"]) complete(path);
process.exitCode = isCheck && missing > 0 ? 1 : 0;

function complete(path) {
  const lock = JSON.parse(readFileSync(path, "utf8"));
  const known = new Set(
    Object.keys(lock.packages).map((key) => key.replace(/^.*node_modules\//, "")),
  );
  for (const [parent, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      if (known.has(name)) continue;
      known.add(name);
      missing += 1;
      console.error(`${path}: ${name}@${version} of ${parent} ${isCheck ? "is missing" : "added"}`);
      lock.packages[`node_modules/${name}`] = entry(name, version, dev);
    }
  }
  if (!isCheck)
    writeFileSync(
      path,
      `${JSON.stringify({ ...lock, packages: sorted(lock.packages) }, null, 2)}\n`,
    );
}

function entry(name, version, dev) {
  const words = name.split("/").at(-1).split("-");
  const os = words.find((word) => OS.includes(word));
  const cpu = words.find((word) => CPU.includes(word));
  const libc = words.map((word) => LIBC[word]).find((each) => each !== undefined);
  if (os === undefined && cpu === undefined) {
    throw new Error(
      `Cannot tell the platform of ${name}: its name holds no system and no processor`,
    );
  }
  return {
    version,
    ...(cpu === undefined ? {} : { cpu: [cpu] }),
    ...(dev === true ? { dev } : {}),
    ...(libc === undefined || os !== "linux" ? {} : { libc: [libc] }),
    optional: true,
    ...(os === undefined ? {} : { os: [os] }),
  };
}

function sorted(packages) {
  return Object.fromEntries(Object.entries(packages).sort(([a], [b]) => a.localeCompare(b, "en")));
}
