import { equal, isObject, type JsonObject } from "../../../../base/json.ts";
import { fromUtf8 } from "../../../../base/text.ts";
import type { Run } from "../../../../host/process.ts";
import { jsonPatch, PatchError } from "../../../../kube/patch/json-patch.ts";
import { jsonMerge, strategicMerge } from "../../../../kube/patch/merge.ts";
import { ManifestError, parseManifests } from "../../../../kube/text/manifest.ts";
import type { Kubectl, Verb } from "../context.ts";
import { errorText, KubectlError } from "../error.ts";
import { DRY_RUN, FILES, OUTPUT } from "../flags.ts";
import { printChanged } from "../print.ts";
import { finish, type Target, targets } from "../targets.ts";

/** The patch as a value: JSON, or YAML. */
function patchOf(k: Kubectl): JsonObject[string] {
  const file = k.option("patch-file");
  const inline = k.option("patch");
  if (file !== undefined && inline !== undefined)
    throw new KubectlError("error: cannot specify --patch and --patch-file together");
  if (file === undefined && !inline)
    throw new KubectlError(
      "error: must specify --patch or --patch-file containing the contents of the patch",
    );
  let text = inline ?? "";
  if (file !== undefined) {
    const path = k.p.path(file);
    if (!k.p.machine.fs.exists(path, k.p))
      throw new KubectlError(
        `error: unable to read patch file: open ${file}: no such file or directory`,
      );
    text = fromUtf8(k.p.machine.fs.readFile(path, k.p));
  }
  try {
    // A list is no manifest: it is put into one.
    if (text.trim().startsWith("["))
      return (parseManifests(`{"list": ${text}}`, "patch")[0]?.list ?? null) as JsonObject[string];
    return parseManifests(text, "patch")[0] ?? {};
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    const why = error.message.replace(/^error: error (parsing|validating) "?patch"?: /, "");
    throw new KubectlError(`error: unable to parse "${text}": ${why}`);
  }
}

function patched(k: Kubectl, { kind, object }: Target, patch: JsonObject[string]): JsonObject {
  const live = object as unknown as JsonObject;
  const type = k.option("type") ?? "strategic";
  if (type === "json") return jsonPatch(live, patch);
  if (!isObject(patch))
    throw new KubectlError(
      `Error from server (BadRequest): json: cannot unmarshal array into Go value of type map[string]interface {}`,
    );
  if (type === "merge") return jsonMerge(live, patch) as JsonObject;
  if (kind.custom)
    throw new KubectlError(
      "Error from server (UnsupportedMediaType): the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml",
    );
  return strategicMerge(live, patch, kind.schema);
}

function* run(k: Kubectl): Run {
  const type = k.option("type") ?? "strategic";
  if (!["json", "merge", "strategic"].includes(type))
    throw new KubectlError(`error: --type must be one of [json merge strategic], not "${type}"`);
  const patch = patchOf(k);
  const found = yield* targets(k, {
    nothing: "error: must specify one of -f and -k\n\nerror: required resource not specified",
  });
  const { errors } = found;
  for (const target of found.items) {
    const { kind, object } = target;
    try {
      const wanted = patched(k, target, patch);
      const next =
        k.dryRun === "client"
          ? (wanted as unknown as typeof object)
          : k.server.update(kind, wanted, object, { dryRun: k.dryRun === "server" });
      const same = equal(
        { ...next, metadata: { ...next.metadata, resourceVersion: "" } },
        { ...object, metadata: { ...object.metadata, resourceVersion: "" } },
      );
      yield* k.p.out(printChanged(k, kind, next, same ? "patched (no change)" : "patched"));
    } catch (error) {
      if (error instanceof PatchError) {
        errors.push(
          `The request is invalid: the server rejected our request due to an error in our request`,
        );
        continue;
      }
      const text = errorText(error);
      if (text === null) throw error;
      errors.push(text);
    }
  }
  return yield* finish(k, errors);
}

export const patch: Verb = {
  name: "patch",
  summary: "Update fields of a resource",
  usage:
    "kubectl patch TYPE NAME | TYPE/NAME [-n NS] -p PATCH | --patch-file FILE [--type strategic|merge|json]",
  flags: {
    ...FILES,
    ...OUTPUT,
    ...DRY_RUN,
    patch: { short: "p", value: "text" },
    "patch-file": { value: "text" },
    type: { value: "text" },
    local: {},
  },
  run,
};
