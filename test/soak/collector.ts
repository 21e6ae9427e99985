/** The collector of a soak: a process that can be killed and frozen. */
import { listenCollector } from "fairlead/topology/node";

const { port } = await listenCollector({ port: Number(process.argv[2]) });
process.on("disconnect", () => process.exit());
process.send?.({ listens: port });
