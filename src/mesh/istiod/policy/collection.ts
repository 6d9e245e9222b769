import type { Store } from "../../../kube/store.ts";
import type { Policies } from "../push.ts";
import { type Authorization, Scope } from "../workload-messages.ts";
import { type Converted, convertAuthorization } from "./authorization.ts";
import {
  AUTHORIZATION_POLICY,
  type AuthorizationPolicy,
  PEER_AUTHENTICATION,
  type PeerAuthentication,
  ROOT_NAMESPACE,
} from "./objects.ts";
import { convertPorts, effectivePeerPolicies, staticStrict } from "./peer-authentication.ts";

/** Every policy of the mesh, as ztunnels are told it (istio: pilot/pkg/serviceregistry/ambient/policies.go). */
export class PolicyCollection implements Policies {
  all: Authorization[] = [];
  /** Those with a selector, by "namespace/name". */
  selectors = new Map<string, Record<string, string>>();
  peers: readonly PeerAuthentication[];
  /** What was made of each AuthorizationPolicy. */
  converted: { object: AuthorizationPolicy; result: Converted }[];

  constructor(store: Store) {
    this.peers = store.list<PeerAuthentication>(PEER_AUTHENTICATION);
    this.converted = store
      .list<AuthorizationPolicy>(AUTHORIZATION_POLICY)
      .map((object) => ({ object, result: convertAuthorization(object) }));
    for (const { object, result } of this.converted) {
      const { policy } = result;
      if (!policy) continue;
      this.all.push(policy);
      if (policy.scope === Scope.WORKLOAD_SELECTOR)
        this.selectors.set(
          `${policy.namespace}/${policy.name}`,
          object.spec?.selector?.matchLabels ?? {},
        );
    }
    for (const object of this.peers) {
      const policy = convertPorts(object, this.peers);
      if (policy) this.all.push(policy);
    }
    if (this.peers.length) this.all.push(staticStrict());
  }

  /**
   * Those that are for a workload, as a proxy with filters is given them: the mesh's before its
   * namespace's (istio: pilot/pkg/model/authorization.go, ListAuthorizationPolicies).
   */
  objectsFor(namespace: string, labels: Record<string, string>): AuthorizationPolicy[] {
    const places = namespace === ROOT_NAMESPACE ? [namespace] : [ROOT_NAMESPACE, namespace];
    return places.flatMap((place) =>
      this.converted
        .map(({ object }) => object)
        .filter(({ metadata }) => metadata.namespace === place)
        .filter(({ spec }) =>
          Object.entries(spec?.selector?.matchLabels ?? {}).every(([k, v]) => labels[k] === v),
        ),
    );
  }

  /** istio: buildWorkloadPolicies */
  of(namespace: string, labels: Record<string, string>): string[] {
    const named = [...this.selectors]
      .filter(([name, wanted]) => {
        const [ns = ""] = name.split("/");
        if (ns !== namespace && ns !== ROOT_NAMESPACE) return false;
        return Object.entries(wanted).every(([key, value]) => labels[key] === value);
      })
      .map(([name]) => name)
      .sort();
    return [...named, ...effectivePeerPolicies(this.peers, namespace, labels)];
  }
}

/** What istiod says of each policy in its status; nothing is written that stands there already. */
export function writeStatuses(store: Store, policies: PolicyCollection): void {
  for (const { object, result } of policies.converted) {
    // A waypoint's: somebody else says what has become of it.
    if (!result.policy && !result.problem) continue;
    const observedGeneration = String(object.metadata.generation ?? 0);
    const status = result.policy ? "True" : "False";
    const { reason, message } = result.problem ?? {
      reason: "Accepted",
      message: "attached to ztunnel",
    };
    const type = "ZtunnelAccepted";
    const [known] = object.status?.conditions?.filter((one) => one.type === type) ?? [];
    if (
      known?.status === status &&
      known.reason === reason &&
      known.message === message &&
      known.observedGeneration === observedGeneration
    )
      continue;
    const lastTransitionTime =
      known?.status === status ? known.lastTransitionTime : store.timestamp;
    store.edit(object, (copy) => {
      const others = copy.status?.conditions?.filter((one) => one.type !== type) ?? [];
      copy.status = {
        ...copy.status,
        conditions: [
          ...others,
          {
            ...(lastTransitionTime && { lastTransitionTime }),
            ...{ message, observedGeneration, reason, status, type },
          },
        ],
      };
    });
  }
}
