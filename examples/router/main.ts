/**
 * A router for clients whose connect string cannot be changed: they connect to it, and a cutover
 * sends them from one ensemble to the other. `npm run -s example:router -- --help`.
 */
import { InvalidArgumentError } from "commander";
import { FairleadError } from "fairlead/base";
import { serve } from "fairlead/http/node";
import { command, duration, flag, text, whole } from "../shared/flags.ts";
import { run } from "../shared/run.ts";
import { control } from "./control.ts";
import { Router, type Upstream, upstreamsOf } from "./router.ts";

interface Flags {
  readonly to: readonly Upstream[];
  readonly hostname: string;
  readonly port: number;
  readonly controlPort: number;
  readonly token: string;
  readonly drain: number;
  readonly connectionsMax: number;
}

function places(text: string): readonly Upstream[] {
  try {
    return upstreamsOf(text);
  } catch (error) {
    throw new InvalidArgumentError(FairleadError.from(error).message);
  }
}

const port = (name: string, help: string, initial: number) =>
  flag(`--${name} <n>`, { help, read: whole(0, 65_535), initial });

const flags = command("router", "Hands connections on, to where a cutover says.")
  .addOption(
    flag("--to <servers>", {
      help: "host:port,… of the ensemble",
      read: places,
    }).makeOptionMandatory(),
  )
  .addOption(
    flag("--token <text>", {
      help: "what a cutover has to show",
      read: text,
    }).makeOptionMandatory(),
  )
  .addOption(
    flag("--hostname <name>", { help: "where clients come in", read: text, initial: "127.0.0.1" }),
  )
  .addOption(port("port", "for clients; 0: any", 2_181))
  .addOption(port("control-port", "of the HTTP control, on loopback; 0: any", 2_182))
  .addOption(
    flag("--drain <time>", {
      help: "how long answers may take when it shuts",
      read: duration("0ms", "60secs"),
      initial: 1_000,
      shown: "1secs",
    }),
  )
  .addOption(
    flag("--connections-max <n>", {
      help: "clients at one time",
      read: whole(1, 1_000_000),
      initial: 10_000,
    }),
  )
  .parse()
  .opts<Flags>();

process.exitCode = await run(async () => {
  const { to: upstreams, hostname, port, drain: drainMs, connectionsMax } = flags;
  const router = await Router.listen({ hostname, port, upstreams, drainMs, connectionsMax });
  const server = await serve({
    hostname: "127.0.0.1",
    port: flags.controlPort,
    handler: control(router, flags.token),
  });
  console.log(`clients    ${router.address}`);
  console.log(`control    ${server.url}`);
  return {
    async [Symbol.asyncDispose]() {
      await server.close();
      await router[Symbol.asyncDispose]();
    },
  };
});
