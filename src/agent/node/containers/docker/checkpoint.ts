/** What a Docker container is found again by. */
import * as z from "zod/mini";
import { FairleadError } from "../../../../base/mod.ts";

const amount = () => z.exactOptional(z.number());

let schema: ReturnType<typeof build> | undefined;

function build() {
  return z.object({
    containerizer: z.literal("docker"),
    id: z.string(),
    /** The engine's own. */
    dockerId: z.string(),
    sandbox: z.string(),
    environment: z.record(z.string(), z.string()),
    user: z.exactOptional(z.string()),
    terminal: z.boolean(),
    logs: z.object({ bytesMax: z.number(), filesMax: z.number() }),
    limits: z.object({ cpus: amount(), memBytes: amount(), diskBytes: amount(), gpus: amount() }),
    shares: z.object({ cpus: amount(), memBytes: amount() }),
  });
}

export type DockerCheckpoint = z.output<ReturnType<typeof build>>;

/** @throws {FairleadError} `checkpoint_invalid`. */
export function readDockerCheckpoint(value: unknown): DockerCheckpoint {
  schema ??= build();
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new FairleadError(
    "checkpoint_invalid",
    `Cannot recover a Docker container: ${issue?.path.join(".")} of its checkpoint is ${issue?.message}`,
    { cause: read.error },
  );
}
