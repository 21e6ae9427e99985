/** CREATE makes volumes of disk, DESTROY makes disk of volumes. */
import type { Operation } from "../../model/mod.ts";
import { isPersistentVolume, type Resource, type Resources } from "../../resources/mod.ts";
import { faultOfPersistenceIds, faultOfRoles } from "../validate/resources.ts";
import type { Fault, OperationContext, ResourceConversion } from "../validate/types.ts";
import { faultOfCapability, readOperationResources } from "./common.ts";
import { one, withoutVolume } from "./conversions.ts";
import type { Read } from "./operation.ts";

type Create = NonNullable<Operation["create"]>;
type Destroy = NonNullable<Operation["destroy"]>;

/** What is wrong with resources as volumes that can be written to. */
export function faultOfVolumes(resources: Resources): Fault {
  for (const resource of resources) {
    const { disk } = resource;
    if (disk === undefined) return `Resource ${one(resource)} does not have DiskInfo`;
    if (disk.persistence === undefined) return "'persistence' is not set in DiskInfo";
    if (disk.volume === undefined) return "Expecting 'volume' to be set for persistent volume";
    if (disk.volume.mode === "RO") return "Read-only persistent volume not supported";
  }
  return undefined;
}

/** Create: the volumes of the operation are what there will be. */
export function readCreate({ volumes }: Create, context: OperationContext): Read {
  const read = readOperationResources(volumes, context);
  if (!read.ok) return read;
  const fault = faultOfCreated(read.resources, context);
  if (fault !== undefined) return { ok: false, fault };
  const conversions = Array.from(read.resources, (volume): ResourceConversion => {
    return { from: one(withoutVolume(volume)), to: one(volume) };
  });
  return { ok: true, body: { create: { volumes: read.json } }, conversions };
}

function faultOfCreated(volumes: Resources, context: OperationContext): Fault {
  const kind = faultOfVolumes(volumes);
  if (kind !== undefined) return `Not a persistent volume: ${kind}`;
  const fault = faultOfNewIds(volumes, context);
  if (fault !== undefined) return fault;
  for (const volume of volumes) {
    const wrong =
      faultOfShared(volume, context) ??
      faultOfCapability(volume, context, { what: `Volume ${one(volume)}`, done: "created" }) ??
      faultOfCreator(volume, context);
    if (wrong !== undefined) return wrong;
  }
  if (context.framework === undefined) return undefined;
  const roles = faultOfRoles(volumes);
  return roles && `Invalid volume resources: ${roles}`;
}

/** An id is used once for a role on an agent: not by another volume, not twice in one call. */
function faultOfNewIds(volumes: Resources, { agent }: OperationContext): Fault {
  const fresh = volumes.unallocate();
  const known = agent.total.filter(isPersistentVolume).intersect(fresh);
  const [again] = [...known, ...twice(fresh)];
  if (again !== undefined) return `Persistence ID '${again.disk?.persistence?.id}' is not unique`;
  return faultOfPersistenceIds(agent.total.filter(isPersistentVolume).add(fresh));
}

function twice(resources: Resources): Resource[] {
  return [...resources].filter((resource) => resources.copiesOf(resource) > 1);
}

function faultOfShared(volume: Resource, { framework }: OperationContext): Fault {
  if (framework === undefined || !volume.shared) return undefined;
  if (framework.capabilities.has("SHARED_RESOURCES")) return undefined;
  return (
    `Create volume operation for '${one(volume)}' has been attempted by framework ` +
    `'${framework.id}' with no SHARED_RESOURCES capability`
  );
}

function faultOfCreator({ disk }: Resource, { principal }: OperationContext): Fault {
  const named = disk?.persistence?.principal;
  if (principal === undefined || named === principal) return undefined;
  if (named === undefined) {
    return (
      `Create volume operation attempted by principal '${principal}', but there is a volume in ` +
      "the operation with no principal set in 'disk.persistence'"
    );
  }
  return (
    `Create volume operation attempted by authenticated principal '${principal}', which does ` +
    `not match a volume in the operation with principal '${named}' set in 'disk.persistence'`
  );
}

/** Destroy: the volumes of the operation are what there is, and nobody uses them. */
export function readDestroy({ volumes }: Destroy, context: OperationContext): Read {
  const read = readOperationResources(volumes, context);
  if (!read.ok) return read;
  const kind = faultOfVolumes(read.resources);
  if (kind !== undefined) return { ok: false, fault: `Not a persistent volume: ${kind}` };
  const conversions: ResourceConversion[] = [];
  for (const volume of read.resources) {
    const gone = one(volume);
    const fault = faultOfUse(gone.unallocate(), context);
    if (fault !== undefined) return { ok: false, fault };
    conversions.push({ from: gone, to: one(withoutVolume(volume)), gone });
  }
  return { ok: true, body: { destroy: { volumes: read.json } }, conversions };
}

function faultOfUse(volume: Resources, { agent }: OperationContext): Fault {
  if (!agent.total.contains(volume)) return "Persistent volumes not found";
  for (const used of agent.used) {
    if (used.unallocate().contains(volume)) return "Persistent volumes in use";
  }
  return undefined;
}
