/** What engines answer, as far as it is needed. Docker and podman differ: all is optional. */
import * as z from "zod/mini";
import { FairleadError } from "../../../../base/mod.ts";

const maybe = <T extends z.ZodMiniType>(type: T) => z.optional(z.nullable(type));
const text = () => maybe(z.string());
const count = () => maybe(z.number());

function build() {
  const Network = z.object({ IPAddress: text(), GlobalIPv6Address: text() });
  return {
    Error: z.object({ message: text(), cause: text() }),
    Created: z.object({ Id: z.string() }),
    Container: z.object({
      Id: z.string(),
      State: z.object({
        Status: text(),
        Running: maybe(z.boolean()),
        OOMKilled: maybe(z.boolean()),
        Pid: count(),
        ExitCode: count(),
        Error: text(),
      }),
      NetworkSettings: maybe(
        z.object({ IPAddress: text(), Networks: maybe(z.record(z.string(), Network)) }),
      ),
    }),
    Listed: z.array(z.object({ Id: z.string(), Labels: maybe(z.record(z.string(), z.string())) })),
    Image: z.object({
      Config: maybe(z.object({ WorkingDir: text(), Entrypoint: maybe(z.array(z.string())) })),
    }),
    Exec: z.object({ Running: maybe(z.boolean()), ExitCode: count(), Pid: count() }),
    Progress: z.object({ error: text() }),
    Stats: z.object({
      pids_stats: maybe(z.object({ current: count() })),
      cpu_stats: maybe(
        z.object({
          cpu_usage: maybe(
            z.object({
              total_usage: count(),
              usage_in_usermode: count(),
              usage_in_kernelmode: count(),
            }),
          ),
          throttling_data: maybe(
            z.object({ periods: count(), throttled_periods: count(), throttled_time: count() }),
          ),
        }),
      ),
      memory_stats: maybe(
        z.object({
          usage: count(),
          limit: count(),
          stats: maybe(z.record(z.string(), z.unknown())),
        }),
      ),
      networks: maybe(
        z.record(
          z.string(),
          z.object({
            rx_bytes: count(),
            tx_bytes: count(),
            rx_packets: count(),
            tx_packets: count(),
          }),
        ),
      ),
    }),
  };
}

type Answers = ReturnType<typeof build>;
let built: Answers | undefined;

export type ContainerAnswer = z.output<Answers["Container"]>;
export type ExecAnswer = z.output<Answers["Exec"]>;
export type StatsAnswer = z.output<Answers["Stats"]>;

/**
 * Read an answer.
 *
 * @throws {FairleadError} `docker_failed` when it is something else.
 */
export function readAnswer<T extends z.ZodMiniType>(
  kind: (answers: Answers) => T,
  value: unknown,
): z.output<T> {
  built ??= build();
  const read = z.safeParse(kind(built), value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new FairleadError(
    "docker_failed",
    `Cannot read the engine's answer: its ${issue?.path.join(".")} is ${issue?.message}`,
    { cause: read.error },
  );
}

/** The sentence of an error; undefined when it is none. */
export function readError(body: string): string | undefined {
  try {
    const { message, cause } = readAnswer((a) => a.Error, JSON.parse(body));
    return message ?? cause ?? undefined;
  } catch {
    return undefined;
  }
}
