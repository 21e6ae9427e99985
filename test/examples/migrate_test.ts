/** The operator's command, between two real ensembles. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ZooKeeper, ZooKeeperEnsemble } from "fairlead/zookeeper/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROOT } from "../support/files.ts";
import { launch, NO_BROWSER, openPage, skipReason } from "../ui/support/browser.ts";

const TSX = `${ROOT}node_modules/tsx/dist/loader.mjs`;
const credentials = [{ scheme: "digest", auth: "super:secret" }];

let a: ZooKeeperEnsemble;
let b: ZooKeeperEnsemble;
let folder = "";
const children: ChildProcess[] = [];

beforeAll(async () => {
  [a, b] = await Promise.all([
    ZooKeeperEnsemble.start({ size: 1 }),
    ZooKeeperEnsemble.start({ size: 1, firstId: 101, epoch: 1_000 }),
  ]);
  folder = await mkdtemp(join(tmpdir(), "fairlead-migrate-"));
}, 60_000);
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await Promise.all([a?.stop(), b?.stop()]);
  await rm(folder, { recursive: true, force: true });
});

function start(...words: string[]): { child: ChildProcess; said: () => string } {
  const path = `${ROOT}examples/migrate/main.ts`;
  const child = spawn(process.execPath, ["--import", TSX, path, ...words], {
    cwd: ROOT,
    env: { ...process.env, TSX_TSCONFIG_PATH: `${ROOT}tsconfig.json`, ZK_AUTH: "super:secret" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk) => {
      output += chunk;
    });
  }
  return { child, said: () => output };
}

async function command(...words: string[]): Promise<{ code: unknown; output: string }> {
  const { child, said } = start(...words);
  const [code] = await once(child, "close");
  return { code, output: said() };
}

async function until(holds: () => boolean, said: () => string): Promise<void> {
  const untilMs = performance.now() + 30_000;
  while (!holds()) {
    if (performance.now() > untilMs) throw new Error(`It never came true: ${said()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function config(name: string, more: object = {}): Promise<string> {
  const file = join(folder, `${name}.json`);
  const json = {
    id: name,
    source: { connectString: a.connectString, auth: "$ZK_AUTH" },
    target: { connectString: b.connectString, auth: "$ZK_AUTH" },
    mappings: [{ from: `/${name}` }],
    ...more,
  };
  await writeFile(file, JSON.stringify(json));
  return file;
}

test("plan, run, verify, cutover, a kill in between, finalize", async () => {
  await using zk = await ZooKeeper.connect(a.connectString, { credentials });
  await using to = await ZooKeeper.connect(b.connectString, { credentials });
  await zk.create("/whole");
  await zk.create("/whole/a", Uint8Array.of(1));
  await zk.create("/whole/e", null, { lifetime: { type: "ephemeral" } });
  const opened = join(folder, "opened");
  const report = join(folder, "whole.report.json");
  const file = await config("whole", {
    hooks: { openTarget: `echo yes > ${opened}` },
    rehomeSeconds: 0.5,
    report,
    reportSecret: "$ZK_AUTH",
  });

  const plan = await command("plan", "--config", file);
  expect(plan).toMatchObject({ code: 0 });
  expect(plan.output).toContain("3 nodes, 1 bytes, 1 ephemerals");
  expect(plan.output).toContain("warning: These ephemerals stay behind");
  expect(await to.exists("/fairlead-migration")).toBeUndefined();

  const first = start("run", "--config", file);
  await until(() => first.said().includes("sync"), first.said);
  first.child.kill("SIGKILL");
  const second = start("run", "--config", file);
  await until(
    () => /metrics +http/.test(second.said()) && second.said().includes("sync"),
    second.said,
  );
  await zk.set("/whole/a", Uint8Array.of(2));
  const [, url = ""] = /metrics +(\S+)/.exec(second.said()) ?? [];
  expect(await (await fetch(url)).text()).toContain('fairlead_migration_phase{phase="sync"} 1');

  const verify = await command("verify", "--config", file, "--json");
  expect(verify).toMatchObject({ code: 0 });
  expect(JSON.parse(verify.output)).toMatchObject({ nodes: 2, differencesCount: 0 });
  const digests = await Promise.all(
    ["source", "target"].map((side) => command("digest", "--config", file, "--side", side)),
  );
  expect(digests[0]?.output).toMatch(
    /^[0-9a-f]{16} {2}2 {2}\/whole\n[0-9a-f]{16} {2}1 {2}\/whole\/a\n$/,
  );
  expect(digests[1]).toEqual(digests[0]);
  expect(await command("cutover", "--config", file)).toMatchObject({ code: 0 });
  expect((await to.get("/whole/a")).data).toEqual(Uint8Array.of(2));
  expect((await command("cutover", "--config", file)).code).toBe(1);
  const status = await command("status", "--config", file);
  expect(status.output).toContain("whole: soak");
  expect(status.output).toContain("seal: fenced");
  second.child.kill("SIGKILL");
  const third = start("run", "--config", file);
  await until(() => third.said().includes("soak"), third.said);
  const early = await command("finalize", "--config", file);
  expect(early).toMatchObject({ code: 1 });
  expect(early.output).toContain("Cannot finalize: the soak goes on for");
  expect(await command("finalize", "--config", file, "--force")).toMatchObject({ code: 0 });

  const told = await command("report", "--config", file);
  expect(told).toMatchObject({ code: 0 });
  expect(told.output).toContain("last 2 nodes, 0 differences");
  expect(told.output).toContain("finalized: forced: the soak goes on");
  expect(told.output).toContain("1 ephemerals missing");
  await writeFile(report, (await readFile(report, "utf8")).replace('"reason"', '"reasons"'));
  expect(await command("report", "--config", file)).toMatchObject({ code: 4 });
  third.child.kill("SIGTERM");
  await once(third.child, "close");
}, 120_000);

test.skipIf(NO_BROWSER !== undefined)(
  `the page of run compares, cuts over and shows it, behind its token${skipReason}`,
  async () => {
    await using zk = await ZooKeeper.connect(a.connectString, { credentials });
    await using to = await ZooKeeper.connect(b.connectString, { credentials });
    await zk.create("/shown");
    await zk.create("/shown/a", Uint8Array.of(1));
    const report = join(folder, "shown.report.json");
    const more = { consoleToken: "t0ken", rehomeSeconds: 0.5, report, soakHours: 1 };
    const running = start("run", "--config", await config("shown", more));
    await until(
      () => /console +http/.test(running.said()) && running.said().includes("sync"),
      running.said,
    );
    const [, url = ""] = /console +(\S+)/.exec(running.said()) ?? [];
    const post = async (act: string, token = "t0ken") => {
      const headers = { authorization: `Bearer ${token}` };
      const body = JSON.stringify({ act });
      return (await fetch(`${url}api/migration/acts`, { method: "POST", headers, body })).status;
    };
    expect(await post("verify", "other")).toBe(401);
    expect(await post("drop")).toBe(400);
    expect(await post("cutover")).toBe(409);

    const browser = await launch();
    try {
      const { page, complaints } = await openPage(browser);
      page.setDefaultTimeout(30_000);
      await page.goto(url);
      await page.locator("[aria-current=step]").getByText("Follow").waitFor();
      const act = async (name: string) => {
        await page.getByRole("button", { name: `${name}…` }).click();
        const dialog = page.getByRole("dialog");
        await dialog.getByLabel("Token").fill("t0ken");
        await dialog.getByRole("button", { name, exact: true }).click();
        await page.getByRole("status").getByText(`${name}: done`).waitFor();
      };
      await act("Compare");
      await page.getByText("Both sides are equal").waitFor();
      await act("Cut over");
      await page.locator("[aria-current=step]").getByText("Soak").waitFor();
      await page.getByText("the soak goes on for").waitFor();
      expect(await page.getByRole("button", { name: "Finalize…" }).isDisabled()).toBe(true);
      expect((await to.get("/shown/a")).data).toEqual(Uint8Array.of(1));
      await act("Roll back");
      await page.getByText("It was rolled back").waitFor();
      await zk.set("/shown/a", Uint8Array.of(2));
      expect(complaints).toEqual([]);
    } finally {
      await browser.close();
    }
    running.child.kill("SIGTERM");
    await once(running.child, "close");
  },
  120_000,
);

test("what is wrong is one sentence and an exit code; nothing is written", async () => {
  await using zk = await ZooKeeper.connect(a.connectString, { credentials });
  await using to = await ZooKeeper.connect(b.connectString, { credentials });
  await zk.create("/taken");
  await to.create("/taken");
  await to.create("/taken/x");
  const blocked = await command("plan", "--config", await config("taken"));
  expect(blocked.code).toBe(3);
  expect(blocked.output).toContain("BLOCKER: These nodes are where the source's are to be");
  expect(blocked.output).toContain("/taken/x");

  const file = await config("taken");
  const run = await command("run", "--config", file);
  expect([run.code, run.output]).toEqual([3, expect.stringContaining("/taken/x")]);
  expect(run.output).toContain("run --adopt");
  const dry = await command("run", "--config", file, "--dry-run", "--adopt");
  expect([dry.code, dry.output]).toEqual([3, expect.stringContaining("1 blockers")]);
  const unset = await config("taken", { reportSecret: "$NONE" });
  const early = await command("run", "--adopt", "--config", unset);
  expect([early.code, early.output]).toEqual([2, expect.stringContaining("reportSecret $NONE")]);
  const { port } = new URL(`http://${a.connectString}`);
  await config("taken");
  const taken = await command("run", "--adopt", "--config", file, "--port", port);
  expect([taken.code, taken.output]).toEqual([1, expect.stringContaining(port)]);
  expect(await to.exists("/taken/x")).toBeDefined();
  expect(await to.exists("/fairlead-migration/taken")).toBeUndefined();
  const adopting = start("run", "--adopt", "--config", file);
  await until(() => adopting.said().includes("sync"), adopting.said);
  expect(await to.exists("/taken/x")).toBeUndefined();
  adopting.child.kill("SIGTERM");
  await once(adopting.child, "close");
  const nobody = await command("verify", "--config", file);
  expect([nobody.code, nobody.output]).toEqual([1, expect.stringContaining("no run of migration")]);

  const wrong = await command(
    "plan",
    "--config",
    await config("wrong", { mappings: [{ from: "x" }] }),
  );
  expect(wrong.code).toBe(2);
  expect(wrong.output).toContain("mappings.0.from: must be a path");
  const overlap = await config("overlap", { mappings: [{ from: "/a" }, { from: "/a/b" }] });
  expect(await command("plan", "--config", overlap)).toMatchObject({ code: 2 });
  expect((await command("plan", "--config", join(folder, "none"))).code).toBe(2);
  const secret = await config("secret", {
    target: { connectString: b.connectString, auth: "$NONE" },
  });
  expect((await command("plan", "--config", secret)).output).toContain("no such variable");
  expect((await command("status", "--config", await config("never"))).code).toBe(1);
}, 120_000);

test("servers: replaces the servers of an ensemble, and says why it cannot", async () => {
  await using ensemble = await ZooKeeperEnsemble.start();
  const joiners = await ensemble.joiners(3, { firstId: 11 });
  try {
    const place = ["--ensemble", ensemble.connectString, "--auth", "$ZK_AUTH"];
    const wrong = await command("servers", ...place, "--join", "server.x=nowhere");
    expect([wrong.code, wrong.output]).toEqual([2, expect.stringContaining("server.x=nowhere")]);
    const taken = joiners.lines.map((line) => line.replace("server.1", "server."));
    const refused = await command("servers", ...place, "--join", ...taken);
    expect([refused.code, refused.output]).toEqual([3, expect.stringContaining("other ids")]);
    const shift = ["--shift", `test "$SERVERS" && echo shifting`];
    const moved = await command("servers", ...place, "--join", ...joiners.lines, ...shift);
    expect(moved.output).toContain("shifting");
    expect(moved.output).toContain("the ensemble is 11, 12, 13; the old servers may be stopped");
    expect(moved.code).toBe(0);
    await ensemble.stop();
    const [first] = joiners.servers;
    await using zk = await ZooKeeper.connect(first?.address ?? "", { credentials });
    expect((await zk.config()).members.map(({ id }) => id)).toEqual([11, 12, 13]);
  } finally {
    await Promise.all(joiners.servers.map((server) => server.stop()));
  }
}, 90_000);
