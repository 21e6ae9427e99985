import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { listFiles, readPiece } from "../../../../src/agent/node/files/sandbox_files.ts";

const folder = mkdtempSync(join(tmpdir(), "fairlead-files-"));
const root = join(folder, "sandbox");
mkdirSync(join(root, "sub/deep"), { recursive: true });
mkdirSync(join(folder, "volume"));
mkdirSync(join(folder, "sandbox-of-another"));
writeFileSync(join(root, "stdout"), "0123456789");
writeFileSync(join(root, "sub/file"), "inside");
writeFileSync(join(folder, "secret"), "secret");
writeFileSync(join(folder, "volume/data"), "kept");
writeFileSync(join(folder, "sandbox-of-another/x"), "x");
symlinkSync("stdout", join(root, "good"));
symlinkSync("../secret", join(root, "out"));
symlinkSync("/etc/passwd", join(root, "absolute"));
symlinkSync("..", join(root, "up"));
symlinkSync("../volume", join(root, "volume"));
symlinkSync("../sandbox-of-another", join(root, "neighbour"));
symlinkSync("ring", join(root, "ring"));
linkSync(join(root, "stdout"), join(root, "hard"));
execFileSync("mkfifo", [join(root, "pipe")]);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const scope = { root };
const text = async (
  path: string,
  range = { offset: 0 },
  where: Parameters<typeof readPiece>[0] = scope,
) => {
  const piece = await readPiece(where, path, range);
  return piece.status === "ok" ? new TextDecoder().decode(piece.data) : piece.status;
};

describe("readPiece()", () => {
  test("gives the piece that was asked for, and the size of all", async () => {
    const data = new TextEncoder().encode("234");
    expect(await readPiece(scope, "/stdout", { offset: 2, length: 3 })).toEqual({
      status: "ok",
      size: 10,
      data,
    });
    expect(await text("stdout", { offset: 8 })).toBe("89");
    expect(await text("stdout", { offset: 10 })).toBe("");
    expect(await text("stdout", { offset: 99 })).toBe("");
    expect(await text("sub/file")).toBe("inside");
    expect(await text("good")).toBe("0123456789");
  });

  test("gives at most a mebibyte", async () => {
    writeFileSync(join(root, "big"), new Uint8Array(3 * 2 ** 20));
    const piece = await readPiece(scope, "big", { offset: 0, length: 3 * 2 ** 20 });
    expect(piece).toMatchObject({ status: "ok", size: 3 * 2 ** 20 });
    expect(piece.status === "ok" && piece.data.length).toBe(2 ** 20);
  });

  test.each([
    "../secret",
    "/../secret",
    "sub/../../secret",
    "sub/../stdout",
    "out",
    "absolute",
    "up/secret",
    "up/sandbox/../secret",
    "neighbour/x",
    "stdout\0",
    "ring",
  ])("refuses %j", async (path) => {
    expect(await text(path)).toBe("forbidden");
  });

  test("refuses what is no file, without waiting for it", async () => {
    expect(await text("pipe")).toBe("not_a_file");
    expect(await text("sub")).toBe("not_a_file");
    expect(await text("nothing")).toBe("not_found");
    expect(await text("stdout/x")).toBe("not_found");
  });

  test("follows links to volumes that belong to the sandbox", async () => {
    expect(await text("volume/data")).toBe("forbidden");
    const others = [join(folder, "volume")];
    expect(await text("volume/data", { offset: 0 }, { root, others })).toBe("kept");
    expect(await text("out", { offset: 0 }, { root, others })).toBe("forbidden");
  });
});

describe("listFiles()", () => {
  test("tells what stat(2) tells, under Mesos' names", async () => {
    const listing = await listFiles(scope, "/");
    if (listing.status !== "ok") throw new Error(listing.message);
    const stdout = listing.files.find(({ path }) => path === "/stdout");
    expect(stdout).toMatchObject({ nlink: 2, size: 10, mode: 0o100644 });
    expect(stdout?.uid).toBe(process.getuid?.() === 0 ? "root" : expect.any(String));
    expect(stdout?.mtime.nanoseconds).toBeGreaterThan(1e18);
    expect(listing.files.map(({ path }) => path)).toContain("/absolute");
    expect(listing.complete).toBe(true);
    expect(await listFiles(scope, "sub")).toMatchObject({
      files: [{ path: "sub/deep" }, { path: "sub/file" }],
    });
  });

  test("refuses other folders, and what is none", async () => {
    expect((await listFiles(scope, "up")).status).toBe("forbidden");
    expect((await listFiles(scope, "..")).status).toBe("forbidden");
    expect((await listFiles(scope, "stdout")).status).toBe("not_a_folder");
    expect((await listFiles(scope, "nothing")).status).toBe("not_found");
  });
});
