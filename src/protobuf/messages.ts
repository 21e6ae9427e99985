/**
 * Messages of the scheduler and executor APIs as protobuf has them: for every message its fields,
 * `number name:type`, with `*` before the type of a repeated field and `map<…>` for maps from text.
 * A message without fields says all by being there.
 * Names are relative to the package `mesos.v1`; the numbers are those of Mesos 1.11's protos.
 */
export const MESSAGES: Readonly<Record<string, string>> = {
  Address: "1 hostname:string, 2 ip:string, 3 port:!int32",
  AgentID: "1 value:!string",
  AgentInfo:
    "1 hostname:!string, 3 resources:*Resource, 5 attributes:*Attribute, 6 id:AgentID, " +
    "8 port:int32, 10 domain:DomainInfo",
  Attribute:
    "1 name:!string, 2 type:!Value.Type, 3 scalar:Value.Scalar, 4 ranges:Value.Ranges, " +
    "5 text:Value.Text, 6 set:Value.Set",
  CapabilityInfo: "1 capabilities:*CapabilityInfo.Capability",
  CgroupInfo: "1 net_cls:CgroupInfo.NetCls",
  "CgroupInfo.NetCls": "1 classid:uint32",
  CheckInfo:
    "1 type:CheckInfo.Type, 2 command:CheckInfo.Command, 3 http:CheckInfo.Http, " +
    "4 delay_seconds:double, 5 interval_seconds:double, 6 timeout_seconds:double, " +
    "7 tcp:CheckInfo.Tcp",
  "CheckInfo.Command": "1 command:!CommandInfo",
  "CheckInfo.Http": "1 port:!uint32, 2 path:string",
  "CheckInfo.Tcp": "1 port:!uint32",
  CheckStatusInfo:
    "1 type:CheckInfo.Type, 2 command:CheckStatusInfo.Command, " +
    "3 http:CheckStatusInfo.Http, 4 tcp:CheckStatusInfo.Tcp",
  "CheckStatusInfo.Command": "1 exit_code:int32",
  "CheckStatusInfo.Http": "1 status_code:uint32",
  "CheckStatusInfo.Tcp": "1 succeeded:bool",
  CommandInfo:
    "1 uris:*CommandInfo.URI, 2 environment:Environment, 3 value:string, 5 user:string, " +
    "6 shell:bool, 7 arguments:*string",
  "CommandInfo.URI":
    "1 value:!string, 2 executable:bool, 3 extract:bool, 4 cache:bool, " + "5 output_file:string",
  ContainerID: "1 value:!string, 2 parent:ContainerID",
  ContainerInfo:
    "1 type:!ContainerInfo.Type, 2 volumes:*Volume, 3 docker:ContainerInfo.DockerInfo, " +
    "4 hostname:string, 5 mesos:ContainerInfo.MesosInfo, 7 network_infos:*NetworkInfo, " +
    "8 linux_info:LinuxInfo, 9 rlimit_info:RLimitInfo, 10 tty_info:TTYInfo",
  "ContainerInfo.DockerInfo":
    "1 image:!string, 2 network:ContainerInfo.DockerInfo.Network, " +
    "3 port_mappings:*ContainerInfo.DockerInfo.PortMapping, 4 privileged:bool, " +
    "5 parameters:*Parameter, 6 force_pull_image:bool, 7 volume_driver:string",
  "ContainerInfo.DockerInfo.PortMapping":
    "1 host_port:!uint32, 2 container_port:!uint32, 3 protocol:string",
  "ContainerInfo.MesosInfo": "1 image:Image",
  ContainerStatus:
    "1 network_infos:*NetworkInfo, 2 cgroup_info:CgroupInfo, 3 executor_pid:uint32, " +
    "4 container_id:ContainerID",
  Credential: "1 principal:!string, 2 secret:string",
  DiscoveryInfo:
    "1 visibility:!DiscoveryInfo.Visibility, 2 name:string, 3 environment:string, " +
    "4 location:string, 5 version:string, 6 ports:Ports, 7 labels:Labels",
  DomainInfo: "1 fault_domain:DomainInfo.FaultDomain",
  "DomainInfo.FaultDomain":
    "1 region:!DomainInfo.FaultDomain.RegionInfo, 2 zone:!DomainInfo.FaultDomain.ZoneInfo",
  "DomainInfo.FaultDomain.RegionInfo": "1 name:!string",
  "DomainInfo.FaultDomain.ZoneInfo": "1 name:!string",
  DurationInfo: "1 nanoseconds:!int64",
  Environment: "1 variables:*Environment.Variable",
  "Environment.Variable":
    "1 name:!string, 2 value:string, 3 type:Environment.Variable.Type, 4 secret:Secret",
  ExecutorID: "1 value:!string",
  ExecutorInfo:
    "1 executor_id:!ExecutorID, 4 data:bytes, 5 resources:*Resource, " +
    "7 command:CommandInfo, 8 framework_id:FrameworkID, 9 name:string, 10 source:string, " +
    "11 container:ContainerInfo, 12 discovery:DiscoveryInfo, " +
    "13 shutdown_grace_period:DurationInfo, 14 labels:Labels, 15 type:ExecutorInfo.Type",
  Filters: "1 refuse_seconds:double",
  FrameworkID: "1 value:!string",
  FrameworkInfo:
    "1 user:!string, 2 name:!string, 3 id:FrameworkID, 4 failover_timeout:double, " +
    "5 checkpoint:bool, 6 role:string, 7 hostname:string, 8 principal:string, " +
    "9 webui_url:string, 10 capabilities:*FrameworkInfo.Capability, 11 labels:Labels, " +
    "12 roles:*string, 13 offer_filters:map<OfferFilters>",
  "FrameworkInfo.Capability": "1 type:FrameworkInfo.Capability.Type",
  HealthCheck:
    "1 http:HealthCheck.HTTPCheckInfo, 2 delay_seconds:double, 3 interval_seconds:double, " +
    "4 timeout_seconds:double, 5 consecutive_failures:uint32, " +
    "6 grace_period_seconds:double, 7 command:CommandInfo, 8 type:HealthCheck.Type, " +
    "9 tcp:HealthCheck.TCPCheckInfo",
  "HealthCheck.HTTPCheckInfo":
    "1 port:!uint32, 2 path:string, 3 scheme:string, 4 statuses:*uint32, " +
    "5 protocol:NetworkInfo.Protocol",
  "HealthCheck.TCPCheckInfo": "1 port:!uint32, 2 protocol:NetworkInfo.Protocol",
  Image: "1 type:!Image.Type, 2 appc:Image.Appc, 3 docker:Image.Docker, 4 cached:bool",
  "Image.Appc": "1 name:!string, 2 id:string, 3 labels:Labels",
  "Image.Docker": "1 name:!string, 2 credential:Credential, 3 config:Secret",
  InverseOffer:
    "1 id:!OfferID, 2 url:URL, 3 framework_id:!FrameworkID, 4 agent_id:AgentID, " +
    "5 unavailability:!Unavailability, 6 resources:*Resource",
  KillPolicy: "1 grace_period:DurationInfo",
  Label: "1 key:!string, 2 value:string",
  Labels: "1 labels:*Label",
  LinuxInfo:
    "1 capability_info:CapabilityInfo, 2 bounding_capabilities:CapabilityInfo, " +
    "3 effective_capabilities:CapabilityInfo, 4 share_pid_namespace:bool, " +
    "5 seccomp:SeccompInfo, 6 ipc_mode:LinuxInfo.IpcMode, 7 shm_size:uint32, " +
    "8 share_cgroups:bool",
  MasterInfo:
    "1 id:!string, 2 ip:!uint32, 3 port:!uint32, 4 pid:string, 5 hostname:string, " +
    "6 version:string, 7 address:Address, 8 domain:DomainInfo, " +
    "9 capabilities:*MasterInfo.Capability",
  "MasterInfo.Capability": "1 type:MasterInfo.Capability.Type",
  MountPropagation: "1 mode:MountPropagation.Mode",
  NetworkInfo:
    "3 groups:*string, 4 labels:Labels, 5 ip_addresses:*NetworkInfo.IPAddress, " +
    "6 name:string, 7 port_mappings:*NetworkInfo.PortMapping",
  "NetworkInfo.IPAddress": "1 protocol:NetworkInfo.Protocol, 2 ip_address:string",
  "NetworkInfo.PortMapping": "1 host_port:!uint32, 2 container_port:!uint32, 3 protocol:string",
  Offer:
    "1 id:!OfferID, 2 framework_id:!FrameworkID, 3 agent_id:!AgentID, 4 hostname:!string, " +
    "5 resources:*Resource, 6 executor_ids:*ExecutorID, 7 attributes:*Attribute, " +
    "8 url:URL, 9 unavailability:Unavailability, " +
    "10 allocation_info:Resource.AllocationInfo, 11 domain:DomainInfo",
  "Offer.Operation":
    "1 type:Offer.Operation.Type, 2 launch:Offer.Operation.Launch, " +
    "3 reserve:Offer.Operation.Reserve, 4 unreserve:Offer.Operation.Unreserve, " +
    "5 create:Offer.Operation.Create, 6 destroy:Offer.Operation.Destroy, " +
    "7 launch_group:Offer.Operation.LaunchGroup, 12 id:OperationID, " +
    "13 grow_volume:Offer.Operation.GrowVolume, " +
    "14 shrink_volume:Offer.Operation.ShrinkVolume, " +
    "15 create_disk:Offer.Operation.CreateDisk, " +
    "16 destroy_disk:Offer.Operation.DestroyDisk",
  "Offer.Operation.Create": "1 volumes:*Resource",
  "Offer.Operation.CreateDisk":
    "1 source:!Resource, 2 target_type:!Resource.DiskInfo.Source.Type, " +
    "3 target_profile:string",
  "Offer.Operation.Destroy": "1 volumes:*Resource",
  "Offer.Operation.DestroyDisk": "1 source:!Resource",
  "Offer.Operation.GrowVolume": "1 volume:!Resource, 2 addition:!Resource",
  "Offer.Operation.Launch": "1 task_infos:*TaskInfo",
  "Offer.Operation.LaunchGroup": "1 executor:!ExecutorInfo, 2 task_group:!TaskGroupInfo",
  "Offer.Operation.Reserve": "1 resources:*Resource, 2 source:*Resource",
  "Offer.Operation.ShrinkVolume": "1 volume:!Resource, 2 subtract:!Value.Scalar",
  "Offer.Operation.Unreserve": "1 resources:*Resource",
  OfferFilters: "1 min_allocatable_resources:OfferFilters.MinAllocatableResources",
  "OfferFilters.MinAllocatableResources": "1 quantities:*OfferFilters.ResourceQuantities",
  "OfferFilters.ResourceQuantities": "1 quantities:map<Value.Scalar>",
  OfferID: "1 value:!string",
  OperationID: "1 value:!string",
  OperationStatus:
    "1 operation_id:OperationID, 2 state:!OperationState, 3 message:string, " +
    "4 converted_resources:*Resource, 5 uuid:UUID, 6 agent_id:AgentID, " +
    "7 resource_provider_id:ResourceProviderID",
  Parameter: "1 key:!string, 2 value:!string",
  Parameters: "1 parameter:*Parameter",
  Port:
    "1 number:!uint32, 2 name:string, 3 protocol:string, " +
    "4 visibility:DiscoveryInfo.Visibility, 5 labels:Labels",
  Ports: "1 ports:*Port",
  RLimitInfo: "1 rlimits:*RLimitInfo.RLimit",
  "RLimitInfo.RLimit": "1 type:RLimitInfo.RLimit.Type, 2 hard:uint64, 3 soft:uint64",
  Request: "1 agent_id:AgentID, 2 resources:*Resource",
  Resource:
    "1 name:!string, 2 type:!Value.Type, 3 scalar:Value.Scalar, 4 ranges:Value.Ranges, " +
    "5 set:Value.Set, 6 role:string, 7 disk:Resource.DiskInfo, " +
    "8 reservation:Resource.ReservationInfo, 9 revocable:Resource.RevocableInfo, " +
    "10 shared:Resource.SharedInfo, 11 allocation_info:Resource.AllocationInfo, " +
    "12 provider_id:ResourceProviderID, 13 reservations:*Resource.ReservationInfo",
  "Resource.AllocationInfo": "1 role:string",
  "Resource.DiskInfo":
    "1 persistence:Resource.DiskInfo.Persistence, 2 volume:Volume, " +
    "3 source:Resource.DiskInfo.Source",
  "Resource.DiskInfo.Persistence": "1 id:!string, 2 principal:string",
  "Resource.DiskInfo.Source":
    "1 type:!Resource.DiskInfo.Source.Type, 2 path:Resource.DiskInfo.Source.Path, " +
    "3 mount:Resource.DiskInfo.Source.Mount, 4 id:string, 5 metadata:Labels, " +
    "6 profile:string, 7 vendor:string",
  "Resource.DiskInfo.Source.Mount": "1 root:string",
  "Resource.DiskInfo.Source.Path": "1 root:string",
  "Resource.ReservationInfo":
    "1 principal:string, 2 labels:Labels, 3 role:string, " + "4 type:Resource.ReservationInfo.Type",
  "Resource.RevocableInfo": "",
  "Resource.SharedInfo": "",
  ResourceProviderID: "1 value:!string",
  SeccompInfo: "1 profile_name:string, 2 unconfined:bool",
  Secret: "1 type:Secret.Type, 2 reference:Secret.Reference, 3 value:Secret.Value",
  "Secret.Reference": "1 name:!string, 2 key:string",
  "Secret.Value": "1 data:!bytes",
  TTYInfo: "1 window_size:TTYInfo.WindowSize",
  "TTYInfo.WindowSize": "1 rows:!uint32, 2 columns:!uint32",
  TaskGroupInfo: "1 tasks:*TaskInfo",
  TaskID: "1 value:!string",
  TaskInfo:
    "1 name:!string, 2 task_id:!TaskID, 3 agent_id:!AgentID, 4 resources:*Resource, " +
    "5 executor:ExecutorInfo, 6 data:bytes, 7 command:CommandInfo, " +
    "8 health_check:HealthCheck, 9 container:ContainerInfo, 10 labels:Labels, " +
    "11 discovery:DiscoveryInfo, 12 kill_policy:KillPolicy, 13 check:CheckInfo, " +
    "14 max_completion_time:DurationInfo, 15 limits:map<Value.Scalar>",
  TaskResourceLimitation: "1 resources:*Resource",
  TaskStatus:
    "1 task_id:!TaskID, 2 state:!TaskState, 3 data:bytes, 4 message:string, " +
    "5 agent_id:AgentID, 6 timestamp:double, 7 executor_id:ExecutorID, 8 healthy:bool, " +
    "9 source:TaskStatus.Source, 10 reason:TaskStatus.Reason, 11 uuid:bytes, " +
    "12 labels:Labels, 13 container_status:ContainerStatus, 14 unreachable_time:TimeInfo, " +
    "15 check_status:CheckStatusInfo, 16 limitation:TaskResourceLimitation",
  TimeInfo: "1 nanoseconds:!int64",
  URL:
    "1 scheme:!string, 2 address:!Address, 3 path:string, 4 query:*Parameter, " +
    "5 fragment:string",
  UUID: "1 value:!bytes",
  Unavailability: "1 start:!TimeInfo, 2 duration:DurationInfo",
  "Value.Range": "1 begin:!uint64, 2 end:!uint64",
  "Value.Ranges": "1 range:*Value.Range",
  "Value.Scalar": "1 value:!double",
  "Value.Set": "1 item:*string",
  "Value.Text": "1 value:!string",
  Volume:
    "1 container_path:!string, 2 host_path:string, 3 mode:!Volume.Mode, 4 image:Image, " +
    "5 source:Volume.Source",
  "Volume.Source":
    "1 type:Volume.Source.Type, 2 docker_volume:Volume.Source.DockerVolume, " +
    "3 sandbox_path:Volume.Source.SandboxPath, 4 secret:Secret, " +
    "5 host_path:Volume.Source.HostPath, 6 csi_volume:Volume.Source.CSIVolume",
  "Volume.Source.CSIVolume":
    "1 plugin_name:!string, " + "2 static_provisioning:Volume.Source.CSIVolume.StaticProvisioning",
  "Volume.Source.CSIVolume.StaticProvisioning":
    "1 volume_id:!string, 2 volume_capability:!Volume.Source.CSIVolume.VolumeCapability, " +
    "3 node_stage_secrets:map<Secret>, 4 node_publish_secrets:map<Secret>, " +
    "5 volume_context:map<string>",
  "Volume.Source.CSIVolume.VolumeCapability":
    "1 block:Volume.Source.CSIVolume.VolumeCapability.BlockVolume, " +
    "2 mount:Volume.Source.CSIVolume.VolumeCapability.MountVolume, " +
    "3 access_mode:!Volume.Source.CSIVolume.VolumeCapability.AccessMode",
  "Volume.Source.CSIVolume.VolumeCapability.AccessMode":
    "1 mode:!Volume.Source.CSIVolume.VolumeCapability.AccessMode.Mode",
  "Volume.Source.CSIVolume.VolumeCapability.BlockVolume": "",
  "Volume.Source.CSIVolume.VolumeCapability.MountVolume": "1 fs_type:string, 2 mount_flags:*string",
  "Volume.Source.DockerVolume": "1 driver:string, 2 name:!string, 3 driver_options:Parameters",
  "Volume.Source.HostPath": "1 path:!string, 2 mount_propagation:MountPropagation",
  "Volume.Source.SandboxPath": "1 type:Volume.Source.SandboxPath.Type, 2 path:!string",
  "executor.Call":
    "1 executor_id:!ExecutorID, 2 framework_id:!FrameworkID, 3 type:executor.Call.Type, " +
    "4 subscribe:executor.Call.Subscribe, 5 update:executor.Call.Update, " +
    "6 message:executor.Call.Message",
  "executor.Call.Message": "2 data:!bytes",
  "executor.Call.Subscribe":
    "1 unacknowledged_tasks:*TaskInfo, 2 unacknowledged_updates:*executor.Call.Update",
  "executor.Call.Update": "1 status:!TaskStatus",
  "executor.Event":
    "1 type:executor.Event.Type, 2 subscribed:executor.Event.Subscribed, " +
    "3 acknowledged:executor.Event.Acknowledged, 4 launch:executor.Event.Launch, " +
    "5 kill:executor.Event.Kill, 6 message:executor.Event.Message, " +
    "7 error:executor.Event.Error, 8 launch_group:executor.Event.LaunchGroup",
  "executor.Event.Acknowledged": "1 task_id:!TaskID, 2 uuid:!bytes",
  "executor.Event.Error": "1 message:!string",
  "executor.Event.Kill": "1 task_id:!TaskID, 2 kill_policy:KillPolicy",
  "executor.Event.Launch": "1 task:!TaskInfo",
  "executor.Event.LaunchGroup": "1 task_group:!TaskGroupInfo",
  "executor.Event.Message": "1 data:!bytes",
  "executor.Event.Subscribed":
    "1 executor_info:!ExecutorInfo, 2 framework_info:!FrameworkInfo, " +
    "3 agent_info:!AgentInfo, 4 container_id:ContainerID",
  "scheduler.AttributeConstraint":
    "1 selector:!scheduler.AttributeConstraint.Selector, " +
    "2 predicate:!scheduler.AttributeConstraint.Predicate",
  "scheduler.AttributeConstraint.Predicate":
    "1 exists:scheduler.AttributeConstraint.Predicate.Exists, " +
    "2 not_exists:scheduler.AttributeConstraint.Predicate.NotExists, " +
    "3 text_equals:scheduler.AttributeConstraint.Predicate.TextEquals, " +
    "4 text_not_equals:scheduler.AttributeConstraint.Predicate.TextNotEquals, " +
    "5 text_matches:scheduler.AttributeConstraint.Predicate.TextMatches, " +
    "6 text_not_matches:scheduler.AttributeConstraint.Predicate.TextNotMatches",
  "scheduler.AttributeConstraint.Predicate.Exists": "",
  "scheduler.AttributeConstraint.Predicate.NotExists": "",
  "scheduler.AttributeConstraint.Predicate.TextEquals": "1 value:!string",
  "scheduler.AttributeConstraint.Predicate.TextMatches": "1 regex:!string",
  "scheduler.AttributeConstraint.Predicate.TextNotEquals": "1 value:!string",
  "scheduler.AttributeConstraint.Predicate.TextNotMatches": "1 regex:!string",
  "scheduler.AttributeConstraint.Selector":
    "1 pseudoattribute_type:scheduler.AttributeConstraint.Selector.PseudoattributeType, " +
    "2 attribute_name:string",
  "scheduler.Call":
    "1 framework_id:FrameworkID, 2 type:scheduler.Call.Type, " +
    "3 subscribe:scheduler.Call.Subscribe, 4 accept:scheduler.Call.Accept, " +
    "5 decline:scheduler.Call.Decline, 6 kill:scheduler.Call.Kill, " +
    "7 shutdown:scheduler.Call.Shutdown, 8 acknowledge:scheduler.Call.Acknowledge, " +
    "9 reconcile:scheduler.Call.Reconcile, 10 message:scheduler.Call.Message, " +
    "11 request:scheduler.Call.Request, " +
    "13 accept_inverse_offers:scheduler.Call.AcceptInverseOffers, " +
    "14 decline_inverse_offers:scheduler.Call.DeclineInverseOffers, " +
    "15 revive:scheduler.Call.Revive, 16 suppress:scheduler.Call.Suppress, " +
    "17 acknowledge_operation_status:scheduler.Call.AcknowledgeOperationStatus, " +
    "18 reconcile_operations:scheduler.Call.ReconcileOperations, " +
    "19 update_framework:scheduler.Call.UpdateFramework",
  "scheduler.Call.Accept": "1 offer_ids:*OfferID, 2 operations:*Offer.Operation, 3 filters:Filters",
  "scheduler.Call.AcceptInverseOffers": "1 inverse_offer_ids:*OfferID, 2 filters:Filters",
  "scheduler.Call.Acknowledge": "1 agent_id:!AgentID, 2 task_id:!TaskID, 3 uuid:!bytes",
  "scheduler.Call.AcknowledgeOperationStatus":
    "1 agent_id:AgentID, 2 resource_provider_id:ResourceProviderID, 3 uuid:!bytes, " +
    "4 operation_id:!OperationID",
  "scheduler.Call.Decline": "1 offer_ids:*OfferID, 2 filters:Filters",
  "scheduler.Call.DeclineInverseOffers": "1 inverse_offer_ids:*OfferID, 2 filters:Filters",
  "scheduler.Call.Kill": "1 task_id:!TaskID, 2 agent_id:AgentID, 3 kill_policy:KillPolicy",
  "scheduler.Call.Message": "1 agent_id:!AgentID, 2 executor_id:!ExecutorID, 3 data:!bytes",
  "scheduler.Call.Reconcile": "1 tasks:*scheduler.Call.Reconcile.Task",
  "scheduler.Call.Reconcile.Task": "1 task_id:!TaskID, 2 agent_id:AgentID",
  "scheduler.Call.ReconcileOperations":
    "1 operations:*scheduler.Call.ReconcileOperations.Operation",
  "scheduler.Call.ReconcileOperations.Operation":
    "1 operation_id:!OperationID, 2 agent_id:AgentID, " +
    "3 resource_provider_id:ResourceProviderID",
  "scheduler.Call.Request": "1 requests:*Request",
  "scheduler.Call.Revive": "1 roles:*string",
  "scheduler.Call.Shutdown": "1 executor_id:!ExecutorID, 2 agent_id:!AgentID",
  "scheduler.Call.Subscribe":
    "1 framework_info:!FrameworkInfo, 2 suppressed_roles:*string, " +
    "3 offer_constraints:scheduler.OfferConstraints",
  "scheduler.Call.Suppress": "1 roles:*string",
  "scheduler.Call.UpdateFramework":
    "1 framework_info:!FrameworkInfo, 2 suppressed_roles:*string, " +
    "3 offer_constraints:scheduler.OfferConstraints",
  "scheduler.Event":
    "1 type:scheduler.Event.Type, 2 subscribed:scheduler.Event.Subscribed, " +
    "3 offers:scheduler.Event.Offers, 4 rescind:scheduler.Event.Rescind, " +
    "5 update:scheduler.Event.Update, 6 message:scheduler.Event.Message, " +
    "7 failure:scheduler.Event.Failure, 8 error:scheduler.Event.Error, " +
    "9 inverse_offers:scheduler.Event.InverseOffers, " +
    "10 rescind_inverse_offer:scheduler.Event.RescindInverseOffer, " +
    "11 update_operation_status:scheduler.Event.UpdateOperationStatus",
  "scheduler.Event.Error": "1 message:!string",
  "scheduler.Event.Failure": "1 agent_id:AgentID, 2 executor_id:ExecutorID, 3 status:int32",
  "scheduler.Event.InverseOffers": "1 inverse_offers:*InverseOffer",
  "scheduler.Event.Message": "1 agent_id:!AgentID, 2 executor_id:!ExecutorID, 3 data:!bytes",
  "scheduler.Event.Offers": "1 offers:*Offer",
  "scheduler.Event.Rescind": "1 offer_id:!OfferID",
  "scheduler.Event.RescindInverseOffer": "1 inverse_offer_id:!OfferID",
  "scheduler.Event.Subscribed":
    "1 framework_id:!FrameworkID, 2 heartbeat_interval_seconds:double, " +
    "3 master_info:MasterInfo",
  "scheduler.Event.Update": "1 status:!TaskStatus",
  "scheduler.Event.UpdateOperationStatus": "1 status:!OperationStatus",
  "scheduler.OfferConstraints":
    "1 role_constraints:map<scheduler.OfferConstraints.RoleConstraints>",
  "scheduler.OfferConstraints.RoleConstraints":
    "1 groups:*scheduler.OfferConstraints.RoleConstraints.Group",
  "scheduler.OfferConstraints.RoleConstraints.Group":
    "1 attribute_constraints:*scheduler.AttributeConstraint",
};

