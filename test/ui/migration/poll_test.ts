import { VirtualClock } from "fairlead/base";
import { MigrationPoll, type MigrationStatus } from "fairlead/ui";
import { expect, test } from "vitest";
import { STATUS } from "./support.ts";

/** A server of one status; what is asked of it is kept. */
function served(answer: () => Response) {
  const asked: Request[] = [];
  const fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    asked.push(new Request(input, init));
    return answer();
  };
  return { asked, fetch };
}

const src = "http://127.0.0.1:1/api/migration";

test("MigrationPoll asks once a second, tells why there is no answer, and stops", async () => {
  const clock = new VirtualClock();
  let answer = () => Response.json(STATUS);
  const { asked, fetch } = served(() => answer());
  const told: [MigrationStatus | undefined, string][] = [];
  const poll = new MigrationPoll({
    src,
    fetch,
    clock,
    told: (...each) => told.push(each),
  });
  await clock.advance(10);
  expect(told).toEqual([[STATUS, ""]]);
  answer = () => new Response("it restarts", { status: 503 });
  await clock.advance(1_000);
  expect(told.at(-1)).toEqual([undefined, "it restarts"]);
  answer = () => Response.json({ id: "x" });
  await clock.advance(1_000);
  expect(told.at(-1)?.[1]).toContain("no migration's status");
  poll.stop();
  await clock.advance(5_000);
  expect(asked).toHaveLength(3);
});

test("MigrationPoll waits ten seconds for an answer, and says so", async () => {
  const clock = new VirtualClock();
  const fetch = (_: unknown, { signal }: RequestInit = {}) =>
    new Promise<Response>((_resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason));
    });
  const problems: string[] = [];
  const poll = new MigrationPoll({ src, fetch, clock, told: (_, why) => problems.push(why) });
  await clock.advance(10_100);
  expect(problems).toEqual(["Cannot wait longer than 10000 ms"]);
  poll.stop();
});

test("act() posts the act with the token, and throws what the server says", async () => {
  const clock = new VirtualClock();
  let answer = () => new Response(null, { status: 202 });
  const { asked, fetch } = served(() => answer());
  const poll = new MigrationPoll({ src, fetch, clock, told: () => undefined });
  const { signal } = new AbortController();
  await poll.act("cutover", "t0ken", signal);
  const posted = asked.find(({ method }) => method === "POST");
  expect(posted?.url).toBe(`${src}/acts`);
  expect(posted?.headers.get("authorization")).toBe("Bearer t0ken");
  expect(await posted?.json()).toEqual({ act: "cutover" });
  answer = () => new Response("no", { status: 401 });
  const refused = (message: string) => ({ code: "act_refused", message });
  await expect(poll.act("cutover", "x", signal)).rejects.toMatchObject(
    refused("Cannot ask for cutover: the token is wrong"),
  );
  answer = () => new Response("not now", { status: 409 });
  await expect(poll.act("cutover", "x", signal)).rejects.toMatchObject(
    refused("Cannot ask for cutover: not now"),
  );
  poll.stop();
});
