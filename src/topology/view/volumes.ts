import { KEYS } from "../report/keys.ts";
import { latestOf, type RenderNode, type RenderNodes, uniteNodes } from "./render_node.ts";

/** The storage of Kubernetes by kind, and the pods that use it. */
export interface Storage {
  readonly pods: Iterable<RenderNode>;
  readonly claims: readonly RenderNode[];
  readonly volumes: readonly RenderNode[];
  readonly classes: Iterable<RenderNode>;
  readonly snapshots: readonly RenderNode[];
  readonly snapshotData: readonly RenderNode[];
}

/** Pods → claims → volumes → snapshots → their data, and classes → claims. */
export function renderStorage(storage: Storage): RenderNodes {
  const { pods, claims, volumes, classes, snapshots, snapshotData } = storage;
  const named = (node: RenderNode, name: string | undefined) =>
    (latestOf(node, KEYS.kubernetesName) ?? "") === (name ?? "");
  return uniteNodes([
    link(claims, (claim) =>
      volumes.filter((volume) => named(volume, latestOf(claim, KEYS.kubernetesVolumeName))),
    ),
    link(
      [...pods].filter((pod) => pod.latest.has(KEYS.kubernetesVolumeClaim)),
      (pod) => claimsOf(pod, claims),
    ),
    link(classes, (each) =>
      claims.filter((claim) => named(each, latestOf(claim, KEYS.kubernetesStorageClassName))),
    ),
    link(volumes, (volume) =>
      snapshots.filter((each) => named(volume, latestOf(each, KEYS.kubernetesVolumeName))),
    ),
    link(snapshots, (snapshot) =>
      snapshotData.filter((data) => named(data, latestOf(snapshot, KEYS.kubernetesSnapshotData))),
    ),
    link(snapshots.length === 0 ? [] : snapshotData, () => []),
  ]);
}

/** A pod's claims are in its own namespace. */
function claimsOf(pod: RenderNode, claims: readonly RenderNode[]): readonly RenderNode[] {
  const names = (latestOf(pod, KEYS.kubernetesVolumeClaim) ?? "").split(";");
  return names.flatMap((name) => {
    const found = claims.find(
      (claim) =>
        (latestOf(claim, KEYS.kubernetesName) ?? "") === name &&
        latestOf(claim, KEYS.kubernetesNamespace) === latestOf(pod, KEYS.kubernetesNamespace),
    );
    return found === undefined ? [] : [found];
  });
}

function link(
  nodes: Iterable<RenderNode>,
  targetsOf: (node: RenderNode) => readonly RenderNode[],
): RenderNodes {
  const linked = new Map<string, RenderNode>();
  for (const node of nodes) {
    const targets = targetsOf(node);
    linked.set(node.id, {
      ...node,
      adjacency: [...new Set([...node.adjacency, ...targets.map(({ id }) => id)])].sort(),
      children: new Map([...node.children, ...targets.map((each) => [each.id, each] as const)]),
    });
  }
  return { nodes: linked, filtered: 0 };
}
