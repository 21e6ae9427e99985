import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { consoleHandler } from "fairlead/ui/node";
import { expect, test } from "vitest";

const ask = async (path: string, init: RequestInit = {}) => {
  const handle = await consoleHandler();
  return handle(new Request(`http://master:5050${path}`, init));
};

test("consoleHandler() leads to its page", async () => {
  for (const path of ["/", "/console"]) {
    const response = await ask(path);
    expect([response.status, response.headers.get("location")]).toEqual([302, "console/"]);
  }
});

test("consoleHandler() serves the page under a strict policy, to be asked for anew", async () => {
  const response = await ask("/console/");
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(response.headers.get("cache-control")).toBe("no-cache");
  const policy = response.headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain("unsafe");
  expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  const page = await response.text();
  expect(page).toContain("<fairlead-console");
  expect(page).not.toMatch(/<style|style=|onload=|\{\{|<script>/);
});

test("consoleHandler() tells its page where the topology view is", async () => {
  const pageOf = async (options: { topology?: string }) => {
    const handle = await consoleHandler(options);
    const response = await handle(new Request("http://master:5050/console/"));
    return { page: await response.text(), etag: response.headers.get("etag") };
  };
  const without = await pageOf({});
  expect(without.page).toContain('topology=""');
  const led = await pageOf({ topology: '/topology/"&$1/' });
  expect(led.page).toContain('topology="/topology/&quot;&amp;$1/"');
  expect(led.etag).not.toBe(without.etag);
});

test("consoleHandler() serves what the page names, for ever and compressed", async () => {
  const page = await (await ask("/console/")).text();
  const names = [...page.matchAll(/(?:src|href)="([\w.-]+)"/g)].map(([, name = ""]) => name);
  expect(names.length).toBe(3);
  for (const name of names) {
    const plain = await ask(`/console/${name}`);
    expect(plain.headers.get("cache-control")).toContain("immutable");
    const packed = await ask(`/console/${name}`, { headers: { "accept-encoding": "br, gzip" } });
    expect(packed.headers.get("content-encoding")).toBe("gzip");
    const bytes = gunzipSync(Buffer.from(await packed!.arrayBuffer()));
    expect(bytes.toString()).toBe(await plain.text());
  }
});

test("consoleHandler() answers 304 to who has it already, and nothing to HEAD but its head", async () => {
  const etag = (await ask("/console/")).headers.get("etag");
  const again = await ask("/console/", { headers: { "if-none-match": `"x", W/${etag}` } });
  expect([again.status, await again.text()]).toEqual([304, ""]);
  const head = await ask("/console/", { method: "HEAD" });
  expect([head.status, await head.text()]).toEqual([200, ""]);
});

test.each([
  "/console/nothing.js",
  "/console/..%2fpackage.json",
  "/console/a/../b",
  "/api/v1",
  "/consoles",
])("consoleHandler() has nothing else: %s", async (path) => {
  expect((await ask(path)).status).toBe(404);
});

test("consoleHandler() only reads", async () => {
  expect((await ask("/console/", { method: "POST" })).status).toBe(405);
});

test("consoleHandler() says what to do without a build", async () => {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-"));
  try {
    await expect(consoleHandler({ folder })).rejects.toMatchObject({ code: "console_not_built" });
    await expect(consoleHandler({ folder: join(folder, "none") })).rejects.toMatchObject({
      code: "console_not_built",
      message: expect.stringContaining("npm run build"),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
