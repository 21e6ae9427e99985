import { createHash } from "node:crypto";

/**
 * The id that an ACL of the scheme digest has for `user:password`, and a `superDigest` too.
 *
 * @example
 * ```ts
 * import { digestId } from "fairlead/zookeeper/node";
 *
 * console.assert(digestId("ada:secret").startsWith("ada:"));
 * ```
 */
export function digestId(auth: string): string {
  const [user = ""] = auth.split(":");
  return `${user}:${createHash("sha1").update(auth, "utf8").digest("base64")}`;
}