/** Enumerations in the same notation: `NAME=number`. */
export const ENUMS: Readonly<Record<string, string>> = {
  "CapabilityInfo.Capability":
    "UNKNOWN=0, CHOWN=1000, DAC_OVERRIDE=1001, DAC_READ_SEARCH=1002, FOWNER=1003, " +
    "FSETID=1004, KILL=1005, SETGID=1006, SETUID=1007, SETPCAP=1008, LINUX_IMMUTABLE=1009, " +
    "NET_BIND_SERVICE=1010, NET_BROADCAST=1011, NET_ADMIN=1012, NET_RAW=1013, " +
    "IPC_LOCK=1014, IPC_OWNER=1015, SYS_MODULE=1016, SYS_RAWIO=1017, SYS_CHROOT=1018, " +
    "SYS_PTRACE=1019, SYS_PACCT=1020, SYS_ADMIN=1021, SYS_BOOT=1022, SYS_NICE=1023, " +
    "SYS_RESOURCE=1024, SYS_TIME=1025, SYS_TTY_CONFIG=1026, MKNOD=1027, LEASE=1028, " +
    "AUDIT_WRITE=1029, AUDIT_CONTROL=1030, SETFCAP=1031, MAC_OVERRIDE=1032, " +
    "MAC_ADMIN=1033, SYSLOG=1034, WAKE_ALARM=1035, BLOCK_SUSPEND=1036, AUDIT_READ=1037, " +
    "PERFMON=1038, BPF=1039, CHECKPOINT_RESTORE=1040",
  "CheckInfo.Type": "UNKNOWN=0, COMMAND=1, HTTP=2, TCP=3",
  "ContainerInfo.DockerInfo.Network": "HOST=1, BRIDGE=2, NONE=3, USER=4",
  "ContainerInfo.Type": "DOCKER=1, MESOS=2",
  "DiscoveryInfo.Visibility": "FRAMEWORK=0, CLUSTER=1, EXTERNAL=2",
  "Environment.Variable.Type": "UNKNOWN=0, VALUE=1, SECRET=2",
  "ExecutorInfo.Type": "UNKNOWN=0, DEFAULT=1, CUSTOM=2",
  "FrameworkInfo.Capability.Type":
    "UNKNOWN=0, REVOCABLE_RESOURCES=1, TASK_KILLING_STATE=2, GPU_RESOURCES=3, " +
    "SHARED_RESOURCES=4, PARTITION_AWARE=5, MULTI_ROLE=6, RESERVATION_REFINEMENT=7, " +
    "REGION_AWARE=8",
  "HealthCheck.Type": "UNKNOWN=0, COMMAND=1, HTTP=2, TCP=3",
  "Image.Type": "APPC=1, DOCKER=2",
  "LinuxInfo.IpcMode": "UNKNOWN=0, PRIVATE=1, SHARE_PARENT=2",
  "MasterInfo.Capability.Type": "UNKNOWN=0, AGENT_UPDATE=1, AGENT_DRAINING=2, QUOTA_V2=3",
  "MountPropagation.Mode": "UNKNOWN=0, HOST_TO_CONTAINER=1, BIDIRECTIONAL=2",
  "NetworkInfo.Protocol": "IPv4=1, IPv6=2",
  "Offer.Operation.Type":
    "UNKNOWN=0, LAUNCH=1, LAUNCH_GROUP=6, RESERVE=2, UNRESERVE=3, CREATE=4, DESTROY=5, " +
    "GROW_VOLUME=11, SHRINK_VOLUME=12, CREATE_DISK=13, DESTROY_DISK=14",
  OperationState:
    "OPERATION_UNSUPPORTED=0, OPERATION_PENDING=1, OPERATION_FINISHED=2, " +
    "OPERATION_FAILED=3, OPERATION_ERROR=4, OPERATION_DROPPED=5, OPERATION_UNREACHABLE=6, " +
    "OPERATION_GONE_BY_OPERATOR=7, OPERATION_RECOVERING=8, OPERATION_UNKNOWN=9",
  "RLimitInfo.RLimit.Type":
    "UNKNOWN=0, RLMT_AS=1, RLMT_CORE=2, RLMT_CPU=3, RLMT_DATA=4, RLMT_FSIZE=5, " +
    "RLMT_LOCKS=6, RLMT_MEMLOCK=7, RLMT_MSGQUEUE=8, RLMT_NICE=9, RLMT_NOFILE=10, " +
    "RLMT_NPROC=11, RLMT_RSS=12, RLMT_RTPRIO=13, RLMT_RTTIME=14, RLMT_SIGPENDING=15, " +
    "RLMT_STACK=16",
  "Resource.DiskInfo.Source.Type": "UNKNOWN=0, PATH=1, MOUNT=2, BLOCK=3, RAW=4",
  "Resource.ReservationInfo.Type": "UNKNOWN=0, STATIC=1, DYNAMIC=2",
  "Secret.Type": "UNKNOWN=0, REFERENCE=1, VALUE=2",
  TaskState:
    "TASK_STAGING=6, TASK_STARTING=0, TASK_RUNNING=1, TASK_KILLING=8, TASK_FINISHED=2, " +
    "TASK_FAILED=3, TASK_KILLED=4, TASK_ERROR=7, TASK_LOST=5, TASK_DROPPED=9, " +
    "TASK_UNREACHABLE=10, TASK_GONE=11, TASK_GONE_BY_OPERATOR=12, TASK_UNKNOWN=13",
  "TaskStatus.Reason":
    "REASON_COMMAND_EXECUTOR_FAILED=0, REASON_CONTAINER_LAUNCH_FAILED=21, " +
    "REASON_CONTAINER_LIMITATION=19, REASON_CONTAINER_LIMITATION_DISK=20, " +
    "REASON_CONTAINER_LIMITATION_MEMORY=8, REASON_CONTAINER_PREEMPTED=17, " +
    "REASON_CONTAINER_UPDATE_FAILED=22, REASON_MAX_COMPLETION_TIME_REACHED=33, " +
    "REASON_EXECUTOR_REGISTRATION_TIMEOUT=23, REASON_EXECUTOR_REREGISTRATION_TIMEOUT=24, " +
    "REASON_EXECUTOR_TERMINATED=1, REASON_EXECUTOR_UNREGISTERED=2, " +
    "REASON_FRAMEWORK_REMOVED=3, REASON_GC_ERROR=4, REASON_INVALID_FRAMEWORKID=5, " +
    "REASON_INVALID_OFFERS=6, REASON_IO_SWITCHBOARD_EXITED=27, " +
    "REASON_MASTER_DISCONNECTED=7, REASON_RECONCILIATION=9, REASON_RESOURCES_UNKNOWN=18, " +
    "REASON_AGENT_DISCONNECTED=10, REASON_AGENT_DRAINING=34, REASON_AGENT_REMOVED=11, " +
    "REASON_AGENT_REMOVED_BY_OPERATOR=31, REASON_AGENT_REREGISTERED=32, " +
    "REASON_AGENT_RESTARTED=12, REASON_AGENT_UNKNOWN=13, " +
    "REASON_TASK_KILLED_DURING_LAUNCH=30, REASON_TASK_CHECK_STATUS_UPDATED=28, " +
    "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED=29, REASON_TASK_GROUP_INVALID=25, " +
    "REASON_TASK_GROUP_UNAUTHORIZED=26, REASON_TASK_INVALID=14, " +
    "REASON_TASK_UNAUTHORIZED=15, REASON_TASK_UNKNOWN=16",
  "TaskStatus.Source": "SOURCE_MASTER=0, SOURCE_AGENT=1, SOURCE_EXECUTOR=2",
  "Value.Type": "SCALAR=0, RANGES=1, SET=2, TEXT=3",
  "Volume.Mode": "RW=1, RO=2",
  "Volume.Source.CSIVolume.VolumeCapability.AccessMode.Mode":
    "UNKNOWN=0, SINGLE_NODE_WRITER=1, SINGLE_NODE_READER_ONLY=2, MULTI_NODE_READER_ONLY=3, " +
    "MULTI_NODE_SINGLE_WRITER=4, MULTI_NODE_MULTI_WRITER=5",
  "Volume.Source.SandboxPath.Type": "UNKNOWN=0, SELF=1, PARENT=2",
  "Volume.Source.Type":
    "UNKNOWN=0, DOCKER_VOLUME=1, HOST_PATH=4, SANDBOX_PATH=2, SECRET=3, CSI_VOLUME=5",
  "executor.Call.Type": "UNKNOWN=0, SUBSCRIBE=1, UPDATE=2, MESSAGE=3, HEARTBEAT=4",
  "executor.Event.Type":
    "UNKNOWN=0, SUBSCRIBED=1, LAUNCH=2, LAUNCH_GROUP=8, KILL=3, ACKNOWLEDGED=4, MESSAGE=5, " +
    "ERROR=6, SHUTDOWN=7, HEARTBEAT=9",
  "scheduler.AttributeConstraint.Selector.PseudoattributeType":
    "UNKNOWN=0, HOSTNAME=1, REGION=2, ZONE=3",
  "scheduler.Call.Type":
    "UNKNOWN=0, SUBSCRIBE=1, TEARDOWN=2, ACCEPT=3, DECLINE=4, ACCEPT_INVERSE_OFFERS=13, " +
    "DECLINE_INVERSE_OFFERS=14, REVIVE=5, KILL=6, SHUTDOWN=7, ACKNOWLEDGE=8, " +
    "ACKNOWLEDGE_OPERATION_STATUS=15, RECONCILE=9, RECONCILE_OPERATIONS=16, MESSAGE=10, " +
    "REQUEST=11, SUPPRESS=12, UPDATE_FRAMEWORK=17",
  "scheduler.Event.Type":
    "UNKNOWN=0, SUBSCRIBED=1, OFFERS=2, INVERSE_OFFERS=9, RESCIND=3, " +
    "RESCIND_INVERSE_OFFER=10, UPDATE=4, UPDATE_OPERATION_STATUS=11, MESSAGE=5, FAILURE=6, " +
    "ERROR=7, HEARTBEAT=8",
};
