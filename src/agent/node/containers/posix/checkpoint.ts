/** What a posix container is found again by. */
import * as z from "zod/mini";
import { FairleadError } from "../../../../base/mod.ts";

const text = () => z.string();
const amount = () => z.exactOptional(z.number());

let schema: ReturnType<typeof build> | undefined;

function build() {
  const limit = z.object({
    name: text(),
    soft: amount(),
    hard: amount(),
  });
  return z.object({
    containerizer: z.literal("posix"),
    id: text(),
    pid: z.number(),
    startTicks: z.number(),
    sandbox: text(),
    environment: z.record(z.string(), z.string()),
    user: z.exactOptional(text()),
    rlimits: z.array(limit),
    limits: z.object({ cpus: amount(), memBytes: amount(), diskBytes: amount(), gpus: amount() }),
    shares: z.object({ cpus: amount(), memBytes: amount() }),
  });
}

export type PosixCheckpoint = z.output<ReturnType<typeof build>>;

/** @throws {FairleadError} `checkpoint_invalid`. */
export function readPosixCheckpoint(value: unknown): PosixCheckpoint {
  schema ??= build();
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new FairleadError(
    "checkpoint_invalid",
    `Cannot recover a posix container: ${issue?.path.join(".")} of its checkpoint is ${issue?.message}`,
    { cause: read.error },
  );
}
