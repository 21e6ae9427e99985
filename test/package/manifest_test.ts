import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { ROOT } from "../support/files.ts";

const EXACT = /^\d+\.\d+\.\d+$/;

test("every version is exact", () => {
  const all = { ...manifest.dependencies, ...manifest.devDependencies };
  expect(Object.entries(all).filter(([, version]) => !EXACT.test(version))).toEqual([]);
});

test("the lock file names no registry", () => {
  for (const path of ["package-lock.json", "test/runtimes/package-lock.json"]) {
    expect(readFileSync(ROOT + path, "utf8")).not.toMatch(
      /"resolved"|https?:\/\/(?!.*funding)registry/,
    );
  }
});

test("every install script is refused by name", () => {
  const lock: { packages: Record<string, { hasInstallScript?: boolean }> } = JSON.parse(
    readFileSync(`${ROOT}package-lock.json`, "utf8"),
  );
  const scripted = Object.entries(lock.packages)
    .filter(([, each]) => each.hasInstallScript === true)
    .map(([path]) => path.replace(/^.*node_modules\//, ""));
  const answered: Readonly<Record<string, boolean>> = manifest.allowScripts;
  // fsevents is for macOS alone and absent here, so npm does not ask for it.
  const asked = new Set(scripted.filter((name) => name !== "fsevents"));
  expect([...asked].filter((name) => answered[name] !== false)).toEqual([]);
});
