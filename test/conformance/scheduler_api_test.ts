import { inProcess, overSockets } from "../master/shell/support.ts";
import { schedulerApiConformance } from "./scheduler_api.ts";

schedulerApiConformance("in one process", inProcess);
schedulerApiConformance("over sockets", overSockets);
