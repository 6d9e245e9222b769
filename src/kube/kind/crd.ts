import type { CustomResourceDefinition } from "../api/extensions.ts";
import { defineKind, type FieldError } from "../kind.ts";
import { array, boolean, object, open, string } from "../schema.ts";
import { nameColumn } from "./cells.ts";
import { kindSchema } from "./meta-schema.ts";

const V1 = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1";

const names = object(
  `${V1}.CustomResourceDefinitionNames`,
  "How the kind is called.",
  {
    categories: array("Groups of kinds, such as all, that it belongs to.", string("")),
    kind: string("Its name in objects."),
    listKind: string("The name of a list of them."),
    plural: string("Its name in addresses, and in commands."),
    shortNames: array("Short names for commands.", string("")),
    singular: string("Its name for one of them."),
  },
  ["plural", "kind"],
);

const version = object(
  `${V1}.CustomResourceDefinitionVersion`,
  "A version of the kind.",
  {
    additionalPrinterColumns: array(
      "Columns of kubectl get.",
      open(`${V1}.CustomResourceColumnDefinition`, "A column."),
    ),
    deprecated: boolean("Whether it should not be used any more."),
    deprecationWarning: string("What is said to who uses it."),
    name: string("The version's name."),
    schema: open(`${V1}.CustomResourceValidation`, "What may stand in it."),
    served: boolean("Whether it can be used."),
    storage: boolean("Whether objects are kept in this version: exactly one is."),
    subresources: open(`${V1}.CustomResourceSubresources`, "Whether it has a status, and a scale."),
  },
  ["name", "served", "storage"],
);

/** A definition makes a kind: see KindTable. */
export const customResourceDefinition = defineKind<CustomResourceDefinition>({
  group: "apiextensions.k8s.io",
  version: "v1",
  kind: "CustomResourceDefinition",
  plural: "customresourcedefinitions",
  singular: "customresourcedefinition",
  shortNames: ["crd", "crds"],
  namespaced: false,
  schema: kindSchema(
    `${V1}.CustomResourceDefinition`,
    "CustomResourceDefinition is a new kind of object for this cluster.",
    {
      spec: object(
        `${V1}.CustomResourceDefinitionSpec`,
        "How the kind is called and what is in it.",
        {
          conversion: open(`${V1}.CustomResourceConversion`, "How versions are converted."),
          group: string("The API group of the kind."),
          names,
          preserveUnknownFields: boolean("Not used any more."),
          scope: string("Whether its objects are in namespaces.", ["Cluster", "Namespaced"]),
          versions: array("The versions that there are.", version),
        },
        ["group", "names", "scope", "versions"],
      ),
      status: open(`${V1}.CustomResourceDefinitionStatus`, "Whether its names were accepted."),
    },
    ["spec"],
  ),
  columns: [nameColumn, { name: "CREATED AT", cell: (o) => o.metadata.creationTimestamp }],
  validate({ metadata, spec }): FieldError[] {
    const wanted = `${spec.names.plural}.${spec.group}`;
    if (metadata.name === wanted) return [];
    return [
      {
        field: "metadata.name",
        message: `Invalid value: "${metadata.name}": must be spec.names.plural+"."+spec.group`,
      },
    ];
  },
  defaults(o, { store }) {
    const { names: n } = o.spec;
    n.singular ??= n.kind.toLowerCase();
    n.listKind ??= `${n.kind}List`;
    const condition = (type: string, reason: string, message: string) => ({
      type,
      status: "True" as const,
      lastTransitionTime: store.timestamp,
      reason,
      message,
    });
    o.status = {
      acceptedNames: { ...n },
      conditions: [
        condition("NamesAccepted", "NoConflicts", "no conflicts found"),
        condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
      ],
      storedVersions: o.spec.versions.filter((v) => v.storage).map((v) => v.name),
    };
  },
});
