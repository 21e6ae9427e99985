import { compareText } from "./sets.ts";
import type { Sink } from "./sink.ts";

/** A field, or nothing where it is left out. */
export type Field = readonly [key: string, write: () => void] | undefined;

/** Write a map of the fields that are there. */
export function writeFields(sink: Sink, fields: readonly Field[]): void {
  const there = fields.filter((field) => field !== undefined);
  sink.map(there.length);
  for (const [key, write] of there) {
    sink.key(key);
    write();
  }
}

/** A text, left out where it is missing or "". */
export function textField(sink: Sink, key: string, text: string | undefined): Field {
  return text === undefined || text === "" ? undefined : [key, () => sink.text(text)];
}

/** A map by text in the order of its keys, left out where it is empty. */
export function mapField<T>(
  sink: Sink,
  key: string,
  map: ReadonlyMap<string, T> | undefined,
  write: (value: T) => void,
): Field {
  if (map === undefined || map.size === 0) return undefined;
  return [key, () => writeMap(sink, map, write)];
}

/** Write a map by text in the order of its keys. */
export function writeMap<T>(
  sink: Sink,
  map: ReadonlyMap<string, T>,
  write: (value: T) => void,
): void {
  sink.map(map.size);
  for (const [key, value] of inOrder(map)) {
    sink.key(key);
    write(value);
  }
}

function inOrder<T>(map: ReadonlyMap<string, T>): Iterable<readonly [string, T]> {
  let last: string | undefined;
  for (const key of map.keys()) {
    if (last !== undefined && last > key) {
      return [...map].sort(([a], [b]) => compareText(a, b));
    }
    last = key;
  }
  return map;
}

/** Write a list of texts. */
export function writeTexts(sink: Sink, texts: readonly string[]): void {
  sink.list(texts.length);
  for (const text of texts) sink.text(text);
}
