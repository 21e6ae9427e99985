/** What a server writes behind the header of an answer. */

import type { JuteWriter } from "../jute/writer.ts";
import { ERRORS } from "../protocol/codes.ts";
import { OPCODES } from "../protocol/opcodes.ts";
import { writeStat } from "../protocol/records.ts";
import type { Stat } from "../types.ts";
import type { WriteResult } from "./writes.ts";

/** What follows the header of an answer. */
export type Body = (writer: JuteWriter) => void;

/** An answer: an error's number, or what is written. */
export type Answer = number | Body;

/** An answer of a header alone. */
export const NO_BODY: Body = () => undefined;

/** One result of a multi or a multiRead. */
export function writeResult(writer: JuteWriter, opcode: number, answer: Answer): void {
  const isError = typeof answer === "number";
  writer.int(isError ? OPCODES.error : opcode);
  writer.bool(false);
  writer.int(isError ? answer : 0);
  if (isError) writer.int(answer);
  else answer(writer);
}

/** The end of the results. */
export function writeResultsEnd(writer: JuteWriter): void {
  writer.int(-1);
  writer.bool(true);
  writer.int(-1);
}

/** An answer of a stat alone. */
export function withStat(stat: Stat): Body {
  return (writer) => writeStat(writer, stat);
}

/** Under which opcode a multi gives a result. */
export function opcodeOf(result: WriteResult): number {
  switch (result.type) {
    case "create":
      return result.opcode === OPCODES.create ? OPCODES.create : OPCODES.create2;
    case "set":
      return OPCODES.setData;
    case "set_acl":
      return OPCODES.setAcl;
    case "delete":
      return OPCODES.delete;
    case "check":
      return OPCODES.check;
  }
}

/** What a write is answered with. */
export function bodyOf(result: WriteResult): Body {
  switch (result.type) {
    case "create":
      return (writer) => {
        writer.text(result.path);
        if (result.opcode !== OPCODES.create) writeStat(writer, result.stat);
      };
    case "set":
    case "set_acl":
      return withStat(result.stat);
    case "delete":
    case "check":
      return NO_BODY;
  }
}

/** Results of a multi that failed: zeros before the one that did, behind it what was not tried. */
export function writeErrors(writer: JuteWriter, index: number, count: number, error: number): void {
  for (let at = 0; at < count; at += 1) {
    writeError(writer, at < index ? 0 : at === index ? error : ERRORS.runtimeInconsistency);
  }
}

function writeError(writer: JuteWriter, error: number): void {
  writeResult(writer, OPCODES.error, error);
}
