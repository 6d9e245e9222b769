import { array, boolean, integer, map, object, type Schema, string, time } from "../schema.ts";

/** Descriptions are our own words for the API's. */

const ownerReference = object(
  "io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference",
  "An object that this one belongs to.",
  {
    apiVersion: string("API version of the owner."),
    blockOwnerDeletion: boolean(
      "The owner cannot be deleted in the foreground while this is there.",
    ),
    controller: boolean("The owner is the controller that looks after this object."),
    kind: string("Kind of the owner."),
    name: string("Name of the owner."),
    uid: string("UID of the owner."),
  },
  ["apiVersion", "kind", "name", "uid"],
);

export const objectMeta = object(
  "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta",
  "What every object has: its name, its labels, and what the server keeps about it.",
  {
    annotations: map("Text by keys for tools and people; nothing selects by it."),
    creationTimestamp: time("When the server made the object. Set by the server."),
    deletionGracePeriodSeconds: integer("Seconds that the object has to end before it is removed."),
    deletionTimestamp: time("When the object will be gone, once somebody asked for that."),
    finalizers: array("What must be done before the object may be removed.", string("")),
    generateName: string("A prefix: the server adds an end that makes the name unique."),
    generation: integer("Counts the versions of the specification. Set by the server."),
    labels: map("Text by keys that selectors of Services and controllers match."),
    managedFields: array("Who wrote which field.", {
      type: "object",
      description: "",
      properties: {},
      open: true,
    }),
    name: string("Name, unique among the kind's objects in its namespace. It cannot be changed."),
    namespace: string("The space in which the name is unique. It cannot be changed."),
    ownerReferences: array(
      "Objects that this one belongs to: it goes when all of them are gone.",
      ownerReference,
      "uid",
    ),
    resourceVersion: string(
      "Changes with every write; a write that names an older one is a conflict.",
    ),
    selfLink: string("Not used any more."),
    uid: string("Unique over time and space. Set by the server."),
  },
);

const requirement = object(
  "io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement",
  "A key, an operator, and the values that it is about.",
  {
    key: string("The label's key."),
    operator: string("How the key and the values are related.", [
      "In",
      "NotIn",
      "Exists",
      "DoesNotExist",
    ]),
    values: array("Values for In and NotIn; empty for the others.", string("")),
  },
  ["key", "operator"],
);

export function labelSelector(description: string): Schema {
  return object("io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector", description, {
    matchExpressions: array("Requirements, all of which must be met.", requirement),
    matchLabels: map("Labels, all of which must be there with these values."),
  });
}

export function condition(name: string): Schema {
  return object(
    name,
    "One aspect of the object's state.",
    {
      lastHeartbeatTime: time("When it was last heard of."),
      lastProbeTime: time("When it was last probed."),
      lastTransitionTime: time("When the status last changed."),
      lastUpdateTime: time("When the condition was last written."),
      message: string("Details for people."),
      reason: string("One word for why it is so."),
      status: string("True, False or Unknown."),
      type: string("Which aspect it is."),
    },
    ["type", "status"],
  );
}

/** A kind: its two names, its metadata, and what is its own. */
export function kindSchema(
  name: string,
  description: string,
  properties: { readonly [field: string]: Schema },
  required: readonly string[] = [],
): Schema {
  return object(
    name,
    description,
    {
      apiVersion: string("The version of the schema that this object follows."),
      kind: string("What the object is."),
      metadata: objectMeta,
      ...properties,
    },
    required,
  );
}
