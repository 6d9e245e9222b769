import { clone, equal } from "../../base/json.ts";
import type { Container, Pod, PodSpec } from "../api/pod.ts";
import { amount } from "../describe/resources.ts";
import type { FieldError } from "../kind.ts";
import { nameErrors } from "../server/names.ts";

const QUANTITY =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

function quantityErrors(at: string, list: Record<string, string> = {}): FieldError[] {
  return Object.entries(list).flatMap(([name, value]): FieldError[] =>
    /^[+-]?[0-9.]+([numkMGTPE]|[KMGTPE]i)?$/.test(String(value))
      ? []
      : [{ field: `${at}.${name}`, message: `Invalid value: "${value}": ${QUANTITY}` }],
  );
}

function containerErrors(
  container: Container,
  at: string,
  volumes: ReadonlySet<string>,
): FieldError[] {
  const errors: FieldError[] = [];
  const add = (field: string, message: string): number =>
    errors.push({ field: `${at}.${field}`, message });
  if (container.name) errors.push(...nameErrors(`${at}.name`, container.name, "label"));
  if (!container.image) add("image", "Required value");
  else if (container.image !== container.image.trim())
    add(
      "image",
      `Invalid value: "${container.image}": must not have leading or trailing whitespace`,
    );
  const names = new Set<string>();
  container.ports?.forEach((port, i) => {
    const { containerPort, name } = port;
    if (containerPort < 1 || containerPort > 65535)
      add(
        `ports[${i}].containerPort`,
        `Invalid value: ${containerPort}: must be between 1 and 65535, inclusive`,
      );
    if (port.protocol && !["TCP", "UDP", "SCTP"].includes(port.protocol))
      add(
        `ports[${i}].protocol`,
        `Unsupported value: "${port.protocol}": supported values: "SCTP", "TCP", "UDP"`,
      );
    if (name !== undefined && names.has(name))
      add(`ports[${i}].name`, `Duplicate value: "${name}"`);
    if (name !== undefined && name.length > 15)
      add(`ports[${i}].name`, `Invalid value: "${name}": must be no more than 15 characters`);
    if (name !== undefined) names.add(name);
  });
  container.env?.forEach((env, i) => {
    if (!/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(env.name))
      add(
        `env[${i}].name`,
        `Invalid value: "${env.name}": a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')`,
      );
  });
  container.volumeMounts?.forEach((mount, i) => {
    if (!volumes.has(mount.name)) add(`volumeMounts[${i}].name`, `Not found: "${mount.name}"`);
  });
  const { limits = {}, requests = {} } = container.resources ?? {};
  errors.push(...quantityErrors(`${at}.resources.limits`, limits));
  errors.push(...quantityErrors(`${at}.resources.requests`, requests));
  for (const [name, value] of Object.entries(requests))
    if (limits[name] !== undefined && amount(value) > amount(limits[name]))
      add(
        "resources.requests",
        `Invalid value: "${value}": must be less than or equal to ${name} limit`,
      );
  return errors;
}

/** What is wrong with a pod's specification, wherever it stands (kubernetes: pkg/apis/core/validation). */
export function podSpecErrors(spec: PodSpec, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const volumes = new Set((spec.volumes ?? []).map((volume) => volume.name));
  const names = new Set<string>();
  if (!spec.containers?.length)
    errors.push({ field: `${at}.containers`, message: "Required value" });
  for (const list of ["containers", "initContainers"] as const)
    spec[list]?.forEach((container, i) => {
      const path = `${at}.${list}[${i}]`;
      errors.push(...containerErrors(container, path, volumes));
      if (names.has(container.name))
        errors.push({ field: `${path}.name`, message: `Duplicate value: "${container.name}"` });
      names.add(container.name);
    });
  const { terminationGracePeriodSeconds: grace } = spec;
  if (grace !== undefined && grace < 0)
    errors.push({
      field: `${at}.terminationGracePeriodSeconds`,
      message: `Invalid value: ${grace}: must be greater than or equal to 0`,
    });
  return errors;
}

/** What may be changed of a pod that is there: the rest is as it was made. */
function fixed(spec: PodSpec): PodSpec {
  const copy = clone(spec);
  for (const container of [...copy.containers, ...(copy.initContainers ?? [])])
    container.image = "";
  delete copy.tolerations;
  delete copy.terminationGracePeriodSeconds;
  delete (copy as { activeDeadlineSeconds?: number }).activeDeadlineSeconds;
  return copy;
}

export function podErrors(pod: Pod, old: Pod | null): FieldError[] {
  const errors = podSpecErrors(pod.spec, "spec");
  if (old && errors.length === 0 && !equal(fixed(pod.spec), fixed(old.spec)))
    errors.push({
      field: "spec",
      message:
        "Forbidden: pod updates may not change fields other than `spec.containers[*].image`, `spec.initContainers[*].image`, `spec.activeDeadlineSeconds`, `spec.tolerations` (only additions to existing tolerations) or `spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
    });
  return errors;
}
