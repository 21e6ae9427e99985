/** Plugins in Scope's way: programs that answer HTTP on sockets below one folder. */
import { readdir } from "node:fs/promises";
import { request } from "node:http";
import { join, relative } from "node:path";
import * as z from "zod/mini";
import { FairleadError } from "../../../base/mod.ts";
import {
  type Control,
  decodeInflatedReport,
  mergeReports,
  type PluginSpec,
  type Report,
  TOPOLOGY_KEYS,
  type Topology,
} from "../../../topology/mod.ts";
import type { ControlAnswer, ControlCall } from "../../controls/call.ts";
import type { ControlRegistry } from "../../controls/registry.ts";
import { makeReport } from "../../report/build.ts";
import type { Reporter, SpyContext } from "../../reporter.ts";

/** Options of {@linkcode PluginReporter}. */
export interface PluginReporterOptions {
  /** @default "/var/run/scope/plugins" */
  readonly folder?: string;
  readonly probeId: string;
  /** Controls of plugins are added to it, as `plugin~control`. */
  readonly registry: ControlRegistry;
  /** How long a plugin may take to answer. @default 500 */
  readonly timeoutMs?: number;
}

const FOLDER = "/var/run/scope/plugins";
/** In looks: how often the folder is looked through. */
const SCAN_EVERY = 5;
const DEPTH_MAX = 3;
const PLUGINS_MAX = 64;
const ANSWER_BYTES_MAX = 50 * 2 ** 20;
const API_VERSION = "1";
const ID = /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$/;
/** Set between a plugin's id and its control's. */
const SEPARATOR = "~";

interface Plugin {
  readonly id: string;
  readonly path: string;
  controls: readonly string[];
}

interface Found {
  readonly report: Report;
  readonly spec: PluginSpec;
}

/**
 * Reports what plugins report. One that does not answer in time, or answers nonsense, is named in
 * its spec's status; the others go on.
 */
export class PluginReporter implements Reporter {
  readonly name = "plugins";
  readonly #options: Required<PluginReporterOptions>;
  #plugins = new Map<string, Plugin>();

  constructor(options: PluginReporterOptions) {
    this.#options = { folder: FOLDER, timeoutMs: 500, ...options };
  }

  async report({ tick, signal }: SpyContext): Promise<Report> {
    if (tick % SCAN_EVERY === 1) await this.#scan();
    const plugins = [...this.#plugins.values()];
    const found = await Promise.all(plugins.map((plugin) => this.#ask(plugin, signal)));
    const specs = found.map(({ spec }) => spec);
    const merged = mergeReports([makeReport({}), ...found.map(({ report }) => report)]);
    return { ...merged, plugins: specs.sort((a, b) => (a.id < b.id ? -1 : 1)) };
  }

  async #scan(): Promise<void> {
    const found = new Map<string, Plugin>();
    for (const path of await socketsIn(this.#options.folder)) {
      const id = relative(this.#options.folder, path)
        .replace(/\.sock$/, "")
        .replaceAll("/", "-");
      if (!ID.test(id) || found.size >= PLUGINS_MAX) continue;
      const known = this.#plugins.get(id);
      found.set(id, known?.path === path ? known : { id, path, controls: [] });
    }
    for (const [id, plugin] of this.#plugins) if (!found.has(id)) this.#forget(plugin);
    this.#plugins = found;
  }

  async #ask(plugin: Plugin, signal: AbortSignal): Promise<Found> {
    const { probeId, timeoutMs } = this.#options;
    try {
      const query = new URLSearchParams({ probe_id: probeId, api_version: API_VERSION });
      const path = `/report?${query}`;
      const body = await ask({ socketPath: plugin.path, path, timeoutMs, signal });
      const read = decodeInflatedReport(body, { contentType: "application/json" });
      const spec = specOf(plugin, read);
      const report = this.#named(plugin, read, spec.interfaces.includes("controller"));
      return { report, spec: { ...spec, status: "ok" } };
    } catch (error) {
      const status = `error: ${FairleadError.from(error).message}`;
      const spec = { id: plugin.id, label: plugin.id, interfaces: ["reporter"], status };
      return { report: makeReport({}), spec };
    }
  }

  /** The report with its controls under names of their own, of which the registry knows. */
  #named(plugin: Plugin, report: Report, isController: boolean): Report {
    const ids = new Set<string>();
    const topologies = { ...report.topologies };
    for (const key of TOPOLOGY_KEYS) {
      const topology = topologies[key];
      if (topology === undefined) continue;
      for (const id of topology.controls?.keys() ?? []) ids.add(id);
    }
    this.#register(plugin, isController ? [...ids] : []);
    for (const key of TOPOLOGY_KEYS) {
      const topology = topologies[key];
      if (topology !== undefined) topologies[key] = this.#renamed(plugin, topology);
    }
    return { ...report, topologies, plugins: [] };
  }

  #renamed(plugin: Plugin, topology: Topology): Topology {
    const { registry, probeId } = this.#options;
    const name = (id: string) => `${plugin.id}${SEPARATOR}${id}`;
    const allowed = registry.controls([...(topology.controls?.keys() ?? [])].map(name));
    const controls = new Map<string, Control>();
    for (const [id, control] of topology.controls ?? []) {
      if (allowed.has(name(id))) controls.set(name(id), { ...control, id: name(id), probeId });
    }
    const nodes = new Map(topology.nodes);
    for (const [id, node] of topology.nodes) {
      const active = node.latest.get("active_controls");
      if (active === undefined) continue;
      const usable = active.value
        .split(";")
        .map(name)
        .filter((each) => allowed.has(each));
      const latest = new Map(node.latest).set("active_controls", {
        ...active,
        value: usable.join(";"),
      });
      nodes.set(id, { ...node, latest });
    }
    return { ...topology, controls, nodes };
  }

  #register(plugin: Plugin, controls: readonly string[]): void {
    const { registry } = this.#options;
    for (const id of plugin.controls) {
      if (!controls.includes(id)) registry.delete(`${plugin.id}${SEPARATOR}${id}`);
    }
    plugin.controls = controls;
    for (const id of controls) {
      registry.add({
        id: `${plugin.id}${SEPARATOR}${id}`,
        control: { human: id, icon: "", rank: 0 },
        handler: (call) => this.#control(plugin, id, call),
      });
    }
  }

  #forget(plugin: Plugin): void {
    this.#register(plugin, []);
  }

