import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { probeHost } from "../../../../src/agent/node/containers/host.ts";
import { Users } from "../../../../src/agent/node/containers/users.ts";
import {
  Fetcher,
  type FetcherOptions,
  type FetchUri,
} from "../../../../src/agent/node/fetcher/fetcher.ts";
import { asyncDispose } from "../../../../src/base/mod.ts";
import { TestLauncher } from "../launcher/launcher.ts";

const host = await probeHost({ cgroups: { name: "fairlead-test" } });

/** A fetcher, a sandbox, and a server that counts. */
class World implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), "fairlead-fetch-"));
  readonly sandbox = join(this.folder, "sandbox");
  readonly launcher: TestLauncher;
  readonly fetcher: Fetcher;
  readonly hits = new Map<string, number>();
  readonly #server = createServer((request, response) => {
    const path = request.url ?? "";
    this.hits.set(path, (this.hits.get(path) ?? 0) + 1);
    if (path === "/moved") response.writeHead(302, { location: "/plain.txt" }).end();
    else if (path === "/private") {
      const allowed = request.headers.authorization === `Basic ${btoa("me:p@ss")}`;
      response.writeHead(allowed ? 200 : 401).end("for me");
    } else if (path === "/endless") {
      const timer = setInterval(() => response.write("x".repeat(10_000)), 1);
      response.once("close", () => clearInterval(timer));
    } else {
      const file = join(this.folder, "www", path.split("?")[0] ?? "");
      if (!existsSync(file)) response.writeHead(404).end();
      else response.end(readFileSync(file));
    }
  });

  constructor(launcher: TestLauncher, options: Partial<FetcherOptions>) {
    this.launcher = launcher;
    mkdirSync(this.sandbox);
    mkdirSync(join(this.folder, "www"));
    this.fetcher = new Fetcher({
      launcher: launcher.launcher,
      cacheFolder: join(this.folder, "cache"),
      ...options,
    });
  }

  static async open(options: Partial<FetcherOptions> = {}): Promise<World> {
    const world = new World(await TestLauncher.open(), options);
    await new Promise<void>((done) => world.#server.listen(0, "127.0.0.1", done));
    return world;
  }

  url(path: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${path}`;
  }

  serve(name: string, content: string | Uint8Array): string {
    writeFileSync(join(this.folder, "www", name), content);
    return this.url(name);
  }

  fetch(...uris: FetchUri[]): Promise<void> {
    return this.fetcher.fetch(uris, { sandbox: this.sandbox });
  }

  read(name: string): string {
    return readFileSync(join(this.sandbox, name), "utf8");
  }

  get files(): string[] {
    return readdirSync(this.sandbox, { recursive: true }).map(String).sort();
  }

  async [asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await this.launcher[asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A folder with files, to be packed. */
function tree(world: World): string {
  const folder = join(world.folder, "tree");
  mkdirSync(join(folder, "bin"), { recursive: true });
  writeFileSync(join(folder, "bin/run"), "#!/bin/sh\n");
  chmodSync(join(folder, "bin/run"), 0o755);
  writeFileSync(join(folder, "read me.txt"), "read me");
  symlinkSync("bin/run", join(folder, "run"));
  return folder;
}

describe("Fetcher", () => {
  test("fetches files by path, file: and http:, under the names that are wanted", async () => {
    await using w = await World.open();
    writeFileSync(join(w.folder, "local file"), "local");
    const plain = w.serve("plain.txt", "plain");
    await w.fetch(
      { value: join(w.folder, "local file") },
      { value: `file://${w.folder}/local%20file`, output_file: "sub/deep/copy" },
      { value: `${plain}?version=1` },
      { value: plain, output_file: "tool", executable: true },
      { value: w.url("moved") },
    );
    expect(w.read("local file") + w.read("sub/deep/copy")).toBe("locallocal");
    expect(w.read("plain.txt") + w.read("tool") + w.read("moved")).toBe("plainplainplain");
    expect(statSync(join(w.sandbox, "tool")).mode & 0o777).toBe(0o755);
    expect(statSync(join(w.sandbox, "plain.txt")).mode & 0o777).toBe(0o644);
    expect(w.files).toEqual(
      ["local file", "moved", "plain.txt", "sub", "sub/deep", "sub/deep/copy", "tool"].sort(),
    );
  });

  test("sends names and passwords of URLs, and tells nobody", async () => {
    await using w = await World.open();
    const at = w.url("private").replace("//", "//me:p%40ss@");
    await w.fetch({ value: at });
    expect(w.read("private")).toBe("for me");
    const wrong = w.url("private").replace("//", "//me:hunter2@");
    const error = await w.fetch({ value: wrong }).catch((thrown) => thrown);
    expect(error.message).toMatch(/^Cannot fetch http:\/\/…@127.* the server answered 401$/);
    expect(JSON.stringify(error.details)).not.toContain("hunter2");
  });

  test.each([
    [{ value: "hdfs://x/y" }, '"hdfs:" is not supported'],
    [{ value: "relative/path" }, "neither an absolute path nor a URL"],
    [{ value: "/no/such/file" }, "there is no such file"],
    [{ value: "/etc" }, "it is no file"],
    [{ value: "/etc/passwd", output_file: "../out" }, "its path leaves the folder"],
    [{ value: "/etc/passwd", output_file: "." }, "it has no file name"],
    [{ value: "http://127.0.0.1:1/x" }, "fetch failed"],
  ])("refuses %j", async (uri, state) => {
    await using w = await World.open();
    await expect(w.fetch(uri)).rejects.toMatchObject({
      code: "fetch_failed",
      message: expect.stringContaining(state),
    });
    expect(w.files).toEqual([]);
  });

  test("gives up on what is too large, and on demand", async () => {
    await using w = await World.open({ bytesMax: 1_000_000 });
    await expect(w.fetch({ value: w.url("endless") })).rejects.toThrow("larger than 1000000 bytes");
    const big = w.serve("big", new Uint8Array(2_000_000));
    await expect(w.fetch({ value: big })).rejects.toThrow("larger than 1000000 bytes");
    const to = { sandbox: w.sandbox, signal: AbortSignal.timeout(20) };
    const started = w.fetcher.fetch([{ value: w.url("endless"), cache: true }], to);
    await expect(started).rejects.toMatchObject({ name: "TimeoutError" });
    expect(w.files).toEqual([]);
  });

  test.skipIf(process.getuid?.() !== 0)(
    "reads local files as the user, and gives files to it",
    async () => {
      await using w = await World.open();
      chmodSync(w.folder, 0o755);
      writeFileSync(join(w.folder, "secret"), "secret", { mode: 0o600 });
      writeFileSync(join(w.folder, "open"), "open", { mode: 0o644 });
      const user = await new Users(w.launcher.launcher).find("nobody");
      const to = { sandbox: w.sandbox, user };
      await expect(w.fetcher.fetch([{ value: join(w.folder, "secret") }], to)).rejects.toThrow(
        '"nobody" cannot copy it',
      );
      await w.fetcher.fetch([{ value: join(w.folder, "open") }], to);
      expect(statSync(join(w.sandbox, "open")).uid).toBe(user.uid);
    },
  );
});

