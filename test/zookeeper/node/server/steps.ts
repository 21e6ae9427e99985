/** Requests for two servers: a list of each opcode and error, and random ones of a small world. */

import type { SeededRandom } from "fairlead/base";
import { type Acl, type JuteWriter, OPCODES, OPEN_ACL, PERMISSIONS } from "fairlead/zookeeper";
import { digestId } from "fairlead/zookeeper/node";
import { writeAcl } from "../../../../src/zookeeper/protocol/records.ts";

/** One request of one client. */
export interface Step {
  readonly what: string;
  readonly client: number;
  readonly opcode: number;
  readonly write: (writer: JuteWriter) => void;
}

type Write = Step["write"];

const step = (what: string, opcode: number, write: Write = () => {}, client = 0): Step => ({
  what,
  opcode,
  write,
  client,
});

const text = new TextEncoder();

interface Creation {
  readonly data?: Uint8Array | null;
  readonly acl?: readonly Acl[];
  readonly flag?: number;
  readonly ttlMs?: bigint;
}

function creation(path: string, more: Creation = {}): Write {
  const { data = text.encode("x"), acl = OPEN_ACL, flag = 0, ttlMs } = more;
  return (writer) => {
    writer.text(path);
    writer.buffer(data);
    writer.list(acl, writeAcl);
    writer.int(flag);
    if (ttlMs !== undefined) writer.long(ttlMs);
  };
}

const create = (path: string, more: Creation = {}, opcode: number = OPCODES.create2, client = 0) =>
  step(`create ${path} by ${opcode}`, opcode, creation(path, more), client);

const withPath = (opcode: number, path: string, client = 0) =>
  step(`${opcode} of ${path}`, opcode, (writer) => writer.text(path), client);

const withFlag = (opcode: number, path: string, watch = false, client = 0) =>
  step(
    `${opcode} of ${path}`,
    opcode,
    (writer) => {
      writer.text(path);
      writer.bool(watch);
    },
    client,
  );

const withNumber = (opcode: number, path: string, number: number, client = 0) =>
  step(
    `${opcode} of ${path} with ${number}`,
    opcode,
    (writer) => {
      writer.text(path);
      writer.int(number);
    },
    client,
  );

const set = (path: string, data: Uint8Array | null, version = -1, client = 0) =>
  step(`set ${path}`, OPCODES.setData, setting(path, data, version), client);

const setting =
  (path: string, data: Uint8Array | null, version: number): Write =>
  (writer) => {
    writer.text(path);
    writer.buffer(data);
    writer.int(version);
  };

const setAcl = (path: string, acl: readonly Acl[], version = -1, client = 0) =>
  step(
    `set the ACL of ${path}`,
    OPCODES.setAcl,
    (writer) => {
      writer.text(path);
      writer.list(acl, writeAcl);
      writer.int(version);
    },
    client,
  );

const auth = (scheme: string, credential: string, client: number) =>
  step(
    `be ${credential}`,
    OPCODES.auth,
    (writer) => {
      writer.int(0);
      writer.text(scheme);
      writer.buffer(text.encode(credential));
    },
    client,
  );

/** A multi or multiRead of these. */
function multi(steps: readonly Step[], opcode: number = OPCODES.multi, client = 0): Step {
  return step(
    `${opcode} of ${steps.map(({ what }) => what)}`,
    opcode,
    (writer) => {
      for (const each of steps) {
        writer.int(each.opcode);
        writer.bool(false);
        writer.int(-1);
        each.write(writer);
      }
      writer.int(-1);
      writer.bool(true);
      writer.int(-1);
    },
    client,
  );
}

const setWatches = (lists: readonly (readonly string[])[], zxid: bigint, client = 0) =>
  step(
    `set watches ${JSON.stringify(lists)} after ${zxid}`,
    lists.length === 3 ? OPCODES.setWatches : OPCODES.setWatches2,
    (writer) => {
      writer.long(zxid);
      for (const list of lists) writer.list(list, (each, path) => each.text(path));
    },
    client,
  );

const acl = (permissions: number, scheme: string, id: string): readonly Acl[] => [
  { permissions, scheme, id },
];

const { read, write, create: mayCreate, delete: mayDelete, admin, all } = PERMISSIONS;
const { getData, getChildren, getChildren2, exists, getAcl } = OPCODES;

/** Each opcode and each error at least once. */
export function* scenario(): Generator<Step> {
  yield* creations();
  yield* changes();
  yield* access();
  yield* multis();
  yield* watches();
  yield* others();
}

