/**
 * The operator's command of a migration: `npm run -s example:migrate -- --help`.
 *
 * `plan` looks and writes nothing; `run` copies, follows and serves metrics; the others ask a `run`
 * that goes on elsewhere. A `run` that is killed is started again with the same file.
 *
 * Exit codes: 0 done; 1 failed; 2 wrong flags or configuration; 3 the plan has blockers, or the
 * servers cannot be replaced; 4 the sides differ, or a report was changed; 5 the cutover, or the replacement, was undone.
 */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Command } from "commander";
import { FairleadError } from "fairlead/base";
import { compose } from "fairlead/http";
import { serve } from "fairlead/http/node";
import {
  type Comparison,
  type EphemeralPolicy,
  type Finding,
  isWithin,
  Migration,
  type MigrationEvent,
  planMigration,
  ReportBuilder,
  readJournal,
} from "fairlead/migration";
import { type ConnectedSide, connectSide } from "fairlead/migration/node";
import { command, flag, text, toggle, whole, word } from "../shared/flags.ts";
import { type Running, run } from "../shared/run.ts";
import { type MigrateConfig, readConfig, secretOf } from "./config.ts";
import { Progress } from "./console.ts";
import { digestsOf } from "./digest.ts";
import { hooksOf } from "./hooks.ts";
import { ReportFile, readReport, reportLines } from "./report.ts";
import { type Act, request, serveRequests } from "./requests.ts";
import { routerFence, withRouter } from "./router.ts";
import { replaceServers, type ServersFlags } from "./servers.ts";

interface Flags {
  readonly config: string;
  readonly json: boolean;
}

interface RunFlags extends Flags {
  readonly port: number;
}

const EXIT = { usage: 2, blocked: 3, differs: 4, aborted: 5 } as const;
const CONNECT_MS = 30_000;

function add(name: string, help: string): Command {
  return told(name, help).addOption(
    flag("--config <file>", { help: "what is moved where", read: text }).makeOptionMandatory(),
  );
}

function told(name: string, help: string): Command {
  return program
    .command(name)
    .description(help)
    .addOption(toggle("--json", "a line of JSON for each thing that is told", false));
}

/** What goes wrong is one sentence and an exit code. */
function guarded<F extends Pick<Flags, "json">>(
  act: (flags: F) => Promise<number>,
): (flags: F) => Promise<void> {
  return async (flags) => {
    try {
      process.exitCode = await act(flags);
    } catch (error) {
      const { code, message } = FairleadError.from(error);
      if (flags.json) say(flags, { error: { code, message } }, "");
      else console.error(message);
      process.exitCode = exitOf(code);
    }
  };
}

function exitOf(code: string): number {
  if (code === "invalid_config" || code === "invalid_scope") return EXIT.usage;
  if (code === "reconfig_refused") return EXIT.blocked;
  if (code === "report_altered") return EXIT.differs;
  return code === "reconfig_undone" ? EXIT.aborted : 1;
}

function say({ json }: Pick<Flags, "json">, value: unknown, line: string): void {
  if (json) console.log(JSON.stringify(value, (_, each) => plain(each)));
  else if (line !== "") console.log(line);
}

function plain(value: unknown): unknown {
  return typeof value === "bigint" ? `0x${value.toString(16)}` : value;
}

async function connect(config: MigrateConfig, side: "source" | "target"): Promise<ConnectedSide> {
  const { connectString, auth, strategy } = config[side];
  const { mappings } = config;
  const roots = mappings.map(({ from, to }) => (side === "source" ? from : (to ?? from)));
  const signal = AbortSignal.timeout(CONNECT_MS);
  const credentials = [{ scheme: "digest", auth: secretOf(auth) }];
  try {
    return await connectSide({ connectString, credentials, strategy, watch: { roots }, signal });
  } catch (cause) {
    if (cause !== signal.reason) throw cause;
    const message = `Cannot connect to ${connectString}: nobody answered in ${CONNECT_MS} ms`;
    throw new FairleadError("connect_failed", message, { cause });
  }
}

function ghostsOf({ ghosts }: MigrateConfig): (path: string) => EphemeralPolicy {
  return (path) => (ghosts.some((each) => isWithin(path, each)) ? "ghost" : "drop");
}

