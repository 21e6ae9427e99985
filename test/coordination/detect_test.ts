import { elect, encodeJson, MemoryTree, masterDetector } from "fairlead/coordination";
import { expect, test } from "vitest";
import { codeOf } from "./conformance.ts";

const info = (hostname: string, port = 5050) => encodeJson({ address: { hostname, port } });

test("leader() waits for a leader, and reads the forms of a MasterInfo", async () => {
  const tree = new MemoryTree();
  await using store = tree.connect();
  const waiting = masterDetector(store, "/mesos").leader();
  const forms: [object, string][] = [
    [{ address: { hostname: "m1", ip: "10.0.0.1", port: 1 } }, "http://m1:1"],
    [{ address: { ip: "10.0.0.1", port: 2 } }, "http://10.0.0.1:2"],
    [{ address: { ip: "::1", port: 3 } }, "http://[::1]:3"],
    [{ hostname: "m4", ip: 16_777_343, port: 4 }, "http://m4:4"],
  ];
  for (const [form, url] of forms) {
    await using _ = await elect(tree.connect(), "/mesos", { data: encodeJson(form) });
    expect(await masterDetector(store, "/mesos").leader()).toBe(url);
    if (url === "http://m1:1") expect(await waiting).toBe(url);
  }
  await using _ = await elect(tree.connect(), "/mesos", { data: info("m5", 443) });
  expect(await masterDetector(store, "/mesos", { tls: true }).leader()).toBe("https://m5:443");
});

test("changed() resolves when another one leads, and not for data that names nobody", async () => {
  const tree = new MemoryTree();
  await using store = tree.connect();
  const detector = masterDetector(store, "/mesos");
  const first = await elect(tree.connect(), "/mesos", { data: info("m1") });
  let isChanged = false;
  const changed = detector.changed("http://m1:5050").then(() => {
    isChanged = true;
  });
  const garbage = elect(tree.connect(), "/mesos", { data: Uint8Array.of(123) });
  await first[Symbol.asyncDispose]();
  const second = await garbage;
  await new Promise(setImmediate);
  expect(isChanged).toBe(false);
  await second[Symbol.asyncDispose]();
  await using _ = await elect(tree.connect(), "/mesos", { data: info("m2") });
  await changed;
});

test("it ends with its signal, or with the store", async () => {
  const store = new MemoryTree().connect();
  const detector = masterDetector(store, "/mesos");
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(detector.leader({ signal })).rejects.toThrow("enough");
  const waiting = codeOf(detector.leader());
  await store.close();
  expect(await waiting).toBe("store_closed");
});
