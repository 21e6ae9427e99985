import { readAgentCall, readAgentResponse, readProcessIO } from "fairlead/model";
import { describe, expect, test } from "vitest";

const container_id = { value: "c", parent: { value: "b", parent: { value: "a" } } };
const command = { shell: true, value: "sleep 1" };
const container = { type: "MESOS", tty_info: { window_size: { rows: 24, columns: 80 } } };
const info = { type: "t", name: "n" };

/** Each call with all it may hold. */
const CALLS: Readonly<Record<string, unknown>> = {
  GET_HEALTH: undefined,
  GET_FLAGS: undefined,
  GET_VERSION: undefined,
  GET_METRICS: { timeout: { nanoseconds: 5 } },
  GET_LOGGING_LEVEL: undefined,
  SET_LOGGING_LEVEL: { level: 1, duration: { nanoseconds: 60 } },
  LIST_FILES: { path: "/one" },
  READ_FILE: { path: "/one", offset: 1 },
  GET_STATE: undefined,
  GET_CONTAINERS: { show_nested: true, show_standalone: true },
  GET_FRAMEWORKS: undefined,
  GET_EXECUTORS: undefined,
  GET_OPERATIONS: undefined,
  GET_TASKS: undefined,
  GET_AGENT: undefined,
  GET_RESOURCE_PROVIDERS: undefined,
  LAUNCH_CONTAINER: {
    container_id,
    command,
    container,
    resources: [{ name: "cpus", type: "SCALAR", scalar: { value: 1 } }],
    limits: { mem: { value: 64 } },
  },
  WAIT_CONTAINER: { container_id },
  KILL_CONTAINER: { container_id, signal: 15 },
  REMOVE_CONTAINER: { container_id },
  LAUNCH_NESTED_CONTAINER: { container_id, command, container },
  WAIT_NESTED_CONTAINER: { container_id },
  KILL_NESTED_CONTAINER: { container_id, signal: 9 },
  REMOVE_NESTED_CONTAINER: { container_id },
  LAUNCH_NESTED_CONTAINER_SESSION: { container_id, command, container },
  ATTACH_CONTAINER_INPUT: { type: "CONTAINER_ID", container_id },
  ATTACH_CONTAINER_OUTPUT: { container_id },
  ADD_RESOURCE_PROVIDER_CONFIG: { info },
  UPDATE_RESOURCE_PROVIDER_CONFIG: { info },
  REMOVE_RESOURCE_PROVIDER_CONFIG: { type: "t", name: "n" },
  MARK_RESOURCE_PROVIDER_GONE: { resource_provider_id: { value: "p" } },
  PRUNE_IMAGES: { excluded_images: [{ type: "DOCKER", docker: { name: "i" } }] },
};

/** Calls whose part may be left out although there is one. */
const OPTIONAL = new Set(["GET_METRICS", "GET_CONTAINERS", "PRUNE_IMAGES"]);

describe("readAgentCall()", () => {
  test.each(Object.entries(CALLS))("reads %s", (type, part) => {
    const call = part === undefined ? { type } : { type, [type.toLowerCase()]: part };
    expect(readAgentCall({ ...call, extra: 1 })).toEqual(call);
  });

  test.each(Object.keys(CALLS).filter((type) => CALLS[type] !== undefined && !OPTIONAL.has(type)))(
    "refuses %s without its part",
    (type) => {
      expect(() => readAgentCall({ type })).toThrow(type.toLowerCase());
    },
  );

  test("reads what goes to a container's standard input", () => {
    const attach_container_input = {
      type: "PROCESS_IO",
      process_io: { type: "DATA", data: { type: "STDIN", data: "dGVzdAo=" } },
    };
    const call = { type: "ATTACH_CONTAINER_INPUT", attach_container_input };
    expect(readAgentCall(call)).toEqual(call);
  });
});

