/** What a program was built from (istio: pkg/version, BuildInfo). */
export interface BuildInfo {
  version: string;
  /** The commit. */
  revision: string;
  golangVersion: string;
  status: string;
}

/** istio: BuildInfo.String */
export function buildText({ version, revision, status }: BuildInfo): string {
  return `${version}-${revision}-${status}`;
}
