import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { containerEngine } from "fairlead/probe/node";
import { expect, test } from "vitest";

test("containerEngine() asks by the socket it was given", async () => {
  const folder = await mkdtemp(join(tmpdir(), "fairlead-engine-"));
  const path = join(folder, "engine.sock");
  const server = createServer((request, response) => response.end(JSON.stringify(request.url)));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const engine = containerEngine(path);
  expect(engine.socketPath).toBe(path);
  expect(await engine.json({ path: "/info" })).toBe("/info");
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});
