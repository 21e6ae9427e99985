import type { Instant } from "./report.ts";

/**
 * A syntax that reports are written in, from front to back. After `map` come as many keys, each
 * followed by its value; after `list` as many values.
 */
export interface Sink {
  map(size: number): void;
  key(key: string): void;
  list(size: number): void;
  text(text: string): void;
  integer(value: number): void;
  float(value: number): void;
  flag(value: boolean): void;
  nil(): void;
  instant(instant: Instant): void;
  /** What was written. */
  bytes(): Uint8Array<ArrayBuffer>;
}
