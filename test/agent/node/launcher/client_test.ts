import { existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Launcher } from "../../../../src/agent/node/launcher/client.ts";
import { isAlive } from "../../../../src/agent/node/launcher/identity.ts";
import { shell, TestLauncher } from "./launcher.ts";

const text = (stream: ReadableStream<Uint8Array>) => new Response(stream).text();

/** Look again until it holds. */
async function eventually(holds: () => boolean): Promise<void> {
  for (let n = 0; n < 500 && !holds(); n++) await new Promise((done) => setTimeout(done, 10));
  expect(holds()).toBe(true);
}

describe("Launcher keeps processes", () => {
  test("starts one, logs what it says, tells how it ended", async () => {
    await using t = await TestLauncher.open();
    const process = await t.launcher.start(t.spec("a", "echo out; echo err >&2; exit 3"));
    expect(await process.ended).toEqual({ waitStatus: 3 << 8 });
    expect([t.read("a.out"), t.read("a.err")]).toEqual(["out\n", "err\n"]);
    expect(await t.launcher.find("a")).toEqual({ status: "ended", waitStatus: 3 << 8 });
    expect(await t.launcher.forget("a")).toBe(true);
    expect(await t.launcher.find("a")).toEqual({ status: "unknown" });
    expect(await t.launcher.forget("a")).toBe(false);
  });

  test("all output of a process is in its logs when its end is told", async () => {
    await using t = await TestLauncher.open();
    const script = "(sleep 30 &); head -c 300000 /dev/zero";
    const process = await t.launcher.start(t.spec("a", script));
    await process.ended;
    expect(statSync(t.path("a.out")).size).toBe(300_000);
    await t.launcher.signal("a", 9, { group: true });
  });

  test("tells the signal that ended one, and signals whole groups", async () => {
    await using t = await TestLauncher.open();
    const process = await t.launcher.start(t.spec("a", "sleep 100 & echo $!; wait"));
    await eventually(() => existsSync(t.path("a.out")) && t.read("a.out").endsWith("\n"));
    const child = { pid: Number(t.read("a.out")), startTicks: 0 };
    expect(isAlive(child)).toBe(true);
    expect(await t.launcher.signal("a", 15, { group: true })).toBe(true);
    expect(await process.ended).toEqual({ waitStatus: 15 });
    await eventually(() => !isAlive(child));
    expect(await t.launcher.signal("a", 15, { group: false })).toBe(false);
    expect(await t.launcher.signal("nobody", 15, { group: true })).toBe(false);
  });

  test("gives exactly the environment, folder and argv", async () => {
    await using t = await TestLauncher.open();
    const folder = t.path("");
    const environment = { A: "1", "b.c": "two words", EMPTY: "" };
    const program = { path: "/usr/bin/env", argv: ["another name"], environment, folder };
    await (await t.launcher.start(t.spec("a", "", { program }))).ended;
    expect(t.read("a.out").trim().split("\n").sort()).toEqual(["A=1", "EMPTY=", "b.c=two words"]);
    const name = { ...shell("echo $0; pwd", t.folder), argv: ["other", "-c", "echo $0; pwd"] };
    await (await t.launcher.start(t.spec("b", "", { program: name }))).ended;
    expect(t.read("b.out")).toBe(`other\n${t.folder}\n`);
  });

  test("its processes can open /dev/stdout, read nothing, lead their session", async () => {
    await using t = await TestLauncher.open();
    const script = "echo x > /dev/stdout; cat; ps -o pid=,pgid=,sid= -p $$ | tr -s ' '; umask";
    const { pid, ended } = await t.launcher.start(t.spec("a", script));
    await ended;
    expect(t.read("a.out").replaceAll("\n ", "\n")).toBe(`x\n${pid} ${pid} ${pid}\n0022\n`);
  });

  test("refuses what cannot be started, and leaves nothing of it", async () => {
    await using t = await TestLauncher.open();
    const program = { ...shell("", t.folder), path: "/no/such" };
    await expect(t.launcher.start(t.spec("a", "", { program }))).rejects.toMatchObject({
      code: "launcher_refused",
      details: { code: "ENOENT" },
    });
    expect(await t.launcher.list()).toEqual([]);
    await t.launcher.start(t.spec("a", "exec sleep 100"));
    await expect(t.launcher.start(t.spec("a", "true"))).rejects.toThrow('"a" is here already');
    await expect(t.launcher.forget("a")).rejects.toThrow('"a" has not ended');
  });

  test("rotates logs, which never grow past their size", async () => {
    await using t = await TestLauncher.open();
    const stdout = { path: t.path("log"), bytesMax: 10_000, filesMax: 3 };
    const script = "i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done";
    await (await t.launcher.start(t.spec("a", script, { stdout }))).ended;
    const sizes = ["log", "log.1", "log.2"].map((name) => statSync(t.path(name)).size);
    expect(sizes.every((size) => size > 0 && size <= 10_000)).toBe(true);
    expect(existsSync(t.path("log.3"))).toBe(false);
    const lines = `${t.read("log.2")}${t.read("log.1")}${t.read("log")}`.trimEnd().split("\n");
    const first = Number(lines[0]?.split(" ")[1]);
    expect(lines).toEqual(lines.map((_, n) => `line ${first + n}`));
    expect(lines.at(-1)).toBe("line 4999");
  });

  test("a log that something stands in the way of stays within its size", async () => {
    await using t = await TestLauncher.open();
    mkdirSync(t.path("log.1/in"), { recursive: true });
    const stdout = { path: t.path("log"), bytesMax: 4_096, filesMax: 2 };
    await (await t.launcher.start(t.spec("a", "yes | head -c 100000", { stdout }))).ended;
    expect(statSync(t.path("log")).size).toBeLessThanOrEqual(4_096);
  });
});

