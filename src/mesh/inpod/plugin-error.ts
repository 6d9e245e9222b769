/** What the container runtime says of a plugin that could not do what it shall (libcni; istio: cni/pkg/plugin). */
export function failedAdd(why: string): string {
  return `plugin type="istio-cni" name="istio-cni" failed (add): istio-cni cmdAdd failed to contact node Istio CNI agent: ${why}`;
}
