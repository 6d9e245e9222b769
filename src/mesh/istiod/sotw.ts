import { statusName, statusTitle } from "../../grpc/status.ts";
import { sameBytes } from "../../tls/x509/verify.ts";
import { decode, encode } from "../proto/codec.ts";
import { type Acknowledged, AdsStream, unsent } from "./ads.ts";
import {
  type Any,
  CLUSTER_TYPE,
  type DiscoveryRequest,
  ENDPOINT_TYPE,
  LISTENER_TYPE,
  shortType,
} from "./messages.ts";

interface Watched extends Acknowledged {
  names: readonly string[];
  /** What was sent last. */
  sent: readonly Any[];
  alwaysRespond: boolean;
}

/** Clusters before what is in them, those before who sends to them (xDS protocol: "Eventual consistency"). */
const ORDER = [CLUSTER_TYPE, ENDPOINT_TYPE, LISTENER_TYPE];

/** The state-of-the-world kind of discovery (envoy: xDS protocol), for one Envoy. */
export class SotwStream extends AdsStream {
  override watched = new Map<string, Watched>();

  override message(data: Uint8Array): void {
    const name = "envoy.service.discovery.v3.DiscoveryRequest";
    const request = decode<DiscoveryRequest>(name, data);
    if (!request) return this.fail("INTERNAL", "grpc: error unmarshalling request");
    if (!this.begin(request.node, "connection")) return;
    if (this.shouldRespond(request)) this.respond(request.typeUrl, true);
  }

  /** istio: pilot/pkg/xds/ads.go, shouldRespond */
  shouldRespond(request: DiscoveryRequest): boolean {
    const { typeUrl, responseNonce, resourceNames, errorDetail } = request;
    const known = this.watched.get(typeUrl);
    if (errorDetail) {
      if (known) {
        known.lastError = errorDetail.message;
        known.nonceNacked = responseNonce;
      }
      const code = statusTitle(statusName(errorDetail.code));
      this.discovery.log(
        "warn",
        "ads",
        `ADS:${shortType(typeUrl)}: ACK ERROR ${this.connection} ${code}:${errorDetail.message}`,
      );
      return false;
    }
    if (responseNonce === "" || !known) {
      this.watched.set(typeUrl, {
        names: resourceNames,
        ...unsent(),
        sent: [],
        alwaysRespond: false,
      });
      // An Envoy that has asked for clusters anew waits for their endpoints.
      const endpoints = this.watched.get(ENDPOINT_TYPE);
      if (typeUrl === CLUSTER_TYPE && endpoints) endpoints.alwaysRespond = true;
      return true;
    }
    // Something newer is on its way.
    if (responseNonce !== known.nonceSent) return false;
    known.nonceAcked = responseNonce;
    known.lastError = "";
    const before = known.names;
    known.names = resourceNames;
    const forced = known.alwaysRespond;
    known.alwaysRespond = false;
    const same =
      before.length === resourceNames.length &&
      resourceNames.every((name) => before.includes(name));
    return forced || !same;
  }

  override push(): void {
    for (const type of ORDER) if (this.watched.has(type)) this.respond(type, false);
  }

  respond(type: string, asked: boolean): void {
    const { discovery } = this;
    const watched = this.watched.get(type);
    const resources = discovery.context.envoy(type, this.node, watched?.names ?? []);
    if (!watched || !resources) return;
    if (!asked && same(resources, watched.sent)) return;
    watched.sent = resources;
    const nonce = this.sending(watched);
    const data = encode("envoy.service.discovery.v3.DiscoveryResponse", {
      versionInfo: discovery.context.version,
      resources,
      typeUrl: type,
      nonce,
      controlPlane: { identifier: discovery.identifier },
    });
    this.sink.send(this.call, data);
    const size = resources.reduce((sum, { value }) => sum + value.length, 0);
    discovery.log(
      "info",
      "ads",
      `${shortType(type)}: PUSH${asked ? " request" : ""} for node:${this.proxy} resources:${resources.length} size:${byteCount(size)}`,
    );
  }
}

function same(a: readonly Any[], b: readonly Any[]): boolean {
  return a.length === b.length && a.every(({ value }, i) => sameBytes(value, b[i]!.value));
}

/** istio: pilot/pkg/networking/util, ByteCount */
export function byteCount(bytes: number): string {
  if (bytes < 1000) return `${bytes}B`;
  const units = "kMGTPE";
  let value = bytes / 1000;
  let unit = 0;
  for (; value >= 1000; unit++) value /= 1000;
  return `${value.toFixed(1)}${units[unit]}B`;
}