const task = {
  name: "t",
  task_id: { value: "t" },
  framework_id: { value: "f" },
  agent_id: { value: "a" },
  state: "TASK_RUNNING",
};
const framework = { framework_info: { user: "u", name: "n" } };
const executor = { executor_info: { executor_id: { value: "e" } } };
const termination = {
  exit_status: 9,
  state: "TASK_FAILED",
  reason: "REASON_CONTAINER_LIMITATION_MEMORY",
  limitation: { resources: [{ name: "mem", type: "SCALAR", scalar: { value: 64 } }] },
  message: "killed",
};
const state = {
  get_tasks: {
    pending_tasks: [task],
    queued_tasks: [task],
    launched_tasks: [task],
    terminated_tasks: [task],
    completed_tasks: [task],
  },
  get_executors: { executors: [executor], completed_executors: [executor] },
  get_frameworks: { frameworks: [framework], completed_frameworks: [framework] },
};

const RESPONSES: Readonly<Record<string, unknown>> = {
  GET_HEALTH: { healthy: true },
  GET_FLAGS: { flags: [{ name: "work_dir", value: "/var" }] },
  GET_VERSION: { version_info: { version: "1.11.0" } },
  GET_METRICS: { metrics: [{ name: "slave/registered", value: 1 }] },
  GET_LOGGING_LEVEL: { level: 0 },
  LIST_FILES: { file_infos: [{ path: "/a", mode: 33188, uid: "root", gid: "root" }] },
  READ_FILE: { size: 4, data: "Ym9keQ==" },
  GET_STATE: state,
  GET_CONTAINERS: {
    containers: [
      {
        framework_id: { value: "f" },
        executor_id: { value: "e" },
        executor_name: "sh -c 'sleep 1'",
        container_id,
        container_status: {
          network_infos: [{ ip_addresses: [{ ip_address: "10.0.0.1" }] }],
          cgroup_info: { net_cls: { classid: 5 } },
          executor_pid: 17,
        },
        resource_statistics: {
          timestamp: 1.5,
          cpus_limit: 1.1,
          cpus_user_time_secs: 2.5,
          mem_limit_bytes: 2 ** 26,
          mem_rss_bytes: 1024,
          disk_statistics: [{ persistence: { id: "v" }, limit_bytes: 5, used_bytes: 4 }],
          blkio_statistics: {
            throttling: [{ io_serviced: [{ op: "TOTAL", value: 3 }] }],
          },
        },
      },
    ],
  },
  GET_FRAMEWORKS: state.get_frameworks,
  GET_EXECUTORS: state.get_executors,
  GET_OPERATIONS: {},
  GET_TASKS: state.get_tasks,
  GET_AGENT: {
    agent_info: { hostname: "h" },
    drain_config: { max_grace_period: { nanoseconds: 1 } },
    estimated_drain_start_time: { nanoseconds: 2 },
  },
  GET_RESOURCE_PROVIDERS: { resource_providers: [{ resource_provider_info: info }] },
  WAIT_CONTAINER: termination,
  WAIT_NESTED_CONTAINER: termination,
};

describe("readAgentResponse()", () => {
  test.each(Object.entries(RESPONSES))("reads %s", (type, part) => {
    const response = { type, [type.toLowerCase()]: part };
    expect(readAgentResponse(response)).toEqual(response);
    expect(() => readAgentResponse({ type })).toThrow(type.toLowerCase());
  });
});

describe("readProcessIO()", () => {
  test.each([
    [{ type: "DATA", data: { type: "STDOUT", data: "AAAA" } }],
    [{ type: "DATA", data: { type: "STDIN" } }],
    [{ type: "CONTROL", control: { type: "HEARTBEAT" } }],
    [
      {
        type: "CONTROL",
        control: { type: "HEARTBEAT", heartbeat: { interval: { nanoseconds: 3e10 } } },
      },
    ],
    [
      {
        type: "CONTROL",
        control: { type: "TTY_INFO", tty_info: { window_size: { rows: 1, columns: 2 } } },
      },
    ],
  ])("reads %j", (message) => {
    expect(readProcessIO(message)).toEqual(message);
  });

  test("refuses streams that are not there", () => {
    const message = { type: "DATA", data: { type: "STDLOG", data: "" } };
    expect(() => readProcessIO(message)).toThrow(/data\.type/);
  });
});
