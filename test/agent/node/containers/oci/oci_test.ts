import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { ContainerSpec } from "../../../../../src/agent/containerizer.ts";
import { probeHost } from "../../../../../src/agent/node/containers/host.ts";
import {
  OciContainerizer,
  type OciOptions,
} from "../../../../../src/agent/node/containers/oci/oci.ts";
import type { ContainerInfo } from "../../../../../src/model/mod.ts";
import { Bench, output, sh } from "../bench.ts";
import { makeRootfs, noRootfs } from "../rootfs.ts";
import { LayoutWriter } from "./oci_layout.ts";

const host = await probeHost({ cgroups: { name: "fairlead-test" } });
const folder = mkdtempSync(join(tmpdir(), "fairlead-oci-"));
const rootfs = noRootfs() === undefined ? makeRootfs(join(folder, "rootfs")) : "";
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const missing =
  host.uid !== 0
    ? "only root can run images"
    : (noRootfs() ?? (host.program("crun") === undefined ? "there is no crun" : undefined));

const open = (options: Partial<OciOptions> = {}) =>
  Bench.open(async (launcher, bench) => {
    return new OciContainerizer({ launcher, host, folder: join(bench, "oci"), ...options });
  });

const withImage = (name: string, more: Partial<ContainerInfo> = {}): Partial<ContainerSpec> => ({
  container: { type: "MESOS", mesos: { image: { type: "DOCKER", docker: { name } } }, ...more },
});

/** Run a line to its end, and give what it said. */
async function say(b: Bench, line: string, more: Partial<ContainerSpec> = {}): Promise<string> {
  const { spec, container } = await b.run(line, { ...withImage(rootfs), ...more });
  const end = await container.ended;
  await container.destroy();
  expect([end, output(spec, "stderr")]).toEqual([{ waitStatus: 0 }, ""]);
  return output(spec);
}

