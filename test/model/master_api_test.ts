import { readMasterCall, readMasterEvent, readMasterResponse } from "fairlead/model";
import { describe, expect, test } from "vitest";

const agent_id = { value: "a" };
const framework_id = { value: "f" };
const cpus = { name: "cpus", type: "SCALAR", scalar: { value: 1 } };
const unavailability = { start: { nanoseconds: 1 }, duration: { nanoseconds: 2 } };

/** Each call with all it may hold. */
const CALLS: Readonly<Record<string, unknown>> = {
  GET_HEALTH: undefined,
  GET_FLAGS: undefined,
  GET_VERSION: undefined,
  GET_METRICS: { timeout: { nanoseconds: 5 } },
  GET_LOGGING_LEVEL: undefined,
  SET_LOGGING_LEVEL: { level: 1, duration: { nanoseconds: 60 } },
  LIST_FILES: { path: "/one" },
  READ_FILE: { path: "/one", offset: 1, length: 6 },
  GET_STATE: undefined,
  GET_AGENTS: undefined,
  GET_FRAMEWORKS: undefined,
  GET_EXECUTORS: undefined,
  GET_OPERATIONS: undefined,
  GET_TASKS: undefined,
  GET_ROLES: undefined,
  GET_WEIGHTS: undefined,
  UPDATE_WEIGHTS: { weight_infos: [{ role: "r", weight: 4.5 }] },
  GET_MASTER: undefined,
  SUBSCRIBE: undefined,
  RESERVE_RESOURCES: { agent_id, source: [cpus], resources: [cpus] },
  UNRESERVE_RESOURCES: { agent_id, resources: [cpus] },
  CREATE_VOLUMES: { agent_id, volumes: [cpus] },
  DESTROY_VOLUMES: { agent_id, volumes: [cpus] },
  GROW_VOLUME: { agent_id, volume: cpus, addition: cpus },
  SHRINK_VOLUME: { agent_id, volume: cpus, subtract: { value: 1 } },
  GET_MAINTENANCE_STATUS: undefined,
  GET_MAINTENANCE_SCHEDULE: undefined,
  UPDATE_MAINTENANCE_SCHEDULE: {
    schedule: { windows: [{ machine_ids: [{ hostname: "h", ip: "10.0.0.1" }], unavailability }] },
  },
  START_MAINTENANCE: { machines: [{ hostname: "h" }] },
  STOP_MAINTENANCE: { machines: [{ ip: "10.0.0.1" }] },
  DRAIN_AGENT: { agent_id, max_grace_period: { seconds: 600 }, mark_gone: false },
  DEACTIVATE_AGENT: { agent_id },
  REACTIVATE_AGENT: { agent_id },
  GET_QUOTA: undefined,
  UPDATE_QUOTA: {
    force: true,
    quota_configs: [{ role: "r", guarantees: {}, limits: { cpus: { value: 1 } } }],
  },
  SET_QUOTA: { quota_request: { force: true, role: "r", guarantee: [cpus] } },
  REMOVE_QUOTA: { role: "r" },
  TEARDOWN: { framework_id },
  MARK_AGENT_GONE: { agent_id },
};

/** Calls whose part may be left out although there is one. */
const OPTIONAL = new Set(["GET_METRICS"]);

describe("readMasterCall()", () => {
  test.each(Object.entries(CALLS))("reads %s", (type, part) => {
    const call = part === undefined ? { type } : { type, [type.toLowerCase()]: part };
    expect(readMasterCall({ ...call, extra: 1 })).toEqual(call);
  });

  test.each(Object.keys(CALLS).filter((type) => CALLS[type] !== undefined && !OPTIONAL.has(type)))(
    "refuses %s without its part",
    (type) => {
      expect(() => readMasterCall({ type })).toThrow(type.toLowerCase());
    },
  );

  test("refuses calls of no type", () => {
    expect(() => readMasterCall({ type: "UNKNOWN" })).toThrow(/type/);
    expect(() => readMasterCall([])).toThrow(/a master call/);
  });
});

