/** The scalars of Mesos' JSON, lenient where real clients are: the pieces every noun is made of. */
import * as z from "zod/mini";

/** Build a group of schemas at its first use, so that importing a door costs nothing. */
export function once<T>(build: () => T): () => T {
  let built: { readonly value: T } | undefined;
  return () => {
    built ??= { value: build() };
    return built.value;
  };
}

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const INTEGER = /^[+-]?\d+$/;

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
 * An integer of up to 64 bits: a number or its decimal text.
 *
 * Above 2^53 the nearest double stands for it: times in nanoseconds are off by at most 256.
 */
export const integer = () =>
  z.pipe(
    z.union([z.number(), z.string()]),
    z.transform((value, context) => {
      const read = typeof value === "string" && INTEGER.test(value) ? Number(value) : value;
      if (typeof read === "number" && Number.isInteger(read)) return read;
      context.issues.push({ code: "custom", message: "it must be an integer", input: value });
      return z.NEVER;
    }),
  );

/** An integer in bounds. */
export const bounded = (min: number, max: number) =>
  z.pipe(integer(), z.int().check(z.minimum(min), z.maximum(max)));

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** Bytes as base64 text, either alphabet; they stay text until somebody needs them. */
export const bytes = () => z.string().check(z.regex(BASE64, "it must be base64"));

/** An id as the protobufs wrap them: `{ "value": "…" }`. */
export const id = () => z.object({ value: z.string() });

/** A name of an enumeration that may grow: names that we do not know are kept. */
export const openEnum = <const Names extends readonly string[]>(..._names: Names) =>
  z.custom<Names[number] | (string & {})>(
    (value) => typeof value === "string",
    "it must be a string",
  );

/** Optional: absent and `null` are the same (the readers drop `null`s first). */
export const opt = z.optional;

/** A list that may be absent. */
export const list = <T extends z.ZodMiniType>(item: T) => z.optional(z.array(item));