function* creations(): Generator<Step> {
  yield create("/a", {}, OPCODES.create);
  yield create("/a");
  yield create("/a/null", { data: null });
  yield create("/a/empty", { data: new Uint8Array(0) });
  for (const path of [
    "",
    "a",
    "/",
    "//",
    "/a/",
    "/a//b",
    "/a/.",
    "/a/../b",
    "/a/\u0001",
    "/a\0b",
  ]) {
    yield create(path);
    yield create(path, { flag: 2 });
  }
  yield create("/none/b");
  for (let flag = -1; flag <= 7; flag += 1) {
    yield create(`/a/create-${flag}-`, { flag }, OPCODES.create);
    yield create(`/a/create2-${flag}-`, { flag });
    yield create(`/a/container-${flag}-`, { flag }, OPCODES.createContainer);
    // Without its flag a negative time to live brings the real server down.
    for (const ttlMs of [
      ...(flag === 5 || flag === 6 ? [-1n] : []),
      0n,
      1n,
      0xff_ffff_ffffn,
      0x100_0000_0000n,
    ]) {
      yield create(`/a/ttl-${flag}-${ttlMs}-`, { flag, ttlMs }, OPCODES.createTtl);
    }
  }
  yield create("/e", { flag: 1 });
  yield create("/e/below");
  yield create("/e2", { flag: 1 }, OPCODES.create2, 1);
  for (const path of ["/", "/a", "/zookeeper", "/zookeeper/config", "/zookeeper/quota", "/e", ""]) {
    yield withFlag(exists, path);
    yield withFlag(getData, path);
    yield withFlag(getChildren, path);
    yield withFlag(getChildren2, path);
    yield withPath(getAcl, path);
  }
  for (const name of ["null", "empty", "container-0-", "ttl-5-1-"]) {
    yield withFlag(getData, `/a/${name}`);
  }
}

function* changes(): Generator<Step> {
  yield create("/c");
  yield set("/c", null);
  yield set("/c", new Uint8Array(3), 0);
  yield set("/c", new Uint8Array(3), 1);
  yield set("/c", new Uint8Array(3), -2);
  for (const path of ["", "c", "/", "/none", "/c/", "/c\0", "/zookeeper/config", "/zookeeper"]) {
    yield set(path, new Uint8Array(1));
    yield withNumber(OPCODES.delete, path, -1);
  }
  yield create("/c/d");
  yield withNumber(OPCODES.delete, "/c", -1);
  yield withNumber(OPCODES.delete, "/c", 7);
  yield withNumber(OPCODES.delete, "/c/d", 1);
  yield withNumber(OPCODES.delete, "/c/d", 0);
  yield create("/c/s-", { flag: 2 });
  yield withFlag(exists, "/c");
  yield withPath(OPCODES.sync, "/c");
  yield withPath(OPCODES.sync, "");
}

function* access(): Generator<Step> {
  const hash = digestId("ada:lovelace");
  const asked: readonly (readonly Acl[])[] = [
    [],
    acl(all, "auth", ""),
    acl(all, "world", "nobody"),
    acl(all, "nonsense", "x"),
    acl(all, "digest", "ada"),
    acl(all, "digest", "ada:"),
    acl(all, "digest", ":x"),
    acl(all, "digest", "a:b:c"),
    acl(all, "ip", "127.0.0.1"),
    acl(all, "ip", "127.0.0.0/8"),
    acl(all, "ip", "10.0.0.0/8"),
    acl(all, "ip", "127.0.0.1/33"),
    acl(all, "ip", "127.0.0.256"),
    acl(all, "ip", "x"),
    acl(all, "super", ""),
    acl(0, "world", "anyone"),
    acl(64, "world", "anyone"),
    [...acl(read, "world", "anyone"), ...acl(read, "world", "anyone")],
    [...acl(read, "world", "anyone"), ...acl(all, "digest", hash)],
  ];
  yield create("/acl");
  for (const who of [0, 1]) {
    if (who === 1) yield auth("digest", "ada:lovelace", 1);
    for (const [index, each] of asked.entries()) {
      const path = `/acl/${who}-${index}`;
      yield create(path, { acl: each }, OPCODES.create2, who);
      yield setAcl("/acl", each, 99, who);
      for (const client of [0, 1]) {
        yield withFlag(getData, path, false, client);
        yield withPath(getAcl, path, client);
        yield set(path, null, -1, client);
        yield create(`${path}/b`, {}, OPCODES.create2, client);
        yield withFlag(getChildren, path, false, client);
        yield withNumber(OPCODES.delete, `${path}/b`, -1, client);
        yield withPath(OPCODES.getAllChildrenNumber, path, client);
      }
    }
  }
  yield create("/acl/kept", { acl: acl(read | write | mayCreate | mayDelete, "digest", hash) });
  for (const client of [0, 1]) {
    yield setAcl("/acl/kept", OPEN_ACL, -1, client);
    yield setAcl("/acl/none", OPEN_ACL, -1, client);
    yield setAcl("acl", OPEN_ACL, -1, client);
    yield setAcl("/acl/kept", [], -1, client);
  }
  yield create("/acl/admin", { acl: acl(admin, "world", "anyone") });
  yield withPath(getAcl, "/acl/admin");
  yield setAcl("/acl/admin", OPEN_ACL, 1);
  yield setAcl("/acl/admin", OPEN_ACL, 0);
  yield auth("ip", "", 0);
  yield auth("digest", "nocolon", 0);
  yield auth("digest", "super:secret", 2);
  yield withPath(getAcl, "/acl/kept", 2);
  yield create("/acl/by-super", { acl: acl(all, "auth", "") }, OPCODES.create2, 2);
  yield withPath(getAcl, "/acl/by-super", 2);
  yield set("/zookeeper/config", new Uint8Array(0), -1, 2);
  for (const client of [0, 1, 2]) yield step("who am I", OPCODES.whoAmI, () => {}, client);
}

