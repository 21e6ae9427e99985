import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memoryDriver, openStore } from "fairlead/coordination";
import { embeddedDriver } from "fairlead/coordination/node";
import { expect, test } from "vitest";

test("embeddedDriver() opens a folder by address, with the options it was given", async () => {
  const path = await mkdtemp(join(tmpdir(), "fairlead-driver-"));
  const drivers = [memoryDriver(), embeddedDriver({ limits: { valueBytesMax: 10 } })];
  {
    await using store = await openStore(`embedded:${path}`, { drivers });
    expect(store.limits.valueBytesMax).toBe(10);
    await store.create("/kept");
  }
  {
    await using store = await openStore(`embedded:${path}`, { drivers });
    expect(await store.list("/")).toEqual(["kept"]);
  }
  await rm(path, { recursive: true });
});
