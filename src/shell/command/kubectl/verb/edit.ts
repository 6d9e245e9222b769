import { clone, equal, isObject, type JsonObject } from "../../../../base/json.ts";
import { fromUtf8 } from "../../../../base/text.ts";
import type { Run } from "../../../../host/process.ts";
import type { KubeObject } from "../../../../kube/api/meta.ts";
import { type Kind, resourceName } from "../../../../kube/kind.ts";
import { ApiError } from "../../../../kube/server/error.ts";
import { toPrettyJson } from "../../../../kube/text/json.ts";
import { ManifestError, parseManifests } from "../../../../kube/text/manifest.ts";
import { toYaml } from "../../../../kube/text/yaml.ts";
import { spawn } from "../../../spawn.ts";
import type { Kubectl, Verb } from "../context.ts";
import { KubectlError, refusalText } from "../error.ts";
import { problem } from "../files.ts";
import { FILES, OUTPUT, SELECTOR } from "../flags.ts";
import { printChanged } from "../print.ts";
import { finish, type Target, targets } from "../targets.ts";

const HEADER = `# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
`;

/** Why the file is opened again. */
interface Reason {
  head: string;
  other: string[];
}

function header(reasons: readonly Reason[]): string {
  const hash = (text: string): string => text.replace(/\n(?!#|$)/g, "\n# ");
  return (
    HEADER +
    reasons
      .map(({ head, other }) => {
        const lines = other.map((line) => `# * ${hash(line)}\n`).join("");
        return `# ${hash(head)}${other.length ? ":" : ""}\n${lines}#\n`;
      })
      .join("")
  );
}

function withoutComments(text: string): string {
  return text
    .split("\n")
    .filter((line) => !/^\s*#/.test(line))
    .join("\n")
    .trim();
}

/** The editor of the environment, else vi, on our terminal (kubectl/pkg/cmd/util/editor). */
function* launch(k: Kubectl, path: string): Run<void> {
  const { p } = k;
  const editor = p.env.get("KUBE_EDITOR") || p.env.get("EDITOR") || "vi";
  const argv = /[ "'\\]/.test(editor)
    ? ["sh", "-c", `${editor} ${path}`]
    : [...editor.split(" "), path];
  const child = spawn(p, argv);
  if (!child) throw new KubectlError(`error: unable to launch the editor "${editor}"`);
  p.caught.add("SIGINT");
  while (child.status === null) {
    yield { on: [child.exited], until: Number.POSITIVE_INFINITY };
    if (p.took("SIGINT")) child.kill("SIGINT");
  }
  if (child.status !== 0)
    throw new KubectlError(`error: there was a problem with the editor "${editor}"`);
}

function printed(k: Kubectl, items: readonly Target[]): string {
  const objects = items.map(({ object }) => object);
  const root =
    objects.length === 1
      ? objects[0]
      : { apiVersion: "v1", items: objects, kind: "List", metadata: {} };
  return k.output === "json" ? toPrettyJson(root) : toYaml(root);
}

export const RENAMED = "error: At least one of apiVersion, kind and name was changed";

/** The edited object in place of the newest one. Throws ApiError. */
export function updated(
  k: Kubectl,
  kind: Kind,
  edited: JsonObject,
  current: KubeObject,
): KubeObject {
  // What was changed meanwhile stays, where the edit says nothing about it.
  const wanted = clone(edited);
  if (isObject(wanted.metadata)) delete wanted.metadata.resourceVersion;
  return k.server.update(kind, wanted, current);
}

/** One saved object goes to the server; what it says against it, otherwise what to print. */
function save(
  k: Kubectl,
  edited: JsonObject,
  items: readonly Target[],
): { reason: Reason | null; text: string } {
  const metadata = isObject(edited.metadata) ? edited.metadata : {};
  const target = items.find(
    ({ object }) =>
      object.kind === edited.kind &&
      object.metadata.name === metadata.name &&
      (object.metadata.namespace ?? "") === (metadata.namespace ?? ""),
  );
  if (!target) throw new KubectlError(RENAMED);
  const { kind, object } = target;
  const current = k.cluster.store.current(object) ?? object;
  if (equal(edited, object))
    return { reason: null, text: printChanged(k, kind, object, "skipped") };
  try {
    const next = updated(k, kind, edited, current);
    return { reason: null, text: printChanged(k, kind, next, "edited") };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const name = `${resourceName(kind)} "${object.metadata.name}"`;
    if (error.reason === "Invalid")
      return {
        reason: {
          head: `${name} was not valid`,
          other: error.causes.map((c) => `${c.field}: ${c.message}`),
        },
        text: `error: ${name} is invalid\n`,
      };
    if (error.reason === "NotFound") throw new KubectlError(refusalText(error));
    return {
      reason: { head: `${name} could not be patched: ${error.message}`, other: [] },
      text: `error: ${name} could not be patched: ${error.message}\n`,
    };
  }
}

function* run(k: Kubectl): Run {
  const { p } = k;
  const { fs } = p.machine;
  const found = yield* targets(k, {
    nothing: "error: must specify one of -f and -k\n\nerror: required resource not specified",
  });
  if (found.errors.length) return yield* finish(k, found.errors);
  const { items } = found;
  if (items.length === 0) throw new KubectlError("error: edit cancelled, no objects found");
  const number = p.sim.rng("kubectl edit").u32();
  const path = `/tmp/kubectl-edit-${number}.${k.output === "json" ? "json" : "yaml"}`;
  const original = printed(k, items);
  let content = original;
  let reasons: Reason[] = [];
  for (;;) {
    fs.writeFile(path, header(reasons) + content, 0o600, p);
    yield* launch(k, path);
    const edited = fs.exists(path, p) ? fromUtf8(fs.readFile(path, p)) : "";
    const bare = withoutComments(edited);
    const stop = function* (text: string): Run {
      if (fs.exists(path, p)) fs.unlink(path, p);
      yield* p.err(`${text}\n`);
      return 0;
    };
    if (reasons.length && bare === withoutComments(content)) {
      yield* p.err(
        `A copy of your changes has been stored to "${path}"\nerror: Edit cancelled, no valid changes were saved.\n`,
      );
      return 1;
    }
    if (bare === withoutComments(original)) return yield* stop("Edit cancelled, no changes made.");
    if (bare === "") return yield* stop("Edit cancelled, saved file was empty.");
    content = `${bare}\n`;
    reasons = [];
    let objects: JsonObject[] = [];
    try {
      objects = parseManifests(edited, path);
      for (const object of objects) {
        const wrong = problem(k, object);
        if (!wrong) continue;
        reasons.push({ head: `The edited file failed validation: ${wrong}`, other: [] });
        yield* p.err(`error: ${wrong}\n`);
      }
    } catch (error) {
      if (!(error instanceof ManifestError)) throw error;
      const why = error.message.replace(/^error: error parsing [^:]*: /, "");
      reasons.push({ head: `The edited file had a syntax error: ${why}`, other: [] });
    }
    if (reasons.length) continue;
    for (const object of objects) {
      const { reason, text } = save(k, object, items);
      if (reason) {
        reasons.push(reason);
        yield* p.err(text);
      } else yield* p.out(text);
    }
    if (reasons.length === 0) {
      if (fs.exists(path, p)) fs.unlink(path, p);
      return 0;
    }
  }
}

export const edit: Verb = {
  name: "edit",
  summary: "Edit a resource on the server",
  usage: "kubectl edit TYPE NAME... | TYPE/NAME... [-n NS] [-o yaml|json]",
  flags: { ...FILES, ...OUTPUT, ...SELECTOR },
  run,
};
