import type { ServiceAccount } from "../api/core.ts";
import { DescribeWriter } from "../describe/writer.ts";
import { defineKind } from "../kind.ts";
import { array, boolean, open } from "../schema.ts";
import { ageColumn, nameColumn } from "./cells.ts";
import { kindSchema } from "./meta-schema.ts";

const V1 = "io.k8s.api.core.v1";

export const serviceAccount = defineKind<ServiceAccount>({
  group: "",
  version: "v1",
  kind: "ServiceAccount",
  plural: "serviceaccounts",
  singular: "serviceaccount",
  shortNames: ["sa"],
  namespaced: true,
  schema: kindSchema(
    `${V1}.ServiceAccount`,
    "ServiceAccount is the identity that pods run under: in the mesh, the name in their certificates.",
    {
      automountServiceAccountToken: boolean("Whether pods get the account's token."),
      imagePullSecrets: array(
        "Secrets for the registry.",
        open(`${V1}.LocalObjectReference`, "A secret."),
      ),
      secrets: array("Secrets of the account.", open(`${V1}.ObjectReference`, "A secret."), "name"),
    },
  ),
  columns: [
    nameColumn,
    { name: "SECRETS", cell: (o) => String(o.secrets?.length ?? 0) },
    ageColumn,
  ],
  describe(o) {
    const w = new DescribeWriter();
    w.head(o);
    w.labels("Labels", o.metadata.labels);
    w.annotations("Annotations", o.metadata.annotations);
    const names = (title: string, list: readonly { name: string }[] = []): void => {
      w.write(0, `${title}\t${list[0]?.name ?? "<none>"}`);
      for (const { name } of list.slice(1)) w.write(0, `                   \t${name}`);
    };
    names("Image pull secrets:", o.imagePullSecrets);
    names("Mountable secrets: ", o.secrets);
    names("Tokens:            ");
    return w.text;
  },
});
