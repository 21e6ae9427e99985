import { expect, test } from "vitest";
import { asyncDispose, Disposer } from "../../src/base/mod.ts";

test("Disposer closes in reverse order and waits for each", async () => {
  const closed: string[] = [];
  const disposer = new Disposer();
  disposer.defer(async () => {
    await Promise.resolve();
    closed.push("first");
  });
  const kept = disposer.use({ [Symbol.dispose]: () => void closed.push("second") });
  disposer.use({
    [asyncDispose]: async () => {
      await Promise.resolve();
      closed.push("third");
    },
  });
  expect(typeof kept[Symbol.dispose]).toBe("function");
  await disposer.dispose();
  expect(closed).toEqual(["third", "second", "first"]);
  expect(disposer.disposed).toBe(true);
});

test("Disposer closes once, however often and however early it is disposed again", async () => {
  let closings = 0;
  const disposer = new Disposer();
  disposer.defer(() => {
    closings += 1;
  });
  await Promise.all([disposer.dispose(), disposer.dispose(), disposer[asyncDispose]()]);
  await disposer.dispose();
  expect(closings).toBe(1);
});

test("Disposer closes everything although some of it fails, and says what failed", async () => {
  const closed: string[] = [];
  const disposer = new Disposer();
  disposer.defer(() => void closed.push("last"));
  disposer.defer(() => {
    throw new Error("socket stuck");
  });
  disposer.defer(() => Promise.reject(new Error("file stuck")));
  const failure = expect(disposer.dispose()).rejects.toMatchObject({
    code: "dispose_failed",
    message: 'Cannot dispose cleanly: 2 failed, first "file stuck"',
    details: { failures: 2 },
    cause: { errors: [new Error("file stuck"), new Error("socket stuck")] },
  });
  await failure;
  expect(closed).toEqual(["last"]);
  await disposer.dispose();
});

test("Disposer keeps nothing more once disposal has begun", async () => {
  const disposer = new Disposer();
  await disposer.dispose();
  for (const late of [
    () => disposer.defer(() => undefined),
    () => disposer.use({ [Symbol.dispose]: () => undefined }),
  ]) {
    expect(late).toThrow(expect.objectContaining({ code: "already_disposed" }));
  }
});

test("Disposer works with await using", async () => {
  const closed: string[] = [];
  {
    await using scope = new Disposer();
    scope.defer(() => void closed.push("scope"));
  }
  expect(closed).toEqual(["scope"]);
});
