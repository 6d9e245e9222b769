/*
 * The JSON forms of what istiod configures an Envoy with (protobuf: ProtoJSON, with the names of the
 * .proto files): the parts of them that this one goes by. config_dump shows them whole.
 */

export interface TypedConfig {
  "@type": string;
  value?: string;
}

export interface AccessLog {
  typed_config: TypedConfig & {
    log_format?: { text_format_source?: { inline_string?: string } };
  };
}

export interface TcpProxy extends TypedConfig {
  stat_prefix: string;
  cluster: string;
  access_log?: AccessLog[];
  tunneling_config?: {
    hostname: string;
    headers_to_add?: { header: { key: string; value: string } }[];
  };
}

export interface RouteAction {
  cluster: string;
}

export interface HttpConnectionManager extends TypedConfig {
  stat_prefix: string;
  route_config: {
    virtual_hosts: { routes: { match: { connect_matcher?: object }; route: RouteAction }[] }[];
  };
  access_log?: AccessLog[];
}

export interface Filter {
  name: string;
  typed_config: TypedConfig;
}

export interface TlsContext extends TypedConfig {
  common_tls_context: {
    alpn_protocols?: string[];
    tls_certificate_sds_secret_configs?: { name: string }[];
    combined_validation_context?: {
      default_validation_context?: {
        match_subject_alt_names?: { prefix?: string; exact?: string }[];
      };
    };
  };
  require_client_certificate?: boolean;
}

export interface TransportSocket {
  name: string;
  typed_config: TlsContext;
}

export interface FilterChain {
  name?: string;
  filter_chain_match?: { prefix_ranges?: { address_prefix: string; prefix_len: number }[] };
  filters: Filter[];
  transport_socket?: TransportSocket;
}

export interface OnMatch {
  matcher?: Matcher;
  action?: { name: string; typed_config: TypedConfig };
}

export interface Matcher {
  matcher_tree: {
    input: { typed_config: TypedConfig };
    exact_match_map: { map: { [value: string]: OnMatch } };
  };
  on_no_match?: OnMatch;
}

export interface Listener {
  name: string;
  address?: { socket_address?: { address: string; port_value: number } };
  filter_chains?: FilterChain[];
  default_filter_chain?: FilterChain;
  filter_chain_matcher?: Matcher;
  listener_filters?: { name: string; typed_config?: TypedConfig & { mark?: number } }[];
  transparent?: boolean;
  socket_options?: { level: string; name: string; int_value?: string }[];
  access_log?: AccessLog[];
  internal_listener?: object;
}

export interface Cluster {
  name: string;
  /** Absent: STATIC. */
  type?: "EDS" | "ORIGINAL_DST" | "STATIC";
  transport_socket?: TransportSocket;
  original_dst_lb_config?: { use_http_header?: boolean; upstream_port_override?: number };
}

export interface LbEndpoint {
  endpoint: {
    address: {
      socket_address?: { address: string; port_value: number };
      envoy_internal_address?: { server_listener_name: string; endpoint_id: string };
    };
  };
  metadata?: { filter_metadata?: { tunnel?: { address: string; destination: string } } };
  health_status?: string;
  load_balancing_weight?: number;
}

export interface ClusterLoadAssignment {
  cluster_name: string;
  endpoints?: { lb_endpoints?: LbEndpoint[] }[];
}
