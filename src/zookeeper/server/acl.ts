/** Who may do what: the schemes world, auth, digest, ip and super, as ZooKeeper 3.8 reads them. */

import type { Acl } from "../types.ts";

/** What a connection has proved to be. */
export interface AuthId {
  /** `ip` from the start; `digest` and `super` by credentials. */
  readonly scheme: string;
  /** An address, `user:hash`, or "" of a superuser. */
  readonly id: string;
}

/** Whether one of the identities has one of the permissions. An empty ACL allows all. */
export function isAllowed(
  acl: readonly Acl[],
  permissions: number,
  identities: readonly AuthId[],
): boolean {
  if (acl.length === 0) return true;
  if (identities.some(({ scheme }) => scheme === "super")) return true;
  return acl.some((entry) => {
    if ((entry.permissions & permissions) === 0) return false;
    return isAnyone(entry) || identities.some((each) => matches(entry, each));
  });
}

/**
 * The ACL that is kept for one that was asked for: without doubles, `auth` replaced by the
 * identities that were proved; undefined when an entry cannot stand.
 */
export function fixAcl(
  asked: readonly Acl[],
  identities: readonly AuthId[],
): readonly Acl[] | undefined {
  const fixed: Acl[] = [];
  for (const entry of withoutDoubles(asked)) {
    if (entry.scheme === "auth") {
      const proved = identities.filter(({ scheme }) => scheme === "digest");
      if (proved.length === 0) return undefined;
      for (const { scheme, id } of proved) {
        fixed.push({ permissions: entry.permissions, scheme, id });
      }
    } else if (isAnyone(entry) || isKnown(entry)) fixed.push(entry);
    else return undefined;
  }
  return fixed.length > 0 ? fixed : undefined;
}

/** An ACL as those see it who may read a node and not administer it: without hashes. */
export function maskAcl(acl: readonly Acl[]): readonly Acl[] {
  return acl.map((entry) =>
    entry.scheme === "digest" ? { ...entry, id: entry.id.replace(/:.*/, ":x") } : entry,
  );
}

/** The name in an identity, as `whoAmI` tells it. */
export function userOf({ scheme, id }: AuthId): string {
  return scheme === "digest" ? (id.split(":")[0] ?? "") : id;
}

function isAnyone({ scheme, id }: Acl): boolean {
  return scheme === "world" && id === "anyone";
}

function isKnown({ scheme, id }: Acl): boolean {
  if (scheme === "digest") return /^[^:]*:[^:]+:*$/.test(id);
  return scheme === "ip" && networkOf(id) !== undefined;
}

function matches({ scheme, id }: Acl, identity: AuthId): boolean {
  if (scheme !== identity.scheme) return false;
  if (scheme === "digest") return id === identity.id;
  return scheme === "ip" && isWithin(identity.id, id);
}

function withoutDoubles(acl: readonly Acl[]): Iterable<Acl> {
  const kept = new Map<string, Acl>();
  for (const entry of acl) {
    kept.set(JSON.stringify([entry.permissions, entry.scheme, entry.id]), entry);
  }
  return kept.values();
}

interface Network {
  readonly bytes: readonly number[];
  readonly bits: number;
}

/** `10.0.0.0/8`, or one address. */
function networkOf(text: string): Network | undefined {
  const slash = text.indexOf("/");
  const bytes = addressBytes(slash < 0 ? text : text.slice(0, slash));
  if (bytes === undefined) return undefined;
  if (slash < 0) return { bytes, bits: bytes.length * 8 };
  const suffix = text.slice(slash + 1);
  const bits = /^\d{1,3}$/.test(suffix) ? Number(suffix) : -1;
  return bits >= 0 && bits <= bytes.length * 8 ? { bytes, bits } : undefined;
}

function isWithin(address: string, expression: string): boolean {
  const network = networkOf(expression);
  const bytes = addressBytes(address);
  if (network === undefined || bytes?.length !== network.bytes.length) return false;
  return bytes.every((byte, index) => {
    const bits = Math.min(8, Math.max(0, network.bits - index * 8));
    const mask = (0xff << (8 - bits)) & 0xff;
    return (byte & mask) === ((network.bytes[index] ?? 0) & mask);
  });
}

/** Four bytes or sixteen; undefined for what is no address. */
function addressBytes(text: string): readonly number[] | undefined {
  return text.includes(":") ? v6Bytes(text) : v4Bytes(text);
}

function v4Bytes(text: string): readonly number[] | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return undefined;
  const bytes = text.split(".").map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

function v6Bytes(text: string): readonly number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2 || text.length > 45) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const gap = 8 - head.length - tail.length;
  if (halves.length === 2 ? gap < 1 : gap !== 0) return undefined;
  const groups = [...head, ...Array.from({ length: gap }, () => "0"), ...tail];
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return groups.flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
