import type { Run } from "../../../../host/process.ts";
import type { Flag } from "../../../lib/pflag.ts";
import { type Istioctl, IstioctlError, usageError } from "../context.ts";
import { buildOf, isToday } from "../release.ts";
import { OUTPUT, REVISION, type Subcommand } from "../subcommand.ts";
import {
  Analysis,
  type Analyzer,
  friendlyName,
  LEVELS,
  type Level,
  type Message,
  namespaceOf,
  type Resource,
  sorted,
} from "./analysis.ts";
import { analyzers } from "./analyzers.ts";
import { isCode } from "./codes.ts";
import { gather } from "./files.ts";
import { written } from "./format.ts";
import { addFiles, clusterResources, rootNamespaceOf } from "./sources.ts";

/** EX_DATAERR, and istioctl's own (istio: istioctl/cmd/sysexits.go). */
const DATA_ERROR = 65;
const FOUND_ISSUES = 79;

const level: Flag = {
  value: "text",
  check: (value) => (levelOf(value) ? null : "invalid level option"),
};

function levelOf(text: string): Level | undefined {
  return LEVELS.find((one) => one.toLowerCase() === text.toLowerCase());
}

/** Those at least as bad as a level. */
function atLeast(messages: readonly Message[], text: string | undefined, otherwise: Level) {
  const limit = LEVELS.indexOf(levelOf(text ?? "") ?? otherwise);
  return messages.filter(({ type }) => LEVELS.indexOf(type.level) <= limit);
}

/** "*" is any text, as in "Pod *.testing". */
function globMatches(pattern: string, text: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return pattern === text;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

interface Suppression {
  code: string;
  name: string;
}

/** Is it of another namespace, or does somebody not want to hear it? (istio: filterMessages) */
function isWanted(
  { type, resource }: Message,
  namespace: string,
  suppressions: readonly Suppression[],
): boolean {
  const own = namespaceOf(resource);
  if (namespace && own && own !== namespace) return false;
  const annotation =
    resource.object.metadata.annotations?.["galley.istio.io/analyze-suppress"] ?? "";
  if (annotation.split(",").some((code) => code === "*" || code === type.code)) return false;
  return !suppressions.some(
    ({ code, name }) => code === type.code && globMatches(name, friendlyName(resource)),
  );
}

function* suppressionsOf(ctx: Istioctl): Run<Suppression[]> {
  const found: Suppression[] = [];
  for (const text of ctx.lists.get("suppress") ?? []) {
    const parts = text.split("=");
    const [code = "", name = ""] = parts;
    if (parts.length !== 2)
      throw new IstioctlError(
        `${text} is not a valid suppression value. See istioctl analyze --help`,
      );
    if (!isCode(code))
      yield* ctx.p.err(
        `Warning: Supplied message code '${code}' is an unknown message code and will not have any effect.\n`,
      );
    found.push({ code, name });
  }
  return found;
}

/** Those that the release has. */
function available(ctx: Istioctl): readonly Analyzer[] {
  const today = isToday(ctx.found);
  return analyzers.filter(({ preview = true }) => today || preview);
}

/** All, or those that are named. */
function chosen(ctx: Istioctl): readonly Analyzer[] {
  const all = available(ctx);
  const names = ctx.lists.get("analyzer") ?? [];
  const found = all.filter(({ name }) => names.includes(name));
  return found.length ? found : all;
}

function listed(ctx: Istioctl): string {
  return [...available(ctx)]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, description }) => `* ${name}:\n    ${description}\n`)
    .join("");
}

