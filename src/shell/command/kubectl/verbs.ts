import type { Verb } from "./context.ts";
import { apply } from "./verb/apply.ts";
import {
  apiResources,
  apiVersions,
  cordon,
  currentContext,
  uncordon,
  version,
} from "./verb/cluster.ts";
import {
  create,
  createConfigMap,
  createDeployment,
  createNamespace,
  createServiceAccount,
  replace,
} from "./verb/create.ts";
import { remove } from "./verb/delete.ts";
import { describe } from "./verb/describe.ts";
import { edit } from "./verb/edit.ts";
import { exec } from "./verb/exec.ts";
import { explain } from "./verb/explain.ts";
import { get } from "./verb/get.ts";
import { logs } from "./verb/logs.ts";
import { annotate, label } from "./verb/modify.ts";
import { patch } from "./verb/patch.ts";
import {
  rolloutHistory,
  rolloutPause,
  rolloutRestart,
  rolloutResume,
  rolloutStatus,
  rolloutUndo,
} from "./verb/rollout.ts";
import { run } from "./verb/run.ts";
import { scale } from "./verb/scale.ts";
import { setImage } from "./verb/set.ts";
import { wait } from "./verb/wait.ts";

/** What kubectl can be asked to do; a name of two words is a verb of the first one. */
export const verbs: readonly Verb[] = [
  create,
  createConfigMap,
  createDeployment,
  createNamespace,
  createServiceAccount,
  run,
  setImage,
  explain,
  get,
  edit,
  remove,
  rolloutHistory,
  rolloutPause,
  rolloutRestart,
  rolloutResume,
  rolloutStatus,
  rolloutUndo,
  scale,
  cordon,
  uncordon,
  describe,
  logs,
  exec,
  apply,
  patch,
  replace,
  wait,
  label,
  annotate,
  apiResources,
  apiVersions,
  currentContext,
  version,
];

/** Other names of the second word: `kubectl create ns`. */
export const ALIASES: Readonly<Record<string, string>> = {
  "create ns": "create namespace",
  "create sa": "create serviceaccount",
  "create cm": "create configmap",
  "create deploy": "create deployment",
};
