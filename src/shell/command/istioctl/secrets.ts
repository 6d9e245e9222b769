import { fromBase64 } from "../../../base/base64.ts";
import { fromUtf8 } from "../../../base/text.ts";
import { type Certificate, certificatesFromPem, uriNames } from "../../../tls/x509/certificate.ts";
import { rfc3339, table } from "./tables.ts";

interface DynamicSecret {
  name: string;
  version_info?: string;
  secret?: {
    tls_certificate?: { certificate_chain?: { inline_bytes?: string } };
    validation_context?: { trusted_ca?: { inline_bytes?: string } };
  };
}

/** A dump's section of secrets. */
export interface SecretsDump {
  dynamic_active_secrets?: DynamicSecret[];
  dynamic_warming_secrets?: DynamicSecret[];
}

function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function certificateOf({ secret }: DynamicSecret): Certificate | null {
  const chain =
    secret?.tls_certificate?.certificate_chain ?? secret?.validation_context?.trusted_ca;
  const pem = fromBase64(chain?.inline_bytes ?? "");
  return pem ? (certificatesFromPem(fromUtf8(pem))[0] ?? null) : null;
}

/** istioctl: pkg/writer/compare/sds, printSecretItemsTabular and secretMetaFromCert; `now` in ms since 1970. */
export function secretSummary(dump: SecretsDump, now: number): string {
  const all = [
    ...(dump.dynamic_warming_secrets ?? []).map((secret) => ({ secret, state: "WARMING" })),
    ...(dump.dynamic_active_secrets ?? []).map((secret) => ({ secret, state: "ACTIVE" })),
  ];
  if (all.length === 0) return "No active or warming secrets found.\n";
  const domains: string[] = [];
  const rows = all.map(({ secret, state }) => {
    const c = certificateOf(secret);
    const [name = ""] = c ? uriNames(c) : [];
    domains.push(/^spiffe:\/\/([^/]*)/.exec(name)?.[1] ?? "");
    if (!c) return [secret.name, "", state, "false", "", "", ""];
    const valid = now > c.notBefore && now < c.notAfter;
    const kind = c.basic?.ca ? "CA" : "Cert Chain";
    const serial = hexOf(c.serial).replace(/^0+/, "").padStart(32, "0");
    return [
      secret.name,
      kind,
      state,
      String(valid),
      serial,
      rfc3339(c.notAfter),
      rfc3339(c.notBefore),
    ];
  });
  const head = ["RESOURCE NAME", "TYPE", "STATUS", "VALID CERT", "SERIAL NUMBER", "NOT AFTER"];
  const columns = [...head, "NOT BEFORE"];
  // Only where every secret says its domain: what a certificate does not say is not guessed.
  if (!domains.every(Boolean)) return table([columns, ...rows], 5);
  const named = rows.map((row, i) => [...row, domains[i] ?? ""]);
  return table([[...columns, "TRUST DOMAIN"], ...named], 5);
}

/** The root that it has, as PEM (istioctl: PrintPodRootCAFromDynamicSecretDump); null when there is none. */
export function rootOf(dump: SecretsDump): string | null {
  const root = dump.dynamic_active_secrets?.find(({ name }) => name === "ROOTCA");
  const bytes = fromBase64(root?.secret?.validation_context?.trusted_ca?.inline_bytes ?? "");
  return root && bytes ? fromUtf8(bytes) : null;
}
