/** Everything that a configuration can have wrong is said by its field, before anything is written. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FairleadError } from "fairlead/base";
import { afterAll, beforeAll, expect, test } from "vitest";
import { authOf, checkForRun, readConfig } from "../../examples/migrate/config.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fairlead-config-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const place = { connectString: "127.0.0.1:2181", auth: "super:secret" };

async function toldOf(more: object): Promise<string> {
  const file = join(folder, "move.json");
  const report = join(folder, "report.json");
  const json = { id: "m", source: place, target: place, mappings: [{ from: "/a" }], report };
  await writeFile(file, JSON.stringify({ ...json, ...more }));
  try {
    const config = await readConfig(file);
    authOf(config.target, "target.auth");
    await checkForRun(config);
    return "";
  } catch (error) {
    const { code, message } = FairleadError.from(error);
    expect(code).toBe("invalid_config");
    return message;
  }
}

test.each<[object, string]>([
  [{}, ""],
  [{ id: "A" }, "id: must be letters, digits and dashes"],
  [{ source: undefined }, "source: "],
  [{ source: { ...place, strategy: "log" } }, "source.strategy: "],
  [{ target: { ...place, connectString: "" } }, "target.connectString: "],
  [{ target: { ...place, auth: "secret" } }, "target.auth secret: it must be"],
  [
    { target: { ...place, auth: "$NO_SUCH_VARIABLE" } },
    "target.auth $NO_SUCH_VARIABLE: there is no",
  ],
  [{ mappings: [] }, "mappings: "],
  [{ mappings: [{ from: "a" }] }, "mappings.0.from: must be a path"],
  [{ mappings: [{ from: "/a/" }] }, "mappings, exclude: "],
  [{ mappings: [{ from: "/a" }, { from: "/a/b" }] }, "overlap"],
  [{ mappings: [{ from: "/zookeeper/quota" }] }, "/zookeeper, which does not move"],
  [{ exclude: ["/a//x"] }, "mappings, exclude: "],
  [{ ghosts: ["x"] }, "ghosts.0: must be a path"],
  [{ counts: { version: true } }, "counts: "],
  [{ hooks: { drain: "" } }, "hooks.drain: "],
  [{ router: { url: "nowhere", token: "t" } }, "router.url: "],
  [{ router: { url: "http://127.0.0.1:1", token: "$NO_SUCH_VARIABLE" } }, "router.token $NO_SUCH"],
  [{ fenceAcls: 1 }, "fenceAcls: "],
  [{ cutoverDeadlineSeconds: 0 }, "cutoverDeadlineSeconds: Too small: expected number to be >=1"],
  [{ requestBytesMax: 1 }, "requestBytesMax: Too small: expected number to be >=10000"],
  [{ quietMs: 60_001 }, "quietMs: Too big: expected number to be <=60000"],
  [{ rollingSeconds: -1 }, "rollingSeconds: "],
  [{ rehomeSeconds: 3_601 }, "rehomeSeconds: "],
  [{ soakHours: 8_761 }, "soakHours: "],
  [{ consoleToken: "$NO_SUCH_VARIABLE" }, "consoleToken $NO_SUCH_VARIABLE"],
  [{ reportSecret: "$NO_SUCH_VARIABLE" }, "reportSecret $NO_SUCH_VARIABLE"],
  [{ report: "/no/such/folder/report.json" }, "report /no/such/folder: it is no folder"],
  [{ soak: 1 }, 'Unrecognized key: "soak"'],
])("%j: %s", async (more, told) => {
  const message = await toldOf(more);
  if (told === "") expect(message).toBe("");
  else expect(message).toContain(told);
});
