import { fromBase64 } from "../../../base/base64.ts";
import { fromUtf8 } from "../../../base/text.ts";
import type { Run } from "../../../host/process.ts";
import { toYaml } from "../../../kube/text/yaml.ts";
import { type Certificate, certificatesFromPem, uriNames } from "../../../tls/x509/certificate.ts";
import { forwarded, type Istioctl, IstioctlError, podsOf, readFile } from "./context.ts";
import { rfc3339, table } from "./tables.ts";

const ADMIN_PORT = 15000;
const SECRETS = "type.googleapis.com/envoy.admin.v3.SecretsConfigDump";

interface DynamicSecret {
  name: string;
  version_info?: string;
  secret?: {
    tls_certificate?: { certificate_chain?: { inline_bytes?: string } };
    validation_context?: { trusted_ca?: { inline_bytes?: string } };
  };
}

interface SecretsDump {
  "@type": string;
  dynamic_active_secrets?: DynamicSecret[];
  dynamic_warming_secrets?: DynamicSecret[];
}

/** istioctl: pkg/util/configdump, getSection */
function section(text: string): SecretsDump {
  const dump = JSON.parse(text) as { configs?: { "@type": string }[] };
  const found = dump.configs?.find((config) => config["@type"] === SECRETS);
  if (!found) throw new IstioctlError(`config dump has no configuration type ${SECRETS}`);
  return found as SecretsDump;
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
function summary(dump: SecretsDump, now: number): string {
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

/** `istioctl proxy-config secret POD` (istioctl: pkg/proxyconfig, secretConfigCmd). */
export function* proxyConfig(ctx: Istioctl): Run<string> {
  const { p, options, args } = ctx;
  const [word = "", name] = args;
  if (!["secret", "secrets", "s"].includes(word))
    throw new IstioctlError(`unknown command "${word}" for "istioctl proxy-config"`);
  const file = options.get("file");
  if ((name === undefined) === (file === undefined) || args.length > 2)
    throw new IstioctlError("secret requires pod name or --file parameter");
  let text: string;
  if (name !== undefined) {
    const [pod] = podsOf(ctx, name, ctx.namespace || "default");
    if (!pod) throw new IstioctlError("no pods found");
    text = yield* forwarded(ctx, pod, ADMIN_PORT, "config_dump");
  } else text = yield* readFile(ctx, file ?? "");
  const dump = section(text);
  switch (options.get("output") ?? "short") {
    case "short":
      return summary(dump, p.sim.epoch + p.sim.now / 1e6);
    case "json":
      return `${JSON.stringify(dump, null, 4)}\n`;
    case "yaml":
      return toYaml(dump);
    default:
      throw new IstioctlError(`output format "${options.get("output")}" not supported`);
  }
}
