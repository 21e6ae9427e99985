import fc from "fast-check";
import { expect, test } from "vitest";
import { BoundedQueue, type FullPolicy } from "../../src/base/mod.ts";

function filled(whenFull: FullPolicy, capacityMax = 2): BoundedQueue<number> {
  const queue = new BoundedQueue<number>({ capacityMax, whenFull });
  for (let value = 1; value <= capacityMax; value += 1) expect(queue.push(value)).toBe(true);
  return queue;
}

async function drain<T>(queue: BoundedQueue<T>): Promise<T[]> {
  queue.close();
  const values: T[] = [];
  for await (const value of queue) values.push(value);
  return values;
}

/** A signal that counts its listeners. */
function countedSignal() {
  const controller = new AbortController();
  const { signal } = controller;
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners += 1;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners -= 1;
    remove(...args);
  };
  return { controller, signal, listeners: () => listeners };
}

test("BoundedQueue gives values back in order", async () => {
  expect(await drain(filled("reject", 5))).toEqual([1, 2, 3, 4, 5]);
});

test("BoundedQueue.push() under reject refuses what is too much and counts nothing", async () => {
  const queue = filled("reject");
  expect(queue.push(3)).toBe(false);
  expect(queue.dropped).toBe(0);
  expect(await drain(queue)).toEqual([1, 2]);
});

test("BoundedQueue.push() under drop_oldest makes room and counts", async () => {
  const queue = filled("drop_oldest");
  expect(queue.push(3)).toBe(true);
  expect(queue.push(4)).toBe(true);
  expect(queue.dropped).toBe(2);
  expect(await drain(queue)).toEqual([3, 4]);
});

test("BoundedQueue.push() under drop_newest loses the new one and counts", async () => {
  const queue = filled("drop_newest");
  expect(queue.push(3)).toBe(false);
  expect(queue.dropped).toBe(1);
  expect(await drain(queue)).toEqual([1, 2]);
});

test("BoundedQueue.send() under wait waits for room, in order of arrival", async () => {
  const queue = filled("wait");
  const done: number[] = [];
  const sends = [3, 4].map((value) => queue.send(value).then(() => done.push(value)));
  expect(queue.push(9)).toBe(false);
  expect(queue.size).toBe(2);
  expect(await queue.take()).toEqual({ done: false, value: 1 });
  await sends[0];
  expect(done).toEqual([3]);
  expect(await queue.take()).toEqual({ done: false, value: 2 });
  await sends[1];
  expect(await drain(queue)).toEqual([3, 4]);
});

test("BoundedQueue.send() under another policy answers as push() does", async () => {
  expect(await filled("reject").send(3)).toBe(false);
  expect(await filled("drop_oldest").send(3)).toBe(true);
});

test("BoundedQueue.send() aborts with the reason; the value is not taken", async () => {
  const queue = filled("wait");
  const { controller, signal, listeners } = countedSignal();
  const send = queue.send(3, { signal });
  expect(listeners()).toBe(1);
  controller.abort("stop");
  await expect(send).rejects.toBe("stop");
  await expect(queue.send(4, { signal })).rejects.toBe("stop");
  expect(await drain(queue)).toEqual([1, 2]);
});

test("BoundedQueue hands each value to one of its readers", async () => {
  const queue = new BoundedQueue<number>({ capacityMax: 4, whenFull: "reject" });
  const takes = [queue.take(), queue.take(), queue.take()];
  for (const value of [1, 2, 3]) queue.push(value);
  expect(queue.size).toBe(0);
  expect(await Promise.all(takes)).toEqual([1, 2, 3].map((value) => ({ done: false, value })));
});

test("BoundedQueue.take() aborts with the reason and loses no value", async () => {
  const queue = new BoundedQueue<number>({ capacityMax: 4, whenFull: "reject" });
  const controller = new AbortController();
  const take = queue.take({ signal: controller.signal });
  controller.abort("stop");
  queue.push(1);
  await expect(take).rejects.toBe("stop");
  expect(await drain(queue)).toEqual([1]);
});

