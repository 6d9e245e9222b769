/**
 * What istiod and the Envoys of 2022 say to each other, of envoyproxy/envoy api/ and cncf/xds: the
 * fields that the ambient preview's configuration uses (istio: pilot/pkg/networking/ambientgen), with
 * their names and numbers.
 */
export const ENVOY = `
package google.rpc;
message Status { int32 code = 1; string message = 2; repeated google.protobuf.Any details = 3; }

package xds.core.v3;
message TypedExtensionConfig { string name = 1; google.protobuf.Any typed_config = 2; }

package xds.type.v3;
message TypedStruct { string type_url = 1; google.protobuf.Struct value = 2; }

package xds.type.matcher.v3;
message Matcher {
  message OnMatch {
    oneof on_match { Matcher matcher = 1; xds.core.v3.TypedExtensionConfig action = 2; }
  }
  message MatcherTree {
    message MatchMap { map<string, OnMatch> map = 1; }
    xds.core.v3.TypedExtensionConfig input = 1;
    oneof tree_type { MatchMap exact_match_map = 2; MatchMap prefix_match_map = 3; }
  }
  oneof matcher_type { MatcherTree matcher_tree = 2; }
  OnMatch on_no_match = 3;
}

package envoy.type.matcher.v3;
message RegexMatcher {
  message GoogleRE2 {}
  oneof engine_type { GoogleRE2 google_re2 = 1; }
  string regex = 2;
}
message StringMatcher {
  oneof match_pattern {
    string exact = 1;
    string prefix = 2;
    string suffix = 3;
    RegexMatcher safe_regex = 5;
  }
  bool ignore_case = 6;
}

package envoy.type.metadata.v3;
message MetadataKind {
  message Host {}
  oneof kind { Host host = 4; }
}

package envoy.config.core.v3;
message SocketAddress {
  string address = 2;
  oneof port_specifier { uint32 port_value = 3; }
}
message EnvoyInternalAddress {
  oneof address_name_specifier { string server_listener_name = 1; }
  string endpoint_id = 2;
}
message Address {
  oneof address { SocketAddress socket_address = 1; EnvoyInternalAddress envoy_internal_address = 3; }
}
message CidrRange { string address_prefix = 1; google.protobuf.UInt32Value prefix_len = 2; }
message SocketOption {
  enum SocketState { STATE_PREBIND = 0; STATE_BOUND = 1; STATE_LISTENING = 2; }
  string description = 1;
  int64 level = 2;
  int64 name = 3;
  oneof value { int64 int_value = 4; bytes buf_value = 5; }
  SocketState state = 6;
}
enum ApiVersion { AUTO = 0; V2 = 1; V3 = 2; }
enum HealthStatus {
  UNKNOWN = 0; HEALTHY = 1; UNHEALTHY = 2; DRAINING = 3; TIMEOUT = 4; DEGRADED = 5;
}
message GrpcService {
  message EnvoyGrpc { string cluster_name = 1; }
  oneof target_specifier { EnvoyGrpc envoy_grpc = 1; }
}
message ApiConfigSource {
  enum ApiType {
    DEPRECATED_AND_UNAVAILABLE_DO_NOT_USE = 0;
    REST = 1;
    GRPC = 2;
    DELTA_GRPC = 3;
    AGGREGATED_GRPC = 5;
    AGGREGATED_DELTA_GRPC = 6;
  }
  ApiType api_type = 1;
  repeated GrpcService grpc_services = 4;
  bool set_node_on_first_message_only = 7;
  ApiVersion transport_api_version = 8;
}
message AggregatedConfigSource {}
message ConfigSource {
  oneof config_source_specifier {
    ApiConfigSource api_config_source = 2;
    AggregatedConfigSource ads = 3;
  }
  google.protobuf.Duration initial_fetch_timeout = 4;
  ApiVersion resource_api_version = 6;
}
message ExtensionConfigSource { ConfigSource config_source = 1; repeated string type_urls = 4; }
message Metadata { map<string, google.protobuf.Struct> filter_metadata = 1; }
message Locality { string region = 1; string zone = 2; string sub_zone = 3; }
message TransportSocket {
  string name = 1;
  oneof config_type { google.protobuf.Any typed_config = 3; }
}
message HeaderValue { string key = 1; string value = 2; }
message HeaderValueOption { HeaderValue header = 1; }
message DataSource {
  oneof specifier { string filename = 1; bytes inline_bytes = 2; string inline_string = 3; }
}
message SubstitutionFormatString {
  oneof format { string text_format = 1; DataSource text_format_source = 5; }
}
message Http1ProtocolOptions {}
message Http2ProtocolOptions {
  google.protobuf.UInt32Value max_concurrent_streams = 2;
  bool allow_connect = 5;
}
message ControlPlane { string identifier = 1; }
message Node {
  string id = 1;
  string cluster = 2;
  google.protobuf.Struct metadata = 3;
  Locality locality = 4;
  string user_agent_name = 6;
}

package envoy.config.accesslog.v3;
message AccessLog {
  string name = 1;
  oneof config_type { google.protobuf.Any typed_config = 4; }
}

package envoy.config.endpoint.v3;
message Endpoint {
  message HealthCheckConfig { uint32 port_value = 1; string hostname = 2; }
  envoy.config.core.v3.Address address = 1;
  HealthCheckConfig health_check_config = 2;
}
message LbEndpoint {
  oneof host_identifier { Endpoint endpoint = 1; }
  envoy.config.core.v3.HealthStatus health_status = 2;
  envoy.config.core.v3.Metadata metadata = 3;
  google.protobuf.UInt32Value load_balancing_weight = 4;
}
message LocalityLbEndpoints {
  envoy.config.core.v3.Locality locality = 1;
  repeated LbEndpoint lb_endpoints = 2;
  google.protobuf.UInt32Value load_balancing_weight = 3;
  uint32 priority = 5;
}
message ClusterLoadAssignment {
  message Policy { google.protobuf.UInt32Value overprovisioning_factor = 3; }
  string cluster_name = 1;
  repeated LocalityLbEndpoints endpoints = 2;
  Policy policy = 4;
}

package envoy.config.cluster.v3;
message Cluster {
  enum DiscoveryType { STATIC = 0; STRICT_DNS = 1; LOGICAL_DNS = 2; EDS = 3; ORIGINAL_DST = 4; }
  enum LbPolicy {
    ROUND_ROBIN = 0; LEAST_REQUEST = 1; RING_HASH = 2; RANDOM = 3; MAGLEV = 5; CLUSTER_PROVIDED = 6;
  }
  message TransportSocketMatch {
    string name = 1;
    google.protobuf.Struct match = 2;
    envoy.config.core.v3.TransportSocket transport_socket = 3;
  }
  message EdsClusterConfig { envoy.config.core.v3.ConfigSource eds_config = 1; string service_name = 2; }
  message OriginalDstLbConfig {
    bool use_http_header = 1;
    google.protobuf.UInt32Value upstream_port_override = 3;
  }
  string name = 1;
  oneof cluster_discovery_type { DiscoveryType type = 2; }
  EdsClusterConfig eds_cluster_config = 3;
  google.protobuf.Duration connect_timeout = 4;
  LbPolicy lb_policy = 6;
  google.protobuf.Duration cleanup_interval = 20;
  envoy.config.core.v3.TransportSocket transport_socket = 24;
  envoy.config.endpoint.v3.ClusterLoadAssignment load_assignment = 33;
  oneof lb_config { OriginalDstLbConfig original_dst_lb_config = 34; }
  map<string, google.protobuf.Any> typed_extension_protocol_options = 36;
  repeated TransportSocketMatch transport_socket_matches = 43;
}

package envoy.config.listener.v3;
message Filter {
  string name = 1;
  oneof config_type { google.protobuf.Any typed_config = 4; }
}
message FilterChainMatch { repeated envoy.config.core.v3.CidrRange prefix_ranges = 3; }
message FilterChain {
  FilterChainMatch filter_chain_match = 1;
  repeated Filter filters = 3;
  envoy.config.core.v3.TransportSocket transport_socket = 6;
  string name = 7;
}
message ListenerFilter {
  string name = 1;
  oneof config_type {
    google.protobuf.Any typed_config = 3;
    envoy.config.core.v3.ExtensionConfigSource config_discovery = 5;
  }
}
message Listener {
  message InternalListenerConfig {}
  string name = 1;
  envoy.config.core.v3.Address address = 2;
  repeated FilterChain filter_chains = 3;
  google.protobuf.BoolValue use_original_dst = 4;
  repeated ListenerFilter listener_filters = 9;
  google.protobuf.BoolValue transparent = 10;
  repeated envoy.config.core.v3.SocketOption socket_options = 13;
  repeated envoy.config.accesslog.v3.AccessLog access_log = 22;
  FilterChain default_filter_chain = 25;
  oneof listener_specifier { InternalListenerConfig internal_listener = 27; }
  xds.type.matcher.v3.Matcher filter_chain_matcher = 32;
}

package envoy.config.route.v3;
message RouteMatch {
  message ConnectMatcher {}
  oneof path_specifier { ConnectMatcher connect_matcher = 12; }
}
message RouteAction {
  message UpgradeConfig {
    message ConnectConfig {}
    string upgrade_type = 1;
    ConnectConfig connect_config = 3;
  }
  oneof cluster_specifier { string cluster = 1; }
  repeated UpgradeConfig upgrade_configs = 25;
}
message Route {
  RouteMatch match = 1;
  oneof action { RouteAction route = 2; }
}
message VirtualHost { string name = 1; repeated string domains = 2; repeated Route routes = 3; }
message RouteConfiguration { string name = 1; repeated VirtualHost virtual_hosts = 2; }

package envoy.config.rbac.v3;
message Permission {
  message Set { repeated Permission rules = 1; }
  oneof rule {
    Set and_rules = 1;
    Set or_rules = 2;
    bool any = 3;
    envoy.config.core.v3.CidrRange destination_ip = 5;
    uint32 destination_port = 6;
    Permission not_rule = 8;
    envoy.type.matcher.v3.StringMatcher requested_server_name = 9;
  }
}
message Principal {
  message Set { repeated Principal ids = 1; }
  message Authenticated { envoy.type.matcher.v3.StringMatcher principal_name = 2; }
  oneof identifier {
    Set and_ids = 1;
    Set or_ids = 2;
    bool any = 3;
    Authenticated authenticated = 4;
    Principal not_id = 8;
    envoy.config.core.v3.CidrRange direct_remote_ip = 10;
    envoy.config.core.v3.CidrRange remote_ip = 11;
  }
}
message Policy { repeated Permission permissions = 1; repeated Principal principals = 2; }
message RBAC {
  enum Action { ALLOW = 0; DENY = 1; LOG = 2; }
  Action action = 1;
  map<string, Policy> policies = 2;
}

package envoy.extensions.access_loggers.file.v3;
message FileAccessLog {
  string path = 1;
  oneof access_log_format { envoy.config.core.v3.SubstitutionFormatString log_format = 5; }
}

package envoy.extensions.filters.listener.original_dst.v3;
message OriginalDst {}

package envoy.extensions.filters.listener.original_src.v3;
message OriginalSrc { bool bind_port = 1; uint32 mark = 2; }

package envoy.extensions.filters.http.router.v3;
message Router {}

package envoy.extensions.filters.network.rbac.v3;
message RBAC {
  envoy.config.rbac.v3.RBAC rules = 1;
  envoy.config.rbac.v3.RBAC shadow_rules = 2;
  string stat_prefix = 3;
  string shadow_rules_stat_prefix = 5;
}

package envoy.extensions.filters.network.tcp_proxy.v3;
message TcpProxy {
  message TunnelingConfig {
    string hostname = 1;
    repeated envoy.config.core.v3.HeaderValueOption headers_to_add = 3;
  }
  string stat_prefix = 1;
  oneof cluster_specifier { string cluster = 2; }
  repeated envoy.config.accesslog.v3.AccessLog access_log = 5;
  TunnelingConfig tunneling_config = 12;
}

package envoy.extensions.filters.network.http_connection_manager.v3;
message HttpFilter {
  string name = 1;
  oneof config_type { google.protobuf.Any typed_config = 4; }
}
message HttpConnectionManager {
  message UpgradeConfig { string upgrade_type = 1; }
  string stat_prefix = 2;
  oneof route_specifier { envoy.config.route.v3.RouteConfiguration route_config = 4; }
  repeated HttpFilter http_filters = 5;
  envoy.config.core.v3.Http2ProtocolOptions http2_protocol_options = 9;
  repeated envoy.config.accesslog.v3.AccessLog access_log = 13;
  repeated UpgradeConfig upgrade_configs = 23;
}

package envoy.extensions.matching.common_inputs.network.v3;
message DestinationPortInput {}
message DestinationIPInput {}
message SourceIPInput {}

package envoy.extensions.transport_sockets.raw_buffer.v3;
message RawBuffer {}

package envoy.extensions.transport_sockets.internal_upstream.v3;
message InternalUpstreamTransport {
  message MetadataValueSource { envoy.type.metadata.v3.MetadataKind kind = 1; string name = 2; }
  repeated MetadataValueSource passthrough_metadata = 1;
  envoy.config.core.v3.TransportSocket transport_socket = 3;
}

package envoy.extensions.transport_sockets.tls.v3;
message SdsSecretConfig { string name = 1; envoy.config.core.v3.ConfigSource sds_config = 2; }
message CertificateValidationContext {
  envoy.config.core.v3.DataSource trusted_ca = 1;
  repeated envoy.type.matcher.v3.StringMatcher match_subject_alt_names = 9;
}
message TlsCertificate {
  envoy.config.core.v3.DataSource certificate_chain = 1;
  envoy.config.core.v3.DataSource private_key = 2;
}
message Secret {
  string name = 1;
  oneof type {
    TlsCertificate tls_certificate = 2;
    CertificateValidationContext validation_context = 4;
  }
}
message TlsParameters {
  enum TlsProtocol { TLS_AUTO = 0; TLSv1_0 = 1; TLSv1_1 = 2; TLSv1_2 = 3; TLSv1_3 = 4; }
  TlsProtocol tls_minimum_protocol_version = 1;
  TlsProtocol tls_maximum_protocol_version = 2;
}
message CommonTlsContext {
  message CombinedCertificateValidationContext {
    CertificateValidationContext default_validation_context = 1;
    SdsSecretConfig validation_context_sds_secret_config = 2;
  }
  TlsParameters tls_params = 1;
  repeated string alpn_protocols = 4;
  repeated SdsSecretConfig tls_certificate_sds_secret_configs = 6;
  oneof validation_context_type {
    CombinedCertificateValidationContext combined_validation_context = 8;
  }
}
message UpstreamTlsContext { CommonTlsContext common_tls_context = 1; string sni = 2; }
message DownstreamTlsContext {
  CommonTlsContext common_tls_context = 1;
  google.protobuf.BoolValue require_client_certificate = 2;
}

package envoy.extensions.upstreams.http.v3;
message HttpProtocolOptions {
  message ExplicitHttpConfig {
    oneof protocol_config { envoy.config.core.v3.Http2ProtocolOptions http2_protocol_options = 2; }
  }
  message UseDownstreamHttpConfig {
    envoy.config.core.v3.Http1ProtocolOptions http_protocol_options = 1;
    envoy.config.core.v3.Http2ProtocolOptions http2_protocol_options = 2;
  }
  oneof upstream_protocol_options {
    ExplicitHttpConfig explicit_http_config = 3;
    UseDownstreamHttpConfig use_downstream_protocol_config = 4;
  }
}

package envoy.service.discovery.v3;
message DiscoveryRequest {
  string version_info = 1;
  envoy.config.core.v3.Node node = 2;
  repeated string resource_names = 3;
  string type_url = 4;
  string response_nonce = 5;
  google.rpc.Status error_detail = 6;
}
message DiscoveryResponse {
  string version_info = 1;
  repeated google.protobuf.Any resources = 2;
  string type_url = 4;
  string nonce = 5;
  envoy.config.core.v3.ControlPlane control_plane = 6;
}
message DeltaDiscoveryRequest {
  envoy.config.core.v3.Node node = 1;
  string type_url = 2;
  repeated string resource_names_subscribe = 3;
  repeated string resource_names_unsubscribe = 4;
  map<string, string> initial_resource_versions = 5;
  string response_nonce = 6;
  google.rpc.Status error_detail = 7;
}
message DeltaDiscoveryResponse {
  string system_version_info = 1;
  repeated Resource resources = 2;
  string type_url = 4;
  string nonce = 5;
  repeated string removed_resources = 6;
  envoy.config.core.v3.ControlPlane control_plane = 7;
}
message Resource {
  string version = 1;
  google.protobuf.Any resource = 2;
  string name = 3;
  repeated string aliases = 4;
}
`;