describe.skipIf(missing !== undefined)(
  `OciContainerizer${missing ? ` (skipped: ${missing})` : ""}`,
  () => {
    test("gives each container a root of its own, and leaves the image alone", async () => {
      await using b = await open();
      const before = readdirSync(rootfs).sort();
      expect(
        await say(
          b,
          "echo mine > /new; rm /etc/group; ls /etc | grep -v -e hosts -e resolv; cat /new",
        ),
      ).toBe("passwd\nmine\n");
      expect(await say(b, "ls /etc | grep -v -e hosts -e resolv; test -e /new || echo fresh")).toBe(
        "group\npasswd\nfresh\n",
      );
      expect(readdirSync(rootfs).sort()).toEqual(before);
      expect(readdirSync(join(b.folder, "oci/containers"))).toEqual([]);
    });

    test("shows it its own processes, sandbox and name, and little of the host", async () => {
      await using b = await open();
      const line =
        "echo $$; ls /proc | grep -c '^[0-9]'; pwd; hostname; echo $MESOS_SANDBOX > told";
      const info = withImage(rootfs, { hostname: "inside" });
      const { spec, container } = await b.run(line, info);
      await container.ended;
      expect(output(spec)).toMatch(/^1\n[2-5]\n\/mnt\/mesos\/sandbox\ninside\n$/);
      expect(readFileSync(join(spec.sandbox, "told"), "utf8")).toBe("/mnt/mesos/sandbox\n");
      await container.destroy();
      const hidden =
        "if [ -e /proc/keys ]; then wc -c < /proc/keys; else echo 0; fi; (echo 1 > /proc/sys/kernel/hostname) 2>&1 | wc -l";
      expect(await say(b, hidden)).toBe("0\n1\n");
    });

    test("takes root's rights away but for Docker's, and gives back what is asked for", async () => {
      await using b = await open();
      const bits = async (more: Partial<ContainerInfo> = {}) => {
        const text = await say(
          b,
          "grep -E 'CapBnd|CapEff|NoNewPrivs' /proc/self/status",
          withImage(rootfs, more),
        );
        return text
          .replaceAll(/\t+/g, "")
          .split("\n")
          .filter((line) => line !== "");
      };
      const docker = "00000000a80425fb";
      expect(await bits()).toEqual([`CapEff:${docker}`, `CapBnd:${docker}`, "NoNewPrivs:1"]);
      const effective_capabilities = { capabilities: ["NET_ADMIN"] };
      expect(await bits({ linux_info: { effective_capabilities } })).toEqual([
        "CapEff:0000000000001000",
        "CapBnd:0000000000001000",
        "NoNewPrivs:1",
      ]);
      const linux_info = {
        effective_capabilities,
        bounding_capabilities: { capabilities: ["CHOWN"] },
      };
      await expect(b.run("true", withImage(rootfs, { linux_info }))).rejects.toThrow(
        "CAP_NET_ADMIN is not among its bounding capabilities",
      );
      const device = "mknod /dev/own b 8 0; cat /dev/own 2>&1 | grep -c 'not permitted'";
      expect(await say(b, device)).toBe("1\n");
    });

    test("shares the host's network, or gives a loopback", async () => {
      await using b = await open();
      const hosts = readFileSync("/proc/net/dev", "utf8").split("\n").length;
      expect(await say(b, "wc -l < /proc/net/dev")).toBe(`${hosts - 1}\n`);
      const none = withImage(rootfs, { network_infos: [{ name: "none" }] });
      expect(
        await say(b, "ls /sys/class/net; ping -c 1 127.0.0.1 | grep -c '1 packets received'", none),
      ).toMatch(/^lo\n/);
      const other = b.spec(withImage(rootfs, { network_infos: [{ name: "overlay" }] }));
      expect(b.containerizer.supports(other)).toBe('it asks for the network "overlay"');
    });

    test("mounts volumes where they are wanted, read-only where that is asked", async () => {
      await using b = await open();
      const [data, fixed] = [join(b.folder, "data"), join(b.folder, "fixed")];
      mkdirSync(data);
      mkdirSync(fixed);
      writeFileSync(join(fixed, "file"), "fixed");
      const volumes = [
        { source: data, target: "/var/data", readOnly: false },
        { source: data, target: "in/sandbox", readOnly: false },
        { source: fixed, target: "/fixed", readOnly: true },
      ];
      const line =
        "echo kept > /var/data/x; cat in/sandbox/x /fixed/file; (echo no > /fixed/file) 2>/dev/null || echo ro";
      expect(await say(b, line, { volumes })).toBe("kept\nfixedro\n");
      expect(readFileSync(join(data, "x"), "utf8")).toBe("kept\n");
    });

    test("runs what the image says when the task says nothing", async () => {
      await using b = await open();
      const layout = new LayoutWriter(join(b.folder, "image")).image([{ folder: rootfs }], {
        User: "app",
        Env: ["FROM=image", "BOTH=image", "PATH=/bin"],
        Entrypoint: ["sh", "-c"],
        Cmd: ["id; echo $FROM $BOTH; pwd"],
        WorkingDir: "/tmp",
      });
      const spec = b.spec({
        ...withImage(layout.folder),
        command: { shell: false, arguments: [] },
        environment: { BOTH: "task" },
      });
      const container = await b.launch(spec);
      expect(await container.ended).toEqual({ waitStatus: 0 });
      expect(output(spec)).toBe(
        "uid=1234(app) gid=99(app) groups=77(extra)\nimage task\n/tmp\n".replace(
          "groups=77(extra)",
          "groups=77(extra)",
        ),
      );
      await container.destroy();
      const other = b.spec({
        ...withImage(layout.folder),
        user: "root",
        command: { shell: false, arguments: ["echo args"] },
      });
      const second = await b.launch(other);
      await second.ended;
      expect(output(other)).toBe("args\n");
      await second.destroy();
    });

    test("looks names up in its store, and says that it pulls nothing", async () => {
      await using b = await open({ imageStore: folder });
      expect(await say(b, "echo here", withImage("rootfs"))).toBe("here\n");
      await expect(b.run("true", withImage("docker.io/nginx:latest"))).rejects.toMatchObject({
        code: "launch_failed",
        message: expect.stringContaining("pulls from no registry"),
      });
      expect(readdirSync(join(b.folder, "oci/containers"))).toEqual([]);
    });

    test("says what it does not support", async () => {
      await using b = await open();
      expect(b.containerizer.supports(b.spec())).toBe("it asks for no image");
      expect(b.containerizer.supports(b.spec({ container: { type: "DOCKER" } }))).toBe(
        "it asks for Docker",
      );
      const runtime = { ...host, program: () => undefined };
      const without = new OciContainerizer({
        launcher: b.launcher,
        host: runtime,
        folder: b.folder,
      });
      expect(without.supports(b.spec(withImage(rootfs)))).toBe(
        "this host has neither crun nor runc",
      );
      const user = { ...host, uid: 1_000 };
      const unprivileged = new OciContainerizer({
        launcher: b.launcher,
        host: user,
        folder: b.folder,
      });
      expect(unprivileged.supports(b.spec(withImage(rootfs)))).toBe(
        "only root can run images here",
      );
    });

    test("destroys what nobody knows", async () => {
      await using b = await open();
      const known = await b.run("exec sleep 1000", withImage(rootfs));
      const lost = await b.run("exec sleep 1000", withImage(rootfs));
      await b.reopen();
      const { containerizer } = b;
      if (!(containerizer instanceof OciContainerizer)) throw new Error("another containerizer");
      expect(await containerizer.sweep(new Set([known.spec.id]))).toEqual([lost.spec.id]);
      expect(readdirSync(join(b.folder, "oci/containers"))).toEqual([known.spec.id]);
      const found = await containerizer.recover(known.container.checkpoint);
      if (found.status === "running") await found.container.destroy();
      expect(found.status).toBe("running");
      expect(readdirSync(join(b.folder, "oci/containers"))).toEqual([]);
    });

    test("keeps secrets of the environment to itself", async () => {
      await using b = await open();
      const environment = { PATH: "/bin", SECRET: "hunter2" };
      const { spec, container } = await b.run("exec sleep 1000", {
        ...withImage(rootfs),
        environment,
      });
      const bundle = join(b.folder, "oci/containers", spec.id);
      expect(statSync(bundle).mode & 0o077).toBe(0);
      expect(statSync(join(bundle, "config.json")).mode & 0o077).toBe(0);
      const session = await container.exec(sh("echo $SECRET"));
      expect(await new Response(session.stdout).text()).toBe("hunter2\n");
      await session.ended;
      expect(readdirSync(bundle).filter((name) => name.startsWith("exec"))).toEqual([]);
      await container.destroy();
      expect(existsSync(bundle)).toBe(false);
    });
  },
);