function* run(ctx: Istioctl): Run<string> {
  const { p, options } = ctx;
  const format = (options.get("output") ?? "log").toLowerCase();
  if (format !== "log" && format !== "json" && format !== "yaml")
    return usageError(`${format} not a valid option for format. See istioctl analyze --help`);
  if (ctx.on("list-analyzers")) return listed(ctx);
  if (ctx.on("recursive"))
    return "The recursive flag has been removed and is hardcoded to true without explicitly specifying it.\n";
  const files = yield* gather(ctx, format === "log");
  const useKube = ctx.on("use-kube", true);
  const cluster = useKube ? ctx.cluster : null;
  const given = ctx.namespace || "default";
  if (cluster && !cluster.store.get("Namespace", given)) {
    yield* p.err(`namespace ${JSON.stringify(ctx.namespace)} not found\n`);
    return "";
  }
  const namespace = ctx.on("all-namespaces") ? "" : given;
  const target = namespace ? `namespace: ${namespace}` : "all namespaces";
  const suppressions = yield* suppressionsOf(ctx);
  const revision = options.get("revision") || "default";
  const resources = cluster
    ? clusterResources(cluster, revision, ctx.istioNamespace)
    : new Map<string, Resource[]>();
  const { logged, error } = addFiles(ctx, resources, files, namespace);
  if (logged) yield* p.err(logged);
  if (error) yield* p.err(`Error(s) adding files: ${error}`);
  const root = rootNamespaceOf(cluster, ctx.istioNamespace);
  const analysis = new Analysis(resources, root, isToday(ctx.found));
  const executed = chosen(ctx);
  for (const analyzer of executed) analyzer.analyze(analysis);
  if (ctx.on("verbose"))
    yield* p.err(
      `Analyzed resources in ${target}\nExecuted analyzers:\n${executed.map(({ name }) => `\t ${name}\n`).join("")}\n`,
    );
  const messages = sorted(analysis.messages.filter((m) => isWanted(m, namespace, suppressions)));
  const shown = atLeast(messages, options.get("output-threshold"), "Info");
  const [major, minor] = buildOf(ctx.found).version.split(".");
  const documentation = `https://istio.io/v${major}.${minor}/docs/reference/config/analysis`;
  const color = ctx.on("color", p.isTty(1) && p.env.get("TERM")?.toLowerCase() !== "dumb");
  yield* p.out(`${written(shown, format, color, documentation)}\n`);
  if (shown.length === 0) {
    const names = files.map(({ name }) => name);
    yield* p.err(
      error
        ? `No validation issues found when analyzing ${target} (but 1 file could not be parsed).\n`
        : names.length > 1
          ? `✔ No validation issues found when analyzing:\n  - ${names.join("\n  - ")}\n`
          : `✔ No validation issues found when analyzing ${names[0] ?? target}.\n`,
    );
  }
  if (format !== "log") return "";
  if (atLeast(messages, options.get("failure-threshold"), "Error").length)
    throw new IstioctlError(
      `Analyzers found issues when analyzing ${target}.\nSee ${documentation} for more information about causes and resolutions.`,
      FOUND_ISSUES,
    );
  if (error && !ctx.on("ignore-unknown"))
    throw new IstioctlError("Some files couldn't be parsed.", DATA_ERROR);
  return "";
}

/** `istioctl analyze` (istio: istioctl/pkg/analyze). */
export const analyze: Subcommand = {
  name: "analyze",
  aliases: [],
  summary: "Analyze Istio configuration and print validation messages",
  help: `Analyze Istio configuration and print validation messages.

Usage:
  istioctl analyze <file>... [flags]

Flags:
  -A, --all-namespaces            Analyze all namespaces
      --analyzer stringArray      Select specific analyzers to run. Can be repeated. If not specified, all analyzers are run.
      --color                     Default true.  Disable with '=false' or set $TERM to dumb
      --failure-threshold Level   The severity level of analysis at which to set a non-zero exit code. Valid values: [Info Warning Error] (default Error)
      --ignore-unknown            Don't complain about un-parseable input documents.
  -L, --list-analyzers            List the analyzers available to run. Suppresses normal execution.
  -o, --output string             Output format: one of [log json yaml] (default "log")
      --output-threshold Level    The severity level of analysis at which to display messages. Valid values: [Info Warning Error] (default Info)
  -r, --revision string           analyze a specific revision deployed. (default "default")
  -S, --suppress stringArray      Suppress reporting a message code on a specific resource: <code>=<resource>. Can be repeated.
      --timeout duration          The duration to wait before failing (default 30s)
  -k, --use-kube                  Use live Kubernetes cluster for analysis. Set --use-kube=false to analyze files only. (default true)
  -v, --verbose                   Enable verbose output
`,
  flags: {
    ...OUTPUT,
    ...REVISION,
    "all-namespaces": { short: "A" },
    analyzer: { value: "text" },
    color: {},
    "failure-threshold": level,
    "ignore-unknown": {},
    "list-analyzers": { short: "L" },
    "output-threshold": level,
    recursive: { short: "R" },
    suppress: { short: "S", value: "text" },
    timeout: { value: "duration" },
    "use-kube": { short: "k" },
    verbose: { short: "v" },
  },
  offline: true,
  run,
  complete: () => [],
};
