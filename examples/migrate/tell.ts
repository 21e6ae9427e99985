/** How commands tell what they found. */

/** What every command takes. */
export interface Flags {
  readonly config: string;
  readonly json: boolean;
}

/** Exit codes, besides 0 and 1. */
export const EXIT = { usage: 2, blocked: 3, differs: 4, aborted: 5 } as const;

/** A line, or one of JSON. */
export function say({ json }: Pick<Flags, "json">, value: unknown, line: string): void {
  if (json) console.log(JSON.stringify(value, (_, each) => plain(each)));
  else if (line !== "") console.log(line);
}

function plain(value: unknown): unknown {
  return typeof value === "bigint" ? `0x${value.toString(16)}` : value;
}
