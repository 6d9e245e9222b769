import { Action, type Authorization, type Clause, type Rule, Scope } from "../workload-messages.ts";
import { emptyMatch, PRESENCE } from "./authorization.ts";
import { type MtlsMode, type PeerAuthentication, ROOT_NAMESPACE } from "./objects.ts";

/*
 * PeerAuthentication for ztunnels, who know DENY policies only: mutual TLS is demanded by refusing
 * who has no identity (istio: pilot/pkg/serviceregistry/ambient/{authorization,policies}.go;
 * architecture/ambient/peer-authentication.md).
 */

const STATIC_STRICT = "istio_converted_static_strict";

/** "nobody without an identity", at these ports, or at all but those. */
function clause(fields: Partial<ReturnType<typeof emptyMatch>>): Clause {
  return { matches: [{ ...emptyMatch(), ...fields }] };
}

const NO_IDENTITY = { notPrincipals: [PRESENCE] };

/** What workloads under STRICT refer to; sent as soon as there is any PeerAuthentication. */
export function staticStrict(): Authorization {
  return {
    name: STATIC_STRICT,
    namespace: ROOT_NAMESPACE,
    scope: Scope.WORKLOAD_SELECTOR,
    action: Action.DENY,
    rules: [{ clauses: [clause(NO_IDENTITY)] }],
    dryRun: false,
  };
}

function modeOf(object: PeerAuthentication | null): MtlsMode {
  return object?.spec?.mtls?.mode ?? "UNSET";
}

function isOpen(mode: MtlsMode | undefined): boolean {
  return mode === "PERMISSIVE" || mode === "DISABLE";
}

function hasSelector({ spec }: PeerAuthentication): boolean {
  return Object.keys(spec?.selector?.matchLabels ?? {}).length > 0;
}

function oldest(objects: readonly PeerAuthentication[]): PeerAuthentication | null {
  return objects.reduce<PeerAuthentication | null>(
    (first, one) =>
      first && first.metadata.creationTimestamp <= one.metadata.creationTimestamp ? first : one,
    null,
  );
}

/** The policies of a namespace and of the mesh: of several the oldest counts. */
function general(
  all: readonly PeerAuthentication[],
  namespace: string,
): { own: PeerAuthentication | null; mesh: PeerAuthentication | null } {
  const without = all.filter((one) => !hasSelector(one));
  const of = (ns: string) => oldest(without.filter((one) => one.metadata.namespace === ns));
  return { own: of(namespace), mesh: of(ROOT_NAMESPACE) };
}

export function convertedName(name: string): string {
  return `converted_peer_authentication_${name}`;
}

/** A policy with modes of single ports; null where the general ones say it all. */
export function convertPorts(
  object: PeerAuthentication,
  all: readonly PeerAuthentication[],
): Authorization | null {
  const { name, namespace = "" } = object.metadata;
  const { selector, portLevelMtls = {} } = object.spec ?? {};
  const ports = Object.entries(portLevelMtls).sort(([a], [b]) => Number(a) - Number(b));
  if (namespace === ROOT_NAMESPACE || !selector || ports.length === 0) return null;
  const { own, mesh } = general(all, namespace);
  const mode = modeOf(object);
  const ownMode = modeOf(own);
  const meshStrict = modeOf(mesh) === "STRICT";
  // Of the mesh's also where the workload's own mode is another: so istiod has it.
  const strictAbove =
    mode === "STRICT" ||
    (mode === "UNSET" && ownMode === "STRICT") ||
    (ownMode === "UNSET" && meshStrict);

  const together: Clause[] = mode === "STRICT" ? [clause(NO_IDENTITY)] : [];
  const rules: Rule[] = [];
  let exceptions = false;
  for (const [text, { mode: portMode }] of ports) {
    const port = Number(text);
    if (portMode === "STRICT" && !strictAbove)
      rules.push({ clauses: [clause({ ...NO_IDENTITY, destinationPorts: [port] })] });
    if (!isOpen(portMode) || isOpen(mode)) continue;
    const above = own ? ownMode === "STRICT" : meshStrict;
    if (mode === "UNSET" && !above) continue;
    exceptions = true;
    together.push(clause({ notDestinationPorts: [port] }));
  }
  if (mode === "STRICT" && !exceptions) return null;
  // The static policy cannot stand beside it: one DENY that matches is enough.
  const merged = ownMode === "STRICT" || (meshStrict && ownMode === "UNSET");
  if (merged && exceptions) together.push(clause(NO_IDENTITY));
  if (together.length) rules.push({ clauses: together });
  if (rules.length === 0) return null;
  return {
    name: convertedName(name),
    namespace,
    scope: Scope.WORKLOAD_SELECTOR,
    action: Action.DENY,
    rules,
    dryRun: false,
  };
}

/** The policies that a workload refers to because of PeerAuthentication. */
export function effectivePeerPolicies(
  all: readonly PeerAuthentication[],
  namespace: string,
  labels: Record<string, string>,
): string[] {
  const selects = (one: PeerAuthentication): boolean =>
    Object.entries(one.spec?.selector?.matchLabels ?? {}).every(([k, v]) => labels[k] === v);
  const { own, mesh } = general(all, namespace);
  const workload =
    namespace === ROOT_NAMESPACE
      ? null
      : oldest(
          all.filter(
            (one) => one.metadata.namespace === namespace && hasSelector(one) && selects(one),
          ),
        );
  let strict = modeOf(mesh) === "STRICT";
  if (namespace !== ROOT_NAMESPACE && modeOf(own) !== "UNSET") strict = modeOf(own) === "STRICT";
  const mode = modeOf(workload);
  if (mode === "STRICT") strict = true;
  if (isOpen(mode)) strict = false;
  const modes = Object.values(workload?.spec?.portLevelMtls ?? {}).map((one) => one.mode);
  // Ports that are otherwise than the rest are in the workload's own policy.
  const open = mode === "STRICT" ? modes.some(isOpen) : modes.includes("PERMISSIVE");
  const demanded = strict ? open : modes.includes("STRICT");
  const found: string[] = [];
  if (strict && !demanded) found.push(`${ROOT_NAMESPACE}/${STATIC_STRICT}`);
  if (workload && demanded) found.push(`${namespace}/${convertedName(workload.metadata.name)}`);
  return found.sort();
}
