/** The page that the master serves: it makes the console known, and the console does the rest. */
import { FairleadConsole } from "../cluster/console.ts";
import { define } from "../parts/define.ts";

define(FairleadConsole);
