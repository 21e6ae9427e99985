/** What containers get and do not get unless they ask: the same as Docker's have. */

/** Enough for what images do as root at their start; none that reaches the host. */
export const DEFAULT_CAPABILITIES: readonly string[] = [
  "CAP_AUDIT_WRITE",
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_KILL",
  "CAP_MKNOD",
  "CAP_NET_BIND_SERVICE",
  "CAP_NET_RAW",
  "CAP_SETFCAP",
  "CAP_SETGID",
  "CAP_SETPCAP",
  "CAP_SETUID",
  "CAP_SYS_CHROOT",
];

/** Would tell of the host, or change it. */
export const MASKED_PATHS: readonly string[] = [
  "/proc/acpi",
  "/proc/asound",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/sys/devices/virtual/powercap",
  "/sys/firmware",
];

export const READONLY_PATHS: readonly string[] = [
  "/proc/bus",
  "/proc/fs",
  "/proc/irq",
  "/proc/sys",
  "/proc/sysrq-trigger",
];

const SHM_MEGABYTES = 64;

/** File systems that every container has. */
export function systemMounts(cgroupVersion: 1 | 2 | undefined, shmMegabytes = SHM_MEGABYTES) {
  const still = ["nosuid", "noexec", "nodev"];
  const mounts = [
    mount("/proc", "proc", still),
    mount("/dev", "tmpfs", ["nosuid", "strictatime", "mode=755", "size=65536k"]),
    mount("/dev/pts", "devpts", [
      "nosuid",
      "noexec",
      "newinstance",
      "ptmxmode=0666",
      "mode=0620",
      "gid=5",
    ]),
    mount("/dev/shm", "tmpfs", [...still, "mode=1777", `size=${shmMegabytes}m`]),
    mount("/dev/mqueue", "mqueue", still),
    mount("/sys", "sysfs", [...still, "ro"]),
  ];
  if (cgroupVersion !== undefined) {
    mounts.push(mount("/sys/fs/cgroup", "cgroup", [...still, "relatime", "ro"]));
  }
  return mounts;
}

function mount(destination: string, type: string, options: readonly string[]) {
  return { destination, type, source: type, options };
}
