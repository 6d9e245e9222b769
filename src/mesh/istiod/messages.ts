import type { GrpcMethod } from "../../grpc/method.ts";
import { typeUrl } from "../proto/codec.ts";

/*
 * istiod's services and the messages of discovery, named as the .proto files name them; fields that
 * are not set have their type's zero.
 */

export const CREATE_CERTIFICATE: GrpcMethod = {
  path: "/istio.v1.auth.IstioCertificateService/CreateCertificate",
  clientStreams: false,
  serverStreams: false,
};
const ADS = "/envoy.service.discovery.v3.AggregatedDiscoveryService";
export const STREAM_AGGREGATED: GrpcMethod = {
  path: `${ADS}/StreamAggregatedResources`,
  clientStreams: true,
  serverStreams: true,
};
export const DELTA_AGGREGATED: GrpcMethod = {
  path: `${ADS}/DeltaAggregatedResources`,
  clientStreams: true,
  serverStreams: true,
};

export const LISTENER = "envoy.config.listener.v3.Listener";
export const CLUSTER = "envoy.config.cluster.v3.Cluster";
export const ENDPOINT = "envoy.config.endpoint.v3.ClusterLoadAssignment";
export const ADDRESS = "istio.workload.Address";
export const AUTHORIZATION = "istio.security.Authorization";

export const LISTENER_TYPE = typeUrl(LISTENER);
export const CLUSTER_TYPE = typeUrl(CLUSTER);
export const ENDPOINT_TYPE = typeUrl(ENDPOINT);
export const ROUTE_TYPE = typeUrl("envoy.config.route.v3.RouteConfiguration");
export const EXTENSION_TYPE = typeUrl("envoy.config.core.v3.TypedExtensionConfig");
export const ADDRESS_TYPE = typeUrl(ADDRESS);
export const AUTHORIZATION_TYPE = typeUrl(AUTHORIZATION);

/** As istiod's log calls them (istio: pilot/pkg/xds/v3, GetShortType). */
export function shortType(url: string): string {
  switch (url) {
    case LISTENER_TYPE:
      return "LDS";
    case CLUSTER_TYPE:
      return "CDS";
    case ENDPOINT_TYPE:
      return "EDS";
    case ADDRESS_TYPE:
      return "WDS";
    case AUTHORIZATION_TYPE:
      return "WADS";
    default:
      return url;
  }
}

export interface IstioCertificateRequest {
  csr: string;
  validityDuration: bigint;
  metadata?: { [key: string]: unknown };
}

export interface IstioCertificateResponse {
  certChain: string[];
}

export interface Any {
  typeUrl: string;
  value: Uint8Array;
}

export interface RpcStatus {
  code: number;
  message: string;
}

export interface Node {
  id: string;
  metadata?: { [key: string]: unknown };
}

export interface DiscoveryRequest {
  versionInfo: string;
  node?: Node;
  resourceNames: string[];
  typeUrl: string;
  responseNonce: string;
  errorDetail?: RpcStatus;
}

export interface DiscoveryResponse {
  versionInfo: string;
  resources: Any[];
  typeUrl: string;
  nonce: string;
}

export interface DeltaDiscoveryRequest {
  node?: Node;
  typeUrl: string;
  resourceNamesSubscribe: string[];
  resourceNamesUnsubscribe: string[];
  initialResourceVersions: { [name: string]: string };
  responseNonce: string;
  errorDetail?: RpcStatus;
}

export interface Resource {
  name: string;
  version: string;
  resource?: Any;
}

export interface DeltaDiscoveryResponse {
  systemVersionInfo: string;
  resources: Resource[];
  typeUrl: string;
  nonce: string;
  removedResources: string[];
}
