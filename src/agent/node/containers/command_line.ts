/** From a command to what is executed: cgroups, limits and user first, the command to the letter. */
import { stat } from "node:fs/promises";
import { basename, isAbsolute, join, resolve } from "node:path";
import type { ContainerCommand } from "../../containerizer.ts";
import type { Program } from "../launcher/protocol.ts";
import { Obstacle } from "./failures.ts";
import { type Host, isExecutable } from "./host.ts";
import { prlimitOptions, type ResourceLimit } from "./rlimits.ts";
import type { User } from "./users.ts";

/** What is done before a command runs, in this order. */
export interface Preparation {
  /** Files of cgroups into which it writes its own number. */
  readonly entrances: readonly string[];
  readonly rlimits: readonly ResourceLimit[];
  /** Absent: it stays this process' own. */
  readonly user?: User;
}

/** Where a command runs. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
}

/** Names that a shell hands on as they are: it knows no others, and uses some itself. */
const PLAIN_NAME = /^(?!(?:IFS|PPID|LINENO|OPTIND|OPTARG|_|PWD|OLDPWD|SHLVL)$)[A-Za-z_]\w*$/;
const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * What to execute for a command.
 *
 * Each step is a program that becomes the next, so that the process that is started is the one that
 * runs the command in the end, and nothing runs outside of its cgroup.
 *
 * @throws {Obstacle} when the command's program, or one that a step needs, is not there.
 */
export async function programOf(
  command: ContainerCommand,
  surroundings: Surroundings,
  preparation: Preparation,
  host: Host,
): Promise<Program> {
  const { environment, folder } = surroundings;
  const { path, argv } = await innermost(command, surroundings);
  const steps = stepsOf(preparation, host);
  if (preparation.entrances.length === 0 && steps.length === 0) {
    return { path, argv, environment, folder };
  }
  const [name = path] = argv;
  const called = basename(name) === basename(path) ? [path] : [...renamed(name, host), path];
  const tail = [...steps, ...called, ...argv.slice(1)];
  if (preparation.entrances.length === 0)
    return { path: tail[0] ?? path, argv: tail, environment, folder };
  return entering(preparation.entrances, tail, surroundings, host);
}

/** The command itself. */
async function innermost(command: ContainerCommand, surroundings: Surroundings) {
  const { shell, value } = command;
  if (value === undefined || value === "") throw new Obstacle("the command has no value");
  if (shell) return { path: "/bin/sh", argv: ["sh", "-c", value] };
  const path = await resolveProgram(value, surroundings);
  return { path, argv: command.arguments.length > 0 ? command.arguments : [value] };
}

/** As execvp(3) finds it: by the environment's PATH when the name has no slash. */
async function resolveProgram(
  value: string,
  { environment, folder }: Surroundings,
): Promise<string> {
  const candidates = value.includes("/")
    ? [resolve(folder, value)]
    : (environment.PATH ?? DEFAULT_PATH).split(":").map((each) => resolve(folder, each, value));
  let seen: string | undefined;
  for (const candidate of candidates) {
    const found = await stat(candidate).catch(() => undefined);
    if (found === undefined) continue;
    if (found.isFile() && isExecutable(candidate)) return candidate;
    seen ??= candidate;
  }
  if (seen !== undefined) throw new Obstacle(`${seen} cannot be executed`);
  throw new Obstacle(
    isAbsolute(value) || value.includes("/")
      ? `there is no ${value}`
      : `there is no program "${value}" in ${environment.PATH ?? DEFAULT_PATH}`,
  );
}

function stepsOf({ rlimits, user }: Preparation, host: Host): string[] {
  const steps: string[] = [];
  if (rlimits.length > 0) steps.push(need("prlimit", host), ...prlimitOptions(rlimits));
  if (user !== undefined) {
    const groups =
      user.groups.length > 0 ? [`--groups=${user.groups.join(",")}`] : ["--clear-groups"];
    steps.push(need("setpriv", host), `--reuid=${user.uid}`, `--regid=${user.gid}`, ...groups);
  }
  return steps;
}

/** A program whose name for itself is another one: `/bin/busybox` called `ls`. */
function renamed(name: string, host: Host): string[] {
  return [need("bash", host), "-c", 'exec -a "$0" "$@"', name];
}

function need(name: string, host: Host): string {
  const path = host.program(name);
  if (path === undefined) throw new Obstacle(`this host has no ${name}(1)`);
  return path;
}

/**
 * A shell that enters the cgroups and becomes the rest. What a shell cannot hand on unchanged in
 * the environment goes by env(1), what it would add is taken out.
 */
function entering(
  entrances: readonly string[],
  tail: readonly string[],
  { environment, folder }: Surroundings,
  host: Host,
): Program {
  const names = Object.keys(environment);
  const odd = names.filter((name) => !PLAIN_NAME.test(name));
  const removed = host.shell.leaks.filter((name) => !names.includes(name));
  const env =
    odd.length + removed.length === 0
      ? []
      : [
          need("env", host),
          ...removed.flatMap((name) => ["-u", name]),
          ...odd.map((name) => `${name}=${environment[name]}`),
        ];
  const forget = ["PWD", "OLDPWD", "SHLVL"].join(" ");
  const enter = entrances.map((path) => `echo $$ > ${quote(path)} || exit 125`);
  const script = [...enter, `unset ${forget}`, 'exec "$@"'].join("\n");
  return {
    path: host.shell.path,
    argv: ["sh", "-c", script, "sh", ...env, ...tail],
    environment: Object.fromEntries(
      names.filter((name) => PLAIN_NAME.test(name)).map((name) => [name, environment[name] ?? ""]),
    ),
    folder,
  };
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A path of a sandbox, or an absolute one. */
export function within(folder: string, path: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}
