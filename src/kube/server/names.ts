import type { ObjectMeta } from "../api/meta.ts";
import type { FieldError } from "../kind.ts";

/** How names of a kind may look (k8s.io/apimachinery/pkg/util/validation). */
export type NameRule = "subdomain" | "label" | "dns1035";

const RULES: Record<NameRule, { pattern: RegExp; length: number; words: string }> = {
  subdomain: {
    pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
    length: 253,
    words:
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
  },
  label: {
    pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
    length: 63,
    words:
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
  },
  dns1035: {
    pattern: /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
    length: 63,
    words:
      "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
  },
};

/** What is wrong with a name; [] when nothing is. */
export function nameErrors(field: string, name: string, rule: NameRule): FieldError[] {
  const { pattern, length, words } = RULES[rule];
  const errors: FieldError[] = [];
  const add = (text: string): number =>
    errors.push({ field, message: `Invalid value: "${name}": ${text}` });
  if (name.length > length) add(`must be no more than ${length} characters`);
  if (!pattern.test(name)) add(words);
  return errors;
}

const KEY_NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

/** What is wrong with the key of a label or an annotation, in the library's words. */
export function keyProblem(key: string): string | null {
  const parts = key.split("/");
  const name = parts.pop() ?? "";
  const [prefix] = parts;
  if (parts.length > 1)
    return "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
  if (prefix === "") return "prefix part must be non-empty";
  if (prefix !== undefined && !RULES.subdomain.pattern.test(prefix))
    return `prefix part ${RULES.subdomain.words}`;
  if (name === "") return "name part must be non-empty";
  if (name.length > 63) return "name part must be no more than 63 characters";
  if (!KEY_NAME.test(name))
    return "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
  return null;
}

/** What is wrong with a label's value. */
export function valueProblem(value: string): string | null {
  if (value.length > 63) return "must be no more than 63 characters";
  if (!VALUE.test(value))
    return "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
  return null;
}

export function labelErrors(field: string, labels: Record<string, string> = {}): FieldError[] {
  return Object.entries(labels).flatMap(([key, value]): FieldError[] => {
    const errors: FieldError[] = [];
    const wrongKey = keyProblem(key);
    const wrongValue = valueProblem(value);
    if (wrongKey) errors.push({ field, message: `Invalid value: "${key}": ${wrongKey}` });
    if (wrongValue) errors.push({ field, message: `Invalid value: "${value}": ${wrongValue}` });
    return errors;
  });
}

/** What is wrong with the metadata of any object. */
export function metaErrors(meta: ObjectMeta, rule: NameRule): FieldError[] {
  const name: FieldError[] = meta.name
    ? nameErrors("metadata.name", meta.name, rule)
    : [{ field: "metadata.name", message: "Required value: name or generateName is required" }];
  const keys = Object.keys(meta.annotations ?? {}).flatMap((key): FieldError[] => {
    const wrong = keyProblem(key.toLowerCase());
    return wrong
      ? [{ field: "metadata.annotations", message: `Invalid value: "${key}": ${wrong}` }]
      : [];
  });
  return [...name, ...labelErrors("metadata.labels", meta.labels), ...keys];
}
