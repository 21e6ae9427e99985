import { invalidResource } from "./resource.ts";

/** Split text at a character, but not inside of quotes or braces. */
export function splitOutside(text: string, at: string): string[] {
  const parts: string[] = [];
  let begin = 0;
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index]!;
    if (char === '"') index = quoteEnd(text, index);
    else if (char === "{") depth += 1;
    else if (char === "}") depth -= 1;
    else if (char === at && depth === 0) {
      parts.push(text.slice(begin, index));
      begin = index + 1;
    }
  }
  parts.push(text.slice(begin));
  return parts;
}

/**
 * Find the end of the braces that open at the start of the text: the index after the last one.
 *
 * @throws {FairleadError} `invalid_resource` when they are not closed.
 */
export function matchingBrace(text: string, name: string): number {
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index]!;
    if (char === '"') index = quoteEnd(text, index);
    else if (char === "{") depth += 1;
    else if (char === "}") depth -= 1;
    if (depth === 0) return index + 1;
  }
  throw invalidResource(name, 'a "{" has no "}"');
}

/** The index of the closing quote; the end of the text when there is none. */
function quoteEnd(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index += 1) {
    if (text[index] === "\\") index += 1;
    else if (text[index] === '"') return index;
  }
  return text.length;
}
