/** What can be allowed, under the names of Mesos' ACLs, and what it is done to. */

/**
 * The field of a rule that names what the action is done to.
 *
 * Those of `level`, `flags`, `logs`, `machines`, `agents`, `images` and `resource_providers` are
 * given implicitly: such a rule says ANY or NONE.
 */
export const ACL_OBJECTS = {
  register_frameworks: "roles",
  run_tasks: "users",
  teardown_frameworks: "framework_principals",
  reserve_resources: "roles",
  unreserve_resources: "reserver_principals",
  create_volumes: "roles",
  destroy_volumes: "creator_principals",
  resize_volumes: "roles",
  create_block_disks: "roles",
  destroy_block_disks: "roles",
  create_mount_disks: "roles",
  destroy_mount_disks: "roles",
  destroy_raw_disks: "roles",
  get_quotas: "roles",
  update_quotas: "roles",
  view_roles: "roles",
  update_weights: "roles",
  get_endpoints: "paths",
  view_frameworks: "users",
  view_tasks: "users",
  view_executors: "users",
  view_containers: "users",
  access_sandboxes: "users",
  access_mesos_logs: "logs",
  view_flags: "flags",
  set_log_level: "level",
  launch_nested_containers_as_user: "users",
  launch_nested_containers_under_parent_with_user: "users",
  launch_nested_container_sessions_as_user: "users",
  launch_nested_container_sessions_under_parent_with_user: "users",
  kill_nested_containers: "users",
  wait_nested_containers: "users",
  remove_nested_containers: "users",
  attach_containers_input: "users",
  attach_containers_output: "users",
  launch_standalone_containers: "users",
  kill_standalone_containers: "users",
  wait_standalone_containers: "users",
  remove_standalone_containers: "users",
  view_standalone_containers: "users",
  register_agents: "agents",
  drain_agents: "agents",
  deactivate_agents: "agents",
  reactivate_agents: "agents",
  mark_agents_gone: "agents",
  update_maintenance_schedules: "machines",
  get_maintenance_schedules: "machines",
  start_maintenances: "machines",
  stop_maintenances: "machines",
  get_maintenance_statuses: "machines",
  modify_resource_provider_configs: "resource_providers",
  mark_resource_providers_gone: "resource_providers",
  view_resource_providers: "resource_providers",
  prune_images: "images",
} as const satisfies Readonly<Record<string, string>>;

/** Something that can be allowed or not. */
export type AclAction = keyof typeof ACL_OBJECTS;
