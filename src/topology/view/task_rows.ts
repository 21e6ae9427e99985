import { KEYS } from "../report/keys.ts";
import type { MetadataTemplate, Topology } from "../report/report.ts";
import { MESOS_FRAMEWORK, MESOS_TASK } from "./tasks.ts";

function templates(
  ...rows: readonly (readonly [string, string])[]
): ReadonlyMap<string, MetadataTemplate> {
  return new Map(
    rows.map(([id, label], index) => [id, { id, label, from: "latest", priority: index + 1 }]),
  );
}

/** How nodes of Mesos are shown: no report says it, as no probe reports them on their own. */
export const TASK_TOPOLOGIES: ReadonlyMap<string, Topology> = new Map([
  [
    MESOS_TASK,
    {
      nodes: new Map(),
      metadataTemplates: templates(
        [KEYS.mesosTaskState, "State"],
        [KEYS.mesosTaskId, "Task ID"],
        [KEYS.mesosFrameworkName, "Framework"],
        [KEYS.mesosFrameworkId, "Framework ID"],
        [KEYS.mesosExecutorId, "Executor ID"],
        [KEYS.mesosAgentId, "Agent ID"],
        [KEYS.mesosRole, "Role"],
        [KEYS.marathonAppId, "Marathon app"],
      ),
    },
  ],
  [
    MESOS_FRAMEWORK,
    {
      nodes: new Map(),
      metadataTemplates: templates(
        [KEYS.mesosFrameworkName, "Name"],
        [KEYS.mesosFrameworkId, "ID"],
        [KEYS.mesosRole, "Role"],
      ),
    },
  ],
]);
