import { Chroot } from "fairlead/zookeeper";
import { expect, test } from "vitest";

test("full() and strip() go there and back", () => {
  const chroot = new Chroot("/apps/web");
  for (const path of ["/", "/a", "/a/b"]) expect(chroot.strip(chroot.full(path))).toBe(path);
  expect(chroot.full("/")).toBe("/apps/web");
  expect(chroot.full("/a")).toBe("/apps/web/a");
});

test("what lies outside stays as it is, also what begins alike", () => {
  const chroot = new Chroot("/apps/web");
  expect(chroot.strip("/apps/website")).toBe("/apps/website");
  expect(chroot.strip("/zookeeper")).toBe("/zookeeper");
});

test("no chroot changes nothing", () => {
  for (const path of ["/", "/a"]) {
    expect(new Chroot().full(path)).toBe(path);
    expect(new Chroot("/").strip(path)).toBe(path);
  }
});
