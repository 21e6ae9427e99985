import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kubeApi } from "../../../../src/probe/node/kubernetes/api.ts";
import { KubeServer } from "../../support/kube_server.ts";

const { signal } = new AbortController();
const PODS = "/api/v1/pods";
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fairlead-kube-"));
  execFileSync(
    "openssl",
    [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
      ...["-subj", "/CN=kubernetes", "-addext", "subjectAltName=IP:127.0.0.1"],
      ...["-keyout", join(folder, "key.pem"), "-out", join(folder, "ca.pem"), "-days", "2"],
    ],
    { stdio: "ignore" },
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const pod = (uid: string) => ({ metadata: { uid, name: `pod-${uid}` } });

describe("kubeApi()", () => {
  test("comes with the account's token, as it is now, and trusts its CA only", async () => {
    const [key, cert] = ["key.pem", "ca.pem"].map((name) =>
      readFileSync(join(folder, name), "utf8"),
    );
    using server = await new KubeServer({ key: key ?? "", cert: cert ?? "" }).listen();
    const tokenFile = join(folder, "token");
    writeFileSync(tokenFile, "first\n");
    server.token = "first";
    server.put(PODS, pod("1"));
    const api = kubeApi({ url: server.url, tokenFile, caFile: join(folder, "ca.pem") });
    await expect(api.get(PODS, {}, signal)).resolves.toMatchObject({ items: [pod("1")] });
    server.token = "second";
    await expect(api.get(PODS, {}, signal)).rejects.toMatchObject({
      code: "kubernetes_failed",
      details: { status: 401, path: PODS },
    });
    writeFileSync(tokenFile, "second");
    await expect(api.get(PODS, {}, signal)).resolves.toMatchObject({ kind: "List" });
    await expect(kubeApi({ url: server.url, tokenFile }).get(PODS, {}, signal)).rejects.toThrow(
      /self.signed/,
    );
  });

  test("gives lines as they come, however they are cut, and stops when it is told", async () => {
    using server = await new KubeServer().listen();
    const stop = new AbortController();
    const lines = kubeApi({ url: server.url }).lines(PODS, { watch: "true" }, stop.signal);
    const found: unknown[] = [];
    const reading = (async () => {
      for await (const line of lines) found.push(line);
    })();
    await expect.poll(() => server.watches(PODS)).toBe(1);
    server.say(PODS, { name: "Zoë" });
    await expect.poll(() => found).toEqual([{ name: "Zoë" }]);
    stop.abort(new Error("enough"));
    await expect(reading).rejects.toThrow("enough");
  });

  test("says what is wrong with its options, and with a server that is none", async () => {
    const fault = (options: object) => () => kubeApi(options);
    expect(fault({ url: "nowhere" })).toThrow("url is http[s]://host[:port]");
    expect(fault({ url: "http://127.0.0.1", caFile: join(folder, "none") })).toThrow("caFile");
    const api = kubeApi({ url: "http://127.0.0.1:9" });
    await expect(api.get(PODS, {}, signal)).rejects.toMatchObject({ code: "kubernetes_failed" });
    const tokenFile = join(folder, "no-token");
    await expect(
      kubeApi({ url: "http://127.0.0.1:9", tokenFile }).get(PODS, {}, signal),
    ).rejects.toThrow("tokenFile");
  });
});
