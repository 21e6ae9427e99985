/** Users of an image: names in its own /etc/passwd and /etc/group. */
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { InsideRoot } from "../../archives/inside.ts";
import { Obstacle } from "../failures.ts";

/** Who a process in a container is. */
export interface ContainerUser {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

const FILE_BYTES_MAX = 2 ** 20;

/**
 * Find "name", "uid", "name:group" or "uid:gid"; without a group it is the user's own.
 *
 * @throws {Obstacle} when the image does not know the name.
 */
export async function findContainerUser(rootfs: string, asked: string): Promise<ContainerUser> {
  const [user = "", group] = asked.split(":");
  const users = await lines(rootfs, "passwd");
  const entry = users.find(([name, , uid]) => name === user || uid === user);
  const uid = /^\d+$/.test(user) ? Number(user) : Number(entry?.[2] ?? Number.NaN);
  if (Number.isNaN(uid)) throw new Obstacle(`there is no user "${user}"`);
  const all = await lines(rootfs, "group");
  const gid = group === undefined ? Number(entry?.[3] ?? 0) : groupId(all, group);
  const [name] = entry ?? [];
  const groups =
    group !== undefined || name === undefined
      ? []
      : all.flatMap(([, , id, members = ""]) =>
          members.split(",").includes(name) ? [Number(id)] : [],
        );
  return { uid, gid, groups };
}

function groupId(all: readonly (readonly string[])[], group: string): number {
  if (/^\d+$/.test(group)) return Number(group);
  const id = Number(all.find(([name]) => name === group)?.[2] ?? Number.NaN);
  if (Number.isNaN(id)) throw new Obstacle(`there is no group "${group}"`);
  return id;
}

async function lines(rootfs: string, name: string): Promise<string[][]> {
  const text = await read(rootfs, name).catch(() => "");
  return text.split("\n").map((line) => line.split(":"));
}

/** Links inside the image lead to the image. */
async function read(rootfs: string, name: string): Promise<string> {
  const path = await new InsideRoot(rootfs, "follow").find(`etc/${name}`);
  await using file = await open(
    path,
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  );
  const buffer = Buffer.alloc(FILE_BYTES_MAX);
  const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
  return buffer.toString("utf8", 0, bytesRead);
}
