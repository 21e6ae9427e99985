import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { probeHost } from "../../../../../src/agent/node/containers/host.ts";
import {
  ImageStore,
  type ImageStoreOptions,
} from "../../../../../src/agent/node/containers/oci/image_store.ts";
import { asyncDispose } from "../../../../../src/base/mod.ts";
import { TestLauncher } from "../../launcher/launcher.ts";
import { firstLayer, LayoutWriter } from "./oci_layout.ts";

const host = await probeHost({ cgroups: { name: "fairlead-test" } });

/** A store, a launcher, and folders to pack. */
class World implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), "fairlead-images-"));
  readonly launcher: TestLauncher;
  readonly store: ImageStore;
  #count = 0;

  constructor(launcher: TestLauncher, options: Partial<ImageStoreOptions>) {
    this.launcher = launcher;
    this.store = new ImageStore({
      launcher: launcher.launcher,
      cacheFolder: join(this.folder, "cache"),
      folder: join(this.folder, "store"),
      ...options,
    });
  }

  static async open(options: Partial<ImageStoreOptions> = {}): Promise<World> {
    return new World(await TestLauncher.open(), options);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Files by path; a value that begins with "->" is a link, one of undefined a folder. */
  tree(files: Readonly<Record<string, string | undefined>>): string {
    const folder = this.path(`tree${this.#count++}`);
    mkdirSync(folder);
    for (const [path, text] of Object.entries(files)) {
      const full = join(folder, path);
      mkdirSync(text === undefined ? full : dirname(full), { recursive: true });
      if (text?.startsWith("->")) symlinkSync(text.slice(2), full);
      else if (text !== undefined) writeFileSync(full, text);
    }
    return folder;
  }

  layout(name: string): LayoutWriter {
    return new LayoutWriter(this.path(name));
  }

  get(name: string) {
    return this.store.get({ type: "DOCKER", docker: { name } });
  }

  async [asyncDispose](): Promise<void> {
    await this.launcher[asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const list = (folder: string) => readdirSync(folder, { recursive: true }).map(String).sort();

describe("ImageStore finds", () => {
  test("folders by path and by name", async () => {
    await using w = await World.open();
    mkdirSync(w.path("store/library/web"), { recursive: true });
    const plain = { environment: {}, entrypoint: [], command: [] };
    const rootfs = w.path("store/library/web");
    expect(await w.get(rootfs)).toEqual({ rootfs, config: plain });
    expect(await w.get("library/web")).toEqual({ rootfs, config: plain });
  });

  test("layouts, by tag where there are several", async () => {
    await using w = await World.open();
    const [one, two] = [w.tree({ version: "1" }), w.tree({ version: "2" })];
    w.layout("store/app")
      .image([{ folder: one }], { Env: ["A=1=2", "B"] }, { tag: "1.0" })
      .image([{ folder: two }], {}, { tag: "docker.io/app:2.0", nested: true });
    const first = await w.get("app:1.0");
    expect(readFileSync(join(first.rootfs, "version"), "utf8")).toBe("1");
    expect(first.config.environment).toEqual({ A: "1=2", B: "" });
    const second = await w.get(`${w.path("store/app")}:2.0`);
    expect(readFileSync(join(second.rootfs, "version"), "utf8")).toBe("2");
    await expect(w.get("app:3.0")).rejects.toThrow('has no image "3.0"');
  });

  test("the one for this machine", async () => {
    await using w = await World.open();
    const folder = w.tree({ a: "a" });
    w.layout("store/other").image(
      [{ folder }],
      {},
      { platform: { architecture: "s390x", os: "linux" } },
    );
    await expect(w.get("other")).rejects.toThrow("has no image for linux/");
  });

  test("nothing else", async () => {
    await using w = await World.open();
    await expect(w.get("nowhere")).rejects.toThrow(
      /no image "nowhere" in .*pulls from no registry/,
    );
    await expect(w.get("/no/such")).rejects.toThrow("there is no image at /no/such");
    await expect(w.get("../cache")).rejects.toThrow("is no name of an image");
    await expect(w.get("")).rejects.toThrow("there is no image");
    await using strict = await World.open({ allowPaths: false });
    await expect(strict.get("/")).rejects.toThrow("takes names of its image store only");
  });
});

describe("ImageStore unpacks", () => {
  test("layers one onto the other, what is hidden goes", async () => {
    await using w = await World.open();
    const low = w.tree({
      "etc/keep": "low",
      "etc/gone": "low",
      "etc/changed": "low",
      "opaque/old": "low",
      "folder/file": "low",
      "was-file": "low",
    });
    const high = w.tree({
      "etc/changed": "high",
      "etc/.wh.gone": "",
      "opaque/.wh..wh..opq": "",
      "opaque/new": "high",
      ".wh.folder": "",
      "was-file/now": "a folder",
    });
    w.layout("img").image([{ folder: low }, { folder: high, packing: "none" }], {});
    const { rootfs } = await w.get(w.path("img"));
    expect(list(rootfs)).toEqual([
      "etc",
      "etc/changed",
      "etc/keep",
      "opaque",
      "opaque/new",
      "was-file",
      "was-file/now",
    ]);
    expect(readFileSync(join(rootfs, "etc/changed"), "utf8")).toBe("high");
  });

  test("through links of lower layers, as in a chroot", async () => {
    await using w = await World.open();
    const low = w.tree({ "usr/bin/sh": "sh", bin: "->usr/bin", outside: "->/../../../tmp" });
    const high = w.tree({ "bin/tool": "tool", "outside/file": "inside" });
    w.layout("img").image([{ folder: low }, { folder: high }], {});
    // tar(1) lists bin itself as a folder: it takes the link's place, and the tool with it.
    const flat = w.layout("flat").image(
      [
        { folder: low },
        {
          folder: high,
          args: ["--exclude=./bin", "--exclude=./outside", "bin/tool", "outside/file"],
        },
      ],
      {},
    );
    const { rootfs } = await w.get(flat.folder);
    expect(readFileSync(join(rootfs, "usr/bin/tool"), "utf8")).toBe("tool");
    expect(readFileSync(join(rootfs, "tmp/file"), "utf8")).toBe("inside");
    expect(existsSync("/tmp/file")).toBe(false);
  });

  test("modes, links and hard links", async () => {
    await using w = await World.open();
    const folder = w.tree({ a: "a", link: "->/etc/passwd", "locked/in": "in" });
    chmodSync(join(folder, "a"), 0o4755);
    chmodSync(join(folder, "locked"), 0o500);
    const { rootfs } = await w.get(
      w.layout("img").image([{ folder, args: ["--hard-dereference"] }], {}).folder,
    );
    expect(lstatSync(join(rootfs, "a")).mode & 0o7777).toBe(0o4755);
    expect(lstatSync(join(rootfs, "locked")).mode & 0o777).toBe(0o500);
    expect(readlinkSync(join(rootfs, "link"))).toBe("/etc/passwd");
  });

  test.skipIf(host.program("zstd") === undefined)("zstd", async () => {
    await using w = await World.open();
    const folder = w.tree({ a: "a" });
    const { rootfs } = await w.get(w.layout("z").image([{ folder, packing: "zstd" }], {}).folder);
    expect(list(rootfs)).toEqual(["a"]);
  });

  test("each image once, however many ask", async () => {
    await using w = await World.open();
    const folder = w.tree({ a: "a" });
    w.layout("img").image([{ folder }], {});
    const all = await Promise.all(Array.from({ length: 10 }, () => w.get(w.path("img"))));
    expect(new Set(all.map(({ rootfs }) => rootfs)).size).toBe(1);
    expect(readdirSync(w.path("cache"))).toHaveLength(1);
  });

  test("no layer that is not what its digest says", async () => {
    await using w = await World.open();
    const { folder } = w.layout("img").image([{ folder: w.tree({ a: "a" }) }], {});
    appendFileSync(firstLayer(folder), "x");
    await expect(w.get(folder)).rejects.toThrow(/the layer sha256:.* is damaged/);
    expect(readdirSync(w.path("cache"))).toEqual([]);
    rmSync(firstLayer(folder));
    await expect(w.get(folder)).rejects.toThrow(/the layer sha256:.* cannot be read/);
    writeFileSync(join(folder, "index.json"), "{}");
    await expect(w.get(folder)).rejects.toThrow("is no index and no manifest");
  });

  test("how an image wants to be run", async () => {
    await using w = await World.open();
    const { folder } = w.layout("img").image([{ folder: w.tree({ a: "a" }) }], {
      User: "app:extra",
      Env: ["PATH=/bin"],
      Entrypoint: ["/bin/entry"],
      Cmd: ["one", "two"],
      WorkingDir: "/srv",
      Volumes: null,
    });
    expect((await w.get(folder)).config).toEqual({
      user: "app:extra",
      environment: { PATH: "/bin" },
      entrypoint: ["/bin/entry"],
      command: ["one", "two"],
      folder: "/srv",
    });
  });
});
