/** Containers of a real engine, for tests. */
import type { ContainerEngine } from "../../../src/probe/node/docker/engine.ts";
import { IMAGE } from "../../agent/node/containers/engine.ts";

/** Make and start one that sleeps, and writes a line first; gives its id. */
export async function startContainer(
  engine: ContainerEngine,
  more: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const created = await engine.json({
    method: "POST",
    path: "/containers/create",
    body: {
      Image: IMAGE,
      Cmd: ["sh", "-c", "echo ready; trap 'exit 0' TERM; while :; do sleep 0.2; done"],
      HostConfig: {
        NetworkMode: "none",
        Ulimits: [
          { Name: "nofile", Soft: 1_024, Hard: 4_096 },
          { Name: "nproc", Soft: 512, Hard: 1_024 },
        ],
      },
      ...more,
    },
  });
  const id = typeof created === "object" && created !== null && "Id" in created ? created.Id : "";
  await engine.json({ method: "POST", path: `/containers/${id}/start` });
  return String(id);
}
