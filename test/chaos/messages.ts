/** What a campaign and the migrator, a process of its own, say to each other. */
import * as z from "zod/mini";

/** What a migrator is told when it starts, in its environment. */
export const setupSchema = z.object({
  id: z.string(),
  owner: z.string(),
  root: z.string(),
  /** Connect strings of its own ways to both sides. */
  a: z.string(),
  b: z.string(),
  fenceAcls: z.boolean(),
  fenceProxies: z.boolean(),
  /** Kill itself so long after a phase began. */
  crash: z.optional(z.object({ phase: z.string(), afterMs: z.number() })),
  /** Jump by so much, at random moments, ms. */
  clockJumpMs: z.number(),
});
/** What a migrator is told when it starts. */
export type Setup = z.output<typeof setupSchema>;

const actSchema = z.enum(["cutover", "rollback", "verify", "stop"]);
/** What a migrator is asked to do. */
export type Act = z.output<typeof actSchema>;

/** To the migrator: acts, and answers to its own questions. */
export const orderSchema = z.union([
  z.object({ type: z.literal("act"), act: actSchema }),
  z.object({ type: z.literal("answer"), question: z.number() }),
]);
/** To the migrator. */
export type Order = z.output<typeof orderSchema>;

/** From the migrator. */
export const newsSchema = z.union([
  z.object({ type: z.literal("phase"), phase: z.string() }),
  z.object({ type: z.literal("started"), phase: z.string() }),
  z.object({ type: z.literal("opened"), fencedMs: z.number() }),
  z.object({ type: z.literal("lag"), lagMs: z.number() }),
  z.object({ type: z.literal("done"), act: actSchema, differences: z.number() }),
  z.object({ type: z.literal("refused"), act: actSchema, code: z.string(), message: z.string() }),
  z.object({ type: z.literal("failed"), code: z.string(), message: z.string() }),
  /** A hook or a fence wants something of the campaign, and waits for the answer. */
  z.object({ type: z.literal("ask"), question: z.number(), what: z.string() }),
  z.object({ type: z.literal("settled"), count: z.number() }),
]);
/** From the migrator. */
export type News = z.output<typeof newsSchema>;
