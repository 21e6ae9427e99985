import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { nameReporter, parseHosts } from "../../../../src/probe/node/dns/reporter.ts";
import { latestAt, makeNode, makeTopology } from "../../../../src/probe/report/build.ts";

const { signal } = new AbortController();
const endpoint = (id: string, pid?: string) =>
  makeNode(id, "endpoint", { latest: latestAt(1n, { pid }) });

describe("nameReporter()", () => {
  test("names who this host speaks to, by the hosts file first", async () => {
    const folder = mkdtempSync(join(tmpdir(), "fairlead-hosts-"));
    const hostsFile = join(folder, "hosts");
    writeFileSync(hostsFile, "10.0.0.2 db.local db # the database\n");
    const topology = makeTopology([
      endpoint(";10.0.0.1;80"),
      endpoint(";10.0.0.2;5432"),
      endpoint(";10.0.0.3;40000", "12"),
      endpoint("h-42;127.0.0.1;80"),
    ]);
    const asked: string[] = [];
    const reporter = nameReporter({
      endpoints: () => topology,
      hostsFile,
      reverse: async (ip) => {
        asked.push(ip);
        return ["web.example.com"];
      },
    });
    const look = async () =>
      Object.fromEntries((await reporter.report({ tick: 1, nowMs: 1, signal })).dns);
    await look();
    const database = { forward: [], reverse: ["db", "db.local"] };
    const web = { forward: [], reverse: ["web.example.com"] };
    expect(await look()).toEqual({ "10.0.0.1": web, "10.0.0.2": database });
    expect(asked).toEqual(["10.0.0.1"]);
    writeFileSync(hostsFile, "10.0.0.2 other\n");
    utimesSync(hostsFile, 1, 1);
    expect((await look())["10.0.0.2"]).toEqual({ forward: [], reverse: ["other"] });
    rmSync(folder, { recursive: true });
    expect(Object.keys(await look())).toEqual(["10.0.0.1"]);
  });

  test("says nothing before there are endpoints", async () => {
    const reporter = nameReporter({ endpoints: () => undefined });
    expect((await reporter.report({ tick: 1, nowMs: 1, signal })).dns.size).toBe(0);
  });
});

describe("parseHosts()", () => {
  test("reads what is there and passes over the rest", () => {
    const text = "# none\n127.0.0.1\tlocalhost\n::1 localhost ip6\n\nnonsense here\n10.0.0.1\n";
    expect([...parseHosts(text)]).toEqual([
      ["127.0.0.1", ["localhost"]],
      ["::1", ["ip6", "localhost"]],
    ]);
  });
});
