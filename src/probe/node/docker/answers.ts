/** What engines answer, as far as it is reported. Docker and podman differ: nearly all is optional. */
import * as z from "zod/mini";
import { FairleadError } from "../../../base/mod.ts";
import {
  type ContainerFacts,
  type ContainerState,
  readEnvironment,
  readImageName,
} from "../../reporters/containers.ts";

const maybe = <T extends z.ZodMiniType>(type: T) => z.optional(z.nullable(type));
const text = () => maybe(z.string());
const count = () => maybe(z.number());
const texts = () => maybe(z.record(z.string(), z.string()));

function build() {
  const Network = z.object({ IPAddress: text(), GlobalIPv6Address: text() });
  const Binding = z.object({ HostIp: text(), HostPort: text() });
  return {
    Listed: z.array(z.object({ Id: z.string() })),
    Event: z.object({
      Type: text(),
      Action: text(),
      status: text(),
      id: text(),
      Actor: maybe(z.object({ ID: text() })),
    }),
    Image: z.object({
      Id: z.string(),
      RepoTags: maybe(z.array(z.string())),
      Size: count(),
      Config: maybe(z.object({ Labels: texts() })),
    }),
    Container: z.object({
      Id: z.string(),
      Name: text(),
      Created: text(),
      Path: text(),
      Args: maybe(z.array(z.string())),
      Image: text(),
      RestartCount: count(),
      State: z.object({
        Status: text(),
        Running: maybe(z.boolean()),
        Paused: maybe(z.boolean()),
        Pid: count(),
        ExitCode: count(),
        StartedAt: text(),
      }),
      Config: maybe(
        z.object({
          Hostname: text(),
          Image: text(),
          Labels: texts(),
          Env: maybe(z.array(z.string())),
          Tty: maybe(z.boolean()),
        }),
      ),
      HostConfig: maybe(z.object({ NetworkMode: text() })),
      NetworkSettings: maybe(
        z.object({
          IPAddress: text(),
          Networks: maybe(z.record(z.string(), Network)),
          Ports: maybe(z.record(z.string(), maybe(z.array(Binding)))),
        }),
      ),
    }),
    Created: z.object({ Id: z.string() }),
    Stats: z.object({
      cpu_stats: maybe(z.object({ cpu_usage: maybe(z.object({ total_usage: count() })) })),
      memory_stats: maybe(
        z.object({
          usage: count(),
          limit: count(),
          stats: maybe(z.object({ total_inactive_file: count(), inactive_file: count() })),
        }),
      ),
      read: text(),
    }),
  };
}

type Answers = ReturnType<typeof build>;
let built: Answers | undefined;

/** An inspected container. */
export type ContainerAnswer = z.output<Answers["Container"]>;
/** One sample of what a container uses. */
export type StatsAnswer = z.output<Answers["Stats"]>;
/** An inspected image. */
export type ImageAnswer = z.output<Answers["Image"]>;

/**
 * Read an answer.
 *
 * @throws {FairleadError} `engine_failed` when it is something else, naming the field.
 */
export function readEngine<T extends z.ZodMiniType>(
  kind: (answers: Answers) => T,
  value: unknown,
): z.output<T> {
  built ??= build();
  const read = z.safeParse(kind(built), value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const what = `its ${issue?.path.join(".") ?? "answer"} is ${issue?.message ?? "wrong"}`;
  throw new FairleadError("engine_failed", `Cannot read the engine's answer: ${what}`, {
    cause: read.error,
  });
}

/** Ids of images as nodes have them. */
export function imageIdOf(id: string): string {
  return id.replace(/^sha256:/, "");
}

const STATES: ReadonlyMap<string, ContainerState> = new Map([
  ["created", "created"],
  ["configured", "created"],
  ["initialized", "created"],
  ["running", "running"],
  ["paused", "paused"],
  ["restarting", "restarting"],
  ["exited", "exited"],
  ["stopped", "exited"],
  ["dead", "dead"],
  ["removing", "removing"],
]);

/** An inspected container as facts; its image where that was inspected, too. */
export function factsOf(answer: ContainerAnswer, image: ImageAnswer | undefined): ContainerFacts {
  const { State: state, Config: config, NetworkSettings: network } = answer;
  const networks = Object.entries(network?.Networks ?? {});
  const ips = networks.flatMap(([, each]) => [each.IPAddress, each.GlobalIPv6Address]);
  const imageId = imageIdOf(answer.Image ?? "");
  const reference = image?.RepoTags?.[0] ?? config?.Image ?? "";
  return {
    id: answer.Id,
    name: (answer.Name ?? "").replace(/^\//, ""),
    state: STATES.get(state.Status ?? "") ?? (state.Running === true ? "running" : "exited"),
    createdMs: timeOf(answer.Created),
    startedMs: timeOf(state.StartedAt),
    exitCode: state.ExitCode ?? undefined,
    command: [answer.Path ?? "", ...(answer.Args ?? [])].join(" ").trim(),
    hostName: config?.Hostname ?? "",
    restartCount: answer.RestartCount ?? 0,
    pid: state.Pid ?? 0,
    image:
      imageId === ""
        ? undefined
        : {
            id: imageId,
            ...readImageName(reference),
            ...(typeof image?.Size === "number" ? { sizeBytes: image.Size } : {}),
            labels: image?.Config?.Labels ?? {},
          },
    labels: config?.Labels ?? {},
    environment: readEnvironment(config?.Env ?? []),
    networkMode: answer.HostConfig?.NetworkMode ?? "",
    networks: networks.map(([name]) => name),
    ips: [network?.IPAddress, ...ips].flatMap((ip) => (ip ? [ip] : [])),
    ports: portsOf(network?.Ports ?? {}),
  };
}

function timeOf(text: string | null | undefined): number | undefined {
  const ms = Date.parse(text ?? "");
  return ms > 0 ? ms : undefined;
}

type Ports = NonNullable<NonNullable<ContainerAnswer["NetworkSettings"]>["Ports"]>;

function portsOf(ports: Ports): string[] {
  return Object.entries(ports).flatMap(([port, bindings]) =>
    (bindings ?? []).length === 0
      ? [port]
      : (bindings ?? []).map(
          ({ HostIp, HostPort }) => `${HostIp || "0.0.0.0"}:${HostPort}->${port}`,
        ),
  );
}
