/** Names and numbers of the preview's configuration (istio: pilot/pkg/networking/ambientgen). */

export const OUTBOUND_PORT = 15001;
export const INBOUND_PORT = 15008;
export const PLAINTEXT_PORT = 15006;
/** The tunnel to a pod on the same node stays inside the ztunnel: nat OUTPUT redirects it to 15008. */
export const NODE_LOCAL_PORT = 15088;

/** SO_MARK of listeners, and of connections with a spoofed source. */
export const MARK_OUTBOUND = 0x401;
export const MARK_INBOUND = 0x402;
export const MARK_ORIGINAL_SRC = 0x4d2;

export const PASSTHROUGH = "PassthroughCluster";
export const PASSTHROUGH_TCP = "PassthroughCluster-tcp";
export const BLACKHOLE = "BlackHoleCluster";
export const PASSTHROUGH_CHAIN = "PassthroughFilterChain";

export function serviceCluster(identity: string, port: string, hostname: string): string {
  return `${identity}_to_${port}_${hostname}_outbound_internal`;
}

/** Null for the names of other clusters. */
export function parseServiceCluster(
  name: string,
): { identity: string; port: string; hostname: string } | null {
  const found = /^([^_]*)_to_([^_]*)_([^_]*)_outbound_internal$/.exec(name);
  const [, identity = "", port = "", hostname = ""] = found ?? [];
  return found && { identity, port, hostname };
}

export function tunnelListener(identity: string): string {
  return `outbound_tunnel_lis_${identity}`;
}

export function tunnelCluster(identity: string): string {
  return `outbound_tunnel_clus_${identity}`;
}

export function podTunnelCluster(identity: string): string {
  return `outbound_pod_tunnel_clus_${identity}`;
}

export function podLocalTunnelCluster(identity: string): string {
  return `outbound_pod_local_tunnel_clus_${identity}`;
}

/** Envoy's access log, as the preview asked for it. */
export const TEXT_LOG_FORMAT =
  '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% ' +
  '%PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% ' +
  "%RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% " +
  '"%UPSTREAM_TRANSPORT_FAILURE_REASON%" %BYTES_RECEIVED% %BYTES_SENT% ' +
  '%DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" ' +
  '"%REQ(USER-AGENT)%" "%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%" ' +
  "%UPSTREAM_CLUSTER% %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% " +
  "%DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME% %ROUTE_NAME% ";
