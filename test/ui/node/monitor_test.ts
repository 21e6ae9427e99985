import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorHandler } from "fairlead/ui/node";
import { expect, test } from "vitest";

const ask = async (path: string) => {
  const handle = await monitorHandler();
  return handle(new Request(`http://collector:4040${path}`));
};

test("monitorHandler() leads to its page, under a strict policy", async () => {
  const response = await ask("/");
  expect([response.status, response.headers.get("location")]).toEqual([302, "monitor/"]);
  const page = await ask("/monitor/");
  expect(page.headers.get("content-security-policy")).not.toContain("unsafe");
  const text = await page.text();
  expect(text).toContain('<fairlead-topology src="../api" deep-link>');
  expect(text).not.toMatch(/<style|style=|onload=|\{\{|<script>/);
});

test("monitorHandler() serves what the page and its scripts name, for ever", async () => {
  const page = await (await ask("/monitor/")).text();
  const names = [...page.matchAll(/(?:src|href)="([\w.-]+\.(?:js|css))"/g)].map(
    ([, name = ""]) => name,
  );
  expect(names.length).toBe(3);
  const main = names.find((name) => name.startsWith("main")) ?? "";
  const script = await (await ask(`/monitor/${main}`)).text();
  const chunks = [...script.matchAll(/["']\.\/([\w-]+\.js)["']/g)].map(([, name = ""]) => name);
  expect(chunks.some((name) => name.startsWith("terminal_screen"))).toBe(true);
  for (const name of [...names, ...chunks]) {
    const response = await ask(`/monitor/${name}`);
    expect([name, response.status]).toEqual([name, 200]);
    expect(response.headers.get("cache-control")).toContain("immutable");
  }
});

test("monitorHandler() has nothing else", async () => {
  expect((await ask("/api/topology")).status).toBe(404);
  expect((await ask("/monitors")).status).toBe(404);
});

test("monitorHandler() says what to do without a build", async () => {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-"));
  try {
    await expect(monitorHandler({ folder })).rejects.toMatchObject({
      code: "monitor_not_built",
      message: expect.stringContaining("npm run build"),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
