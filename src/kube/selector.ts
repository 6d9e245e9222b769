import type { KubeObject } from "./api/meta.ts";

/** A requirement of `-l` (k8s.io/apimachinery/pkg/labels). */
interface Requirement {
  key: string;
  operator: "=" | "!=" | "in" | "notin" | "exists" | "!" | ">" | "<";
  values: string[];
}

/** Its words are the library's. */
export class SelectorError extends Error {}

const NAME =
  /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;

/** "a=b,c!=d,e in (f,g),!h": what `-l` selects by; throws SelectorError. */
export class LabelQuery {
  requirements: Requirement[] = [];

  constructor(text: string) {
    let rest = text.trim();
    while (rest) {
      const match =
        /^(?<set>(?<setKey>[^\s,=!()<>]+)\s+(?<op>in|notin)\s*\((?<values>[^)]*)\))|^!\s*(?<absent>[^\s,=!()<>]+)|^(?<key>[^\s,=!()<>]+)\s*((?<cmp>==|=|!=|>|<)\s*(?<value>[^\s,()=!<>]*))?/.exec(
          rest,
        );
      const groups = match?.groups;
      if (!match || !groups)
        throw new SelectorError(
          `unable to parse requirement: found '${rest[0]}', expected: identifier`,
        );
      const { setKey, op, values = "", absent, key, cmp, value = "" } = groups;
      if (setKey)
        this.add(
          setKey,
          op as "in" | "notin",
          values.split(",").map((v) => v.trim()),
        );
      else if (absent) this.add(absent, "!", []);
      else if (cmp) this.add(key as string, (cmp === "==" ? "=" : cmp) as "=", [value]);
      else this.add(key as string, "exists", []);
      rest = rest.slice(match[0].length).trimStart();
      if (rest === "") break;
      if (!rest.startsWith(","))
        throw new SelectorError(
          `found '${rest.split(/[\s,]/)[0]}', expected: ',' or 'end of string'`,
        );
      rest = rest.slice(1).trimStart();
    }
  }

  add(key: string, operator: Requirement["operator"], values: string[]): void {
    if (!NAME.test(key))
      throw new SelectorError(
        `unable to parse requirement: <nil>: Invalid value: "${key}": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
      );
    for (const value of values)
      if (!VALUE.test(value))
        throw new SelectorError(
          `unable to parse requirement: values[0][${key}]: Invalid value: "${value}": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
        );
    this.requirements.push({ key, operator, values });
  }

  get empty(): boolean {
    return this.requirements.length === 0;
  }

  matches({ metadata: { labels = {} } }: KubeObject): boolean {
    return this.requirements.every(({ key, operator, values }) => {
      const value = labels[key];
      switch (operator) {
        case "exists":
          return value !== undefined;
        case "!":
          return value === undefined;
        case "=":
          return value === values[0];
        case "!=":
          return value !== values[0];
        case "in":
          return value !== undefined && values.includes(value);
        case "notin":
          return value === undefined || !values.includes(value);
        case ">":
          return value !== undefined && Number(value) > Number(values[0]);
        default:
          return value !== undefined && Number(value) < Number(values[0]);
      }
    });
  }
}

/** Fields by which the API server selects, by kind; every kind has its name and namespace. */
const FIELDS: Record<string, readonly string[]> = {
  Pod: [
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "status.phase",
    "status.podIP",
    "status.nominatedNodeName",
  ],
  Node: ["spec.unschedulable"],
  Namespace: ["status.phase"],
  Event: [
    "involvedObject.kind",
    "involvedObject.namespace",
    "involvedObject.name",
    "involvedObject.uid",
    "involvedObject.apiVersion",
    "involvedObject.fieldPath",
    "reason",
    "source",
    "type",
  ],
};

/** "status.phase=Running,spec.nodeName!=node-a". */
export class FieldQuery {
  parts: { field: string; equals: boolean; value: string }[];

  constructor(text: string) {
    this.parts = text
      .split(",")
      .filter(Boolean)
      .map((part) => {
        const match = /^([^!=]+)(!=|==|=)(.*)$/.exec(part);
        if (!match)
          throw new SelectorError(`invalid selector: '${part}'; can't understand '${part}'`);
        return { field: match[1] as string, equals: match[2] !== "!=", value: match[3] as string };
      });
  }

  /** A field that the API server does not select the kind by; null when all are fine. */
  unsupported(kind: string): string | null {
    const known = ["metadata.name", "metadata.namespace", ...(FIELDS[kind] ?? [])];
    return this.parts.find(({ field }) => !known.includes(field))?.field ?? null;
  }

  matches(object: KubeObject): boolean {
    return this.parts.every(({ field, equals, value }) => {
      let found: unknown = object;
      for (const key of field.split("."))
        found =
          typeof found === "object" && found ? (found as Record<string, unknown>)[key] : undefined;
      if (typeof found === "object" && found) found = (found as { component?: string }).component;
      return (String(found ?? "") === value) === equals;
    });
  }
}
