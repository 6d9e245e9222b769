import { array, integer, intOrString, object, type Schema } from "../schema.ts";
import { condition } from "./meta-schema.ts";

export const APPS_V1 = "io.k8s.api.apps.v1";

export const workloadStatus = (name: string, counts: Record<string, string>): Schema =>
  object(`${APPS_V1}.${name}Status`, "How it is. Written by its controller.", {
    ...Object.fromEntries(Object.entries(counts).map(([field, text]) => [field, integer(text)])),
    collisionCount: integer("How often a name was taken."),
    conditions: array("Aspects of its state.", condition(`${APPS_V1}.${name}Condition`), "type"),
    observedGeneration: integer("The generation that the controller has seen."),
  });

export const rollingUpdate = (name: string): Schema =>
  object(`${APPS_V1}.${name}`, "How pods are replaced when the template changes.", {
    maxSurge: intOrString("How many more pods there may be meanwhile: a number or a share."),
    maxUnavailable: intOrString("How many may be missing meanwhile: a number or a share."),
  });
