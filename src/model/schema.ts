/** The scalars of Mesos' JSON, lenient where real clients are: the pieces every noun is made of. */
import * as z from "zod/mini";

/** Build something at its first use. */
export function once<T>(build: () => T): () => T {
  let built: { readonly value: T } | undefined;
  return () => {
    built ??= { value: build() };
    return built.value;
  };
}

/**
 * A schema, built at its first use, known by the name of what it reads: so declarations of what is
 * made of it stay short, and importing a door costs nothing.
 */
export type Schema<T> = () => z.ZodMiniType<T>;

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** A double: a number, its decimal text, or the words that protobuf writes for what JSON lacks. */
export const double = () =>
  z.pipe(
    z.union([z.number(), z.string()]),
    z.transform((value, context) => {
      if (typeof value === "number") return value;
      if (value === "Infinity" || value === "-Infinity" || value === "NaN") return Number(value);
      if (DECIMAL.test(value)) return Number(value);
      context.issues.push({ code: "custom", message: "it must be a number", input: value });
      return z.NEVER;
    }),
  );

/**
 * An integer of up to 64 bits: a number or its decimal text; a fraction is cut off, as Mesos does.
 *
 * Above 2^53 the nearest double stands for it: times in nanoseconds are off by at most 256.
 */
export const integer = () =>
  z.pipe(
    z.union([z.number(), z.string()]),
    z.transform((value, context) => {
      const read = typeof value === "string" && DECIMAL.test(value) ? Number(value) : value;
      if (typeof read === "number" && Number.isFinite(read)) return Math.trunc(read) + 0;
      context.issues.push({ code: "custom", message: "it must be an integer", input: value });
      return z.NEVER;
    }),
  );

/** An integer in bounds. */
export const bounded = (min: number, max: number) =>
  z.pipe(integer(), z.int().check(z.minimum(min), z.maximum(max)));

/** A boolean, or the word for it. */
export const boolean = () =>
  z.union([
    z.boolean(),
    z.pipe(
      z.enum(["true", "false"]),
      z.transform((word) => word === "true"),
    ),
  ]);

/** Standard base64, padded. */
export const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Bytes as base64 text; they stay text until somebody needs them.
 *
 * The URL alphabet, white space and missing padding are taken, and come out as standard base64, so
 * that equal bytes are equal text.
 */
export const bytes = () =>
  z.pipe(
    z.string(),
    z.transform((text, context) => {
      if (BASE64.test(text)) return text;
      const standard = standardBase64(text);
      if (BASE64.test(standard)) return standard;
      context.issues.push({ code: "custom", message: "it must be base64", input: text });
      return z.NEVER;
    }),
  );

function standardBase64(text: string): string {
  const body = text.replaceAll(/\s/g, "").replace(/=+$/, "");
  const standard = body.replaceAll("-", "+").replaceAll("_", "/");
  return standard.padEnd(Math.ceil(standard.length / 4) * 4, "=");
}

/** A name of an enumeration that may grow: names that we do not know are kept. */
export const openEnum = <const Names extends readonly string[]>(..._names: Names) =>
  z.custom<Names[number] | (string & {})>(
    (value) => typeof value === "string",
    "it must be a string",
  );

/** A name of an optional enumeration: one that we do not know is the same as absent. */
export const optEnum = <const Names extends readonly string[]>(...names: Names) => {
  const known: ReadonlySet<string> = new Set(names);
  return z.optional(
    z.pipe(
      z.pipe(
        z.string(),
        z.transform((name) => (known.has(name) ? name : undefined)),
      ),
      z.optional(z.enum(names)),
    ),
  );
};

/** Optional: absent and `null` are the same (the readers drop `null`s first). */
export const opt = z.optional;

/** A list that may be absent; one item without its brackets is a list of one. */
export const list = <T extends z.ZodMiniType>(item: T) =>
  z.optional(
    z.pipe(
      z.transform((value: unknown) => (Array.isArray(value) ? value : [value])),
      z.array(item),
    ),
  );
