import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { ROOT } from "../support/files.ts";

const TSX = `${ROOT}node_modules/tsx/dist/loader.mjs`;
const WAIT_MS = 60_000;
const opened: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "fairlead-platform-"));
  opened.push(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** An example as a process; what it says is gathered. */
class Program {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  output = "";

  constructor(example: string, words: readonly string[], env: Record<string, string> = {}) {
    this.child = spawn(process.execPath, ["--import", TSX, `examples/${example}`, ...words], {
      cwd: ROOT,
      env: { ...process.env, TSX_TSCONFIG_PATH: `${ROOT}tsconfig.build.json`, ...env },
    });
    const take = (bytes: Buffer) => {
      this.output += bytes;
    };
    this.child.stdout?.on("data", take);
    this.child.stderr?.on("data", take);
    this.ended = once(this.child, "close").then(([code]) => code);
    opened.push(async () => {
      if (this.child.exitCode === null) this.child.kill("SIGKILL");
      await this.ended;
    });
  }

  /** What stands after a word of its output, once it is there. */
  async said(pattern: RegExp): Promise<string> {
    return await until(
      () => pattern.exec(this.output)?.[1],
      () => this.output,
    );
  }

  async stop(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    return await this.ended;
  }
}

async function until<T>(look: () => T | undefined | Promise<T | undefined>, state: () => string) {
  const endMs = performance.now() + WAIT_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > endMs) throw new Error(`It does not come:\n${state()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

interface Summary {
  readonly agents: { readonly active: number };
  readonly tasks: Readonly<Record<string, number>>;
}

async function summaryOf(url: string): Promise<Summary> {
  const response = await fetch(`${url}/api/fairlead/summary`);
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  return await response.json();
}

/** Processes whose command line or folder is below this one's data. */
async function processesOf(data: string): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const words = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
    if (`${words}${environment}`.includes(data))
      found.set(Number(pid), words.replaceAll("\0", " "));
  }
  return found;
}

async function services(data: string): Promise<number[]> {
  const found = [...(await processesOf(data))];
  return found.flatMap(([pid, words]) => (words.includes("service.mjs") ? [pid] : [])).sort();
}

function start(data: string, ...words: string[]): Program {
  return new Program("platform/main.ts", [
    "--port",
    "0",
    "--monitor-port",
    "0",
    "--data",
    data,
    ...words,
  ]);
}

const isLinux = process.platform === "linux";

describe("npm start", () => {
  test.skipIf(!isLinux)(
    "runs tasks, and leaves no process when it is told to stop",
    async () => {
      const data = await folder();
      const platform = start(data);
      const url = await platform.said(/master +(\S+)/);
      const page = await fetch(`${url}/console/`);
      expect(page.status).toBe(200);
      const running = await until(
        async () => ((await summaryOf(url)).tasks.running ?? 0) >= 4 || undefined,
        () => platform.output,
      );
      expect(running).toBe(true);
      expect((await summaryOf(url)).agents.active).toBe(3);
      expect(await platform.stop("SIGINT")).toBe(0);
      // Launchers go a second after the last of what they kept.
      await until(
        async () => ((await processesOf(data)).size === 0 ? true : undefined),
        () => platform.output,
      );
    },
    120_000,
  );

  test.skipIf(!isLinux)(
    "goes on with its tasks after kill -9, none of them twice",
    async () => {
      const data = await folder();
      const first = start(data);
      const firstUrl = await first.said(/master +(\S+)/);
      // What runs has been told, and so has been written down.
      await until(
        async () => ((await summaryOf(firstUrl)).tasks.running ?? 0) >= 4 || undefined,
        () => first.output,
      );
      const before = await until(
        async () => {
          const pids = await services(data);
          return pids.length === 2 ? pids : undefined;
        },
        () => first.output,
      );
      await first.stop("SIGKILL");
      expect(await services(data)).toEqual(before);

      const second = start(data);
      const url = await second.said(/master +(\S+)/);
      await until(
        async () => ((await summaryOf(url)).tasks.running ?? 0) >= 4 || undefined,
        () => second.output,
      );
      expect(await services(data)).toEqual(before);
      expect(await second.stop("SIGTERM")).toBe(0);
    },
    120_000,
  );

  test("says that its port is taken, and starts nothing", async () => {
    const data = await folder();
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    opened.push(async () => server.close());
    const address = server.address();
    const port = typeof address === "object" ? String(address?.port) : "";
    const platform = new Program("platform/main.ts", [
      "--port",
      port,
      "--monitor-port",
      "0",
      "--data",
      data,
    ]);
    expect(await platform.ended).toBe(1);
    expect(platform.output.trim()).toBe(
      `Cannot listen on 127.0.0.1:${port}: another program listens there`,
    );
    expect((await readdir(data)).sort()).toEqual(["reports", "store"]);
  }, 60_000);

  test("simulates agents and tasks", async () => {
    const platform = start(await folder(), "--agents", "50", "--simulate");
    const url = await platform.said(/master +(\S+)/);
    const found = await until(
      async () => {
        const summary = await summaryOf(url);
        return (summary.tasks.running ?? 0) > 0 ? summary : undefined;
      },
      () => platform.output,
    );
    expect(found.agents.active).toBe(50);
    const page = await (await fetch(`${url}/console/`)).text();
    expect(page).toContain('topology="/topology/monitor/"');
    expect(await (await fetch(`${url}/topology/monitor/`)).text()).toContain('src="../api"');
    const hosts = await until(
      async () => {
        const nodes = await fetch(`${url}/topology/api/topology/hosts`);
        const count = Object.keys(Object(await nodes.json()).nodes ?? {}).length;
        return count > 0 ? count : undefined;
      },
      () => platform.output,
    );
    expect(hosts).toBeGreaterThan(0);
    expect(await platform.stop("SIGINT")).toBe(0);
  }, 60_000);
});

describe("master, agent and batch", () => {
  test("finish the jobs of a file as three processes", async () => {
    const data = await folder();
    const master = new Program("master/main.ts", ["--port", "0", "--store", "memory:"]);
    const url = await master.said(/master +(\S+)/);
    const agent = new Program("agent/main.ts", ["--port", "0", "--work-dir", data], {
      FAIRLEAD_MASTER: url,
      FAIRLEAD_RESOURCES: "cpus:2;mem:512;disk:512;ports:[31900-31910]",
    });
    await agent.said(/agent +(\S+)/);
    const jobs = "examples/custom_scheduler/jobs.json";
    const batch = new Program("custom_scheduler/batch.ts", [
      ...["--master", url, "--jobs", jobs, "--attempts", "100"],
    ]);
    expect(await batch.ended, batch.output).toBe(0);
    expect(batch.output).toContain("13 of 13 finished, 0 failed, 0 left");
    expect(await agent.stop("SIGTERM")).toBe(0);
    expect(await master.stop("SIGTERM")).toBe(0);
  }, 120_000);

  const refused: [string, string[], Record<string, string>, string][] = [
    ["master/main.ts", ["--port", "70000"], {}, "--port <n>"],
    ["master/main.ts", [], { FAIRLEAD_AGENT_PING: "soon" }, "FAIRLEAD_AGENT_PING"],
    ["master/main.ts", ["--weights", "web=0"], {}, "--weights <list>"],
    ["agent/main.ts", [], {}, "--master <addresses>"],
    ["agent/main.ts", ["--master", "ftp://m1"], {}, "--master <addresses>"],
    ["platform/main.ts", ["--agents", "51"], {}, "need --simulate"],
  ];
  test.each(refused)(
    "%s %j %j is refused by name, with exit code 2",
    async (...row) => {
      const [example, words, env, named] = row;
      const program = new Program(example, words, env);
      expect(await program.ended, program.output).toBe(2);
      expect(program.output).toContain(named);
    },
    60_000,
  );

  test("a store that there is no driver for is refused by its scheme alone", async () => {
    const program = new Program("master/main.ts", ["--store", "etcd://me:secret@z1:2379/mesos"]);
    expect(await program.ended).toBe(1);
    expect(program.output).toContain('Cannot open a store by "etcd:"');
    expect(program.output).not.toContain("secret");
  }, 60_000);
});