test("BoundedQueue.values() throws the reason of an aborted signal into the loop", async () => {
  const queue = filled("reject");
  const controller = new AbortController();
  const seen: number[] = [];
  const loop = (async () => {
    for await (const value of queue.values({ signal: controller.signal })) {
      seen.push(value);
      if (value === 2) setTimeout(() => controller.abort("stop"));
    }
  })();
  await expect(loop).rejects.toBe("stop");
  expect(seen).toEqual([1, 2]);
});

test("BoundedQueue leaves no listener on a signal after a thousand waits", async () => {
  const queue = new BoundedQueue<number>({ capacityMax: 1, whenFull: "wait" });
  const { signal, listeners } = countedSignal();
  const reader = (async () => {
    let sum = 0;
    for await (const value of queue.values({ signal })) sum += value;
    return sum;
  })();
  for (let value = 0; value < 1_000; value += 1) await queue.send(value, { signal });
  queue.close();
  expect(await reader).toBe(499_500);
  expect(listeners()).toBe(0);
});

test("BoundedQueue.close() delivers what is held, ends readers and refuses senders", async () => {
  const queue = filled("wait");
  const send = queue.send(3);
  queue.close();
  queue.close();
  expect(queue.closed).toBe(true);
  await expect(send).rejects.toMatchObject({ code: "queue_closed" });
  expect(() => queue.push(4)).toThrow(expect.objectContaining({ code: "queue_closed" }));
  await expect(queue.send(4)).rejects.toMatchObject({ code: "queue_closed" });
  expect(await drain(queue)).toEqual([1, 2]);
  expect(await queue.take()).toEqual({ done: true, value: undefined });
});

test("BoundedQueue.close() ends a reader that waits", async () => {
  const queue = new BoundedQueue<number>({ capacityMax: 1, whenFull: "reject" });
  const take = queue.take();
  queue.close();
  expect(await take).toEqual({ done: true, value: undefined });
});

test("BoundedQueue.fail() delivers what is held and then throws the error", async () => {
  const queue = filled("reject");
  const lost = new Error("connection lost");
  queue.fail(lost);
  queue.close();
  const seen: number[] = [];
  const loop = (async () => {
    for await (const value of queue) seen.push(value);
  })();
  await expect(loop).rejects.toBe(lost);
  expect(seen).toEqual([1, 2]);
});

test("BoundedQueue.fail() rejects a reader that waits", async () => {
  const queue = new BoundedQueue<number>({ capacityMax: 1, whenFull: "reject" });
  const take = queue.take();
  queue.fail("lost");
  await expect(take).rejects.toBe("lost");
});

test("BoundedQueue goes on after one reader leaves its loop", async () => {
  const queue = filled("reject", 3);
  for await (const value of queue) {
    expect(value).toBe(1);
    break;
  }
  expect(queue.closed).toBe(false);
  expect(await drain(queue)).toEqual([2, 3]);
});

test("BoundedQueue refuses a capacity of none", () => {
  expect(() => new BoundedQueue({ capacityMax: 0, whenFull: "reject" })).toThrow(
    expect.objectContaining({ code: "invalid_option" }),
  );
});

test("BoundedQueue agrees with an array on any sequence of pushes and takes", async () => {
  const policies = fc.constantFrom<FullPolicy>("reject", "drop_oldest", "drop_newest", "wait");
  const steps = fc.array(fc.boolean(), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(
      policies,
      fc.integer({ min: 1, max: 5 }),
      steps,
      async (whenFull, max, run) => {
        const queue = new BoundedQueue<number>({ capacityMax: max, whenFull });
        const model: number[] = [];
        for (const [value, isPush] of run.entries()) {
          if (isPush) {
            const fits = model.length < max;
            if (!fits && whenFull === "drop_oldest") model.shift();
            if (fits || whenFull === "drop_oldest") model.push(value);
            expect(queue.push(value)).toBe(fits || whenFull === "drop_oldest");
          } else if (model.length > 0) {
            expect(await queue.take()).toEqual({ done: false, value: model.shift() });
          }
          expect(queue.size).toBe(model.length);
        }
      },
    ),
  );
});