describe("Launcher outlives", () => {
  test("its agent: what ended meanwhile is known, what runs goes on", async () => {
    await using t = await TestLauncher.open();
    const before = await t.launcher.start(t.spec("runs", "read x; exec sleep 100"));
    const { pid } = await t.launcher.start(t.spec("ends", "sleep 0.05; echo late; exit 7"));
    const launcherPid = await t.launcher.pid();
    await t.reopen();
    expect(await t.launcher.pid()).toBe(launcherPid);
    const ends = await t.launcher.find("ends");
    if (ends.status === "running") expect(await ends.ended).toEqual({ waitStatus: 7 << 8 });
    expect(t.read("ends.out")).toBe("late\n");
    expect(isAlive({ pid, startTicks: 0 })).toBe(false);
    const { pid: same, startTicks } = before;
    expect(await t.launcher.find("runs")).toMatchObject({
      status: "running",
      pid: same,
      startTicks,
    });
  });

  test("its own death: processes are taken over, their logs go on", async () => {
    await using t = await TestLauncher.open();
    const script = "echo one; while [ ! -e go ]; do sleep 0.02; done; echo two; exit 5";
    const kept = await t.launcher.start(t.spec("a", script));
    const done = await t.launcher.start(t.spec("b", "exit 6"));
    await done.ended;
    await eventually(() => t.read("a.out") === "one\n");
    const dead = await t.launcher.pid();
    process.kill(dead, "SIGKILL");
    await eventually(() => !isAlive({ pid: dead, startTicks: 0 }));
    expect(await t.launcher.find("a")).toMatchObject({ status: "running", pid: kept.pid });
    expect(await t.launcher.pid()).not.toBe(dead);
    expect(await t.launcher.find("b")).toEqual({ status: "ended", waitStatus: 6 << 8 });
    await (await t.launcher.start(t.spec("go", "touch go"))).ended;
    // Its status went to init.
    expect(await kept.ended).toEqual({});
    expect(t.read("a.out")).toBe("one\ntwo\n");
  });

  test("and goes when it has nothing left to do", async () => {
    await using t = await TestLauncher.open({ idleMs: 50 });
    const pid = await t.launcher.pid();
    const other = await Launcher.open({ folder: join(t.folder, "other"), idleMs: 50 });
    const otherPid = await other.pid();
    expect(otherPid).not.toBe(pid);
    await (await other.start({ ...t.spec("x", "true") })).ended;
    await other[Symbol.asyncDispose]();
    await eventually(() => !isAlive({ pid: otherPid, startTicks: 0 }));
    expect(isAlive({ pid, startTicks: 0 })).toBe(true);
    // What it remembers is still there.
    await using again = await Launcher.open({ folder: join(t.folder, "other"), idleMs: 50 });
    expect(await again.find("x")).toEqual({ status: "ended", waitStatus: 0 });
  });

  test("a folder too deep for a socket's path will do", async () => {
    await using t = await TestLauncher.open();
    const folder = join(t.folder, "deep".repeat(30), "deep".repeat(30));
    await using deep = await Launcher.open({ folder, idleMs: 50 });
    expect(await deep.list()).toEqual([]);
  });
});

