import { type AuthorizationPolicy, list, type Rule, strings } from "../security.ts";
import {
  attributeErrors,
  emptyValues,
  ipErrors,
  pathTemplates,
  portErrors,
  serviceAccounts,
  trustDomains,
} from "./attribute.ts";
import { attachmentFindings, type Findings } from "./selector.ts";

const NEVER =
  "is meaningless as it will never be triggered, add an empty rule `{}` if you want it be triggered for every request";
const HTTP_ONLY =
  "configured AuthorizationPolicy will deny all traffic to TCP ports under its scope due to the use of only HTTP attributes in a DENY rule; it is recommended to explicitly specify the port";

/** Fields of a source, in the order in which they are looked at; those that a provider cannot be asked of. */
const NOT_CUSTOM = [
  "Namespaces",
  "NotNamespaces",
  "ServiceAccounts",
  "NotServiceAccounts",
  "TrustDomains",
  "NotTrustDomains",
  "Principals",
  "NotPrincipals",
  "RequestPrincipals",
  "NotRequestPrincipals",
];
const IPS = ["IpBlocks", "NotIpBlocks", "RemoteIpBlocks", "NotRemoteIpBlocks"];
const SOURCE = [
  "Principals",
  "RequestPrincipals",
  "Namespaces",
  "ServiceAccounts",
  "TrustDomains",
  "IpBlocks",
  "RemoteIpBlocks",
  "NotPrincipals",
  "NotRequestPrincipals",
  "NotNamespaces",
  "NotServiceAccounts",
  "NotTrustDomains",
  "NotIpBlocks",
  "NotRemoteIpBlocks",
];
/** What of it ztunnels and TCP filters see too. */
const TCP_SOURCE = [
  "Principals",
  "NotPrincipals",
  "Namespaces",
  "NotNamespaces",
  "ServiceAccounts",
  "NotServiceAccounts",
  ...IPS,
];
const OPERATION = [
  "Ports",
  "Methods",
  "Paths",
  "Hosts",
  "NotPorts",
  "NotMethods",
  "NotPaths",
  "NotHosts",
];

type Fields = Record<string, string[] | undefined>;

/** A list by its name in Go: "NotPorts" of notPorts. */
function values(fields: Fields, name: string): readonly string[] {
  return strings(fields[`${name[0]?.toLowerCase()}${name.slice(1)}`]);
}

function any(fields: Fields, names: readonly string[]): boolean {
  return names.some((name) => values(fields, name).length > 0);
}

function sourceErrors(source: Fields, i: number): string[] {
  const check = (name: string): string[] => {
    if (name.endsWith("ServiceAccounts")) return serviceAccounts(name, values(source, name));
    if (name.endsWith("TrustDomains")) return trustDomains(name, values(source, name));
    return emptyValues(name, values(source, name));
  };
  const mixed =
    any(source, ["Principals", "NotPrincipals", "Namespaces", "NotNamespaces"]) &&
    any(source, ["ServiceAccounts", "NotServiceAccounts"]);
  return [
    ...(mixed
      ? [`cannot set serviceAccounts with namespaces or principals, found at rule ${i}`]
      : []),
    ...(any(source, SOURCE) ? [] : [`\`from.source\` must not be empty, found at rule ${i}`]),
    ...IPS.flatMap((name) => ipErrors(values(source, name))),
    ...SOURCE.flatMap(check),
  ];
}

function operationErrors(operation: Fields, i: number): string[] {
  return [
    ...(any(operation, OPERATION)
      ? []
      : [`\`to.operation\` must not be empty, found at rule ${i}`]),
    ...["Ports", "NotPorts"].flatMap((name) => portErrors(values(operation, name))),
    ...OPERATION.flatMap((name) => emptyValues(name, values(operation, name))),
    ...["Paths", "NotPaths"].flatMap((name) => pathTemplates(name, values(operation, name))),
  ];
}

