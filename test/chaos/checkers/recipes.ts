/** C5: recipes stay safe over both ensembles. */
import {
  clientTransactions,
  type Histories,
  type Holding,
  textOf,
  type Violation,
} from "../history.ts";

const violation = (message: string): Violation => ({ checker: "C5", message });

/** C5: of each lock and each leadership there is one holder at a time, whatever its side. */
export function checkHoldings(holdings: readonly Holding[]): Violation[] {
  const ordered = holdings.toSorted((one, other) => one.fromMs - other.fromMs);
  const last = new Map<string, Holding>();
  const found: Violation[] = [];
  for (const holding of ordered) {
    const before = last.get(holding.resource);
    if (before !== undefined && holding.fromMs < before.untilMs) {
      const { lane, side, resource } = holding;
      const both = `${before.lane} on ${before.side} and ${lane} on ${side}`;
      const overlapMs = Math.round(before.untilMs - holding.fromMs);
      found.push(violation(`${both} held ${resource} at once, for ${overlapMs} ms`));
    }
    if (before === undefined || holding.untilMs > before.untilMs)
      last.set(holding.resource, holding);
  }
  return found;
}

/**
 * C5: what holders wrote comes in one stretch for each of them.
 *
 * @param path The node that only a holder writes; its text names the holder's turn.
 */
export function checkTurns(histories: Histories, path: string): Violation[] {
  const turns = clientTransactions(histories).flatMap(({ changes }) =>
    changes.flatMap((change) =>
      change.type === "set" && change.path === path ? [textOf(change.data)] : [],
    ),
  );
  const former = new Set<string>();
  return turns.flatMap((turn, index) => {
    const before = turns[index - 1];
    if (before !== undefined && before !== turn) former.add(before);
    return former.has(turn) ? [violation(`${turn} wrote ${path} after another's turn`)] : [];
  });
}

/** C5: numbers of sequential names only grow, over A and then B. */
export function checkNumbers(histories: Histories, parent: string): Violation[] {
  let last = -1;
  return clientTransactions(histories).flatMap(({ changes }) =>
    changes.flatMap((change) => {
      if (change.type !== "create" || !change.path.startsWith(`${parent}/`)) return [];
      const number = Number(change.path.slice(-10));
      const before = last;
      last = Math.max(last, number);
      return number > before ? [] : [violation(`${change.path} came behind number ${before}`)];
    }),
  );
}
