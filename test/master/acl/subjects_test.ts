import { expect, test } from "vitest";
import { questionsOf, userOfExecutor, userOfTask } from "../../../src/master/acl/subjects.ts";
import type { Operation } from "../../../src/model/mod.ts";
import { bare, executor, task, volume } from "../validate/launches.ts";

const FRAMEWORK = { user: "root" };

test("userOfTask() is the command's user, the executor's, or the framework's", () => {
  expect(userOfTask(task(), FRAMEWORK)).toBe("root");
  expect(userOfTask(task({ command: { value: "x", user: "web" } }), FRAMEWORK)).toBe("web");
  const info = bare({ executor: executor({ command: { value: "x", user: "exec" } }) });
  expect(userOfTask(info, FRAMEWORK)).toBe("exec");
});

test("userOfExecutor() is its command's user or the framework's", () => {
  expect(userOfExecutor(undefined, FRAMEWORK)).toBe("root");
  expect(userOfExecutor(executor(), FRAMEWORK)).toBe("root");
  expect(userOfExecutor(executor({ command: { user: "exec" } }), FRAMEWORK)).toBe("exec");
});

const other = volume("w", {
  reservations: [{ type: "DYNAMIC", role: "web/eu" }],
  disk: { persistence: { id: "w" }, volume: { container_path: "d" } },
});
const both = [volume("v"), volume("v2"), other];

test.each<[Operation, [action: string, ...objects: string[]]]>([
  [{ type: "RESERVE", reserve: { resources: both } }, ["reserve_resources", "web", "web/eu"]],
  [{ type: "UNRESERVE", unreserve: { resources: both } }, ["unreserve_resources", "ops", ""]],
  [{ type: "CREATE", create: { volumes: both } }, ["create_volumes", "web", "web/eu"]],
  [{ type: "DESTROY", destroy: { volumes: both } }, ["destroy_volumes", "ops", ""]],
  [
    { type: "GROW_VOLUME", grow_volume: { volume: other, addition: volume("v") } },
    ["resize_volumes", "web/eu"],
  ],
  [
    { type: "SHRINK_VOLUME", shrink_volume: { volume: other, subtract: { value: 1 } } },
    ["resize_volumes", "web/eu"],
  ],
  [{ type: "LAUNCH", launch: { task_infos: [] } }, [""]],
])("questionsOf() asks once for each role, reserver or creator: %j", (operation, expected) => {
  const [action, ...objects] = expected;
  expect(questionsOf(operation)).toEqual(objects.map((object) => ({ action, object })));
});

test("questionsOf() asks a re-reservation for both sides", () => {
  const reserve = { source: [volume("v")], resources: [other] };
  expect(questionsOf({ type: "RESERVE", reserve })).toEqual([
    { action: "unreserve_resources", object: "ops" },
    { action: "reserve_resources", object: "web/eu" },
  ]);
});
