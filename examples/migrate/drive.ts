/** `run`: copies, follows, serves metrics and a page, and does what the other commands ask for. */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { FairleadError } from "fairlead/base";
import type { Handler } from "fairlead/http";
import { serve } from "fairlead/http/node";
import { Migration, type MigrationEvent, ReportBuilder, readJournal } from "fairlead/migration";
import type { ConnectedSide } from "fairlead/migration/node";
import { type Running, run } from "../shared/run.ts";
import { StatusBoard } from "./board.ts";
import {
  checkForRun,
  type MigrateConfig,
  readConfig,
  reportOf,
  reportSecretOf,
  secretOf,
} from "./config.ts";
import { Progress } from "./console.ts";
import { hooksOf } from "./hooks.ts";
import { pageHandler } from "./page.ts";
import { ghostsOf, planOf, shown } from "./plan.ts";
import { earlierReport, ReportFile } from "./report.ts";
import { type Act, request, serveRequests } from "./requests.ts";
import { routerFence, withRouter } from "./router.ts";
import { connect } from "./sides.ts";
import { EXIT, type Flags, say } from "./tell.ts";

/** Flags of `run`. */
export interface RunFlags extends Flags {
  readonly port: number;
  /** Whether what the target has in these places may be changed and deleted. */
  readonly adopt: boolean;
}

/** What a run works with. */
interface Works {
  readonly config: MigrateConfig;
  readonly source: ConnectedSide;
  readonly target: ConnectedSide;
  readonly ledger: readonly string[];
  readonly report: ReportFile;
  /** Served from the beginning; answers once the migration is open. */
  readonly door: { handler: Handler };
}

/** Everything that can be wrong is looked at before the first write. */
export async function drive(flags: RunFlags): Promise<number> {
  const config = await readConfig(flags.config);
  await checkForRun(config);
  const [file, secret] = [reportOf(config), reportSecretOf(config)];
  const earlier = await earlierReport(file, secret, (line) => say(flags, { report: line }, line));
  await using source = await connect(config, "source");
  await using target = await connect(config, "target");
  const journal = await readJournal(target.client, config.id);
  if (journal === undefined && !(await isAllowed(flags, config, source, target))) {
    return EXIT.blocked;
  }
  const ledger = journal?.ledger ?? [];
  const report = new ReportFile(file, secret, new ReportBuilder(config.id, ledger, earlier));
  const door: Works["door"] = { handler: async () => new Response(null, { status: 503 }) };
  const server = await serve({
    hostname: "127.0.0.1",
    port: flags.port,
    handler: (request) => door.handler(request),
  });
  try {
    const { url } = server;
    const lines = `metrics    ${url}/metrics\nconsole    ${url}/`;
    say(flags, { metrics: `${url}/metrics`, console: `${url}/` }, lines);
    return await run(() => begin(flags, { config, source, target, ledger, report, door }));
  } finally {
    await server.close();
  }
}

/** Whether the plan has nothing against it. */
async function isAllowed(
  flags: RunFlags,
  config: MigrateConfig,
  source: ConnectedSide,
  target: ConnectedSide,
): Promise<boolean> {
  const { blockers } = await planOf(config, source, target);
  const left = blockers.filter(({ code }) => !flags.adopt || code !== "target_not_empty");
  for (const each of left) say(flags, { blocker: each }, shown("BLOCKER", each));
  if (left.some(({ code }) => code === "target_not_empty")) {
    say(flags, { adopt: false }, "run --adopt changes and deletes what the target has there");
  }
  return left.length === 0;
}

async function begin(flags: RunFlags, works: Works): Promise<Running> {
  const { config, source, target, ledger, report, door } = works;
  const ending = new AbortController();
  const migration = await open(works);
  const progress = new Progress();
  progress.phase = migration.phase;
  const strategies = { source: source.strategy, target: target.strategy };
  const board = new StatusBoard({ id: config.id, strategies, ledger, progress });
  const { consoleToken } = config;
  door.handler = await pageHandler({
    board,
    progress,
    token: consoleToken === undefined ? undefined : secretOf(consoleToken, "consoleToken"),
    perform: (act) => request(target.client, config.id, act),
    soak: () => migration.soak(),
  });
  const watching = watch(flags, migration, { progress, report, board });
  const following = follow(flags, migration, progress);
  const serving = serveRequests(
    target.client,
    config.id,
    (act) => perform(migration, act),
    ending.signal,
  );
  const failed = Promise.race([watching, serving, following.then(() => watching)]).then(() => {
    ending.signal.throwIfAborted();
  });
  failed.catch(() => undefined);
  return {
    failed,
    async [Symbol.asyncDispose]() {
      ending.abort();
      await migration.stop();
      await Promise.allSettled([watching, serving, following]);
    },
  };
}

function open({ config, source, target }: Works): Promise<Migration> {
  return Migration.open({
    ...config,
    owner: `${hostname()} ${process.pid} ${randomUUID()}`,
    source,
    target,
    ephemerals: ghostsOf(config),
    hooks: withRouter(hooksOf(config), config),
    fences: config.router === undefined ? [] : [routerFence(config.router)],
    cutoverDeadlineMs: config.cutoverDeadlineSeconds * 1_000,
    rollingMs: config.rollingSeconds * 1_000,
    rehomeMs: config.rehomeSeconds * 1_000,
    soakMs: config.soakHours * 3_600_000,
  });
}

/** Begin, or go on; where only clients could not be sent over, another act can follow. */
async function follow(flags: RunFlags, migration: Migration, progress: Progress): Promise<void> {
  try {
    await migration.start();
  } catch (error) {
    if (!["open", "rehome", "aborted"].includes(migration.phase)) throw error;
    const { code, message } = FairleadError.from(error);
    if (migration.phase !== "aborted") say(flags, { error: { code, message } }, message);
  }
  progress.phase = migration.phase;
  say(flags, { phase: migration.phase }, progress.line());
}

/** Tell what happens: phases at once, the rest now and then. */
async function watch(
  flags: Flags,
  migration: Migration,
  {
    progress,
    report,
    board,
  }: { readonly progress: Progress; readonly report: ReportFile; readonly board: StatusBoard },
): Promise<void> {
  let toldMs = 0;
  for await (const event of migration.events()) {
    progress.take(event);
    board.take(event);
    await report.take(event);
    if (!isLoud(event) && performance.now() - toldMs < 1_000) continue;
    toldMs = performance.now();
    say(flags, event, progress.line());
  }
}

function isLoud(event: MigrationEvent): boolean {
  if (event.type === "rolled") return event.differences.length > 0;
  return ["phase", "opened", "verified"].includes(event.type);
}

async function perform(migration: Migration, act: Act): Promise<unknown> {
  switch (act) {
    case "cutover":
      return await migration.cutover();
    case "rollback":
      return await migration.rollback("asked for by the command");
    case "finalize":
      return await migration.finalize();
    case "finalize-forced":
      return await migration.finalize({ force: true });
    case "verify": {
      // An answer is a node: what does not fit there is in the report.
      const { differences, ...rest } = await migration.verify();
      return { ...rest, differences: differences.slice(0, 100) };
    }
  }
}
