/**
 * A framework on npm's mesos-framework, in a process of its own: three long tasks. It tells its
 * parent all that it hears, and tears down when its parent says so.
 */
import mesosFramework from "mesos-framework";

const [port, user, logFolder] = process.argv.slice(2);
const { Scheduler, Mesos } = mesosFramework;
const { CommandInfo } = Mesos.getMesos();

const scheduler = new Scheduler({
  masterUrl: "127.0.0.1",
  port: Number(port),
  frameworkName: "Three sleepers",
  user,
  logging: { path: logFolder, fileName: "client.log", level: "error" },
  tasks: {
    sleeper: {
      instances: 3,
      commandInfo: new CommandInfo(null, null, true, "echo up on $HOST; sleep 600", null, null),
      resources: { cpus: 0.2, mem: 32, ports: 1, disk: 1 },
    },
  },
});

const tell = (event) => (value) => process.send({ event, value });
for (const event of ["subscribed", "offers", "update", "heartbeat", "task_launched"]) {
  scheduler.on(event, tell(event));
}
for (const event of ["sent_accept", "sent_acknowledge", "sent_teardown"]) {
  scheduler.on(event, tell(event));
}
scheduler.on("error", (error) => process.send({ event: "error", value: error.message ?? error }));
scheduler.on("ready", () => scheduler.subscribe());
process.on("message", () => scheduler.teardown());
process.on("disconnect", () => process.exit());