function* multis(): Generator<Step> {
  const check = (path: string, version: number) => withNumber(OPCODES.check, path, version);
  const remove = (path: string, version = -1) => withNumber(OPCODES.delete, path, version);
  yield multi([]);
  yield multi([
    create("/m", {}, OPCODES.create),
    create("/m/2"),
    create("/m/c", {}, OPCODES.createContainer),
    create("/m/c4", { flag: 4 }, OPCODES.createContainer),
    create("/m/c1", { flag: 4 }, OPCODES.create),
    create("/m/t", { flag: 5, ttlMs: 1_000_000n }, OPCODES.createTtl),
    create("/m/s-", { flag: 3 }),
    create("/m/s-", { flag: 2 }, OPCODES.create),
    set("/m", null, 0),
    check("/m", 1),
    remove("/m/2", 0),
  ]);
  yield withFlag(getChildren2, "/m");
  for (const failing of [
    create("/m"),
    create("/none/x"),
    create("x"),
    create("/m/x", { flag: 7 }),
    create("/m/x", { flag: 5, ttlMs: 0n }, OPCODES.createTtl),
    create("/m/x", { flag: 0, ttlMs: 5n }, OPCODES.createTtl),
    create("/m/x", { acl: [] }),
    set("/m", null, 0),
    check("/m", 0),
    check("/none", -1),
    check("", -1),
    remove("/m"),
    remove("/"),
    remove("/none"),
  ]) {
    yield multi([create("/m/never"), set("/m", null), failing, create("/m/nor"), check("/m", 1)]);
  }
  yield withFlag(getChildren2, "/m");
  yield withFlag(getData, "/m");
  yield multi([withFlag(getData, "/m")]);
  yield multi([create("/m/x"), setAcl("/m", OPEN_ACL)]);
  const reads = [
    withFlag(getData, "/m"),
    withFlag(getData, "/none"),
    withFlag(getData, "/acl/kept"),
  ];
  yield multi(reads, OPCODES.multiRead);
  yield multi([withFlag(getChildren, "/e"), withFlag(getChildren, "/none")], OPCODES.multiRead);
  yield multi([], OPCODES.multiRead);
}

function* watches(): Generator<Step> {
  const remove = (path: string) => withNumber(OPCODES.delete, path, -1);
  for (const watch of [exists, getData, getChildren, getChildren2]) {
    yield create("/w");
    yield withFlag(watch, "/w", true, 1);
    yield withFlag(watch, "/w/c", true, 1);
    yield create("/w/c");
    yield set("/w", null);
    yield set("/w", null);
    yield remove("/w/c");
    yield remove("/w");
    yield create("/w");
    yield remove("/w");
  }
  for (const mode of [0, 1]) {
    yield withNumber(OPCODES.addWatch, "/w", mode, 1);
    for (const type of [1, 2, 3]) yield withNumber(OPCODES.checkWatches, "/w", type, 1);
    yield create("/w");
    yield create("/w/c");
    yield create("/w/c/d");
    for (const type of [1, 2, 3]) yield withNumber(OPCODES.checkWatches, "/w/c/d", type, 1);
    yield set("/w/c", null);
    yield set("/w", null);
    yield multi([remove("/w/c/d"), remove("/w/c"), remove("/w")]);
    for (const type of [1, 1, 2, 2, 3]) yield withNumber(OPCODES.removeWatches, "/w", type, 1);
    yield create("/w");
    yield remove("/w");
  }
  yield withNumber(OPCODES.addWatch, "/", 1, 1);
  yield create("/w");
  yield remove("/w");
  yield withNumber(OPCODES.removeWatches, "/", 3, 1);
  for (const mode of [-1, 2]) yield withNumber(OPCODES.addWatch, "/w", mode, 1);
  for (const type of [0, 4]) yield withNumber(OPCODES.checkWatches, "/w", type, 1);
  yield create("/w");
  const paths = ["/w", "/none"];
  for (const zxid of [0n, 1_000_000n]) {
    yield setWatches([paths, paths, paths], zxid, 1);
    yield setWatches([paths, paths, paths, ["/p"], ["/r"]], zxid, 1);
  }
  for (const path of ["/p", "/r"]) {
    yield create(path);
    yield create(`${path}/c`);
    yield remove(`${path}/c`);
  }
  yield create("/none");
  yield set("/w", null);
  yield create("/w/c");
  yield remove("/w/c");
  yield remove("/w");
}

