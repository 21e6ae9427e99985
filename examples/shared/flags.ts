/** Flags of the example servers, from the command line or FAIRLEAD_* variables, checked by zod. */
import { Command, InvalidArgumentError, Option } from "commander";
import * as z from "zod/mini";

/** Turns what was typed into a value; refuses with a sentence that names the allowed range. */
type Read<T> = (text: string) => T;

interface FlagOptions<T> {
  readonly help: string;
  readonly read: Read<T>;
  readonly initial?: T;
  /** How the default is shown. */
  readonly shown?: string;
}

/** The exit code for flags that are none. */
const USAGE_EXIT = 2;

/** A command whose errors name the flag or variable, and end with 2. */
export function command(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .showHelpAfterError("(--help lists what there is)")
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : USAGE_EXIT));
}

/** A flag with a value: `--agent-ping <time>` is FAIRLEAD_AGENT_PING, too. */
export function flag<T>(flags: string, { help, read, initial, shown }: FlagOptions<T>): Option {
  const option = named(flags, help).argParser<T>(read);
  return initial === undefined ? option : option.default(initial, shown);
}

/** A flag that is on or off: `--limit-cpus`, `--limit-cpus false`. */
export function toggle(name: string, help: string, initial?: boolean): Option {
  const option = named(`${name} [true|false]`, help).preset("true").argParser(yesOrNo);
  return initial === undefined ? option : option.default(initial);
}

function named(flags: string, help: string): Option {
  const [, name = ""] = /--(?:no-)?([a-z-]+)/.exec(flags) ?? [];
  return new Option(flags, help).env(`FAIRLEAD_${name.replaceAll("-", "_").toUpperCase()}`);
}

function by<T>(schema: z.ZodMiniType<T>, allowed: string): Read<T> {
  return (text) => {
    const read = schema.safeParse(text);
    if (read.success) return read.data;
    throw new InvalidArgumentError(`It must be ${allowed}.`);
  };
}

/** Any text that is not empty. */
export const text = by(z.string().check(z.minLength(1)), "a text that is not empty");

/** A whole number of a range. */
export function whole(min: number, max: number): Read<number> {
  const digits = z.string().check(z.regex(/^\d{1,15}$/));
  const schema = z.pipe(
    z.pipe(digits, z.transform(Number)),
    z.int().check(z.minimum(min), z.maximum(max)),
  );
  return by(schema, `a whole number from ${min} to ${max}`);
}

/** One of these words. */
export function word<const T extends string>(words: readonly [T, ...T[]]): Read<T> {
  return by(z.enum(words), words.join(" or "));
}

const isYes = word(["true", "false"]);

function yesOrNo(text: string): boolean {
  return isYes(text) === "true";
}

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  secs: 1_000,
  mins: 60_000,
  hrs: 3_600_000,
  days: 86_400_000,
  weeks: 7 * 86_400_000,
};
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|secs|mins|hrs|days|weeks)$/;

/** A time as Mesos writes it ("15secs"), in milliseconds. */
export function duration(min: string, max: string): Read<number> {
  const [minMs, maxMs] = [millis(min), millis(max)];
  const schema = z.pipe(
    z.pipe(z.string().check(z.regex(DURATION)), z.transform(millis)),
    z.number().check(z.minimum(minMs), z.maximum(maxMs)),
  );
  return by(schema, `a time from ${min} to ${max}, in ${Object.keys(UNITS_MS).join(", ")}`);
}

function millis(time: string): number {
  const [, amount = "", unit = ""] = DURATION.exec(time) ?? [];
  return Number(amount) * (UNITS_MS[unit] ?? Number.NaN);
}

/** Weights as "web=2,batch=0.5". */
export function weights(text: string): readonly { role: string; weight: number }[] {
  return text.split(",").map((each) => {
    const [, role = "", amount = ""] = /^([^\s=]+)=(\d+(?:\.\d+)?)$/.exec(each.trim()) ?? [];
    const weight = Number(amount);
    if (role !== "" && weight > 0) return { role, weight };
    throw new InvalidArgumentError("It must be roles and weights above 0, as web=2,batch=0.5.");
  });
}

/** Addresses of masters with commas between them, or the ensemble that knows them. */
export function masters(text: string): string[] {
  if (/^zk:\/\/[^/]+\/./.test(text)) return [text];
  const addresses = text.split(",").map((address) => address.trim());
  for (const address of addresses) {
    const url = address.includes("://") ? address : `http://${address}`;
    if (address !== "" && URL.canParse(url) && /^https?:/.test(url)) continue;
    throw new InvalidArgumentError(
      "It must be addresses as 10.0.0.1:5050 or https://m1:5050, or zk://host:2181/mesos.",
    );
  }
  return addresses;
}
