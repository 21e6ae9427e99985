/** Reading what a control's caller says. */
import { FairleadError } from "../../../base/mod.ts";
import type { ControlCall } from "../../controls/call.ts";
import type { TerminalSize } from "./ends.ts";

const SIZE_MAX = 10_000;

/**
 * The id in a node's id: `8964…;<container>` → `8964…`.
 *
 * @throws {FairleadError} `invalid_control` when the node is of another topology.
 */
export function idOf({ nodeId }: ControlCall, tag: string): string {
  const end = `;<${tag}>`;
  const id = nodeId.endsWith(end) ? nodeId.slice(0, -end.length) : "";
  if (/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/.test(id)) return id;
  throw new FairleadError("invalid_control", `Cannot run a control: ${nodeId} is no ${tag}`);
}

/**
 * The size that a resize tells.
 *
 * @throws {FairleadError} `invalid_control` naming the argument and its range.
 */
export function sizeOf({ args }: ControlCall): TerminalSize {
  return { columns: whole(args, "width"), rows: whole(args, "height") };
}

function whole(args: Readonly<Record<string, string>>, name: string): number {
  const text = args[name] ?? "";
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= SIZE_MAX) return number;
  const message = `Cannot resize: ${name} must be a whole number from 1 to ${SIZE_MAX}`;
  throw new FairleadError("invalid_control", message);
}
