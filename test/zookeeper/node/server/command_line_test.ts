/** Apache's own client, the command line that comes with ZooKeeper, at the real server and at ours. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { EmbeddedZooKeeper, installZooKeeper, ZooKeeperServer } from "fairlead/zookeeper/node";
import { expect, test } from "vitest";

const COMMANDS = [
  "create /a one",
  "create -s -e /a/s- two",
  "create -c /c",
  "create -t 5000 /t x",
  "ls -R /",
  "ls -s /a",
  "get -s /a",
  "set -v 0 /a two",
  "set -v 0 /a three",
  "stat /c",
  "delete /a",
  "addauth digest ada:x",
  "setAcl /a auth::cdrwa",
  "getAcl /a",
  "getEphemerals /",
  "getAllChildrenNumber /",
  "addWatch -m PERSISTENT_RECURSIVE /a",
  "create /a/n 1",
  "set /a/n 2",
  "delete /a/n",
  "sync /a",
  "deleteall /a",
  "ls -R /",
  "close",
  "quit",
];

/** What the command line says, without addresses, times and its own version. */
async function said(address: string): Promise<readonly string[]> {
  const main = "org.apache.zookeeper.ZooKeeperMain";
  const quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=off";
  const java = [quiet, "-cp", await installZooKeeper(), main, "-server", address];
  const child = spawn("java", java, { stdio: ["pipe", "pipe", "pipe"] });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => lines.push(text));
  }
  child.stdin.end(`${COMMANDS.join("\n")}\n`);
  await once(child, "close");
  return lines
    .join("")
    .split("\n")
    .filter((line) => !/^(Connecting to|[cm]time = )/.test(line))
    .map((line) => line.replace(/0x[0-9a-f]{8,}/g, "<session>"))
    .toSorted();
}

test("the command line of ZooKeeper says the same at both servers", async () => {
  await using embedded = await EmbeddedZooKeeper.start();
  await using real = await ZooKeeperServer.start();
  const [given, expected] = [await said(embedded.connectString), await said(real.address)];
  expect(given).toEqual(expected);
  expect(given).toContain("/a/s-0000000000");
}, 60_000);
