/** The APIs of a master besides the scheduler's. */
import type { Hono } from "hono";
import { classicApi } from "../classic/api.ts";
import { consoleApi } from "../console/api.ts";
import { operatorApi } from "../operator/api.ts";
import type { MasterContext } from "./context.ts";

/** Adds the routes of one API; paths come without the prefix "/master" and without "/" at the end. */
export type AddRoutes = (app: Hono, context: MasterContext) => void;

export const APIS: readonly AddRoutes[] = [operatorApi, consoleApi, classicApi];
