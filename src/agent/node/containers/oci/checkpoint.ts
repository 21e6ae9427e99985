/** What an oci container is found again by. */
import * as z from "zod/mini";
import { FairleadError } from "../../../../base/mod.ts";

const text = () => z.string();
const amount = () => z.exactOptional(z.number());

let schema: ReturnType<typeof build> | undefined;

function build() {
  return z.object({
    containerizer: z.literal("oci"),
    id: text(),
    pid: z.number(),
    startTicks: z.number(),
    sandbox: text(),
    rootfs: text(),
    process: z.object({
      environment: z.record(z.string(), z.string()),
      folder: text(),
      user: z.object({ uid: z.number(), gid: z.number(), groups: z.array(z.number()) }),
      rlimits: z.array(z.object({ name: text(), soft: amount(), hard: amount() })),
      capabilities: z.object({
        bounding: z.array(text()),
        effective: z.exactOptional(z.array(text())),
      }),
    }),
    limits: z.object({ cpus: amount(), memBytes: amount(), diskBytes: amount(), gpus: amount() }),
    shares: z.object({ cpus: amount(), memBytes: amount() }),
  });
}

export type OciCheckpoint = z.output<ReturnType<typeof build>>;

/** @throws {FairleadError} `checkpoint_invalid`. */
export function readOciCheckpoint(value: unknown): OciCheckpoint {
  schema ??= build();
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new FairleadError(
    "checkpoint_invalid",
    `Cannot recover an oci container: ${issue?.path.join(".")} of its checkpoint is ${issue?.message}`,
    { cause: read.error },
  );
}