describe("Fetcher unpacks", () => {
  const tools: Readonly<Record<string, string>> = { j: "bzip2", J: "xz" };

  test.each([
    ["x.tar", "c"],
    ["x.tar.gz", "cz"],
    ["x.tgz", "cz"],
    ["x.tar.bz2", "cj"],
    ["x.tar.xz", "cJ"],
  ])("%s", async (name, flags) => {
    const tool = tools[flags.slice(1)];
    if (tool !== undefined && host.program(tool) === undefined) return;
    await using w = await World.open();
    execFileSync("tar", [`-${flags}f`, join(w.folder, "www", name), "-C", tree(w), "."]);
    await w.fetch({ value: w.url(name) });
    expect(w.files).toEqual(["bin", "bin/run", "read me.txt", "run", name].sort());
    expect(w.read("run")).toBe("#!/bin/sh\n");
    expect(statSync(join(w.sandbox, "bin/run")).mode & 0o777).toBe(0o755);
  });

  test("zips, links and modes too", async () => {
    await using w = await World.open();
    const script = `
import os, sys, zipfile
z = zipfile.ZipFile(sys.argv[1], "w")
z.writestr("a/read me.txt", "read me" * 1000, zipfile.ZIP_DEFLATED)
i = zipfile.ZipInfo("a/run"); i.external_attr = 0o100755 << 16; z.writestr(i, "run")
i = zipfile.ZipInfo("link"); i.external_attr = 0o120777 << 16; z.writestr(i, "a/run")
z.close()`;
    if (host.program("python3") === undefined) return;
    execFileSync("python3", ["-c", script, join(w.folder, "www/x.zip")]);
    await w.fetch({ value: w.url("x.zip") });
    expect(w.files).toEqual(["a", "a/read me.txt", "a/run", "link", "x.zip"]);
    expect(w.read("link")).toBe("run");
    expect(w.read("a/read me.txt")).toHaveLength(7_000);
    expect(statSync(join(w.sandbox, "a/run")).mode & 0o777).toBe(0o755);
  });

  test("single files", async () => {
    await using w = await World.open();
    writeFileSync(join(w.folder, "www/one.txt"), "one");
    execFileSync("gzip", [join(w.folder, "www/one.txt")]);
    await w.fetch({ value: w.url("one.txt.gz") });
    expect(w.read("one.txt")).toBe("one");
  });

  test("nothing when it is told not to, or when it is a program", async () => {
    await using w = await World.open();
    execFileSync("tar", ["-czf", join(w.folder, "www/x.tgz"), "-C", tree(w), "."]);
    await w.fetch(
      { value: w.url("x.tgz"), extract: false },
      { value: w.url("x.tgz"), output_file: "y.tgz", executable: true },
    );
    expect(w.files).toEqual(["x.tgz", "y.tgz"]);
  });

  test.each([
    ["a path that leaves", ["--transform", "s,^a$,../a,", "a"], "leaves the folder"],
    ["an absolute link", ["absolute"], "it is a link that leaves the folder"],
    ["a link that leaves", ["up"], "it is a link that leaves the folder"],
    [
      "a path through a link",
      ["here", "--transform", "s,^a$,here/a,", "a"],
      "a link is in the way",
    ],
    ["a hard link that leaves", ["a", "b", "--transform", "s,^a$,../a,S"], "leaves the folder"],
  ])("and refuses %s", async (_what, members, state) => {
    await using w = await World.open();
    const folder = join(w.folder, "evil");
    mkdirSync(folder);
    writeFileSync(join(folder, "a"), "a");
    execFileSync("ln", [join(folder, "a"), join(folder, "b")]);
    symlinkSync("/etc/passwd", join(folder, "absolute"));
    symlinkSync("x/../../up", join(folder, "up"));
    symlinkSync(".", join(folder, "here"));
    const archive = join(w.folder, "www/x.tar");
    execFileSync("tar", ["-cPf", archive, "-C", folder, ...members]);
    await expect(w.fetch({ value: w.url("x.tar") })).rejects.toMatchObject({
      code: "fetch_failed",
      message: expect.stringContaining(state),
    });
    expect(existsSync(join(w.folder, "a"))).toBe(false);
  });

  test("and refuses what is damaged, or grows too large", async () => {
    await using w = await World.open({ bytesMax: 100_000 });
    const damaged = w.serve("x.tar.gz", "no archive");
    await expect(w.fetch({ value: damaged })).rejects.toMatchObject({ code: "fetch_failed" });
    const zip = w.serve("x.zip", "no archive");
    await expect(w.fetch({ value: zip })).rejects.toMatchObject({ code: "fetch_failed" });
    const folder = join(w.folder, "bomb");
    mkdirSync(folder);
    writeFileSync(join(folder, "zeros"), new Uint8Array(1_000_000));
    execFileSync("tar", ["-czf", join(w.folder, "www/bomb.tgz"), "-C", folder, "."]);
    await expect(w.fetch({ value: w.url("bomb.tgz") })).rejects.toThrow("more than 100000 bytes");
  });
});

