/**
 * Names inside a report: the keys of `latest`, `sets` and `metrics`, the ids of controls. Scope's
 * names, and below them those that fairlead's probe adds.
 */

/** Keys of `latest` (and of `sets`, where said). */
export const KEYS = {
  // any node
  activeControls: "active_controls",
  /** Before the topology that is counted: `count_container`. */
  countPrefix: "count_",
  hostNodeId: "host_node_id",
  controlProbeId: "control_probe_id",
  doesNotMakeConnections: "does_not_make_connections",
  // endpoints
  /** A set, in old reports only. */
  reverseDnsNames: "reverse_dns_names",
  /** A set, in old reports only. */
  snoopedDnsNames: "snooped_dns_names",
  copyOf: "copy_of",
  connectionCount: "conn_count",
  // processes
  pid: "pid",
  ppid: "ppid",
  name: "name",
  cmdline: "cmdline",
  threads: "threads",
  // containers and images
  containerId: "docker_container_id",
  containerName: "docker_container_name",
  containerCommand: "docker_container_command",
  containerCreated: "docker_container_created",
  containerHostname: "docker_container_hostname",
  containerState: "docker_container_state",
  containerStateHuman: "docker_container_state_human",
  containerUptime: "docker_container_uptime",
  containerRestartCount: "docker_container_restart_count",
  containerNetworkMode: "docker_container_network_mode",
  containerInHostNetwork: "docker_is_in_host_network",
  /** A set. */
  containerPorts: "docker_container_ports",
  /** A set. */
  containerNetworks: "docker_container_networks",
  /** A set. */
  containerIps: "docker_container_ips",
  /** A set. */
  containerIpsWithScopes: "docker_container_ips_with_scopes",
  containerLabelPrefix: "docker_label_",
  containerEnvPrefix: "docker_env_",
  imageId: "docker_image_id",
  imageName: "docker_image_name",
  imageTag: "docker_image_tag",
  imageSize: "docker_image_size",
  imageVirtualSize: "docker_image_virtual_size",
  imageLabelPrefix: "docker_image_label_",
  swarmServiceName: "service_name",
  swarmStackNamespace: "stack_namespace",
  // hosts
  timestamp: "ts",
  hostName: "host_name",
  os: "os",
  kernelVersion: "kernel_version",
  uptime: "uptime",
  scopeVersion: "host_scope_version",
  /** A set of CIDRs. */
  localNetworks: "local_networks",
  // Kubernetes
  kubernetesName: "kubernetes_name",
  kubernetesNamespace: "kubernetes_namespace",
  kubernetesCreated: "kubernetes_created",
  kubernetesIp: "kubernetes_ip",
  kubernetesPublicIp: "kubernetes_public_ip",
  kubernetesObservedGeneration: "kubernetes_observed_generation",
  kubernetesReplicas: "kubernetes_replicas",
  kubernetesDesiredReplicas: "kubernetes_desired_replicas",
  kubernetesUpdatedReplicas: "kubernetes_updated_replicas",
  kubernetesAvailableReplicas: "kubernetes_available_replicas",
  kubernetesUnavailableReplicas: "kubernetes_unavailable_replicas",
  kubernetesMisscheduledReplicas: "kubernetes_misscheduled_replicas",
  kubernetesFullyLabeledReplicas: "kubernetes_fully_labeled_replicas",
  kubernetesStrategy: "kubernetes_strategy",
  kubernetesNodeType: "kubernetes_node_type",
  kubernetesState: "kubernetes_state",
  kubernetesInHostNetwork: "kubernetes_is_in_host_network",
  kubernetesRestartCount: "kubernetes_restart_count",
  kubernetesSchedule: "kubernetes_schedule",
  kubernetesSuspended: "kubernetes_suspended",
  kubernetesLastScheduled: "kubernetes_last_scheduled",
  kubernetesActiveJobs: "kubernetes_active_jobs",
  kubernetesType: "kubernetes_type",
  kubernetesPorts: "kubernetes_ports",
  kubernetesLabelPrefix: "kubernetes_labels_",
  kubernetesVolumeClaim: "kubernetes_volume_claim",
  kubernetesStorageClassName: "kubernetes_storage_class_name",
  kubernetesAccessModes: "kubernetes_access_modes",
  kubernetesReclaimPolicy: "kubernetes_reclaim_policy",
  kubernetesStatus: "kubernetes_status",
  kubernetesMessage: "kubernetes_message",
  kubernetesVolumeName: "kubernetes_volume_name",
  kubernetesProvisioner: "kubernetes_provisioner",
  kubernetesStorageDriver: "kubernetes_storage_driver",
  kubernetesVolumeSnapshotName: "kubernetes_volume_snapshot_name",
  /** Scope's own spelling. */
  kubernetesSnapshotData: "kuberneets_snapshot_data",
  kubernetesVolumeCapacity: "kubernetes_volume_capacity",
  // ECS
  ecsCluster: "ecs_cluster",
  ecsCreatedAt: "ecs_created_at",
  ecsTaskFamily: "ecs_task_family",
  ecsServiceDesiredCount: "ecs_service_desired_count",
  ecsServiceRunningCount: "ecs_service_running_count",
  // Weave Net
  weavePeerName: "weave_peer_name",
  weavePeerNickName: "weave_peer_nick_name",
  // Mesos and Marathon: fairlead's probe, on processes and containers of tasks
  mesosTaskId: "mesos_task_id",
  mesosTaskName: "mesos_task_name",
  mesosTaskState: "mesos_task_state",
  mesosFrameworkId: "mesos_framework_id",
  mesosFrameworkName: "mesos_framework_name",
  mesosExecutorId: "mesos_executor_id",
  mesosAgentId: "mesos_agent_id",
  mesosRole: "mesos_role",
  marathonAppId: "marathon_app_id",
} as const;

/** Keys of `metrics`. */
export const METRIC_KEYS = {
  processCpu: "process_cpu_usage_percent",
  processMemory: "process_memory_usage_bytes",
  processOpenFiles: "open_files_count",
  containerCpu: "docker_cpu_total_usage",
  containerMemory: "docker_memory_usage",
  hostCpu: "host_cpu_usage_percent",
  hostMemory: "host_mem_usage_bytes",
  load1: "load1",
} as const;

/** Ids of controls. */
export const CONTROL_KEYS = {
  hostExec: "host_exec",
  containerStop: "docker_stop_container",
  containerStart: "docker_start_container",
  containerRestart: "docker_restart_container",
  containerPause: "docker_pause_container",
  containerUnpause: "docker_unpause_container",
  containerRemove: "docker_remove_container",
  containerAttach: "docker_attach_container",
  containerExec: "docker_exec_container",
  containerResizeExec: "docker_resize_exec_tty",
  kubernetesGetLogs: "kubernetes_get_logs",
  kubernetesDescribe: "kubernetes_describe",
  kubernetesDeletePod: "kubernetes_delete_pod",
  kubernetesScaleUp: "kubernetes_scale_up",
  kubernetesScaleDown: "kubernetes_scale_down",
} as const;
