/** Sets as sorted lists, each text once, by UTF-16 code units. */
const NONE: readonly string[] = [];

/** A list as a set; the list itself where it is one. */
export function setOf(texts: readonly string[]): readonly string[] {
  if (texts.length === 0) return NONE;
  return isSet(texts) ? texts : [...new Set(texts)].sort();
}

/** All texts of both sets; one of them where it has those of the other. */
export function unionOf(a: readonly string[], b: readonly string[]): readonly string[] {
  if (a === b || b.length === 0) return a;
  if (a.length === 0) return b;
  const union: string[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const left = a[i];
    const right = b[j];
    const takeLeft = right === undefined || (left !== undefined && left <= right);
    const takeRight = left === undefined || (right !== undefined && right <= left);
    union.push((takeLeft ? left : right) ?? "");
    if (takeLeft) i += 1;
    if (takeRight) j += 1;
  }
  if (union.length === a.length) return a;
  return union.length === b.length ? b : union;
}

/** Whether both sets have the same texts. */
export function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((text, index) => text === b[index]));
}

/** Order of texts by UTF-16 code units, for `sort`. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function isSet(texts: readonly string[]): boolean {
  for (let index = 1; index < texts.length; index += 1) {
    if ((texts[index - 1] ?? "") >= (texts[index] ?? "")) return false;
  }
  return true;
}