const agent = {
  agent_info: { hostname: "h", id: agent_id, resources: [cpus] },
  active: true,
  deactivated: false,
  version: "1.11.0",
  pid: "slave(1)@127.0.0.1:5051",
  registered_time: { nanoseconds: 1 },
  total_resources: [cpus],
  capabilities: [{ type: "MULTI_ROLE" }],
  drain_info: {
    state: "DRAINING",
    config: { max_grace_period: { nanoseconds: 1 }, mark_gone: true },
  },
  estimated_drain_start_time: { nanoseconds: 3 },
};
const framework = {
  framework_info: { user: "u", name: "n", id: framework_id, roles: ["r"] },
  active: true,
  connected: true,
  recovered: false,
  offers: [{ id: { value: "o" }, framework_id, agent_id, hostname: "h" }],
  inverse_offers: [{ id: { value: "i" }, framework_id, agent_id, unavailability }],
};
const task = {
  name: "t",
  task_id: { value: "t" },
  framework_id,
  agent_id,
  state: "TASK_RUNNING",
  statuses: [{ task_id: { value: "t" }, state: "TASK_RUNNING", uuid: "AAAA" }],
};
const state = {
  get_tasks: { tasks: [task], unreachable_tasks: [task] },
  get_executors: { executors: [{ executor_info: { executor_id: { value: "e" } }, agent_id }] },
  get_frameworks: { frameworks: [framework], completed_frameworks: [framework] },
  get_agents: { agents: [agent], recovered_agents: [{ hostname: "h" }] },
};

const RESPONSES: Readonly<Record<string, unknown>> = {
  GET_HEALTH: { healthy: true },
  GET_FLAGS: { flags: [{ name: "acls", value: "" }] },
  GET_VERSION: { version_info: { version: "1.11.0", build_time: 1.5, git_sha: "c1b42f" } },
  GET_METRICS: { metrics: [{ name: "master/elected", value: 1 }] },
  GET_LOGGING_LEVEL: { level: 0 },
  LIST_FILES: { file_infos: [{ path: "/a", nlink: 1, size: 4, mtime: { nanoseconds: 1 } }] },
  READ_FILE: { size: 4, data: "Ym9keQ==" },
  GET_STATE: state,
  GET_AGENTS: state.get_agents,
  GET_FRAMEWORKS: state.get_frameworks,
  GET_EXECUTORS: state.get_executors,
  GET_OPERATIONS: {
    operations: [
      {
        framework_id,
        agent_id,
        info: { type: "RESERVE", reserve: { resources: [cpus] } },
        latest_status: { state: "OPERATION_PENDING" },
        uuid: { value: "AAAA" },
      },
    ],
  },
  GET_TASKS: state.get_tasks,
  GET_ROLES: { roles: [{ name: "*", weight: 1, frameworks: [framework_id], resources: [cpus] }] },
  GET_WEIGHTS: { weight_infos: [{ role: "r", weight: 2 }] },
  GET_MASTER: { master_info: { id: "m", ip: 1, port: 5050 }, start_time: 1.5, elected_time: 2 },
  GET_MAINTENANCE_STATUS: {
    status: {
      draining_machines: [
        {
          id: { hostname: "h" },
          statuses: [{ status: "ACCEPT", framework_id, timestamp: { nanoseconds: 1 } }],
        },
      ],
      down_machines: [{ ip: "10.0.0.1" }],
    },
  },
  GET_MAINTENANCE_SCHEDULE: {
    schedule: { windows: [{ machine_ids: [{ hostname: "h" }], unavailability }] },
  },
  GET_QUOTA: { status: { configs: [{ role: "r", limits: { cpus: { value: 1 } } }] } },
};

describe("readMasterResponse()", () => {
  test.each(Object.entries(RESPONSES))("reads %s", (type, part) => {
    const response = { type, [type.toLowerCase()]: part };
    expect(readMasterResponse(response)).toEqual(response);
    expect(() => readMasterResponse({ type })).toThrow(type.toLowerCase());
  });
});

const EVENTS: Readonly<Record<string, unknown>> = {
  SUBSCRIBED: { get_state: state, heartbeat_interval_seconds: 15 },
  TASK_ADDED: { task },
  TASK_UPDATED: { framework_id, status: task.statuses[0], state: "TASK_RUNNING" },
  AGENT_ADDED: { agent },
  AGENT_REMOVED: { agent_id },
  FRAMEWORK_ADDED: { framework },
  FRAMEWORK_UPDATED: { framework },
  FRAMEWORK_REMOVED: { framework_info: framework.framework_info },
  HEARTBEAT: undefined,
};

describe("readMasterEvent()", () => {
  test.each(Object.entries(EVENTS))("reads %s", (type, part) => {
    const event = part === undefined ? { type } : { type, [type.toLowerCase()]: part };
    expect(readMasterEvent(event)).toEqual(event);
  });
});