describe("Launcher sessions", () => {
  test("carry streams both ways and tell the end", async () => {
    await using t = await TestLauncher.open();
    const session = await t.launcher.session({
      id: "s",
      program: shell("cat; echo err >&2; exit 4", t.folder),
    });
    const writer = session.stdin.getWriter();
    await writer.write(new TextEncoder().encode("in and out"));
    await writer.close();
    expect(await text(session.stdout)).toBe("in and out");
    expect(await text(session.stderr)).toBe("err\n");
    expect(await session.ended).toEqual({ waitStatus: 4 << 8 });
  });

  test("hold a fast command back until somebody reads", async () => {
    await using t = await TestLauncher.open();
    const program = shell("head -c 20000000 /dev/zero; echo done > done", t.folder);
    const session = await t.launcher.session({ id: "s", program });
    await new Promise((done) => setTimeout(done, 200));
    expect(existsSync(t.path("done"))).toBe(false);
    const { length } = new Uint8Array(await new Response(session.stdout).arrayBuffer());
    expect(length).toBe(20_000_000);
    expect(await session.ended).toEqual({ waitStatus: 0 });
  });

  test("end with their connection, the whole group", async () => {
    await using t = await TestLauncher.open();
    const session = await t.launcher.session({
      id: "s",
      program: shell("sleep 100 & echo $!; wait", t.folder),
    });
    const { value } = await session.stdout.getReader().read();
    const child = { pid: Number(new TextDecoder().decode(value)), startTicks: 0 };
    expect(isAlive(child)).toBe(true);
    session.abandon();
    await eventually(() => !isAlive(child));
  });

  test("may have a terminal, of any size", async () => {
    await using t = await TestLauncher.open();
    const script = "tty >&2; stty size; read line; stty size; echo got $line; exit 2";
    const program = shell(script, t.folder);
    const session = await t.launcher.session({
      id: "s",
      program,
      terminal: { rows: 30, columns: 100 },
    });
    const reader = session.stdout.getReader();
    let seen = "";
    const until = async (pattern: RegExp) => {
      while (!pattern.test(seen)) {
        const { value, done } = await reader.read();
        if (done) break;
        seen += new TextDecoder().decode(value);
      }
      expect(seen).toMatch(pattern);
    };
    await until(/\/dev\/pts\/\d+\r\n30 100\r\n/);
    expect(await t.launcher.resize("s", { rows: 11, columns: 22 })).toBe(true);
    await session.stdin.getWriter().write(new TextEncoder().encode("hello\n"));
    await until(/11 22\r\ngot hello\r\n/);
    expect(await session.ended).toEqual({ waitStatus: 2 << 8 });
  });

  test("lose nothing that was shown on a terminal, however slowly it is read", async () => {
    await using t = await TestLauncher.open();
    const program = shell("seq 100000; echo end", t.folder);
    const terminal = { rows: 10, columns: 80 };
    const session = await t.launcher.session({ id: "s", program, terminal });
    await new Promise((done) => setTimeout(done, 500));
    const lines = (await text(session.stdout)).split("\r\n");
    expect(lines).toEqual([...Array.from({ length: 100_000 }, (_, n) => `${n + 1}`), "end", ""]);
    expect(await session.ended).toEqual({ waitStatus: 0 });
  });

  test("a program that is not there is refused", async () => {
    await using t = await TestLauncher.open();
    const program = { ...shell("", t.folder), path: "/no/such" };
    await expect(t.launcher.session({ id: "s", program })).rejects.toMatchObject({
      code: "launcher_refused",
      details: { code: "ENOENT" },
    });
  });
});

describe("Launcher.run()", () => {
  test("gives output and status, and kills what takes too long", async () => {
    await using t = await TestLauncher.open();
    const limits = { timeoutMs: 5_000, outputBytesMax: 1_000 };
    const program = shell("echo out; echo err >&2; exit 9", t.folder);
    expect(await t.launcher.run({ program, ...limits })).toEqual({
      waitStatus: 9 << 8,
      stdout: "out\n",
      stderr: "err\n",
      timedOut: false,
    });
    const slow = shell("exec sleep 100", t.folder);
    expect(await t.launcher.run({ program: slow, ...limits, timeoutMs: 50 })).toMatchObject({
      timedOut: true,
      waitStatus: 9,
    });
  });
});
