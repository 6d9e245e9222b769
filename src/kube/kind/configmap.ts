import type { ConfigMap } from "../api/core.ts";
import { DescribeWriter } from "../describe/writer.ts";
import { defineKind, type FieldError } from "../kind.ts";
import { boolean, map } from "../schema.ts";
import { ageColumn, nameColumn } from "./cells.ts";
import { kindSchema } from "./meta-schema.ts";

const V1 = "io.k8s.api.core.v1";

export const configMap = defineKind<ConfigMap>({
  group: "",
  version: "v1",
  kind: "ConfigMap",
  plural: "configmaps",
  singular: "configmap",
  shortNames: ["cm"],
  namespaced: true,
  schema: kindSchema(`${V1}.ConfigMap`, "ConfigMap holds configuration for pods.", {
    binaryData: map("Bytes by keys, in base64."),
    data: map("Text by keys."),
    immutable: boolean("Nothing but the metadata can be changed."),
  }),
  columns: [
    nameColumn,
    {
      name: "DATA",
      cell: (o) =>
        String(Object.keys(o.data ?? {}).length + Object.keys(o.binaryData ?? {}).length),
    },
    ageColumn,
  ],
  validate(o) {
    return Object.keys(o.data ?? {}).flatMap((key): FieldError[] =>
      /^[-._a-zA-Z0-9]+$/.test(key)
        ? []
        : [
            {
              field: `data[${key}]`,
              message: `Invalid value: "${key}": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`,
            },
          ],
    );
  },
  describe(o) {
    const w = new DescribeWriter();
    w.head(o);
    w.labels("Labels", o.metadata.labels);
    w.annotations("Annotations", o.metadata.annotations);
    w.write(0, "\nData\n====");
    for (const key of Object.keys(o.data ?? {}).sort())
      w.write(0, `${key}:\n----\n${o.data?.[key] ?? ""}`);
    w.write(0, "\nBinaryData\n====");
    // Four letters of base64 are three bytes.
    for (const [key, value] of Object.entries(o.binaryData ?? {}))
      w.write(0, `${key}: ${Math.floor((value.replace(/=+$/, "").length * 3) / 4)} bytes`);
    w.write(0, "");
    return w.text;
  },
});
