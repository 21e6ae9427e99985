/**
 * The operator's command of a migration: `npm run -s example:migrate -- --help`.
 *
 * `plan` looks and writes nothing; `run` copies, follows and serves metrics and a page; the others ask a `run`
 * that goes on elsewhere. A `run` that is killed is started again with the same file.
 *
 * Exit codes: 0 done; 1 failed; 2 wrong flags or configuration; 3 the plan has blockers, or the
 * servers cannot be replaced; 4 the sides differ, or a report was changed; 5 the cutover, or the replacement, was undone.
 */
import type { Command } from "commander";
import { FairleadError } from "fairlead/base";
import { type Comparison, readJournal } from "fairlead/migration";
import { command, flag, text, toggle, whole, word } from "../shared/flags.ts";
import { readConfig, reportOf, reportSecretOf } from "./config.ts";
import { digestsOf } from "./digest.ts";
import { drive, type RunFlags } from "./drive.ts";
import { plan } from "./plan.ts";
import { readReport, reportLines } from "./report.ts";
import { type Act, request } from "./requests.ts";
import { replaceServers, type ServersFlags } from "./servers.ts";
import { connect } from "./sides.ts";
import { EXIT, type Flags, say } from "./tell.ts";

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
  const made = await readReport(flags.file ?? reportOf(config), reportSecretOf(config));
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
  .addOption(toggle("--dry-run", "the plan alone; writes nothing", false))
  .addOption(
    toggle("--adopt", "what the target has in these places may be changed and deleted", false),
  )
  .addOption(
    flag("--port <n>", {
      help: "of /metrics and the page; 0: any",
      read: whole(0, 65_535),
      initial: 0,
    }),
  )
  .action(
    guarded((flags: RunFlags & { readonly dryRun: boolean }) =>
      flags.dryRun ? plan(flags) : drive(flags),
    ),
  );
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
