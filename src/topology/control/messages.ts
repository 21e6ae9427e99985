import { FairleadError } from "../../base/mod.ts";

/** What a probe answers to a control. */
export interface ControlResponse {
  readonly value?: unknown;
  /** It could not be done. */
  readonly error?: string;
  /** A pipe that the probe opened. */
  readonly pipe?: string;
  readonly raw_tty?: boolean;
  readonly resize_tty_control?: string;
  /** A node that is gone now. */
  readonly removedNode?: string;
}

/** Read the first frame of an answer. */
export function readHeader(text: string): { readonly seq: number; readonly error: string } {
  const { Response: header } = recordOf(JSON.parse(text));
  const { Seq: seq, Error: error = "" } = recordOf(header);
  if (typeof seq !== "number" || typeof error !== "string") throw invalid("Response");
  return { seq, error };
}

/** Read the second frame of an answer. */
export function readResponse(text: string): ControlResponse {
  const { Value } = recordOf(JSON.parse(text));
  const value = recordOf(Value ?? {});
  const error = textOf(value, "error");
  const pipe = textOf(value, "pipe");
  const resize = textOf(value, "resize_tty_control");
  const removed = textOf(value, "removedNode");
  return {
    ...(value.value === undefined || value.value === null ? {} : { value: value.value }),
    ...(error === undefined ? {} : { error }),
    ...(pipe === undefined ? {} : { pipe }),
    ...(value.raw_tty === true ? { raw_tty: true } : {}),
    ...(resize === undefined ? {} : { resize_tty_control: resize }),
    ...(removed === undefined ? {} : { removedNode: removed }),
  };
}

/** Read the arguments of a control: texts by name. */
export function readArgs(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(recordOf(value ?? {})).map(([name, text]) => {
    if (typeof text !== "string") throw invalid(name);
    return [name, text] as const;
  });
  return Object.fromEntries(entries);
}

function textOf(value: Record<string, unknown>, field: string): string | undefined {
  const text = value[field];
  if (text === undefined || text === null || text === "") return undefined;
  if (typeof text !== "string") throw invalid(field);
  return text;
}

function recordOf(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid("it");
  return value as Record<string, unknown>;
}

function invalid(field: string): FairleadError {
  return new FairleadError(
    "control_invalid",
    `Cannot read a message of the control protocol: ${field} is not what it has to be`,
    { details: { field } },
  );
}
