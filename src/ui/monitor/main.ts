/** The page of the monitor: it makes the topology view known, and the view does the rest. */
import { define } from "../parts/define.ts";
import { FairleadTopology } from "../topology/view/topology.ts";

define(FairleadTopology);
