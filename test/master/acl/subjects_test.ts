import { expect, test } from "vitest";
import { questionsOf, userOfExecutor, userOfTask } from "../../../src/master/acl/subjects.ts";
import { Resources } from "../../../src/resources/mod.ts";
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

test("questionsOf() asks once for each role, reserver or creator", () => {
  const volumes = Resources.fromJson([volume("v"), volume("w")]);
  expect(questionsOf("create_volumes", volumes)).toEqual([
    { action: "create_volumes", object: "web" },
  ]);
  expect(questionsOf("destroy_volumes", volumes)).toEqual([
    { action: "destroy_volumes", object: "ops" },
  ]);
  expect(questionsOf("unreserve_resources", volumes)).toEqual([
    { action: "unreserve_resources", object: "ops" },
  ]);
  expect(questionsOf("reserve_resources", Resources.parse("cpus:1"))).toEqual([
    { action: "reserve_resources", object: "*" },
  ]);
});