function whenErrors({
  key = "",
  values: is,
  notValues,
}: NonNullable<Rule["when"]>[number]): string[] {
  if (!key) return ["`key` must not be empty"];
  if (strings(is).length + strings(notValues).length === 0)
    return [`at least one of \`values\` or \`notValues\` must be set for key ${key}`];
  const prefixed = (word: string, found: string[]): string[] =>
    found.length ? [`invalid \`${word}\` for \`key\` ${key}: ${joined(found)}`] : [];
  return [
    ...prefixed("value", attributeErrors(key, strings(is))),
    ...prefixed("notValue", attributeErrors(key, strings(notValues))),
  ];
}

/** As hashicorp/go-multierror writes several within one. */
function joined(errors: readonly string[]): string {
  if (errors.length === 1) return errors[0] ?? "";
  return `${errors.length} errors occurred:\n${errors.map((e) => `\t* ${e}\n`).join("")}\n`;
}

function customErrors(rules: readonly (Rule | null)[], provider: string): string[] {
  const refused = (name: string): string => `${name} is currently not supported with CUSTOM action`;
  return [
    ...(provider ? [] : ["`provider.name` must not be empty"]),
    ...rules.flatMap((rule) => [
      ...list(rule?.from).flatMap(({ source = {} }) =>
        NOT_CUSTOM.filter((name) => values(source, name).length).map((name) =>
          refused(`From.${name}`),
        ),
      ),
      ...list(rule?.when).flatMap(({ key = "" }) =>
        /^(source\.(namespace|serviceAccount|trustDomain|principal)$|request\.auth\.)/.test(key)
          ? [refused(key)]
          : [],
      ),
    ]),
  ];
}

function ruleFindings(rule: Rule | null, i: number, action: string): Findings {
  if (!rule) return { errors: [`\`rule\` must not be nil, found at rule ${i}`], warnings: [] };
  const sources = list(rule.from).map((from) => from?.source);
  const operations = list(rule.to).map((to) => to?.operation);
  const tcpFrom = sources.some((source) => source && any(source, TCP_SOURCE));
  const tcpTo = operations.some((operation) => operation && any(operation, ["Ports", "NotPorts"]));
  const from = sources.some(Boolean);
  const to = operations.some(Boolean);
  const httpOnly = (from && !to && !tcpFrom) || (to && !tcpTo);
  return {
    errors: [
      ...(rule.from && sources.length === 0
        ? [`\`from\` must not be empty, found at rule ${i}`]
        : []),
      ...sources.flatMap((source) =>
        source ? sourceErrors(source, i) : [`\`from.source\` must not be nil, found at rule ${i}`],
      ),
      ...(rule.to && operations.length === 0
        ? [`\`to\` must not be empty, found at rule ${i}`]
        : []),
      ...operations.flatMap((operation) =>
        operation
          ? operationErrors(operation, i)
          : [`\`to.operation\` must not be nil, found at rule ${i}`],
      ),
      ...list(rule.when).flatMap(whenErrors),
    ],
    warnings: httpOnly && action === "DENY" ? [HTTP_ONLY] : [],
  };
}

/** istio: pkg/config/validation/validation.go, ValidateAuthorizationPolicy */
export function authorizationPolicyFindings({
  metadata,
  spec = {},
}: AuthorizationPolicy): Findings {
  const { action = "ALLOW", provider, rules } = spec;
  const attachment = attachmentFindings(spec);
  const all = list(rules);
  const custom = !rules ? [`CUSTOM action without \`rules\` ${NEVER}`] : [];
  const found = all.map((rule, i) => ruleFindings(rule, i, action));
  const errors = [
    ...attachment.errors,
    ...(action === "CUSTOM"
      ? [...custom, ...(rules ? customErrors(all, provider?.name ?? "") : [])]
      : []),
    ...(provider && action !== "CUSTOM"
      ? [`\`provider\` must not be with non CUSTOM action, found ${action}`]
      : []),
    ...(action === "DENY" && !rules ? [`DENY action without \`rules\` ${NEVER}`] : []),
    ...found.flatMap((one) => one.errors),
  ];
  const name = `${metadata.name}.${metadata.namespace ?? ""}`;
  return {
    errors: errors.map((error) => `invalid policy ${name}: ${error}`),
    warnings: [...attachment.warnings, ...found.flatMap((one) => one.warnings)],
  };
}
