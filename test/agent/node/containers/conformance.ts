/** What every containerizer does, whatever its containers are made of. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Container, ExecSession } from "../../../../src/agent/containerizer.ts";
import { exitedWith, killedBy } from "../../../../src/agent/mod.ts";
import { Bench, eventually, type OpenContainerizer, output, sh } from "./bench.ts";

/** What an implementation enforces on this host. */
export interface Traits {
  /** Why the suite cannot run here; undefined when it can. */
  readonly skip?: string | undefined;
  /** "first": only the first process' death for want of memory is noticed. */
  readonly memory: boolean | "first";
  readonly disk: boolean;
  /** A user of another number that the container knows, and that number. */
  readonly user?: { readonly name: string; readonly uid: number } | undefined;
  /** Variables that its runtime adds, whatever is asked for. */
  readonly adds?: readonly string[];
  /** How many are started at once. @default 100 */
  readonly atOnce?: number;
  /** Whether limits can be changed while it runs. @default true */
  readonly updates?: boolean;
  /** Whether processes that leave their session are found, too. */
  readonly strays: boolean;
  /** What every spec has: the image. */
  readonly base?: Parameters<typeof Bench.open>[1];
  /** What is left of a container that was destroyed: cgroups, mounts, files. */
  readonly leftovers: (id: string) => readonly string[] | Promise<readonly string[]>;
}

const text = (stream: ReadableStream<Uint8Array>) => new Response(stream).text();
const MEGABYTE = 2 ** 20;

