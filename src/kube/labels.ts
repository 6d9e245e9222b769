/** Labels and annotations by which controllers know what is theirs. */

/** On ReplicaSets and their pods: of which template they are. */
export const HASH_LABEL = "pod-template-hash";
/** On Deployments and ReplicaSets: the number of the template. */
export const REVISION = "deployment.kubernetes.io/revision";
/** On a DaemonSet's pods: of which template they are. */
export const REVISION_HASH = "controller-revision-hash";
/** On EndpointSlices: of which Service they are. */
export const SERVICE_NAME = "kubernetes.io/service-name";