async function plan(flags: Flags): Promise<number> {
  const config = await readConfig(flags.config);
  await using source = await connect(config, "source");
  await using target = await connect(config, "target");
  const made = await planMigration({ ...config, ephemerals: ghostsOf(config), source, target });
  const { inventory, blockers, warnings, operations, copySeconds } = made;
  const counts = `${inventory.nodes} nodes, ${inventory.bytes} bytes, ${inventory.ephemerals} ephemerals`;
  const lines = [
    `${config.id}: ${counts}; ${operations} writes, about ${copySeconds} s, followed by ${made.strategy}`,
    ...[source, target].flatMap(({ reason }, index) =>
      reason === undefined
        ? []
        : [`the ${index === 0 ? "source" : "target"} by watches: ${reason}`],
    ),
    ...warnings.map((each) => shown("warning", each)),
    ...blockers.map((each) => shown("BLOCKER", each)),
    blockers.length === 0 ? "nothing forbids it" : `${blockers.length} blockers`,
  ];
  say(flags, made, lines.join("\n"));
  return blockers.length === 0 ? 0 : EXIT.blocked;
}

function shown(kind: string, { message, count, paths }: Finding): string {
  const more = count > paths.length ? ` and ${count - paths.length} more` : "";
  return `${kind}: ${message}: ${paths.slice(0, 10).join(" ")}${more}`;
}

