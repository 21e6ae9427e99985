/** Images and volumes: what containers are made of. */
import * as z from "zod/mini";
import { boolean, list, once, openEnum, opt, type Schema } from "./schema.ts";
import { Labels, Secret } from "./values.ts";

const parameter = () => z.object({ key: z.string(), value: z.string() });
export interface Parameter extends z.output<ReturnType<typeof parameter>> {}
/** @internal */
export const Parameter: Schema<Parameter> = once(parameter);

const image = () =>
  z.object({
    type: opt(openEnum("APPC", "DOCKER")),
    appc: opt(z.object({ name: z.string(), id: opt(z.string()), labels: opt(Labels()) })),
    docker: opt(
      z.object({
        name: z.string(),
        /** Deprecated: `config` instead. */
        credential: opt(z.object({ principal: z.string(), secret: opt(z.string()) })),
        config: opt(Secret()),
      }),
    ),
    cached: opt(boolean()),
  });
export interface Image extends z.output<ReturnType<typeof image>> {}
/** @internal */
export const Image: Schema<Image> = once(image);

const csiVolume = () => {
  const secrets = opt(z.record(z.string(), Secret()));
  return z.object({
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
};
interface CSIVolume extends z.output<ReturnType<typeof csiVolume>> {}
const CSIVolume: Schema<CSIVolume> = once(csiVolume);

const VOLUME_SOURCES = [
  "UNKNOWN",
  "DOCKER_VOLUME",
  "HOST_PATH",
  "SANDBOX_PATH",
  "SECRET",
  "CSI_VOLUME",
] as const;

const volume = () =>
  z.object({
    mode: opt(z.enum(["RW", "RO"])),
    container_path: z.string(),
    host_path: opt(z.string()),
    image: opt(Image()),
    source: opt(
      z.object({
        type: opt(openEnum(...VOLUME_SOURCES)),
        docker_volume: opt(
          z.object({
            name: z.string(),
            driver: opt(z.string()),
            driver_options: opt(z.object({ parameter: list(Parameter()) })),
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
        secret: opt(Secret()),
        csi_volume: opt(CSIVolume()),
      }),
    ),
  });
export interface Volume extends z.output<ReturnType<typeof volume>> {}
/** @internal */
export const Volume: Schema<Volume> = once(volume);