  async #control(plugin: Plugin, control: string, call: ControlCall): Promise<ControlAnswer> {
    const { appId, nodeId, args } = call;
    const body = JSON.stringify({
      AppID: appId,
      NodeID: nodeId,
      Control: control,
      ControlArgs: args,
    });
    const { timeoutMs } = this.#options;
    const answer = await ask({ socketPath: plugin.path, path: "/control", timeoutMs, body });
    return readAnswer(plugin, answer);
  }
}

function specOf(plugin: Plugin, report: Report): PluginSpec {
  const [spec] = report.plugins;
  if (report.plugins.length !== 1 || spec === undefined) {
    throw failed(plugin, "its report must have exactly one entry of plugins");
  }
  if (spec.id !== plugin.id) throw failed(plugin, `it calls itself ${spec.id}`);
  if (!spec.interfaces.includes("reporter")) throw failed(plugin, "it is no reporter");
  return spec;
}

function readAnswer(plugin: Plugin, body: Uint8Array): ControlAnswer {
  const text = z.optional(z.string());
  const read = z.safeParse(
    z.object({ value: z.optional(z.unknown()), error: text }),
    JSON.parse(new TextDecoder().decode(body)),
  );
  if (!read.success) throw failed(plugin, "its answer is none");
  const { value, error } = read.data;
  return {
    ...(value === undefined || value === null ? {} : { value: String(value) }),
    ...(error === undefined || error === "" ? {} : { error }),
  };
}

function failed({ id }: Plugin, state: string): FairleadError {
  return new FairleadError("plugin_failed", `Cannot use plugin ${id}: ${state}`);
}

async function socketsIn(folder: string, depth = 0): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isSocket()) found.push(path);
    else if (entry.isDirectory() && depth < DEPTH_MAX)
      found.push(...(await socketsIn(path, depth + 1)));
  }
  return found;
}

interface Ask {
  readonly socketPath: string;
  readonly path: string;
  readonly timeoutMs: number;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** One request with a deadline for all of it. */
async function ask({ socketPath, path, timeoutMs, body, signal }: Ask): Promise<Buffer> {
  const deadline = AbortSignal.timeout(timeoutMs);
  const stop = signal === undefined ? deadline : AbortSignal.any([deadline, signal]);
  return new Promise((resolve, reject) => {
    const method = body === undefined ? "GET" : "POST";
    const headers = { host: "plugin", "content-type": "application/json" };
    const sent = request({ socketPath, path, method, headers, signal: stop }, (answer) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      answer.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > ANSWER_BYTES_MAX) answer.destroy(new Error("its answer is over 50 MiB"));
        else chunks.push(chunk);
      });
      answer.on("error", reject);
      answer.on("end", () => {
        if (answer.statusCode === 200) resolve(Buffer.concat(chunks));
        else reject(new Error(`it answered ${answer.statusCode}`));
      });
    });
    sent.on("error", (error) => {
      reject(deadline.aborted ? new Error(`no answer in ${timeoutMs} ms`) : error);
    });
    sent.end(body);
  });
}
