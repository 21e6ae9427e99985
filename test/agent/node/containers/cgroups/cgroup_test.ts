import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Cgroup } from "../../../../../src/agent/node/containers/cgroups/cgroup.ts";
import { probeCgroups } from "../../../../../src/agent/node/containers/cgroups/layout.ts";
import { asyncDispose } from "../../../../../src/base/mod.ts";

/** Folders that look like hierarchies; nothing in them comes by itself, nothing goes. */
class FakeTree implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), "fairlead cgroups "));
  readonly #mounts: string[] = [];
  readonly #membership: string[] = [];

  v1(controllers: string): this {
    const path = join(this.folder, controllers);
    mkdirSync(path);
    const name = path.replaceAll(" ", "\\040");
    this.#mounts.push(`30 20 0:29 / ${name} rw,nosuid shared:9 - cgroup cgroup rw,${controllers}`);
    this.#membership.push(`4:${controllers}:/`);
    return this;
  }

  v2(controllers: string, own = "/"): this {
    const path = join(this.folder, "unified");
    mkdirSync(join(path, own), { recursive: true });
    const name = path.replaceAll(" ", "\\040");
    this.#mounts.push(`31 20 0:30 / ${name} rw - cgroup2 cgroup2 rw,nsdelegate`);
    this.#membership.push(`0::${own}`);
    this.write("unified/cgroup.controllers", `${controllers}\n`);
    return this;
  }

  probe(name = "fairlead") {
    this.write("mountinfo", `25 1 8:1 / / rw - ext4 /dev/sda rw\n${this.#mounts.join("\n")}\n`);
    this.write("membership", `${this.#membership.join("\n")}\n`);
    return probeCgroups({
      name,
      mountinfo: join(this.folder, "mountinfo"),
      membership: join(this.folder, "membership"),
    });
  }

  write(path: string, text: string): void {
    mkdirSync(join(this.folder, path, ".."), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  /** Files that the kernel makes with a cgroup. */
  files(folder: string, names: readonly string[]): void {
    for (const name of names) this.write(join(folder, name), "");
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), "utf8");
  }

  async [asyncDispose](): Promise<void> {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const MIB = 2 ** 20;
const V2 = [
  "cpu.weight",
  "cpu.max",
  "memory.max",
  "memory.low",
  "memory.swap.max",
  "memory.oom.group",
  "pids.max",
  "cgroup.procs",
];

describe("probeCgroups()", () => {
  test("finds v1 controllers, each where it is mounted", async () => {
    await using tree = new FakeTree().v1("cpu,cpuacct").v1("memory").v1("net_cls");
    const { controllers, unified } = await tree.probe();
    expect([...controllers.keys()].sort()).toEqual(["cpu", "cpuacct", "memory"]);
    expect(controllers.get("cpu")).toEqual({
      version: 1,
      path: join(tree.folder, "cpu,cpuacct/fairlead"),
      inside: "/fairlead",
    });
    expect(unified).toBeUndefined();
  });

  test("hands v2 controllers down, and takes those that got there", async () => {
    await using tree = new FakeTree().v2("cpuset cpu io memory pids");
    // What the kernel would show in the child once it is handed down.
    tree.write("unified/fairlead/cgroup.controllers", "cpu memory pids\n");
    const { controllers, unified } = await tree.probe();
    // A plain file keeps the last thing written: the kernel adds them up.
    expect(tree.read("unified/cgroup.subtree_control")).toBe("+pids");
    expect(tree.read("unified/fairlead/cgroup.subtree_control")).toBe("+pids");
    expect(controllers.get("pids")).toEqual({
      version: 2,
      path: join(tree.folder, "unified/fairlead"),
      inside: "/fairlead",
    });
    expect(unified?.version).toBe(2);
  });

  test("takes controllers from v1 and tracking from v2 where both are there", async () => {
    await using tree = new FakeTree().v2("hugetlb").v1("memory");
    const { controllers, unified } = await tree.probe("mine");
    expect(controllers.get("memory")?.version).toBe(1);
    expect(controllers.get("cpuacct")).toEqual(unified);
    expect(unified?.path).toBe(join(tree.folder, "unified/mine"));
  });

  test("finds nothing where there is nothing", async () => {
    const nowhere = { mountinfo: "/no/such", membership: "/no/such" };
    expect(await probeCgroups(nowhere)).toEqual({ controllers: new Map(), mounts: [] });
  });
});

describe("Cgroup on v2", () => {
  async function open(tree: FakeTree): Promise<Cgroup> {
    const path = join(tree.folder, "unified/fairlead");
    const base = { version: 2 as const, path, inside: "/fairlead" };
    tree.files("unified/fairlead/c1", V2);
    const controllers = new Map(
      (["cpu", "cpuacct", "memory", "pids"] as const).map((name) => [name, base]),
    );
    return new Cgroup({ controllers, unified: base, mounts: [] }, "c1");
  }
  const at = (name: string) => `unified/fairlead/c1/${name}`;

  test("writes limits and shares in the kernel's words", async () => {
    await using tree = new FakeTree().v2("cpu memory pids");
    const cgroup = await open(tree);
    await cgroup.create({
      limits: { cpus: 0.25, memBytes: 64 * MIB },
      shares: { cpus: 1, memBytes: 48 * MIB },
      pidsMax: 100,
    });
    const files = [
      "cpu.max",
      "cpu.weight",
      "memory.max",
      "memory.low",
      "memory.swap.max",
      "pids.max",
    ];
    expect(files.map((name) => tree.read(at(name)))).toEqual([
      "25000 100000",
      "39",
      String(64 * MIB),
      String(48 * MIB),
      "0",
      "100",
    ]);
    await cgroup.update({ limits: { cpus: Number.POSITIVE_INFINITY }, shares: {} });
    expect(["cpu.max", "cpu.weight", "memory.max"].map((name) => tree.read(at(name)))).toEqual([
      // A plain file keeps what a shorter text does not cover.
      expect.stringMatching(/^max 100000/),
      expect.stringMatching(/^1/),
      expect.stringMatching(/^max/),
    ]);
    expect(cgroup.entrances).toEqual([join(tree.folder, at("cgroup.procs"))]);
  });

  test("goes no lower than Mesos does", async () => {
    await using tree = new FakeTree().v2("cpu memory pids");
    const cgroup = await open(tree);
    await cgroup.create({ limits: { cpus: 0.001, memBytes: 1 }, shares: { cpus: 0 } });
    expect(tree.read(at("cpu.max"))).toBe("1000 100000");
    expect(tree.read(at("memory.max"))).toBe(String(32 * MIB));
    expect(tree.read(at("cpu.weight"))).toBe("1");
  });

  test("reads statistics under Mesos' names", async () => {
    await using tree = new FakeTree().v2("cpu memory pids");
    const cgroup = await open(tree);
    tree.write(
      at("cpu.stat"),
      "usage_usec 3\nuser_usec 1500000\nsystem_usec 500000\nnr_periods 10\nnr_throttled 4\nthrottled_usec 250000\n",
    );
    tree.write(at("cpu.max"), "50000 100000\n");
    tree.write(at("memory.stat"), "anon 4096\nfile 8192\nfile_mapped 100\n");
    tree.write(at("memory.current"), "16384\n");
    tree.write(at("memory.max"), "max\n");
    tree.write(at("memory.low"), "33554432\n");
    tree.write(at("memory.swap.current"), "0\n");
    tree.write(at("cgroup.procs"), "17\n18\n");
    tree.write(at("in/cgroup.procs"), "19\n");
    tree.write(at("pids.current"), "4\n");
    expect(await cgroup.statistics()).toEqual({
      cpus_user_time_secs: 1.5,
      cpus_system_time_secs: 0.5,
      cpus_nr_periods: 10,
      cpus_nr_throttled: 4,
      cpus_throttled_time_secs: 0.25,
      cpus_limit: 0.5,
      mem_total_bytes: 16_384,
      mem_rss_bytes: 4_096,
      mem_anon_bytes: 4_096,
      mem_file_bytes: 8_192,
      mem_cache_bytes: 8_192,
      mem_mapped_file_bytes: 100,
      mem_swap_bytes: 0,
      mem_soft_limit_bytes: 33_554_432,
      processes: 3,
      threads: 4,
    });
    expect(await cgroup.processes()).toEqual([17, 18, 19]);
  });

  test("counts what the kernel killed for want of memory", async () => {
    await using tree = new FakeTree().v2("cpu memory pids");
    const cgroup = await open(tree);
    expect(await cgroup.oomKills()).toBe(0);
    expect(await cgroup.memoryPeakBytes()).toBeUndefined();
    tree.write(at("memory.events"), "low 0\nhigh 0\nmax 12\noom 1\noom_kill 2\noom_group_kill 1\n");
    tree.write(at("memory.peak"), "67108864\n");
    expect(await cgroup.oomKills()).toBe(2);
    expect(await cgroup.memoryPeakBytes()).toBe(64 * MIB);
  });

  test("tells a setting that the kernel does not take, and a cgroup that is not there", async () => {
    await using tree = new FakeTree().v2("cpu memory pids");
    const cgroup = await open(tree);
    rmSync(join(tree.folder, at("memory.max")));
    mkdirSync(join(tree.folder, at("memory.max")));
    await expect(cgroup.create({ limits: {}, shares: {} })).rejects.toMatchObject({
      code: "limit_refused",
      message: expect.stringContaining("memory.max: EISDIR"),
    });
    const layout = await tree.probe("other");
    const nowhere = new Cgroup(layout, "never made");
    expect(await nowhere.processes()).toEqual([]);
    await nowhere.kill();
    await nowhere.remove();
  });

  test("kills by one write, and removes what was made inside it", async () => {
    await using tree = new FakeTree().v2("");
    const layout = await tree.probe();
    const cgroup = new Cgroup(layout, "a/b");
    const path = "unified/fairlead/a%2Fb";
    mkdirSync(join(tree.folder, path, "made/inside"), { recursive: true });
    await cgroup.remove();
    expect(existsSync(join(tree.folder, path))).toBe(false);
    tree.write(join(path, "cgroup.procs"), "2147483646\n");
    const kill = cgroup.kill();
    for (let n = 0; n < 200 && !existsSync(join(tree.folder, path, "cgroup.kill")); n++) {
      await new Promise((done) => setTimeout(done, 5));
    }
    expect(tree.read(join(path, "cgroup.kill"))).toBe("1");
    tree.write(join(path, "cgroup.procs"), "");
    await kill;
  });
});
