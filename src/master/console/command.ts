/** A command as a person would type it; environment and secrets are left out. */
import type { CommandInfo } from "../../model/mod.ts";

export function commandText({ shell = true, value, arguments: words = [] }: CommandInfo): string {
  if (shell) return value ?? "";
  return (words.length > 0 ? words : [value ?? ""]).map(quoted).join(" ");
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
