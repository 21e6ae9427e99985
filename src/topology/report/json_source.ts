import { FairleadError } from "../../base/mod.ts";
import { parseInstant, ZERO_INSTANT } from "./instant.ts";
import type { Instant } from "./report.ts";
import { type Limits, Place, type Source } from "./source.ts";

/** A report in JSON: instants in RFC 3339. */
export class JsonSource implements Source {
  readonly place: Place;
  #next: unknown;

  /** @throws {FairleadError} `invalid_report` when the bytes are no JSON. */
  constructor(bytes: Uint8Array, limits: Limits) {
    this.place = new Place(limits);
    try {
      this.#next = JSON.parse(new TextDecoder().decode(bytes));
    } catch (cause) {
      throw new FairleadError(
        "invalid_report",
        `Cannot read the report: it is no JSON: ${FairleadError.from(cause).message}`,
        { cause },
      );
    }
  }

  entries(entry: (key: string) => void): void {
    const value = this.#next;
    if (value === null) return;
    if (!isObject(value)) throw this.#wrong("a map");
    for (const key of Object.keys(value)) {
      this.place.enter(key);
      this.place.checkText(key.length);
      this.#next = value[key];
      entry(key);
      this.place.leave();
    }
  }

  items(item: () => void): void {
    const value = this.#next;
    if (value === null) return;
    if (!Array.isArray(value)) throw this.#wrong("a list");
    for (let index = 0; index < value.length; index += 1) {
      this.place.enter(index);
      this.#next = value[index];
      item();
      this.place.leave();
    }
  }

  text(): string {
    const value = this.#next;
    if (value === null) return "";
    if (typeof value !== "string") throw this.#wrong("a text");
    this.place.checkText(value.length);
    return value;
  }

  number(): number {
    const value = this.#next;
    if (value === null) return 0;
    if (typeof value !== "number") throw this.#wrong("a number");
    return value;
  }

  flag(): boolean {
    const value = this.#next;
    if (value === null) return false;
    if (typeof value !== "boolean") throw this.#wrong("true or false");
    return value;
  }

  instant(): Instant {
    const value = this.#next;
    if (value === null) return ZERO_INSTANT;
    const instant = typeof value === "string" ? parseInstant(value) : undefined;
    if (instant === undefined) throw this.#wrong("an instant of RFC 3339");
    return instant;
  }

  skip(): void {
    this.#next = null;
  }

  #wrong(wanted: string): FairleadError {
    return this.place.wrong(describe(this.#next), wanted);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return `"${value.slice(0, 40)}"`;
  return typeof value === "object" ? "a map" : String(value);
}
