/** What a migration would do, and what forbids it. */
import {
  type EphemeralPolicy,
  type Finding,
  isWithin,
  type Plan,
  planMigration,
} from "fairlead/migration";
import type { ConnectedSide } from "fairlead/migration/node";
import { type MigrateConfig, readConfig } from "./config.ts";
import { connect } from "./sides.ts";
import { EXIT, type Flags, say } from "./tell.ts";

/** Look, and tell; nothing is written. */
export async function plan(flags: Flags): Promise<number> {
  const config = await readConfig(flags.config);
  await using source = await connect(config, "source");
  await using target = await connect(config, "target");
  const made = await planOf(config, source, target);
  say(flags, made, linesOf(made, [source, target]).join("\n"));
  return made.blockers.length === 0 ? 0 : EXIT.blocked;
}

export function planOf(
  config: MigrateConfig,
  source: ConnectedSide,
  target: ConnectedSide,
): Promise<Plan> {
  return planMigration({ ...config, ephemerals: ghostsOf(config), source, target });
}

/** Which ephemerals are kept as plain nodes. */
export function ghostsOf({ ghosts }: MigrateConfig): (path: string) => EphemeralPolicy {
  return (path) => (ghosts.some((each) => isWithin(path, each)) ? "ghost" : "drop");
}

function linesOf(made: Plan, sides: readonly ConnectedSide[]): string[] {
  const { id, strategy, inventory, blockers, warnings, operations, copySeconds } = made;
  const counts = `${inventory.nodes} nodes, ${inventory.bytes} bytes, ${inventory.ephemerals} ephemerals`;
  return [
    `${id}: ${counts}; ${operations} writes, about ${copySeconds} s, followed by ${strategy}`,
    ...sides.flatMap(({ reason }, index) =>
      reason === undefined
        ? []
        : [`the ${index === 0 ? "source" : "target"} by watches: ${reason}`],
    ),
    ...warnings.map((each) => shown("warning", each)),
    ...blockers.map((each) => shown("BLOCKER", each)),
    blockers.length === 0 ? "nothing forbids it" : `${blockers.length} blockers`,
  ];
}

/** A finding as a line, with its first ten paths. */
export function shown(kind: string, { message, count, paths }: Finding): string {
  const few = paths.slice(0, 10);
  const more = count > few.length ? ` and ${count - few.length} more` : "";
  return `${kind}: ${message}: ${few.join(" ")}${more}`;
}
