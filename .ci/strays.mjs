/** What belongs in no file of a public repository: paths of one machine, registry hosts, secrets. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

const STRAYS = [
  [/\/work\/(main|shared|steering|\.library)\b/, "a path of one machine"],
  [/\/root\/|\/home\/[a-z]+\/(?:\.|work|src)/, "a path of one machine"],
  [/registry\.(npmjs|yarnpkg|npmmirror)\.\w+|deb\.debian\.org/, "a registry's host"],
  [/"resolved":/, "a download address"],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, "a private key"],
  [/\b(AKIA[0-9A-Z]{16}|gh[pousr]_\w{36}|npm_[A-Za-z0-9]{36}|sk-ant-[\w-]{20})/, "a secret"],
];

/** Every stray, as `file:line what`. */
export function findStrays() {
  const listed = execFileSync("git", ["ls-files", "-z"], { encoding: "utf8" });
  const files = listed.split("\0").filter((path) => path !== "" && path !== ".ci/strays.mjs");
  return files.filter(existsSync).flatMap((path) => {
    const lines = readFileSync(path, "utf8").split("\n");
    return lines.flatMap((line, index) =>
      STRAYS.filter(([pattern]) => pattern.test(line)).map(
        ([, what]) => `${path}:${index + 1} holds ${what}`,
      ),
    );
  });
}
