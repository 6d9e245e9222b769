import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decode, decodeJson, encode, encodeJson, pack, typeUrl } from "./codec.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

describe("protobuf", () => {
  it("writes fields under their numbers", () => {
    // By hand, from the rules of the encoding: tag, length, value.
    expect(
      hex(
        encode("istio.v1.auth.IstioCertificateRequest", {
          csr: "x",
          validityDuration: 86400n,
          metadata: { ImpersonatedIdentity: "spiffe://a" },
        }),
      ),
    ).toBe(
      "0a017818" +
        "80a305" +
        "2226" +
        "0a240a14496d706572736f6e617465644964656e74697479120c1a0a7370696666653a2f2f61",
    );
    expect(
      hex(encode("istio.security.StringMatch", { matchType: { case: "presence", value: {} } })),
    ).toBe("2200");
  });

  it("keeps maps, oneofs, optional numbers and wrapped ones", () => {
    const workload = {
      uid: "Kubernetes//Pod/default/x",
      addresses: [Uint8Array.of(10, 4, 3, 20)],
      tunnelProtocol: 1,
      services: { "default/a.b": { ports: [{ servicePort: 80, targetPort: 8080 }] } },
      capacity: 0,
      waypoint: {
        destination: {
          case: "address",
          value: { network: "", address: Uint8Array.of(1), length: 0 },
        },
        hboneMtlsPort: 15008,
      },
    };
    const bytes = encode("istio.workload.Address", { type: { case: "workload", value: workload } });
    expect(decode("istio.workload.Address", bytes)).toMatchObject({
      type: { case: "workload", value: workload },
    });
  });

  it("spells out what Any holds, with the names of the .proto file", () => {
    const json = {
      name: "c",
      type: "ORIGINAL_DST",
      connect_timeout: "2s",
      original_dst_lb_config: { upstream_port_override: 15008 },
      typed_extension_protocol_options: {
        x: {
          "@type": typeUrl("envoy.extensions.upstreams.http.v3.HttpProtocolOptions"),
          explicit_http_config: { http2_protocol_options: { allow_connect: true } },
        },
      },
    };
    const name = "envoy.config.cluster.v3.Cluster";
    expect(decodeJson(name, encodeJson(name, json))).toEqual(json);
    expect(pack("google.rpc.Status", { code: 3 })).toEqual({
      typeUrl: "type.googleapis.com/google.rpc.Status",
      value: Uint8Array.of(8, 3),
    });
  });

  it("answers null for bytes that are no message, whatever they are", () => {
    expect(decode("google.rpc.Status", Uint8Array.of(0x0a, 0xff))).toBeNull();
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        decode("envoy.service.discovery.v3.DiscoveryRequest", bytes);
        decodeJson("envoy.config.listener.v3.Listener", bytes);
      }),
    );
  });
});
