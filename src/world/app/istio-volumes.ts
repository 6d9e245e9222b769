import { ServiceAccountTokens } from "../../kube/tokens.ts";
import { CertificateAuthority } from "../../mesh/identity/authority.ts";
import { TOKEN_AUDIENCE } from "../../mesh/istiod/authenticate.ts";
import { ROOT_PATH, TOKEN_PATH } from "../../mesh/xds/credentials.ts";
import { ProjectedToken } from "./projected.ts";
import type { AppContext } from "./registry.ts";

/** expirationSeconds of the volume istio-token */
const TOKEN_TTL = 43_200;

/** istiod's own secret, and the API server's key: each there as soon as somebody needs it. */
export function authorities({ world, cluster, machine }: AppContext): {
  authority: CertificateAuthority;
  tokens: ServiceAccountTokens;
} {
  const { sim } = machine;
  world.authority ??= new CertificateAuthority("cluster.local", sim.rng("istiod"), sim.epoch);
  cluster.tokens ??= new ServiceAccountTokens(cluster.store);
  return { authority: world.authority, tokens: cluster.tokens };
}

/** The volumes istio-token and istiod-ca-cert of whoever talks to istiod. */
export function mount(context: AppContext): ProjectedToken {
  const { machine, pod } = context;
  const { authority, tokens } = authorities(context);
  machine.fs.mkdirp(ROOT_PATH.replace(/\/[^/]*$/, ""));
  machine.fs.writeFile(ROOT_PATH, authority.rootPem);
  return new ProjectedToken(machine, tokens, pod, TOKEN_PATH, TOKEN_AUDIENCE, TOKEN_TTL);
}