function* others(): Generator<Step> {
  yield withPath(OPCODES.getEphemerals, "/");
  yield withPath(OPCODES.getEphemerals, "/a");
  yield withPath(OPCODES.getEphemerals, "");
  yield withPath(OPCODES.getEphemerals, "", 2);
  for (const path of ["/", "/a", "/none", "/zookeeper", "/m"]) {
    yield withPath(OPCODES.getAllChildrenNumber, path);
  }
  yield step("reconfig", OPCODES.reconfig, (writer) => {
    for (const value of ["", "", ""]) writer.text(value);
    writer.long(-1n);
  });
  for (const opcode of [exists, getData, OPCODES.create, OPCODES.multi, OPCODES.addWatch]) {
    yield step(`a body of ${opcode} that is cut`, opcode, (writer) => writer.int(100));
  }
  yield withNumber(OPCODES.addWatch, "/e", 0, 1);
  yield withFlag(getChildren, "/", true, 1);
  yield step("end the session", OPCODES.closeSession);
}

const PATHS = ["/r", "/r/a", "/r/b", "/r/a/c", "/r/a/d", "/s", "/s/a"];
/** The client that has no classic watches. */
const PERSISTENT = 2;
const ACLS = [OPEN_ACL, OPEN_ACL, OPEN_ACL, acl(read | write, "world", "anyone")];

/** A random request of a random client. */
export function stepFrom(random: SeededRandom): Step {
  const pick = <T>(values: readonly T[]): T => {
    const value = values[random.int(values.length)];
    if (value === undefined) throw new RangeError("nothing to pick from");
    return value;
  };
  const client = random.int(3);
  const path = pick(PATHS);
  const version = pick([-1, -1, -1, 0, 1]);
  // In 3.8 kinds of watches on one path disturb each other: the last client has one kind a path.
  const isPersistent = client === PERSISTENT;
  const watch = !isPersistent && random.int(3) === 0;
  if (isPersistent && random.int(5) === 0) {
    const opcode = pick([OPCODES.addWatch, OPCODES.addWatch, OPCODES.removeWatches]);
    const mode = PATHS.indexOf(path) % 2;
    return withNumber(opcode, path, opcode === OPCODES.addWatch ? mode : 3, client);
  }
  const some = (): Step => {
    switch (random.int(5)) {
      case 0:
      case 1:
        return create(pick(PATHS), { flag: pick([0, 0, 0, 1, 2, 3]), acl: pick(ACLS) });
      case 2:
        return withNumber(OPCODES.delete, pick(PATHS), pick([-1, -1, 0, 1]));
      case 3:
        return set(pick(PATHS), pick([null, new Uint8Array(0), text.encode("y")]), version);
      default:
        return withNumber(OPCODES.check, pick(PATHS), version);
    }
  };
  switch (random.int(12)) {
    case 0:
      return withFlag(pick([exists, getData, getChildren, getChildren2]), path, watch, client);
    case 1:
      return withFlag(pick([exists, getData, getChildren2]), path, !isPersistent, client);
    case 2:
      return multi([some(), some(), some()], OPCODES.multi, client);
    case 3:
      return multi([some()], OPCODES.multi, client);
    case 4:
      return isPersistent
        ? setWatches(
            [[], [], [], ...(PATHS.indexOf(path) % 2 === 0 ? [[path], []] : [[], [path]])],
            0n,
            client,
          )
        : setWatches([[path], [pick(PATHS)], [pick(PATHS)]], BigInt(random.int(901)), client);
    case 5:
      return setAcl(path, pick(ACLS), pick([-1, 0, 1]), client);
    case 6:
      return withPath(
        pick([getAcl, OPCODES.getEphemerals, OPCODES.getAllChildrenNumber]),
        path,
        client,
      );
    default: {
      const single = some();
      return single.opcode === OPCODES.check
        ? withFlag(exists, path, !isPersistent, client)
        : { ...single, client };
    }
  }
}
