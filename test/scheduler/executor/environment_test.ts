import { expect, test } from "vitest";
import { readExecutorEnvironment } from "../../../src/scheduler/mod.ts";

const least = {
  MESOS_AGENT_ENDPOINT: "10.0.0.1:5051",
  MESOS_FRAMEWORK_ID: "f1",
  MESOS_EXECUTOR_ID: "e1",
};

test("readExecutorEnvironment() reads what an agent sets", () => {
  expect(
    readExecutorEnvironment({
      ...least,
      MESOS_DIRECTORY: "/var/x",
      MESOS_SANDBOX: "/mnt/mesos/sandbox",
      MESOS_CHECKPOINT: "1",
      MESOS_RECOVERY_TIMEOUT: "15mins",
      MESOS_SUBSCRIPTION_BACKOFF_MAX: "2secs",
      MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD: "0.5hrs",
      MESOS_EXECUTOR_AUTHENTICATION_TOKEN: "abc",
      LIBPROCESS_SSL_ENABLED: "1",
    }),
  ).toEqual({
    frameworkId: "f1",
    executorId: "e1",
    url: "https://10.0.0.1:5051/api/v1/executor",
    directory: "/mnt/mesos/sandbox",
    isCheckpointing: true,
    recoveryTimeoutMs: 900_000,
    backoffMaxMs: 2_000,
    shutdownGraceMs: 1_800_000,
    token: "abc",
  });
});

test("readExecutorEnvironment() has defaults for what may be missing", () => {
  expect(readExecutorEnvironment(least)).toEqual({
    frameworkId: "f1",
    executorId: "e1",
    url: "http://10.0.0.1:5051/api/v1/executor",
    directory: undefined,
    isCheckpointing: false,
    recoveryTimeoutMs: 900_000,
    backoffMaxMs: 2_000,
    shutdownGraceMs: 5_000,
    token: undefined,
  });
});

test.each([
  ["no agent", { ...least, MESOS_AGENT_ENDPOINT: "" }, /MESOS_AGENT_ENDPOINT.*started by an agent/],
  ["no duration", { ...least, MESOS_RECOVERY_TIMEOUT: "soon" }, /MESOS_RECOVERY_TIMEOUT.*15mins/],
  ["an unknown unit", { ...least, MESOS_RECOVERY_TIMEOUT: "3moons" }, /moons/],
])("readExecutorEnvironment() refuses %s", (_, env, message) => {
  const read = () => readExecutorEnvironment(env);
  expect(read).toThrow(expect.objectContaining({ code: "invalid_environment" }));
  expect(read).toThrow(message);
});
