/** What runs in a container that comes from an image: Mesos' rules. */
import { basename } from "node:path";
import type { ContainerCommand } from "../../../containerizer.ts";
import { Obstacle } from "../failures.ts";
import { SANDBOX } from "./bundle.ts";
import type { ImageConfig } from "./documents.ts";

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * The argv of a command. Without a value the image's entry point runs, with the command's arguments
 * or else the image's own.
 *
 * @throws {Obstacle} when there is nothing to run.
 */
export function argvOf(command: ContainerCommand, image?: ImageConfig): string[] {
  const { shell, value, arguments: argv } = command;
  if (shell) {
    if (value === undefined) throw new Obstacle("the command has no value");
    return ["/bin/sh", "-c", value];
  }
  if (value !== undefined && value !== "") {
    const [name = value, ...rest] = argv;
    if (basename(name) !== basename(value)) {
      throw new Obstacle(`a program in an image cannot be called other than it is: "${name}"`);
    }
    return [value, ...rest];
  }
  const entrypoint = image?.entrypoint ?? [];
  const whole = [...entrypoint, ...(argv.length > 0 ? argv : (image?.command ?? []))];
  if (whole.length === 0) throw new Obstacle("neither the command nor the image says what to run");
  return whole;
}

/** The image's variables, then the task's; its sandbox is elsewhere inside. */
export function environmentIn(
  image: Readonly<Record<string, string>>,
  task: Readonly<Record<string, string>>,
  sandbox: string,
): Record<string, string> {
  const all: Record<string, string> = { ...image, ...task };
  if (all.MESOS_SANDBOX === sandbox) all.MESOS_SANDBOX = SANDBOX;
  all.PATH ??= DEFAULT_PATH;
  return all;
}