async function drive(flags: RunFlags): Promise<number> {
  const config = await readConfig(flags.config);
  const ending = new AbortController();
  return await run(async (): Promise<Running> => {
    const source = await connect(config, "source");
    const target = await connect(config, "target");
    const migration = await Migration.open({
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
    const report = await reportOf(config, target);
    const progress = new Progress();
    progress.phase = migration.phase;
    const server = await serve({
      hostname: "127.0.0.1",
      port: flags.port,
      handler: compose([], () => new Response(progress.metrics())),
    });
    say(flags, { metrics: `${server.url}/metrics` }, `metrics    ${server.url}/metrics`);
    const watching = watch(flags, migration, { progress, report });
    await migration.start();
    progress.phase = migration.phase;
    say(flags, { phase: migration.phase }, progress.line());
    const serving = serveRequests(
      target.client,
      config.id,
      (act) => perform(migration, act),
      ending.signal,
    );
    const failed = Promise.race([watching, serving]).then(() => {
      ending.signal.throwIfAborted();
    });
    return {
      failed,
      async [Symbol.asyncDispose]() {
        ending.abort();
        await migration.stop();
        await Promise.allSettled([watching, serving]);
        await server.close();
        await source.client.close();
        await target.client.close();
      },
    };
  });
}

async function reportOf(config: MigrateConfig, target: ConnectedSide): Promise<ReportFile> {
  const { id, report: file = `${config.id}.report.json`, reportSecret } = config;
  const secret = reportSecret === undefined ? undefined : secretOf(reportSecret);
  const journal = await readJournal(target.client, id);
  return new ReportFile(file, secret, new ReportBuilder(id, journal?.ledger));
}

/** Tell what happens: phases at once, the rest now and then. */
async function watch(
  flags: Flags,
  migration: Migration,
  { progress, report }: { readonly progress: Progress; readonly report: ReportFile },
): Promise<void> {
  let toldMs = 0;
  for await (const event of migration.events()) {
    progress.take(event);
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
    case "verify":
      return await migration.verify();
  }
}

async function ask(flags: Flags, act: Act): Promise<number> {
  const config = await readConfig(flags.config);
  await using target = await connect(config, "target");
  const journal = await readJournal(target.client, config.id);
  if (journal === undefined) throw notBegun(config.id);
  const outcome = await request(target.client, config.id, act);
  if (!outcome.isDone) {
    say(flags, outcome, outcome.message);
    return outcome.code === "cutover_aborted" ? EXIT.aborted : 1;
  }
  if (act !== "verify") {
    say(flags, outcome, `${act}: done`);
    return 0;
  }
  const { differencesCount, differences, nodes, digests } = comparisonOf(outcome.result);
  const few = differences.slice(0, 20).map(({ path, facets }) => `  ${path}: ${facets.join(", ")}`);
  const head = `${nodes} nodes, ${differencesCount} differences, digest ${digests.actual}`;
  say(flags, outcome.result, [head, ...few].join("\n"));
  return differencesCount === 0 ? 0 : EXIT.differs;
}

function comparisonOf(result: unknown): Comparison {
  const isComparison = (value: unknown): value is Comparison =>
    typeof value === "object" && value !== null && "differencesCount" in value;
  if (isComparison(result)) return result;
  throw new FairleadError("invalid_answer", "Cannot read the comparison: it is of another kind");
}

async function status(flags: Flags): Promise<number> {
  const config = await readConfig(flags.config);
  await using target = await connect(config, "target");
  const journal = await readJournal(target.client, config.id);
  if (journal === undefined) throw notBegun(config.id);
  const { cursor, ledger } = journal;
  const lines = [
    `${config.id}: ${cursor.phase}, up to zxid 0x${cursor.zxid.toString(16)}, ${cursor.sequence} writes, driven by ${cursor.owner}`,
    ...ledger.map((entry) => {
      const { phase, reason, atMs } = JSON.parse(entry);
      return `  ${new Date(atMs).toISOString()}  ${phase}: ${reason}`;
    }),
  ];
  say(flags, { cursor, ledger: ledger.map((entry) => JSON.parse(entry)) }, lines.join("\n"));
  return 0;
}

async function report(flags: Flags & { readonly file?: string | undefined }): Promise<number> {
  const config = await readConfig(flags.config);
  const { report: file = `${config.id}.report.json`, reportSecret } = config;
  const secret = reportSecret === undefined ? undefined : secretOf(reportSecret);
  const made = await readReport(flags.file ?? file, secret);
  say(flags, made, `${reportLines(made)}\nit is as it was sealed`);
  return 0;
}

interface DigestFlags extends Flags {
  readonly side: "source" | "target";
  readonly depth: number;
}

async function digest(flags: DigestFlags): Promise<number> {
  const config = await readConfig(flags.config);
  await using side = await connect(config, flags.side);
  const digests = await digestsOf(config, flags.side, side, flags.depth);
  const lines = digests.map(({ path, nodes, digest }) => `${digest}  ${nodes}  ${path}`);
  say(flags, digests, lines.join("\n"));
  return 0;
}

async function servers(flags: ServersFlags & Pick<Flags, "json">): Promise<number> {
  await replaceServers(flags, (event, line) => say(flags, event, line));
  return 0;
}

function notBegun(id: string): FairleadError {
  return new FairleadError("not_begun", `Cannot find migration "${id}": it was not begun`);
}

const program = command("migrate", "Moves a live ensemble of ZooKeeper to another one.");
add("plan", "what would be moved, and what forbids it; writes nothing").action(guarded(plan));
add("run", "copy, then follow until the migration is finalized or rolled back")
  .addOption(
    flag("--port <n>", { help: "of /metrics; 0: any", read: whole(0, 65_535), initial: 0 }),
  )
  .action(guarded(drive));
add("status", "where it stands, by its journal").action(guarded(status));
add("verify", "compare both sides now").action(guarded((flags) => ask(flags, "verify")));
add("cutover", "send the clients over").action(guarded((flags) => ask(flags, "cutover")));
add("rollback", "go back to the source").action(guarded((flags) => ask(flags, "rollback")));
add("finalize", "give up the way back")
  .addOption(toggle("--force", "though the soak is not over", false))
  .action(
    guarded((flags: Flags & { readonly force: boolean }) =>
      ask(flags, flags.force ? "finalize-forced" : "finalize"),
    ),
  );
add("report", "show what run wrote, and check that nobody changed it")
  .addOption(flag("--file <file>", { help: "another one than the configuration's", read: text }))
  .action(guarded(report));
add("digest", "one hash a subtree of a side, to be compared line by line")
  .addOption(
    flag("--side <side>", {
      help: "source or target",
      read: word(["source", "target"]),
    }).makeOptionMandatory(),
  )
  .addOption(
    flag("--depth <n>", { help: "levels below the mappings", read: whole(0, 1_000), initial: 1 }),
  )
  .action(guarded(digest));
told("servers", "replace the servers of one ensemble under its clients; copies nothing")
  .addOption(
    flag("--ensemble <servers>", {
      help: "host:port,… of its client ports",
      read: text,
    }).makeOptionMandatory(),
  )
  .addOption(
    flag("--auth <super:password>", {
      help: 'a superuser; or "$NAME" of a variable',
      read: text,
    }).makeOptionMandatory(),
  )
  .requiredOption("--join <lines...>", "new servers, as server.4=host:2888:3888;host:2181")
  .addOption(
    flag("--shift <command>", { help: "sends clients to the new ones, $SERVERS", read: text }),
  )
  .addOption(
    flag("--step-seconds <n>", {
      help: "how long each step may take",
      read: whole(1, 86_400),
      initial: 60,
    }),
  )
  .action(guarded(servers));
await program.parseAsync();
