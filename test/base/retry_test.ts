import { expect, test } from "vitest";
import { type RetryOptions, retry, SeededRandom, VirtualClock } from "../../src/base/mod.ts";

/** Run retry() on virtual time; the attempts and the times at which they were made come back. */
async function run(failures: number, options: RetryOptions) {
  const clock = new VirtualClock();
  const startsMs: number[] = [];
  const outcome = retry(
    ({ attempt }) => {
      startsMs.push(clock.nowMs());
      if (attempt <= failures) throw new Error(`attempt ${attempt}`);
      return attempt;
    },
    { clock, random: new SeededRandom(5), ...options },
  ).then(
    (value) => ({ value, error: undefined }),
    (error: unknown) => ({ value: undefined, error }),
  );
  await clock.advance(3_600_000);
  return { ...(await outcome), startsMs };
}

test("retry() returns the first success", async () => {
  expect(await run(0, {})).toEqual({ value: 1, error: undefined, startsMs: [0] });
  expect((await run(3, {})).value).toBe(4);
});

test("retry() waits longer each time, up to the maximum", async () => {
  const backoff = { initialMs: 100, maxMs: 500, factor: 2, jitterRatio: 0 };
  const { startsMs } = await run(5, { attemptsMax: 6, backoff });
  expect(startsMs).toEqual([0, 100, 300, 700, 1_200, 1_700]);
});

test("retry() lets chance shorten a pause by at most the jitter", async () => {
  const backoff = { initialMs: 1_000, maxMs: 1_000, factor: 1, jitterRatio: 0.25 };
  const { startsMs } = await run(20, { attemptsMax: 21, backoff });
  const pauses = startsMs.slice(1).map((ms, index) => ms - startsMs[index]!);
  for (const pause of pauses) expect(pause >= 750 && pause <= 1_000).toBe(true);
  expect(new Set(pauses).size).toBeGreaterThan(10);
});

test("retry() makes the same pauses for the same seed", async () => {
  const first = await run(4, {});
  expect((await run(4, {})).startsMs).toEqual(first.startsMs);
});

test("retry() gives up after the last attempt, with the last error as its cause", async () => {
  const { error, startsMs } = await run(9, { attemptsMax: 3 });
  expect(startsMs).toHaveLength(3);
  expect(error).toMatchObject({
    code: "retry_exhausted",
    message: 'Cannot succeed in 3 attempts: the last one said "attempt 3"',
    cause: new Error("attempt 3"),
    details: { attempts: 3 },
  });
});

test("retry() throws an error that retryIf refuses as it is", async () => {
  const { error, startsMs } = await run(9, {
    retryIf: (thrown) => !(thrown instanceof Error && thrown.message === "attempt 2"),
  });
  expect(error).toEqual(new Error("attempt 2"));
  expect(startsMs).toHaveLength(2);
});

test("retry() stops in the middle of a pause when aborted, and never starts after", async () => {
  const clock = new VirtualClock();
  const controller = new AbortController();
  let attempts = 0;
  const fail = () => {
    attempts += 1;
    throw new Error("no");
  };
  const outcome = retry(fail, { clock, signal: controller.signal });
  await clock.advance(1);
  controller.abort("stop");
  await expect(outcome).rejects.toBe("stop");
  await expect(retry(fail, { signal: controller.signal })).rejects.toBe("stop");
  expect(attempts).toBe(1);
  expect(clock.sleeping).toBe(0);
});

test.each<[string, RetryOptions]>([
  ["attemptsMax", { attemptsMax: 0 }],
  ["backoff.initialMs", { backoff: { initialMs: -1 } }],
  ["backoff.maxMs", { backoff: { maxMs: Number.POSITIVE_INFINITY } }],
  ["backoff.factor", { backoff: { factor: 0.5 } }],
  ["backoff.jitterRatio", { backoff: { jitterRatio: 2 } }],
])("retry() refuses a bad %s before the first attempt", async (field, options) => {
  const { error, startsMs } = await run(0, options);
  expect(error).toMatchObject({ code: "invalid_option", details: { field } });
  expect(startsMs).toEqual([]);
});
