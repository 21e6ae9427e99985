/** The file that says what is moved where; every field is checked by name. */
import { access, constants, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { FairleadError } from "fairlead/base";
import { Scope } from "fairlead/migration";
import * as z from "zod";

const place = z.strictObject({
  /** `host:port,host:port,…` of client ports. */
  connectString: z.string().min(1),
  /** A superuser, as "super:password"; or the name of a variable that has it: "$ZK_AUTH". */
  auth: z.string().min(1),
  /** Its log by the observer tap, or watches; "auto": the tap unless it is refused. */
  strategy: z.enum(["auto", "tap", "watch"]).default("auto"),
});

const path = z.string().regex(/^\//, "must be a path, as /marathon");
const command = z.string().min(1).describe("for sh");

const schema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, "must be letters, digits and dashes, up to 64"),
  source: place,
  target: place,
  mappings: z.array(z.strictObject({ from: path, to: path.optional() })).min(1),
  exclude: z.array(path).default([]),
  /** Ephemerals below these paths are kept as plain nodes until their owners come. */
  ghosts: z.array(path).default([]),
  counts: z
    .strictObject({ versions: z.boolean().default(true), counters: z.boolean().default(true) })
    .default({ versions: true, counters: true }),
  /** Commands; each may be run twice, and is ended when the cutover gives up. */
  hooks: z
    .strictObject({
      drain: command.optional(),
      undrain: command.optional(),
      openTarget: command.optional(),
      openSource: command.optional(),
    })
    .default({}),
  /** A router of `examples/router` that clients connect to: it is shut and sends them over. */
  router: z.strictObject({ url: z.url(), token: z.string().min(1) }).optional(),
  /** Whether all ACLs become read-only in the cutover; without it the router has to hold. */
  fenceAcls: z.boolean().default(true),
  cutoverDeadlineSeconds: z.number().int().min(1).max(86_400).default(300),
  /** The largest write that the target takes: below its jute.maxbuffer. */
  requestBytesMax: z.number().int().min(10_000).max(1_073_741_824).default(1_000_000),
  quietMs: z.number().int().min(1).max(60_000).default(100),
  /** How often some nodes are compared while it follows; 0: never. */
  rollingSeconds: z.number().min(0).max(3_600).default(1),
  /** How long the cutover waits for ephemerals to come back and clients to leave the source. */
  rehomeSeconds: z.number().min(0).max(3_600).default(60),
  /** How long the way back is kept at least. */
  soakHours: z.number().min(0).max(8_760).default(24),
  /** Whoever has it may ask for acts on the page of `run`; or "$NAME" of a variable. */
  consoleToken: z.string().min(1).optional(),
  /** Where `run` keeps its report. */
  report: z.string().min(1).optional(),
  /** Signs the report; or "$NAME" of a variable. */
  reportSecret: z.string().min(1).optional(),
});

/** What a configuration says, with every default in place. */
export type MigrateConfig = z.output<typeof schema>;

/** @throws {FairleadError} `invalid_config`, with the field. */
export async function readConfig(file: string): Promise<MigrateConfig> {
  const read = schema.safeParse(await readJson(file));
  if (!read.success) {
    const [issue] = read.error.issues;
    throw invalid(file, `${issue?.path.join(".") || "it"}: ${issue?.message}`);
  }
  const { mappings, exclude } = read.data;
  try {
    new Scope(mappings, exclude);
  } catch (cause) {
    throw invalid(file, `mappings, exclude: ${FairleadError.from(cause).message}`);
  }
  return read.data;
}

/**
 * Whether everything that a run will need is there: before it begins, not in a cutover.
 *
 * @throws {FairleadError} `invalid_config`, with the field.
 */
export async function checkForRun(config: MigrateConfig): Promise<void> {
  const { source, target, router, consoleToken, reportSecret } = config;
  const secrets = {
    "source.auth": source.auth,
    "target.auth": target.auth,
    "router.token": router?.token,
    consoleToken,
    reportSecret,
  };
  for (const [field, secret] of Object.entries(secrets)) {
    if (secret !== undefined) secretOf(secret, field);
  }
  const folder = dirname(reportOf(config));
  try {
    await access(folder, constants.W_OK);
  } catch {
    throw unusable("report", folder, "it is no folder that can be written to");
  }
}

/** Where a report is kept. */
export function reportOf({ id, report = `${id}.report.json` }: MigrateConfig): string {
  return report;
}

/** What signs a report; undefined: nothing. */
export function reportSecretOf({ reportSecret }: MigrateConfig): string | undefined {
  return reportSecret === undefined ? undefined : secretOf(reportSecret, "reportSecret");
}

/** @throws {FairleadError} `invalid_config` when it is no name and password. */
export function authOf({ auth }: MigrateConfig["source"], field: string): string {
  const secret = secretOf(auth, field);
  if (/^[^:]+:.+/.test(secret)) return secret;
  throw unusable(field, auth, 'it must be "super:password", or a variable that has it');
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch (cause) {
    throw invalid(file, FairleadError.from(cause).message);
  }
}

function invalid(file: string, why: string): FairleadError {
  return new FairleadError("invalid_config", `Cannot use ${file}: ${why}`, { details: { file } });
}

/** `$NAME` is the variable of that name: secrets need not stand in a file. */
export function secretOf(text: string, field: string): string {
  if (!text.startsWith("$")) return text;
  const value = process.env[text.slice(1)];
  if (value !== undefined && value !== "") return value;
  throw unusable(field, text, "there is no such variable, or it is empty");
}

function unusable(field: string, text: string, why: string): FairleadError {
  const message = `Cannot use ${field} ${text}: ${why}`;
  return new FairleadError("invalid_config", message, { details: { field } });
}
