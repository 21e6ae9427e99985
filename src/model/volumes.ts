/** Images and volumes: what containers are made of. */
import * as z from "zod/mini";
import { boolean, list, openEnum, opt } from "./schema.ts";

/** The nouns of values.ts that these are made of. */
interface Parts<Labels, Secret> {
  readonly Labels: Labels;
  readonly Secret: Secret;
}

/** @internal */
export function volumeSchemas<Labels extends z.ZodMiniType, Secret extends z.ZodMiniType>({
  Labels,
  Secret,
}: Parts<Labels, Secret>) {
  const Parameter = z.object({ key: z.string(), value: z.string() });
  const Image = z.object({
    type: opt(openEnum("APPC", "DOCKER")),
    appc: opt(z.object({ name: z.string(), id: opt(z.string()), labels: opt(Labels) })),
    docker: opt(
      z.object({
        name: z.string(),
        /** Deprecated: `config` instead. */
        credential: opt(z.object({ principal: z.string(), secret: opt(z.string()) })),
        config: opt(Secret),
      }),
    ),
    cached: opt(boolean()),
  });
  const secrets = opt(z.record(z.string(), Secret));
  const CSIVolume = z.object({
    plugin_name: z.string(),
    static_provisioning: opt(
      z.object({
        volume_id: z.string(),
        volume_capability: z.object({
          block: opt(z.object({})),
          mount: opt(z.object({ fs_type: opt(z.string()), mount_flags: list(z.string()) })),
          access_mode: z.object({ mode: openEnum("UNKNOWN", "SINGLE_NODE_WRITER") }),
        }),
        node_stage_secrets: secrets,
        node_publish_secrets: secrets,
        volume_context: opt(z.record(z.string(), z.string())),
      }),
    ),
  });
  const SOURCES = [
    "UNKNOWN",
    "DOCKER_VOLUME",
    "HOST_PATH",
    "SANDBOX_PATH",
    "SECRET",
    "CSI_VOLUME",
  ] as const;
  const Volume = z.object({
    mode: opt(z.enum(["RW", "RO"])),
    container_path: z.string(),
    host_path: opt(z.string()),
    image: opt(Image),
    source: opt(
      z.object({
        type: opt(openEnum(...SOURCES)),
        docker_volume: opt(
          z.object({
            name: z.string(),
            driver: opt(z.string()),
            driver_options: opt(z.object({ parameter: list(Parameter) })),
          }),
        ),
        host_path: opt(
          z.object({
            path: z.string(),
            mount_propagation: opt(
              z.object({ mode: opt(openEnum("UNKNOWN", "HOST_TO_CONTAINER", "BIDIRECTIONAL")) }),
            ),
          }),
        ),
        sandbox_path: opt(
          z.object({ type: opt(openEnum("UNKNOWN", "SELF", "PARENT")), path: z.string() }),
        ),
        secret: opt(Secret),
        csi_volume: opt(CSIVolume),
      }),
    ),
  });
  return { Parameter, Image, Volume };
}
