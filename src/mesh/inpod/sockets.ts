/** Where the agent listens for its node's ztunnel (ZTUNNEL_UDS_ADDRESS). */
export const ZDS_SOCKET = "/var/run/ztunnel/ztunnel.sock";
/** Where it listens for the plugin that the container runtime calls. */
export const PLUGIN_SOCKET = "/var/run/istio-cni/pluginevent.sock";