describe("Fetcher's cache", () => {
  test("asks the server once for many tasks", async () => {
    await using w = await World.open();
    const value = w.serve("plain.txt", "plain");
    const sandboxes = Array.from({ length: 10 }, (_, n) => {
      const sandbox = join(w.folder, `s${n}`);
      mkdirSync(sandbox);
      return sandbox;
    });
    const one = (sandbox: string) => w.fetcher.fetch([{ value, cache: true }], { sandbox });
    await Promise.all(sandboxes.map(one));
    expect(sandboxes.map((sandbox) => readFileSync(join(sandbox, "plain.txt"), "utf8"))).toEqual(
      sandboxes.map(() => "plain"),
    );
    expect(w.hits.get("/plain.txt")).toBe(1);
    // A task may do to its file what it likes.
    writeFileSync(join(sandboxes[0] ?? "", "plain.txt"), "other");
    await one(w.sandbox);
    expect(w.read("plain.txt")).toBe("plain");
    await w.fetch({ value });
    expect(w.hits.get("/plain.txt")).toBe(2);
  });

  test("keeps no failure", async () => {
    await using w = await World.open();
    const value = w.url("later");
    await expect(w.fetch({ value, cache: true })).rejects.toThrow("answered 404");
    w.serve("later", "now");
    await w.fetch({ value, cache: true });
    expect(w.read("later")).toBe("now");
  });

  test("stays within its size; the longest unused goes first", async () => {
    await using w = await World.open({ cacheBytesMax: 25_000 });
    const urls = ["a", "b", "c"].map((name) => w.serve(name, new Uint8Array(10_000)));
    const get = (n: number) => w.fetch({ value: urls[n] ?? "", cache: true });
    for (const n of [0, 1, 0, 2]) await get(n);
    expect(readdirSync(join(w.folder, "cache"))).toHaveLength(2);
    await get(0);
    await get(1);
    expect(["/a", "/b", "/c"].map((path) => w.hits.get(path))).toEqual([1, 2, 1]);
  });
});
