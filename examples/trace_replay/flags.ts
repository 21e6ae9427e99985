/** The command line, checked: every error names its flag and what is allowed. */
import { parseArgs } from "node:util";
import { FairleadError } from "fairlead/base";
import { POLICIES } from "fairlead/placement";
import * as z from "zod";

export const HELP = `Replay a cluster trace through placement policies and through fair shares.

  --nodes CSV --pods CSV   machines and pods (openb columns); both or neither. Default: generated
  --machines N             machines of the generated trace, 1 to 20000. Default: 300
  --seeds N                seeds 1 to N, 1 to 1000. Default: 3
  --demand X               GPUs asked for, as a part of those there are, 0.1 to 10. Default: 1.3
  --policy NAME            one of ${POLICIES.join(", ")}. Default: all
  --out FILE               write a plot, .svg or .html
  --json                   one line of JSON a policy, and one for the fair shares
  --help

GPU allocated % and CPU allocated % are parts of the whole cluster, ± the deviation between seeds.
fragmented % is the part of the free GPU that an average pod of the trace cannot use: it needs more
than a device has left, or the machine lacks the cpus, the memory or the GPU model.`;

const Flags = z
  .object({
    nodes: z.string().optional(),
    pods: z.string().optional(),
    machines: z.coerce.number().int().min(1).max(20_000).default(300),
    seeds: z.coerce.number().int().min(1).max(1000).default(3),
    demand: z.coerce.number().min(0.1).max(10).default(1.3),
    policy: z.enum(POLICIES).optional(),
    out: z
      .string()
      .regex(/\.(svg|html)$/, "it must end in .svg or .html")
      .optional(),
    json: z.boolean().default(false),
    help: z.boolean().default(false),
  })
  .refine(({ nodes, pods }) => (nodes === undefined) === (pods === undefined), {
    path: ["nodes"],
    message: "give --nodes and --pods, or neither",
  });
export type Flags = z.output<typeof Flags>;

/** @throws {FairleadError} `invalid_argument`. */
export function readFlags(args: readonly string[]): Flags {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  let values: unknown;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        nodes: text,
        pods: text,
        machines: text,
        seeds: text,
        demand: text,
        policy: text,
        out: text,
        json: flag,
        help: flag,
      },
    }));
  } catch (cause) {
    const fault = cause instanceof Error ? cause.message : String(cause);
    throw new FairleadError("invalid_argument", `Cannot read the command line: ${fault}`, {
      cause,
    });
  }
  const read = Flags.safeParse(values);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const name = `--${issue?.path.join(".")}`;
  throw new FairleadError("invalid_argument", `Cannot use ${name}: ${issue?.message}`, {
    details: { flag: name },
  });
}