/** Run the suite for one implementation. */
export function containerizerConformance(
  name: string,
  open: OpenContainerizer,
  traits: Traits,
): void {
  const bench = () => Bench.open(open, traits.base);
  const atOnce = traits.atOnce ?? 100;
  const gone = async (container: Container) => {
    await container.destroy();
    expect(await traits.leftovers(container.id)).toEqual([]);
  };

  describe.skipIf(traits.skip !== undefined)(`${name} containers${because(traits.skip)}`, () => {
    test("run a line of sh; its output and exit code are there when it has ended", async () => {
      await using b = await bench();
      const { spec, container } = await b.run("echo out; echo err >&2; pwd > where; exit 3");
      expect(container.pid ?? 2).toBeGreaterThan(1);
      expect(await container.ended).toEqual({ waitStatus: exitedWith(3) });
      expect([output(spec), output(spec, "stderr")]).toEqual(["out\n", "err\n"]);
      expect(existsSync(join(spec.sandbox, "where"))).toBe(true);
      await gone(container);
      expect(output(spec)).toBe("out\n");
    });

    test("run a program with exactly its arguments", async () => {
      await using b = await bench();
      const args = ["printf", "<%s>", "a b", "$HOME", "", "it's", '"', "*"];
      const spec = b.spec({ command: { shell: false, value: "printf", arguments: args } });
      const container = await b.launch(spec);
      expect(await container.ended).toEqual({ waitStatus: 0 });
      expect(output(spec)).toBe("<a b><$HOME><><it's><\"><*>");
      await gone(container);
    });

    test("have exactly the environment that was asked for", async () => {
      await using b = await bench();
      const environment = { PATH: "/usr/bin:/bin", A: "1 $x", "b.c": "odd", EMPTY: "", IFS: "x" };
      const command = { shell: false, value: "env", arguments: ["env"] };
      const spec = b.spec({ environment, command });
      const container = await b.launch(spec);
      await container.ended;
      const lines = output(spec)
        .trimEnd()
        .split("\n")
        .filter((line) => !traits.adds?.includes(line.split("=")[0] ?? ""));
      expect(lines.sort()).toEqual(
        Object.entries(environment)
          .map(([k, v]) => `${k}=${v}`)
          .sort(),
      );
      await gone(container);
    });

    test("read nothing, and can open /dev/stdout", async () => {
      await using b = await bench();
      const { spec, container } = await b.run("cat; echo here > /dev/stdout; umask");
      expect(await container.ended).toEqual({ waitStatus: 0 });
      expect(output(spec)).toBe("here\n0022\n");
      await gone(container);
    });

    test("of a shell that finds no program exit with 127; of a program that is not there do not start", async () => {
      await using b = await bench();
      const { spec, container } = await b.run("no-such-program");
      expect(await container.ended).toEqual({ waitStatus: exitedWith(127) });
      expect(output(spec, "stderr")).toContain("not found");
      await gone(container);
      const missing = b.spec({
        command: { shell: false, value: "no-such-program", arguments: ["no-such-program"] },
      });
      await expect(b.launch(missing)).rejects.toMatchObject({
        code: "launch_failed",
        message: expect.stringMatching(/Cannot start container .*no-such-program/),
      });
      expect(await traits.leftovers(missing.id)).toEqual([]);
    });

    test("of a user that is not there do not start", async () => {
      await using b = await bench();
      const spec = b.spec({ user: "nobody-of-that-name" });
      await expect(b.launch(spec)).rejects.toMatchObject({
        code: "launch_failed",
        message: `Cannot start container ${spec.id}: there is no user "nobody-of-that-name"`,
      });
      expect(await traits.leftovers(spec.id)).toEqual([]);
    });

    test.skipIf(traits.user === undefined)("run as another user", async () => {
      await using b = await bench();
      const { name: user = "", uid = 0 } = traits.user ?? {};
      const { spec, container } = await b.run("id -u; echo x > /dev/stdout; cat /etc/shadow", {
        user,
      });
      await container.ended;
      expect(output(spec)).toBe(`${uid}\nx\n`);
      await gone(container);
      const { container: other } = await b.run("exec sleep 1000", { user });
      const session = await other.exec(sh("id -u; echo x > /dev/stdout"));
      expect(await text(session.stdout)).toBe(`${uid}\nx\n`);
      const asked = await other.exec(sh("id -u"), { user: "root" });
      expect(await text(asked.stdout)).toBe("0\n");
      await gone(other);
    });

    test("tell the signal that ended them", async () => {
      await using b = await bench();
      const { spec, container } = await b.run("echo up; exec sleep 1000");
      await eventually(() => output(spec) === "up\n");
      await container.signal("SIGUSR1");
      expect(await container.ended).toEqual({ waitStatus: killedBy("SIGUSR1") });
      await gone(container);
    });

    test("get signals, the whole of them, and may take their time", async () => {
      await using b = await bench();
      const script = `
        (trap 'echo child; exit' TERM; echo ready; while :; do sleep 0.01; done) &
        trap 'wait; echo parent; exit 5' TERM
        while :; do sleep 0.01; done`;
      const { spec, container } = await b.run(script);
      await eventually(() => output(spec) === "ready\n");
      await container.signal("SIGTERM");
      expect(await container.ended).toEqual({ waitStatus: exitedWith(5) });
      expect(output(spec)).toBe("ready\nchild\nparent\n");
      await container.signal("SIGTERM");
      await gone(container);
    });

    test("end with all of their processes", async () => {
      await using b = await bench();
      const away = traits.strays ? "setsid sh -c '(sleep 1000 &) & sleep 1000' &" : "";
      const { spec, container } = await b.run(`${away} sleep 1000 & sleep 1000 & echo up; wait`);
      await eventually(() => output(spec) === "up\n");
      const inside = () => processesOf(spec.sandbox);
      await eventually(() => inside().length >= (traits.strays ? 5 : 3));
      await container.signal("SIGKILL");
      expect(await container.ended).toEqual({ waitStatus: killedBy("SIGKILL") });
      await gone(container);
      expect(inside()).toEqual([]);
    });

    test("leave nothing behind when they are destroyed while they run, twice", async () => {
      await using b = await bench();
      const { spec, container } = await b.run("trap '' TERM; sleep 1000 & sleep 1000");
      await Promise.all([gone(container), gone(container)]);
      await container.ended;
      expect(processesOf(spec.sandbox)).toEqual([]);
      expect(existsSync(spec.sandbox)).toBe(true);
    });

    test("rotate their logs", async () => {
      await using b = await bench();
      const { spec, container } = await b.run("yes | head -c 100000", {
        logs: { bytesMax: 10_000, filesMax: 3 },
      });
      await container.ended;
      const sizes = ["stdout", "stdout.1", "stdout.2"].map(
        (file) => statSync(join(spec.sandbox, file)).size,
      );
      expect(sizes.every((size) => size > 0 && size <= 10_000)).toBe(true);
      expect(existsSync(join(spec.sandbox, "stdout.3"))).toBe(false);
      await gone(container);
    });

    test.skipIf(!traits.memory)("end when they use more memory than they may", async () => {
      await using b = await bench();
      // A child is killed, and the container goes with it.
      const all = `x=$(head -c 100000000 /dev/zero | tr "\\0" x)`;
      const hog = traits.memory === "first" ? all : `sh -c '${all}'; sleep 1000`;
      const { container } = await b.run(hog, { limits: { memBytes: 32 * MEGABYTE } });
      expect(await container.ended).toMatchObject({
        reason: "REASON_CONTAINER_LIMITATION_MEMORY",
        message: expect.stringMatching(
          /^Memory limit exceeded: Requested: 32MB Maximum Used: 3\d(\.\d)?MB$/,
        ),
        limitation: [{ name: "mem", type: "SCALAR", scalar: { value: expect.closeTo(32, 0) } }],
      });
      await gone(container);
    });

    test.skipIf(!traits.disk)("end when their sandbox is larger than it may be", async () => {
      await using b = await bench();
      const { container } = await b.run("head -c 5000000 /dev/zero > big; sleep 1000", {
        limits: { diskBytes: 2 * MEGABYTE },
      });
      expect(await container.ended).toMatchObject({
        reason: "REASON_CONTAINER_LIMITATION_DISK",
        message: expect.stringMatching(/^Disk usage \([2-5](\.\d)?MB\) exceeds quota \(2MB\)$/),
        limitation: [{ name: "disk" }],
      });
      await gone(container);
    });

    test("are held to rlimits", async () => {
      await using b = await bench();
      const container = {
        type: "MESOS",
        rlimit_info: { rlimits: [{ type: "RLMT_NOFILE", soft: 64, hard: 128 }] },
        ...b.spec().container,
      };
      const { spec, container: limited } = await b.run("ulimit -Sn; ulimit -Hn", { container });
      await limited.ended;
      expect(output(spec)).toBe("64\n128\n");
      await gone(limited);
      const odd = { ...container, rlimit_info: { rlimits: [{ type: "RLMT_TEA" }] } };
      await expect(b.run("true", { container: odd })).rejects.toMatchObject({
        code: "launch_failed",
        message: expect.stringContaining('"RLMT_TEA" is no limit of processes'),
      });
    });

    test("run commands inside, their streams open", async () => {
      await using b = await bench();
      const { spec, container } = await b.run("echo $$; exec sleep 1000", {
        environment: { PATH: "/usr/bin:/bin", OF: "container", BOTH: "container" },
      });
      await eventually(() => output(spec) !== "");
      const session = await container.exec(sh("echo $OF $BOTH $MORE; cat; echo err >&2; exit 7"), {
        environment: { BOTH: "command", MORE: "command" },
      });
      const writer = session.stdin.getWriter();
      await writer.write(new TextEncoder().encode("typed"));
      await writer.close();
      expect(await text(session.stdout)).toBe("container command command\ntyped");
      expect(await text(session.stderr)).toBe("err\n");
      expect(await session.ended).toEqual({ waitStatus: exitedWith(7) });
      const main = output(spec).trim();
      const sees = await container.exec(sh(`kill -0 ${main} && pwd && echo sees`));
      expect(await text(sees.stdout)).toMatch(/sees\n$/);
      await gone(container);
      await expect(container.exec(sh("true"))).rejects.toMatchObject({ code: "exec_failed" });
    });

    test("run no command that is not there", async () => {
      await using b = await bench();
      const { container } = await b.run("exec sleep 1000");
      const command = { shell: false, value: "/no/such", arguments: ["such"] };
      await expect(container.exec(command)).rejects.toMatchObject({
        code: "exec_failed",
        message: expect.stringContaining("/no/such"),
      });
      await gone(container);
    });

    test("end commands inside when they are told to, and with the container", async () => {
      await using b = await bench();
      const { spec, container } = await b.run("exec sleep 1000");
      const abort = new AbortController();
      const aborted = await container.exec(sh("sleep 1000 & wait"), { signal: abort.signal });
      const told = await container.exec(
        sh("trap 'exit 9' TERM; echo up; while :; do sleep 0.01; done"),
      );
      await until(told, /up/);
      const last = await container.exec(sh("sleep 1000"));
      await told.signal("SIGTERM");
      expect(await told.ended).toEqual({ waitStatus: exitedWith(9) });
      abort.abort();
      await aborted.ended;
      await gone(container);
      await last.ended;
      await eventually(() => processesOf(spec.sandbox).length === 0);
      await expect(container.exec(sh("true"), { signal: abort.signal })).rejects.toBe(
        abort.signal.reason,
      );
    });

    test("run commands on a terminal of any size", async () => {
      await using b = await bench();
      const { container } = await b.run("exec sleep 1000");
      // A runtime may give the terminal its size only when the command runs already.
      const line = `is() { until [ "$(stty size 2>/dev/null)" = "$1" ]; do sleep 0.01; done; }
        is "30 100"; echo sized; is "11 22"; echo resized; read x; echo got $x; exit 2`;
      const session = await container.exec(sh(line), { tty: { rows: 30, columns: 100 } });
      await until(session, /sized\r+\n/);
      await session.resize({ rows: 11, columns: 22 });
      await until(session, /resized\r+\n/);
      await session.stdin.getWriter().write(new TextEncoder().encode("hello\n"));
      await until(session, /got hello\r+\n/);
      expect(await session.ended).toEqual({ waitStatus: exitedWith(2) });
      await gone(container);
    });

    test("tell what they use", async () => {
      await using b = await bench();
      const limits = { cpus: 1, memBytes: 64 * MEGABYTE, diskBytes: 100 * MEGABYTE };
      const { spec, container } = await b.run(
        "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo done; exec sleep 1000",
        { limits },
      );
      await eventually(() => output(spec) === "done\n");
      const usage = await container.usage();
      expect(Math.abs(usage.timestamp - Date.now() / 1_000)).toBeLessThan(5);
      const { cpus_user_time_secs = 0, cpus_system_time_secs = 0 } = usage;
      expect(cpus_user_time_secs + cpus_system_time_secs).toBeGreaterThan(0);
      expect(cpus_user_time_secs + cpus_system_time_secs).toBeLessThan(10);
      expect(usage.mem_rss_bytes).toBeGreaterThan(0);
      expect(usage.processes).toBeGreaterThanOrEqual(1);
      if (traits.memory) expect(usage.mem_limit_bytes).toBe(64 * MEGABYTE);
      if (traits.memory) expect(usage.cpus_limit).toBeCloseTo(1);
      if (traits.disk) expect(usage.disk_limit_bytes).toBe(100 * MEGABYTE);
      if (traits.updates === false) {
        await gone(container);
        return;
      }
      await container.update({ cpus: 2, memBytes: 128 * MEGABYTE }, { cpus: 1 });
      if (traits.memory) expect((await container.usage()).mem_limit_bytes).toBe(128 * MEGABYTE);
      await gone(container);
    });

    test("are found again by another containerizer, running or ended", async () => {
      await using b = await bench();
      const running = await b.run(
        // Not at once: what runs inside when it ends is taken along.
        "echo up; while [ ! -e go ]; do sleep 0.02; done; sleep 0.5; exit 4",
      );
      const ended = await b.run("exit 6");
      await ended.container.ended;
      const during = await b.run("sleep 0.2; exit 8");
      const saved = [running, ended, during].map(({ container }) => jsonCopy(container.checkpoint));
      await b.reopen();
      const [one, two, three] = await Promise.all(
        saved.map((each) => b.containerizer.recover(each)),
      );
      if (one?.status !== "running") throw new Error("the running container was not found");
      expect([one.container.id, one.container.pid]).toEqual([
        running.container.id,
        running.container.pid,
      ]);
      expect(two).toEqual({ status: "gone", termination: { waitStatus: exitedWith(6) } });
      expect(await traits.leftovers(ended.container.id)).toEqual([]);
      const late = three?.status === "running" ? await three.container.ended : three?.termination;
      expect(late).toEqual({ waitStatus: exitedWith(8) });
      expect((await one.container.usage()).mem_rss_bytes).toBeGreaterThan(0);
      const inside = await one.container.exec(sh("touch go"));
      expect(await inside.ended).toEqual({ waitStatus: 0 });
      expect(await one.container.ended).toEqual({ waitStatus: exitedWith(4) });
      expect(output(running.spec)).toBe("up\n");
      await gone(one.container);
      const again = await b.containerizer.recover(saved[0]);
      expect(again).toEqual({ status: "gone", termination: undefined });
      if (three?.status === "running") await gone(three.container);
    });

    test("refuse a checkpoint that is none", async () => {
      await using b = await bench();
      await expect(b.containerizer.recover({ containerizer: "other" })).rejects.toMatchObject({
        code: "checkpoint_invalid",
      });
    });

    test(`start ${atOnce} at once`, async () => {
      await using b = await bench();
      const specs = Array.from({ length: atOnce }, (_, n) =>
        b.spec({ command: sh(`echo ${n}; exit ${n}`) }),
      );
      const containers = await Promise.all(specs.map((spec) => b.launch(spec)));
      const ends = await Promise.all(containers.map(({ ended }) => ended));
      expect(ends).toEqual(specs.map((_, n) => ({ waitStatus: exitedWith(n) })));
      expect(specs.map((spec) => output(spec))).toEqual(specs.map((_, n) => `${n}\n`));
      await Promise.all(containers.map(gone));
    }, 60_000);

    test("whose launch is aborted leave nothing behind", async () => {
      await using b = await bench();
      const never = AbortSignal.abort(new Error("not wanted"));
      const specs = Array.from({ length: 20 }, () => b.spec({ command: sh("exec sleep 1000") }));
      const [first = b.spec()] = specs;
      await expect(b.containerizer.launch(first, { signal: never })).rejects.toThrow("not wanted");
      // Cut off at different moments.
      const outcomes = await Promise.all(
        specs.slice(1).map(async (spec, n) => {
          const abort = new AbortController();
          setTimeout(() => abort.abort(new Error("too late")), n);
          return b.containerizer.launch(spec, { signal: abort.signal }).catch((error) => error);
        }),
      );
      for (const outcome of outcomes) {
        if (outcome instanceof Error) expect(outcome.message).toBe("too late");
        else await gone(outcome);
      }
      for (const spec of specs) {
        expect(await traits.leftovers(spec.id)).toEqual([]);
        expect(processesOf(spec.sandbox)).toEqual([]);
      }
      expect(await b.launcher.list()).toEqual([]);
    });
  });
}

function because(reason: string | undefined): string {
  return reason === undefined ? "" : ` (skipped: ${reason})`;
}

function jsonCopy(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** Read a session's output until it matches, for twenty seconds. */
async function until(session: ExecSession, pattern: RegExp): Promise<void> {
  const reader = session.stdout.getReader();
  const decoder = new TextDecoder();
  let seen = "";
  const timer = setTimeout(() => reader.cancel(), 20_000);
  while (!pattern.test(seen)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`no ${pattern} in ${JSON.stringify(seen)}`);
    seen += decoder.decode(value, { stream: true });
  }
  clearTimeout(timer);
  reader.releaseLock();
}

/** Host processes that name a sandbox in their environment or work in it. */
export function processesOf(sandbox: string): string[] {
  const lines = execFileSync("ps", ["-eo", "pid=,stat="], { encoding: "utf8" }).split("\n");
  return lines.flatMap((line) => {
    const [pid = "", state = ""] = line.trim().split(/\s+/);
    if (pid === "" || state.startsWith("Z")) return [];
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
      const mark = `=${sandbox}`;
      return environment.split("\0").some((each) => each.endsWith(mark)) ? [pid] : [];
    } catch {
      return [];
    }
  });
}
