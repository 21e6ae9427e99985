/** Ten digits, or a minus sign and nine: what a store adds to a sequential node's name. */
const DIGITS = /^(\d{10}|-\d{9,10})$/;

/** The number of a sequential node; undefined when its name does not begin with the label. */
export function sequenceOf(name: string, label: string): number | undefined {
  const rest = name.startsWith(label) ? name.slice(label.length) : "";
  return DIGITS.test(rest) ? Number(rest) : undefined;
}

/** Names with this label, in the order of their numbers. */
export function bySequence(names: readonly string[], label: string): string[] {
  return names
    .flatMap((name) => {
      const sequence = sequenceOf(name, label);
      return sequence === undefined ? [] : [{ name, sequence }];
    })
    .sort((a, b) => a.sequence - b.sequence)
    .map(({ name }) => name);
}
